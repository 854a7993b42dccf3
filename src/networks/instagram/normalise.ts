import { marksOf } from '../../core/marks.ts'
import type { CommentRecord, MediaRecord, PostKind, PostRecord, ProfileRecord } from '../../core/records.ts'
import type { Fields } from '../reader.ts'
import type { Asked } from './fields.ts'
import type { WireComment, WireMedia, WireUser } from './wire.ts'

/**
 * Nodes to records. Of what was asked, an absent field is null (the API leaves out what has no value, docs/networks/instagram.md §3); what was
 * not asked, or refused and dropped, has no key, so that it overwrites nothing.
 */

const USER_COLUMNS: ReadonlySet<keyof WireUser> = new Set([
  'id',
  'user_id',
  'username',
  'name',
  'biography',
  'website',
  'profile_picture_url',
  'followers_count',
  'follows_count',
  'media_count',
  'media',
])

const MEDIA_COLUMNS: ReadonlySet<keyof WireMedia> = new Set([
  'id',
  'media_type',
  'media_product_type',
  'caption',
  'timestamp',
  'permalink',
  'like_count',
  'comments_count',
  'view_count',
  'total_views_count',
  'shares_count',
  'saved_count',
  'media_url',
  'thumbnail_url',
  'children',
  'comments',
  'shortcode',
  'alt_text',
  'owner',
])

const COMMENT_COLUMNS: ReadonlySet<keyof WireComment> = new Set([
  'id',
  'text',
  'timestamp',
  'username',
  'from',
  'like_count',
  'parent_id',
  'replies',
])

const KINDS_BY_PRODUCT: Readonly<Record<string, PostKind>> = { REELS: 'reel', STORY: 'story', LIVE: 'live' }
const KINDS_BY_TYPE: Readonly<Record<string, PostKind>> = {
  IMAGE: 'image',
  VIDEO: 'video',
  CAROUSEL_ALBUM: 'carousel',
  BROADCAST: 'live',
}

export const profileOf = (user: Fields, asked: Asked): ProfileRecord | null => {
  const id = user.id('user_id') ?? user.id('id')
  if (id === null) {
    user.reject('a user without an id')
    return null
  }
  const username = user.string('username')
  const on = given(asked)
  return known({
    type: 'profile' as const,
    id,
    username: on('username', username),
    name: on('name', user.string('name')),
    bio: on('biography', user.string('biography')),
    url: on('username', username === null ? null : `https://www.instagram.com/${username}/`),
    website: on('website', user.string('website')),
    avatarUrl: on('profile_picture_url', user.string('profile_picture_url')),
    followersCount: on('followers_count', user.count('followers_count')),
    followingCount: on('follows_count', user.count('follows_count')),
    postsCount: on('media_count', user.count('media_count')),
    extra: user.rest(USER_COLUMNS),
  })
}

const postOf = (media: Fields, asked: Asked, profileId: string): PostRecord | null => {
  const id = media.id('id')
  if (id === null) {
    media.reject('a media without an id')
    return null
  }
  const on = given(asked)
  const caption = media.string('caption')
  const permalink = media.string('permalink')
  return known({
    type: 'post' as const,
    id,
    profileId,
    kind: kindOf(media),
    caption: on('caption', caption),
    permalink: on('permalink', permalink),
    createdAt: on('timestamp', media.instant('timestamp')),
    likeCount: on('like_count', media.count('like_count')),
    commentsCount: on('comments_count', media.count('comments_count')),
    viewCount: asked.has('view_count')
      ? media.count('view_count')
      : on('total_views_count', media.count('total_views_count')),
    shareCount: on('shares_count', media.count('shares_count')),
    saveCount: on('saved_count', media.count('saved_count')),
    ...(asked.has('caption') && marksOf(caption)),
    shortcode: on('shortcode', media.string('shortcode')) ?? shortcodeIn(permalink) ?? on('shortcode', null),
    productType: on('media_product_type', media.string('media_product_type')),
    altText: on('alt_text', media.string('alt_text')),
    extra: media.rest(MEDIA_COLUMNS),
  })
}

/** The pictures and films of a post: an album's children in its order; anything else is its own one. */
const mediaOf = (media: Fields, asked: Asked, postId: string): readonly MediaRecord[] => {
  const children = media.object('children')?.objects('data') ?? []
  const items = children.length === 0 ? [media] : children
  const on = given(children.length === 0 ? asked : asked.at('children'))
  return items.map((item, position) =>
    known({
      type: 'media' as const,
      postId,
      position,
      id: item.id('id') ?? `${postId}:${position}`,
      kind: item.string('media_type') === 'VIDEO' ? ('video' as const) : ('photo' as const),
      url: on('media_url', item.string('media_url')),
      thumbnailUrl: on('thumbnail_url', item.string('thumbnail_url')),
      altText: on('alt_text', item.string('alt_text')),
    }),
  )
}

/** A post as it came, with what it became. */
export interface ListedPost {
  readonly wire: Fields
  readonly post: PostRecord
  readonly records: readonly (PostRecord | MediaRecord)[]
}

/** The posts of a page of media; one that has no id is noted and left out. */
export const postsOf = (items: readonly Fields[], asked: Asked, profileId: string): readonly ListedPost[] =>
  items.flatMap(wire => {
    const post = postOf(wire, asked, profileId)
    return post === null ? [] : [{ wire, post, records: [post, ...mediaOf(wire, asked, post.id)] }]
  })

/** `parentId` null = top level. There is one level only: an answer to a reply hangs under the top comment (docs/networks/instagram.md §6). */
export const commentOf = (
  comment: Fields,
  asked: Asked,
  postId: string,
  parentId: string | null,
): CommentRecord | null => {
  const id = comment.id('id')
  if (id === null) {
    comment.reject('a comment without an id')
    return null
  }
  const author = comment.object('from')
  const on = given(asked)
  const authorName = comment.string('username') ?? author?.string('username') ?? null
  return known({
    type: 'comment' as const,
    id,
    postId,
    parentId: comment.id('parent_id') ?? parentId,
    authorId: on('from', author?.id('id') ?? null),
    authorName: asked.has('username') || asked.has('from') ? authorName : undefined,
    content: on('text', comment.string('text')),
    likeCount: on('like_count', comment.count('like_count')),
    createdAt: on('timestamp', comment.instant('timestamp')),
    extra: comment.rest(COMMENT_COLUMNS),
  })
}

const kindOf = (media: Fields): PostKind =>
  KINDS_BY_PRODUCT[media.string('media_product_type') ?? ''] ??
  KINDS_BY_TYPE[media.string('media_type') ?? ''] ??
  'other'

/** Of others' posts it is not told, and stands in the address all the same (docs/networks/instagram.md §5); stories have none. */
const shortcodeIn = (permalink: string | null): string | null =>
  /\/(?:p|reel|tv)\/([\w-]+)/.exec(permalink ?? '')?.[1] ?? null

const given =
  (asked: Asked) =>
  <T>(name: string, value: T): T | undefined =>
    asked.has(name) ? value : undefined

type Known<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** Takes away the keys that hold undefined, as the records' types want it. */
const known = <T extends object>(parts: T): Known<T> =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as Known<T>
