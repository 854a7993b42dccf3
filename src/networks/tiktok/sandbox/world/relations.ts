import { between, chance, handle, hash32, sentence } from '../../../seeded.ts'
import { type Creator, type Creators, DAY, OPENING } from './creators.ts'
import { playlistId } from './ids.ts'
import { followersOf, followingOf } from './profiles.ts'
import { countUntil, type Schedule, timeOf } from './schedule.ts'
import { isUp, type Video, videoOf } from './videos.ts'

/** Lists that an account may keep to itself. */
export type Shareable = 'likes' | 'reposts' | 'following'

const SHARED: Record<
  Shareable,
  { readonly part: 'sharesLikes' | 'sharesReposts' | 'sharesFollowing'; readonly rate: number }
> = {
  likes: { part: 'sharesLikes', rate: 0.05 },
  reposts: { part: 'sharesReposts', rate: 0.3 },
  following: { part: 'sharesFollowing', rate: 0.3 },
}

/** Whether a creator lets everyone see such a list. */
export const shares = (creator: Creator, what: Shareable): boolean =>
  creator.part[SHARED[what].part] ?? chance(SHARED[what].rate, creator.key, 'shares', what)

/** A list that grows at its end, read from its newest event. */
export interface Timeline<T> {
  readonly schedule: Schedule
  /** Event `n`, or null where it is not shown (a video that is gone, a private follower). */
  item(n: number): T | null
}

const growing = (key: number, atOpening: number, most = Number.MAX_SAFE_INTEGER): Schedule => {
  const gap = (700 * DAY) / Math.max(1, atOpening)
  return { key, first: OPENING - 700 * DAY, gap, most: atOpening === 0 ? 0 : most }
}

/** Videos of others that a creator liked or passed on: each at most once, in no order of their own age. */
export const picks = (
  creators: Creators,
  creator: Creator,
  what: 'likes' | 'reposts',
  at: number,
): Timeline<Video> => {
  const key = hash32(creator.key, what)
  const rounds = 9
  return {
    schedule: growing(key, between(120, 260, key, 'count'), rounds * creators.count),
    item(n) {
      const other = creators.at((key + n) % creators.count)
      if (other === creator || other.videosAtOpening < rounds) return null
      const round = Math.floor(n / creators.count)
      const video = videoOf(other, (hash32(key, other.index) + round) % other.videosAtOpening)
      return isUp(video, at) ? video : null
    },
  }
}

/** The newest first. */
export function* newestFirst<T>(
  timeline: Timeline<T>,
  at: number,
): Generator<{ n: number; time: number; item: T | null }> {
  for (let n = countUntil(timeline.schedule, at) - 1; n >= 0; n--) {
    yield { n, time: timeOf(timeline.schedule, n), item: timeline.item(n) }
  }
}

/** Up to three, oldest of the choice first. */
export const pinnedOf = (creator: Creator, at: number): readonly Video[] => {
  const { key, videosAtOpening } = creator
  const wanted = creator.part.pins ?? (chance(0.2, key, 'pins') ? between(1, 3, key, 'pinned') : 0)
  const pinned: Video[] = []
  for (let n = 0; n < videosAtOpening && pinned.length < wanted; n++) {
    const video = videoOf(creator, (key + n) % videosAtOpening)
    if (isUp(video, at)) pinned.push(video)
  }
  return pinned
}

/** A follower, or someone who is followed. */
export interface Acquaintance {
  readonly username: string
  readonly displayName: string
}

/** The most followers that the list ever gives, however many there are (docs/networks/tiktok.md §3.5). */
const LISTED = 4_500

/** One in ten is private and not listed; now and then a name ends in NULs and a digit (docs/networks/tiktok.md §12.8). */
export const acquaintances = (creator: Creator, what: 'followers' | 'following'): Timeline<Acquaintance> => {
  const key = hash32(creator.key, what)
  const count = what === 'followers' ? followersOf(creator, OPENING) : followingOf(creator)
  return {
    schedule: growing(key, Math.min(count, LISTED), LISTED),
    item(n) {
      if (chance(0.1, key, 'private', n)) return null
      const odd = chance(0.02, key, 'odd', n) ? `\u0000\u0000\u0000${n % 10}` : ''
      return { username: handle(key, n) + odd, displayName: sentence(1, 2, key, 'name', n) }
    },
  }
}

/** A playlist, oldest video first. */
export interface Playlist {
  readonly id: bigint
  readonly name: string
  readonly updated: number
  readonly videos: readonly Video[]
}

const EVERY = 3

const hasPlaylist = (creator: Creator): boolean =>
  creator.part.playlist ?? chance(0.06, creator.key, 'playlist')

export const playlistOfCreator = (creator: Creator): bigint =>
  playlistId(creator.index, creator.videos.first + 60)

/** The playlist that a video is in, or null. */
export const playlistOf = (video: Video): bigint | null =>
  video.index % EVERY === 0 && hasPlaylist(video.creator) ? playlistOfCreator(video.creator) : null

/** The playlist of this id, if it is the creator's. */
export const playlistWith = (id: bigint, creator: Creator, at: number): Playlist | null => {
  if (!hasPlaylist(creator) || playlistOfCreator(creator) !== id) return null
  const videos: Video[] = []
  for (let index = 0; index < countUntil(creator.videos, at); index += EVERY) {
    const video = videoOf(creator, index)
    if (isUp(video, at)) videos.push(video)
  }
  return {
    id,
    name: sentence(1, 3, creator.key, 'playlist'),
    updated: videos.at(-1)?.created ?? creator.videos.first,
    videos,
  }
}
