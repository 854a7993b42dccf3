import { madePlaylistId, readVideoId } from './ids.ts'
import type { PlaylistPlan } from './plan.ts'
import { numberOf, YOUTUBE_SPECIALS } from './specials.ts'

type Entries = PlaylistPlan['entries']

/** So many videos of a channel, from its oldest on. */
const oldest = (channel: Parameters<typeof numberOf>[0], count: number): Entries =>
  Array.from({ length: count }, (_, video) => [numberOf(channel), video] as const)

const DELETED = readVideoId(YOUTUBE_SPECIALS.forms.gone) ?? [0, 0]
/** Uploaded a hundred days after the beginning. */
const TO_COME = [numberOf('thai'), 17] as const

/** Playlists of the channel `prolific`: the name says what is odd about it. */
const PLANS = {
  /** 120 entries of videos of six channels: one that is deleted, one that is private, and one that stands in it twice. */
  mixed: {
    entries: [
      ...oldest('thai', 5),
      DELETED,
      ...oldest('old', 1),
      ...oldest('hidden', 12),
      ...oldest('prolific', 84),
      TO_COME,
      ...oldest('old', 15),
      ...oldest('members', 1),
    ],
  },
  /** Its first page holds what that of `mixed` holds. */
  shared: {
    entries: [
      ...oldest('prolific', 31),
      ...oldest('hidden', 12),
      ...oldest('thai', 5),
      ...oldest('old', 1),
      DELETED,
      ...oldest('commentsDisabled', 3),
    ],
  },
  empty: { entries: [] },
  /** Left out of `playlists`, and its items are 403. */
  private: { entries: oldest('prolific', 3), standing: 'private' },
  /** Left out of `playlists`, and its items are 404. */
  gone: { entries: oldest('prolific', 3), standing: 'gone' },
} as const satisfies Readonly<Record<string, PlaylistPlan>>

/** By the number of their channel. */
export const SPECIAL_PLAYLISTS: ReadonlyMap<number, readonly PlaylistPlan[]> = new Map([
  [numberOf('prolific'), Object.values(PLANS)],
])

/** Where to find what is odd about playlists in the world of YouTube: ids, the same for every seed. */
export const YOUTUBE_PLAYLISTS = Object.fromEntries(
  Object.keys(PLANS).map((name, number) => [name, madePlaylistId(numberOf('prolific'), number)]),
) as Record<keyof typeof PLANS, string>
