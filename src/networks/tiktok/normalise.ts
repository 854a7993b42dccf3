import { marksOf, unlessEmpty } from '../../core/marks.ts'
import type { CommentRecord, MediaRecord, PostRecord, ProfileRecord } from '../../core/records.ts'
import type { RawPart } from '../../core/stream.ts'
import type { Fields } from '../reader.ts'

/**
 * Wire objects to records. A field that was left out of the question (a refused one) is left out of the record too;
 * one that was asked for and did not come is null. `like_count` is left out by TikTok at zero and where it is
 * unknown (docs/networks/tiktok.md §2): null, never 0.
 */

/** A profile by the Research API, which gives neither username nor id: the name asked by is its identity (docs/networks/tiktok.md §3.1). */
export const profileOf = (user: Fields, username: string, asked: Asked): ProfileRecord => ({
  ...profileBase(user, asked),
  id: username,
  username,
  url: profileUrl(username),
  ...(asked('bio_url') && { website: user.string('bio_url') }),
  extra: user.rest(PROFILE_COLUMNS),
})

/** A token's owner by the Display API. The username needs a permission of its own (docs/networks/tiktok.md §5). */
export const ownProfileOf = (user: Fields, openId: string, asked: Asked): ProfileRecord => {
  const username = user.string('username')?.toLowerCase() ?? null
  const link = user.string('profile_deep_link')
  return {
    ...profileBase(user, asked),
    id: openId,
    ...(asked('username') && { username }),
    ...((username !== null || asked('profile_deep_link')) && {
      url: username === null ? link : profileUrl(username),
    }),
    extra: user.rest(PROFILE_COLUMNS),
  }
}

/** Whether a field was part of the question. */
export type Asked = (field: string) => boolean

export const askedOf = ({ request }: RawPart): Asked => {
  const { fields } = request
  const names = new Set(Array.isArray(fields) ? fields : [])
  return field => names.has(field)
}

const profileBase = (user: Fields, asked: Asked) => ({
  type: 'profile' as const,
  ...(asked('display_name') && { name: user.string('display_name') }),
  ...(asked('bio_description') && { bio: user.string('bio_description') }),
  ...(asked('avatar_url') && { avatarUrl: user.string('avatar_url') }),
  ...(asked('is_verified') && { verified: user.boolean('is_verified') }),
  ...(asked('follower_count') && { followersCount: user.count('follower_count') }),
  ...(asked('following_count') && { followingCount: user.count('following_count') }),
  ...(asked('likes_count') && { likesCount: user.count('likes_count') }),
  ...(asked('video_count') && { postsCount: user.count('video_count') }),
})

const profileUrl = (username: string): string => `https://www.tiktok.com/@${username}`

const PROFILE_COLUMNS: ReadonlySet<string> = new Set([
  'display_name',
  'bio_description',
  'bio_url',
  'avatar_url',
  'is_verified',
  'follower_count',
  'following_count',
  'likes_count',
  'video_count',
  'username',
  'open_id',
  'profile_deep_link',
])

/** A video of a search or a list; some examples of the documentation call its id `video_id` (docs/networks/tiktok.md §3.2). */
export const idOf = (video: Fields): string | null =>
  video.has('id') ? video.id('id') : video.id('video_id')

export const postOf = (
  video: Fields,
  id: string,
  owner: { readonly profileId: string; readonly username: string },
  asked: Asked,
): PostRecord => ({
  type: 'post',
  id,
  profileId: owner.profileId,
  kind: 'video',
  caption: video.string('video_description'),
  // No answer of the Research API gives an address; this is what one looks like (docs/networks/tiktok.md §0).
  permalink: `${profileUrl(owner.username)}/video/${id}`,
  createdAt: video.epochSeconds('create_time'),
  likeCount: video.count('like_count'),
  commentsCount: video.count('comment_count'),
  viewCount: video.count('view_count'),
  shareCount: video.count('share_count'),
  ...(asked('favorites_count') && {
    saveCount: video.has('favorites_count')
      ? video.count('favorites_count')
      : video.count('favourites_count'),
  }),
  ...(asked('hashtag_names') && { hashtags: video.texts('hashtag_names') }),
  ...(asked('video_mention_list') && { mentions: mentionsOf(video) }),
  ...(asked('voice_to_text') && { voiceToText: video.string('voice_to_text') }),
  // It came in either case on two pages of one search (docs/networks/tiktok.md §2).
  ...(asked('region_code') && { region: video.string('region_code')?.toUpperCase() ?? null }),
  ...(asked('music_id') && { musicId: video.id('music_id') }),
  ...(asked('effect_ids') && { effectIds: effectsOf(video) }),
  ...(asked('playlist_id') && { playlistId: video.id('playlist_id') }),
  ...(asked('is_stem_verified') && { stemVerified: video.boolean('is_stem_verified') }),
  extra: video.rest(POST_COLUMNS),
})

