import type { HoldingKind } from './entity.ts'
import type { Instant } from './instant.ts'
import type { JsonObject } from './json.ts'

/**
 * What a page brings, in our words. `null` = asked for and not there: it overwrites. A key left out (`undefined`)
 * = this answer does not speak of it: what is stored stays. Ids are strings of any length. Counters are whole
 * numbers; an absent counter is null, never 0. `extra` keeps the network's own fields that have no column.
 */
export type SocialRecord =
  | ProfileRecord
  | PostRecord
  | MediaRecord
  | CommentRecord
  | LikeRecord
  | CollectionRecord
  | ItemRecord
  | RelationRecord

export interface ProfileRecord {
  readonly type: 'profile'
  readonly id: string
  readonly username?: string | null
  readonly name?: string | null
  readonly bio?: string | null
  /** The profile's page on the network. */
  readonly url?: string | null
  /** The address that the profile names as its own. */
  readonly website?: string | null
  readonly avatarUrl?: string | null
  readonly verified?: boolean | null
  readonly country?: string | null
  readonly createdAt?: Instant | null
  readonly followersCount?: number | null
  readonly followingCount?: number | null
  readonly postsCount?: number | null
  readonly likesCount?: number | null
  readonly viewsCount?: number | null
  /** Of what it says of itself. */
  readonly language?: string | null
  /** What it is about: addresses. */
  readonly topics?: readonly string[] | null
  readonly madeForKids?: boolean | null
  readonly extra?: JsonObject | null
}

export const POST_KINDS = ['image', 'video', 'carousel', 'reel', 'story', 'short', 'live', 'other'] as const
export type PostKind = (typeof POST_KINDS)[number]

export interface PostRecord {
  readonly type: 'post'
  readonly id: string
  readonly profileId: string
  readonly kind?: PostKind | null
  readonly title?: string | null
  readonly caption?: string | null
  readonly permalink?: string | null
  readonly createdAt?: Instant | null
  readonly likeCount?: number | null
  readonly commentsCount?: number | null
  readonly viewCount?: number | null
  readonly shareCount?: number | null
  readonly saveCount?: number | null
  /** Without `#`, and `@`. Of these and all other lists none is empty. */
  readonly hashtags?: readonly string[] | null
  readonly mentions?: readonly string[] | null
  readonly tags?: readonly string[] | null
  readonly categoryId?: string | null
  /** Of title and caption. */
  readonly language?: string | null
  /** Of what is spoken. */
  readonly audioLanguage?: string | null
  readonly voiceToText?: string | null
  /** Two capital letters. */
  readonly region?: string | null
  readonly musicId?: string | null
  readonly effectIds?: readonly string[] | null
  readonly playlistId?: string | null
  readonly stemVerified?: boolean | null
  readonly definition?: string | null
  readonly madeForKids?: boolean | null
  readonly liveScheduledAt?: Instant | null
  readonly liveScheduledEndAt?: Instant | null
  readonly liveStartedAt?: Instant | null
  readonly liveEndedAt?: Instant | null
  readonly shortcode?: string | null
  readonly productType?: string | null
  readonly altText?: string | null
  /** What it is about, as addresses of the network's choice. */
  readonly topics?: readonly string[] | null
  readonly paidPromotion?: boolean | null
  readonly extra?: JsonObject | null
}

/** One picture or film of a post. `position` counts from 0; addresses expire and are never identity. */
export interface MediaRecord {
  readonly type: 'media'
  readonly postId: string
  readonly position: number
  /** The network's own id, else `postId:position`. */
  readonly id: string
  readonly kind: 'photo' | 'video'
  readonly url?: string | null
  readonly thumbnailUrl?: string | null
  readonly width?: number | null
  readonly height?: number | null
  readonly durationMs?: number | null
  readonly altText?: string | null
}

export interface CommentRecord {
  readonly type: 'comment'
  readonly id: string
  readonly postId: string
  /** The comment that this one answers; null = top level. */
  readonly parentId: string | null
  readonly authorId?: string | null
  readonly authorName?: string | null
  readonly content?: string | null
  readonly likeCount?: number | null
  readonly replyCount?: number | null
  readonly createdAt?: Instant | null
  readonly updatedAt?: Instant | null
  readonly extra?: JsonObject | null
}

/** Only where a network really tells who liked: never a guess from a count. */
export interface LikeRecord {
  readonly type: 'like'
  readonly postId: string
  readonly authorId: string
  readonly createdAt?: Instant | null
}

/** What a collection is: what a list names, or a list that a profile shows beside its posts. */
export type CollectionKind = HoldingKind | 'pinned' | 'reposted'

/** What holds posts of one profile or of many: a playlist, or what a tag or a search has brought. */
export interface CollectionRecord {
  readonly type: 'collection'
  /** As a list names it: `playlist:PL…`; of a list that a profile shows its kind and the profile's id. */
  readonly id: string
  readonly kind: CollectionKind
  /** Who keeps it; null = nobody does, or the network does not tell. */
  readonly profileId?: string | null
  readonly title?: string | null
  readonly description?: string | null
  readonly url?: string | null
  readonly createdAt?: Instant | null
  /** As the network declares. */
  readonly itemsCount?: number | null
  readonly extra?: JsonObject | null
}

/** A post's place in a collection. The post itself may not be there any more. */
export interface ItemRecord {
  readonly type: 'item'
  readonly collectionId: string
  readonly postId: string
  /** Counts from 0; null = it has no order. */
  readonly position?: number | null
  readonly addedAt?: Instant | null
}

export const RELATION_KINDS = ['follower', 'following', 'tagger', 'mentioner', 'collaborator'] as const
export type RelationKind = (typeof RELATION_KINDS)[number]

/** What a person is to a profile, told by name: never a guess from a count. */
export interface RelationRecord {
  readonly type: 'relation'
  readonly kind: RelationKind
  readonly profileId: string
  /** Their id, or the name in their address where the network tells no id. */
  readonly personId: string
  readonly personName?: string | null
  /** The post in which they do; left out = in none. */
  readonly postId?: string
  readonly createdAt?: Instant | null
}

export type Subject = 'profile' | 'post' | 'comment'

/** A counter at one moment that has no column of its own (an insight). Counters of records are appended by the store itself. */
export interface Snapshot {
  readonly subject: Subject
  readonly subjectId: string
  readonly name: string
  /** Null = asked, and the network told none. */
  readonly value: number | null
  /**
   * Where it is of a moment of its own: the end of the day that it counts, or one for all rows of a table that means nothing without
   * them all. There is one row of that moment, whenever it is read, and what is told later is in its place. Left out = the
   * moment of the answer, if it has moved since the last one.
   */
  readonly observedAt?: Instant
}
