/**
 * What is asked of TikTok. Answers have no types: any field may be left out or be of another type than documented,
 * so `normalise.ts` reads them one by one. Ids come as bare numbers of 19 digits, which the decoder gives as text.
 */

export const RESEARCH_USER_FIELDS = [
  'display_name',
  'bio_description',
  'bio_url',
  'avatar_url',
  'is_verified',
  'follower_count',
  'following_count',
  'likes_count',
  'video_count',
] as const

/** All that a search gives; fewer fields would not be cheaper (docs/networks/tiktok.md §3.2). */
export const SEARCH_FIELDS = [
  'id',
  'video_description',
  'create_time',
  'region_code',
  'share_count',
  'view_count',
  'like_count',
  'comment_count',
  'music_id',
  'hashtag_names',
  'username',
  'effect_ids',
  'playlist_id',
  'voice_to_text',
  'is_stem_verified',
  'favorites_count',
  'video_duration',
  'hashtag_info_list',
  'sticker_info_list',
  'effect_info_list',
  'video_mention_list',
  'video_label',
  'video_tag',
] as const

const NOT_IN_LISTS: readonly string[] = ['effect_ids', 'playlist_id', 'voice_to_text']

/** What the lists of a user's videos (liked, pinned, reposted) give (docs/networks/tiktok.md §3.4). */
export const LIST_FIELDS = SEARCH_FIELDS.filter(field => !NOT_IN_LISTS.includes(field))

export const COMMENT_FIELDS = [
  'id',
  'video_id',
  'text',
  'like_count',
  'reply_count',
  'parent_comment_id',
  'create_time',
] as const

/** Display API, by the permission that gives them (docs/networks/tiktok.md §5). */
export const OWN_USER_FIELDS = {
  'user.info.basic': ['open_id', 'union_id', 'avatar_url', 'avatar_large_url', 'display_name'],
  'user.info.profile': ['bio_description', 'profile_deep_link', 'is_verified', 'username'],
  'user.info.stats': ['follower_count', 'following_count', 'likes_count', 'video_count'],
} as const

export const OWN_VIDEO_FIELDS = [
  'id',
  'create_time',
  'cover_image_url',
  'share_url',
  'video_description',
  'duration',
  'height',
  'width',
  'title',
  'embed_link',
  'like_count',
  'comment_count',
  'share_count',
  'view_count',
] as const

/** The body of POST /v2/research/video/query/. Dates are UTC days, `YYYYMMDD`, both inclusive. */
export type SearchBody = {
  readonly query: SearchQuery
  readonly start_date: string
  readonly end_date: string
  readonly max_count: number
  readonly cursor?: number
  readonly search_id?: string
}

/** All of `and`, at least one of `or`, and none of `not` (docs/networks/tiktok.md §3.2). */
export type SearchQuery = { readonly [group in 'and' | 'or' | 'not']?: readonly Condition[] }

export type Condition = {
  readonly operation: 'EQ' | 'IN' | 'GT' | 'GTE' | 'LT' | 'LTE'
  readonly field_name: string
  readonly field_values: readonly string[]
}
