import type { Side } from './access.ts'
import type { Nest } from './ladder.ts'

/**
 * The fields that are asked of each node, in the grammar of `fields.ts`. Without `?` stands only what the
 * documentation marks as given on that route and what a record cannot do without (docs/networks/instagram.md §5, §6).
 */

/** Another professional account, through business discovery (docs/networks/instagram.md §5). */
export const OTHER_PROFILE =
  'id,username,followers_count,media_count,biography?,website?,name?,follows_count?,profile_picture_url?,ig_id?'

/** Its media: the last line are the additions of 2026 and what older versions refused. */
export const OTHER_MEDIA = [
  'id,media_type,timestamp,permalink,comments_count,caption?,like_count?,media_product_type?,media_url?',
  'children{id,media_type,media_url?,thumbnail_url?,alt_text?}',
  'view_count?,thumbnail_url?,reposts_count?,total_like_count?,total_comments_count?,alt_text?,media_audio_type?',
].join(',')

/** What a hashtag brings, all that the documentation names (docs/networks/instagram.md §6). */
export const HASHTAG_MEDIA = [
  'id,timestamp?,permalink?,caption?,media_type?,media_url?,like_count?,comments_count?',
  'children{id,media_type?,media_url?}',
].join(',')

/** A token's own account (docs/networks/instagram.md §6). */
export const OWN_PROFILE: Readonly<Record<Side, string>> = {
  facebook: [
    'id,username,followers_count,media_count,follows_count?,name?,biography?,website?,profile_picture_url?',
    'ig_id?,has_profile_pic?,is_published?',
  ].join(','),
  instagram: [
    'id,user_id?,username,followers_count?,media_count?,follows_count?,name?,biography?,website?',
    'profile_picture_url?,account_type?',
  ].join(','),
}

const OWN_MEDIA_BOTH = [
  'id,media_type,timestamp,permalink?,comments_count?,caption?,like_count?,media_product_type?,media_url?',
  'thumbnail_url?,shortcode?,is_comment_enabled?,is_shared_to_feed?,alt_text?,media_audio_type?,is_ai_generated?',
  'children{id,media_type,media_url?,thumbnail_url?,alt_text?}',
].join(',')

/** Its media; the counts of reposts, saves and shares are told on the Facebook side alone (docs/networks/instagram.md §1). */
export const OWN_MEDIA: Readonly<Record<Side, string>> = {
  facebook: [
    OWN_MEDIA_BOTH,
    'saved_count?,shares_count?,reposts_count?,total_views_count?,total_like_count?,total_comments_count?',
  ].join(','),
  instagram: OWN_MEDIA_BOTH,
}

/**
 * The same of one post by its id: whose it is, and, unless a list was seen to hide it, how many likes it has, which a list never
 * tells of a post that hides them (docs/networks/instagram.md §6). So one post has one number, however it is read.
 */
export const namedMedia = (side: Side, hidesLikes: boolean): string =>
  `${hidesLikes ? OWN_MEDIA[side].replace('like_count?,', '') : OWN_MEDIA[side]},owner`

/** The most that a list of comments gives in a page (docs/networks/instagram.md §6); replies are asked likewise. */
export const MOST_COMMENTS = 50

const COMMENT = 'id,timestamp,text,username?,from?{id,username},like_count?,hidden?'

/** Comments, with or without their replies nested. */
export const commentFields = (replies: boolean): string =>
  replies ? `${COMMENT},replies.limit(${MOST_COMMENTS}){${COMMENT}}` : COMMENT

/** The comments of a post within what is asked of it, and their replies within them: so many of them. */
export const nestedComments = (nest: Nest, most: number): string =>
  nest === 'none' ? '' : `,comments.limit(${most}){${commentFields(nest === 'replies')}}`
