import type { SocialRecord, Subject } from '../../core/records.ts'
import type { Encoding } from './rows.ts'

/** How one type of record lies in its table: the key, and for each field its column, its encoding and its history. */
export interface Shape {
  readonly table:
    | 'profiles'
    | 'posts'
    | 'media'
    | 'comments'
    | 'likes'
    | 'collections'
    | 'collection_items'
    | 'relations'
  readonly key: readonly string[]
  readonly fields: readonly Field[]
  /** What its counters and texts are filed under in `metrics` and `revisions`; null = no history. */
  readonly subject: Subject | null
  /** Columns beside the fields that a new row sets to null. */
  readonly others: readonly string[]
}

export interface Field {
  readonly name: string
  readonly column: string
  readonly encoding: Encoding
  /** `metric`: appended to `metrics` when it moves. `revision`: the earlier text is kept. */
  readonly history?: 'metric' | 'revision'
}

const field = (name: string, encoding: Encoding = 'text', history?: Field['history']): Field => ({
  name,
  column: name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`),
  encoding,
  ...(history === undefined ? {} : { history }),
})
const counter = (name: string): Field => field(name, 'counter', 'metric')

export const SHAPES: Readonly<Record<SocialRecord['type'], Shape>> = {
  profile: {
    table: 'profiles',
    key: ['id'],
    subject: 'profile',
    others: ['last_synced_at', 'missing_since'],
    fields: [
      field('id', 'id'),
      field('username'),
      field('name', 'text', 'revision'),
      field('bio', 'text', 'revision'),
      field('url'),
      field('website'),
      field('avatarUrl'),
      field('verified', 'flag'),
      field('country'),
      field('createdAt'),
      counter('followersCount'),
      counter('followingCount'),
      counter('postsCount'),
      counter('likesCount'),
      counter('viewsCount'),
      field('language'),
      field('topics', 'json'),
      field('madeForKids', 'flag'),
      field('extra', 'json'),
    ],
  },
  post: {
    table: 'posts',
    key: ['id'],
    subject: 'post',
    others: [
      'comments_reason',
      'comments_synced_at',
      'comments_refused_to',
      'comments_declared',
      'comments_stored',
      'comments_job_id',
      'missing_since',
      'absent_since',
      'absent_walks',
    ],
    fields: [
      field('id', 'id'),
      field('profileId', 'id'),
      field('kind'),
      field('title', 'text', 'revision'),
      field('caption', 'text', 'revision'),
      field('permalink'),
      field('createdAt'),
      counter('likeCount'),
      counter('commentsCount'),
      counter('viewCount'),
      counter('shareCount'),
      counter('saveCount'),
      field('hashtags', 'json'),
      field('mentions', 'json'),
      field('tags', 'json'),
      field('categoryId', 'id'),
      field('language'),
      field('audioLanguage'),
      field('voiceToText'),
      field('region'),
      field('musicId', 'id'),
      field('effectIds', 'json'),
      field('playlistId', 'id'),
      field('stemVerified', 'flag'),
      field('definition'),
      field('madeForKids', 'flag'),
      field('liveScheduledAt'),
      field('liveScheduledEndAt'),
      field('liveStartedAt'),
      field('liveEndedAt'),
      field('shortcode'),
      field('productType'),
      field('altText'),
      field('topics', 'json'),
      field('paidPromotion', 'flag'),
      field('extra', 'json'),
    ],
  },
  media: {
    table: 'media',
    key: ['post_id', 'position'],
    subject: null,
    others: ['missing_since'],
    fields: [
      field('postId', 'id'),
      field('position', 'counter'),
      field('id', 'id'),
      field('kind'),
      field('url'),
      field('thumbnailUrl'),
      field('width', 'counter'),
      field('height', 'counter'),
      field('durationMs', 'counter'),
      field('altText'),
    ],
  },
  comment: {
    table: 'comments',
    key: ['id'],
    subject: 'comment',
    others: ['replies_declared', 'replies_left_by', 'missing_since', 'absent_since', 'absent_walks'],
    fields: [
      field('id', 'id'),
      field('postId', 'id'),
      field('parentId', 'id'),
      field('authorId', 'id'),
      field('authorName'),
      field('content', 'text', 'revision'),
      counter('likeCount'),
      counter('replyCount'),
      field('createdAt'),
      field('updatedAt'),
      field('extra', 'json'),
    ],
  },
  like: {
    table: 'likes',
    key: ['post_id', 'author_id'],
    subject: null,
    others: [],
    fields: [field('id', 'id'), field('postId', 'id'), field('authorId', 'id'), field('createdAt')],
  },
  collection: {
    table: 'collections',
    key: ['id'],
    subject: null,
    others: ['missing_since'],
    fields: [
      field('id', 'id'),
      field('kind'),
      field('profileId', 'id'),
      field('title'),
      field('description'),
      field('url'),
      field('createdAt'),
      field('itemsCount', 'counter'),
      field('extra', 'json'),
    ],
  },
  relation: {
    table: 'relations',
    key: ['id'],
    subject: null,
    others: ['missing_since'],
    fields: [
      field('id', 'id'),
      field('kind'),
      field('profileId', 'id'),
      field('personId', 'id'),
      field('personName'),
      field('postId', 'id'),
      field('createdAt'),
    ],
  },
  item: {
    table: 'collection_items',
    key: ['collection_id', 'post_id'],
    subject: null,
    others: ['missing_since'],
    fields: [
      field('collectionId', 'id'),
      field('postId', 'id'),
      field('position', 'counter'),
      field('addedAt'),
    ],
  },
}
