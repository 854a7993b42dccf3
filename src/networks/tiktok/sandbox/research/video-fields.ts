import { between, chance, handle, hash32, sentence } from '../../../seeded.ts'
import type { FieldTable } from '../wire/fields.ts'
import type { Wire } from '../wire/write-json.ts'
import type { VideoCounters } from '../world/counters.ts'
import type { Moment } from '../world/moment.ts'
import { playlistOf } from '../world/relations.ts'
import { captionOf, durationOf, hashtagsOf, type Video } from '../world/videos.ts'

/** A video on its way out. */
export interface Shown {
  readonly video: Video
  readonly moment: Moment
  readonly counters: VideoCounters
  /** On later pages of a search the region comes in lower case (docs/networks/tiktok.md §12.3). */
  readonly later: boolean
  /** The lists of a user name the parts of `video_tag` otherwise. */
  readonly ofUser: boolean
}

/** The id of a video's sound. */
export const musicOf = ({ key }: Video): bigint =>
  (BigInt(1_650_000_000 + (hash32(key, 'music') % 60_000_000)) << 32n) | BigInt(hash32(key, 'track'))

/** Hardly any. */
export const effectsOf = ({ key }: Video): readonly string[] =>
  chance(0.04, key, 'effect') ? [String(hash32(key, 'effect id'))] : []

const unlessEmpty = (list: readonly Wire[]): readonly Wire[] | undefined =>
  list.length === 0 ? undefined : list

const mentionsOf = ({ key }: Video): readonly string[] =>
  chance(0.1, key, 'mention')
    ? [handle(key, 'mention') + (chance(0.1, key, 'odd') ? '\u0000\u00003' : '')]
    : []

/** What a search gives of a video (docs/networks/tiktok.md §3.2). */
export const SEARCH_FIELDS: FieldTable<Shown> = {
  id: ({ video }) => video.id,
  username: ({ video }) => video.creator.username,
  create_time: ({ video }) => video.created,
  region_code: ({ video, later }) => (later ? video.creator.region.toLowerCase() : video.creator.region),
  video_description: ({ video, moment }) => captionOf(video, moment.at) || undefined,
  like_count: ({ counters }) => counters.likes || undefined,
  comment_count: ({ counters }) => counters.comments,
  share_count: ({ counters }) => counters.shares,
  view_count: ({ counters }) => counters.views,
  favorites_count: ({ counters }) => counters.favorites,
  favourites_count: ({ counters }) => counters.favorites,
  video_duration: ({ video }) => durationOf(video),
  music_id: ({ video }) => musicOf(video),
  playlist_id: ({ video }) => playlistOf(video) ?? undefined,
  effect_ids: ({ video }) => unlessEmpty(effectsOf(video)),
  hashtag_names: ({ video }) => hashtagsOf(video),
  hashtag_info_list: ({ video }) =>
    unlessEmpty(hashtagsOf(video).map(tag => ({ hashtag_id: String(hash32(tag)), hashtag_description: '' }))),
  sticker_info_list: ({ video: { key } }) =>
    chance(0.05, key, 'sticker')
      ? [{ sticker_id: String(hash32(key, 'sticker id')), sticker_name: sentence(1, 2, key, 'sticker') }]
      : undefined,
  effect_info_list: ({ video }) =>
    unlessEmpty(effectsOf(video).map(id => ({ effect_id: id, effect_name: sentence(1, 2, id) }))),
  video_mention_list: ({ video }) => unlessEmpty(mentionsOf(video)),
  video_label: ({ video: { key } }) =>
    chance(0.03, key, 'label') ? { content: sentence(3, 6, key, 'label') } : undefined,
  video_tag: ({ video: { key }, ofUser }) => {
    if (!chance(0.05, key, 'made')) return undefined
    const number = between(1, 2, key, 'made by')
    return ofUser ? { video_tag_type: 'AIGC Type', video_tag_number: number } : { type: 'AIGC Type', number }
  },
  voice_to_text: ({ video: { key } }) =>
    chance(0.2, key, 'spoken') ? sentence(8, 30, key, 'spoken') : undefined,
  is_stem_verified: ({ video: { key } }) => chance(0.02, key, 'stem'),
}

/** For liked, pinned and reposted videos (docs/networks/tiktok.md §3.4). */
export const LIST_FIELDS: FieldTable<Shown> = Object.fromEntries(
  Object.entries(SEARCH_FIELDS).filter(
    ([name]) => !['effect_ids', 'playlist_id', 'voice_to_text', 'favourites_count'].includes(name),
  ),
)
