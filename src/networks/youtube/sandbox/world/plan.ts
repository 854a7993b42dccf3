/**
 * What is decided by hand about a part of the world; what a plan leaves out, chance decides. Everything is counted
 * from 0, oldest first.
 */
export interface ChannelPlan {
  /** Uploads by the world's first moment, those still scheduled or long deleted included. */
  readonly uploads: number
  readonly everyDays: number
  /** True: until the first moment nothing happens by chance: no late, deleted or edited video, no comment but the planned. */
  readonly exact?: true
  readonly terminated?: true
  readonly subscribers?: 'missing' | 'zero'
  readonly handle?: string
  readonly username?: string
  /** `snippet.customUrl` as old channels have it: without `@`. */
  readonly bareCustomUrl?: true
  readonly videos?: (video: number) => VideoPlan | undefined
}

export interface PlaylistPlan {
  /** Videos by the numbers of their channels and their own, in order. */
  readonly entries: readonly (readonly [channel: number, video: number])[]
  /** `gone` = it was deleted. */
  readonly standing?: 'private' | 'gone'
}

export interface VideoPlan {
  readonly comments?: 'disabled' | 'members-only'
  readonly lacks?: 'likeCount' | 'viewCount' | 'statistics'
  readonly form?: VideoForm
  /** Uploaded as a private video and published so many days later. */
  readonly lateDays?: number
  /** Deleted before the world began. */
  readonly gone?: true
  readonly title?: string
  readonly threads?: readonly ThreadPlan[]
  /** Which replies stand in the thread itself, and in which order (docs/networks/youtube.md §5). */
  readonly inlined?: 'newest' | 'oldest'
}

/** `sharp` = with the largest thumbnails. */
export type VideoForm = 'plain' | 'short' | 'sharp' | 'day-long' | 'broadcast' | 'live' | 'upcoming'

export interface ThreadPlan {
  /** How many can be fetched. */
  readonly replies?: number
  /** How many more `totalReplyCount` claims. */
  readonly phantom?: number
  readonly inlined?: number
  readonly closed?: true
  readonly pinned?: true
  readonly edited?: true
  readonly anonymous?: true
  readonly text?: string
}

/** The site keeps about so many replies of a thread (docs/networks/youtube.md §6). */
export const MOST_REPLIES = 500
/** Replies that stand in the thread itself, at most. */
export const MOST_INLINED = 5
/** What the uploads playlist gives at most (docs/networks/youtube.md §6). */
export const MOST_UPLOADS = 20_000