/** NULs at the end of a name, and what stands behind them, are no part of it (docs/networks/tiktok.md §2). */
const mentionsOf = (video: Fields): readonly string[] | null =>
  video.texts('video_mention_list')?.map(name => name.replace(/\0.*$/s, '')) ?? null

/** A 0 stands for none (docs/networks/tiktok.md §3.2). */
const effectsOf = (video: Fields): readonly string[] | null =>
  unlessEmpty(video.texts('effect_ids')?.filter(id => id !== '0') ?? [])

/** The one film of a post. The Research API gives no address of it. */
export const mediaOf = (video: Fields, postId: string): MediaRecord => ({
  type: 'media',
  id: `${postId}:0`,
  postId,
  position: 0,
  kind: 'video',
  url: null,
  thumbnailUrl: null,
  durationMs: milliseconds(video.count('video_duration')),
})

const POST_COLUMNS: ReadonlySet<string> = new Set([
  'id',
  'video_id',
  'username',
  'create_time',
  'video_description',
  'like_count',
  'comment_count',
  'view_count',
  'share_count',
  'favorites_count',
  'favourites_count',
  'video_duration',
  'hashtag_names',
  'video_mention_list',
  'voice_to_text',
  'region_code',
  'music_id',
  'effect_ids',
  'playlist_id',
  'is_stem_verified',
])

export const ownPostOf = (video: Fields, id: string, profileId: string): PostRecord => {
  const title = video.string('title')
  const caption = video.string('video_description')
  return {
    type: 'post',
    id,
    profileId,
    kind: 'video',
    title,
    caption,
    // Without what it says of who shared it.
    permalink: video.string('share_url')?.replace(/[?#].*$/s, '') ?? null,
    createdAt: video.epochSeconds('create_time'),
    likeCount: video.count('like_count'),
    commentsCount: video.count('comment_count'),
    viewCount: video.count('view_count'),
    shareCount: video.count('share_count'),
    ...marksOf(title, caption),
    extra: video.rest(OWN_POST_COLUMNS),
  }
}

/** The cover's address dies after six hours (docs/networks/tiktok.md §5). */
export const ownMediaOf = (video: Fields, postId: string): MediaRecord => ({
  type: 'media',
  id: `${postId}:0`,
  postId,
  position: 0,
  kind: 'video',
  url: null,
  thumbnailUrl: video.string('cover_image_url'),
  width: video.count('width'),
  height: video.count('height'),
  durationMs: milliseconds(video.count('duration')),
})

const OWN_POST_COLUMNS: ReadonlySet<string> = new Set([
  'id',
  'create_time',
  'title',
  'video_description',
  'share_url',
  'cover_image_url',
  'width',
  'height',
  'duration',
  'like_count',
  'comment_count',
  'view_count',
  'share_count',
])

/** A comment or a reply: at top level its parent is the video (docs/networks/tiktok.md §3.3). The API never tells who wrote it. */
export const commentOf = (
  comment: Fields,
  id: string,
  postId: string,
  answered: string | null,
): CommentRecord => {
  const parent = comment.id('parent_comment_id') ?? answered
  return {
    type: 'comment',
    id,
    postId,
    parentId: parent === postId ? null : parent,
    authorId: null,
    authorName: null,
    content: comment.string('text'),
    likeCount: comment.count('like_count'),
    replyCount: comment.count('reply_count'),
    createdAt: comment.epochSeconds('create_time'),
    extra: comment.rest(COMMENT_COLUMNS),
  }
}

const COMMENT_COLUMNS: ReadonlySet<string> = new Set([
  'id',
  'video_id',
  'parent_comment_id',
  'text',
  'like_count',
  'reply_count',
  'create_time',
])

const milliseconds = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000)
