import type { Instant } from './instant.ts'
import type { Json } from './json.ts'
import type { PostKind } from './records.ts'

/**
 * What can be handed to a transform, by the name that the config file has for it: the kind of element it is, and
 * whether its text or its picture is sent (a video's is its thumbnail).
 */
export const ELEMENTS = {
  'posts.caption': { kind: 'post', type: 'text' },
  'media.image': { kind: 'media', type: 'image' },
  'media.video': { kind: 'media', type: 'image' },
  'profiles.bio': { kind: 'profile', type: 'text' },
  'comments.content': { kind: 'comment', type: 'text' },
} as const satisfies Record<string, { kind: string; type: 'text' | 'image' }>
export type ElementName = keyof typeof ELEMENTS
export type ElementKind = (typeof ELEMENTS)[ElementName]['kind']

/**
 * The life of an element in a transform, in the service's own words. With `jobId` null a pending one waits to be
 * submitted.
 *
 *   pending ──▶ processing ──▶ done · failed
 *      ▲            │
 *      └─ job lost ─┘        (once, under a new key)
 */
export const TRANSFORM_STATUSES = ['pending', 'processing', 'done', 'failed'] as const
export type TransformStatus = (typeof TRANSFORM_STATUSES)[number]

/** Which elements are queued for a transform. */
export interface TransformDefinition {
  readonly transform: string
  readonly version: string
  readonly elements: readonly ElementName[]
  readonly filter: ElementFilter
}

/** All conditions hold together; null = any. Profiles are chosen by their network alone. */
export interface ElementFilter {
  readonly networks: readonly string[] | null
  /** Of the post, of the medium's post, of the comment's post. */
  readonly kinds: readonly PostKind[] | null
  /** Posts with their media, and comments, from this moment on. */
  readonly since: Instant | null
}

/** One element on its way through a transform, claimed by this worker. */
export interface Submission {
  readonly id: number
  /** The fence: how often it was changed. */
  readonly seq: number
  readonly network: string
  readonly kind: ElementKind
  readonly elementId: string
  /** The text, or the picture's address as it was last fetched. */
  readonly input: string
  /** What the service tells a repeated submission by; the same until the service has lost the job. */
  readonly key: string
  /** The service's own id of the job; null = it was never told. */
  readonly jobId: string | null
  readonly status: TransformStatus
  /** Questions about the job so far. */
  readonly polls: number
  /** How often the service lost the job. */
  readonly lost: number
  /** Submissions in a row that no answer came to. */
  readonly misses: number
  readonly deadlineAt: Instant
}

/** What becomes of a submission; what is left out stays. `nextPollAt` null = it has ended. */
export interface SubmissionChange {
  readonly status: TransformStatus
  readonly nextPollAt: Instant | null
  readonly jobId?: string | null
  readonly polls?: number
  /** More than before: it is submitted again under a new key. */
  readonly lost?: number
  readonly misses?: number
  readonly result?: Json
  readonly errorType?: string | null
  readonly message?: string | null
}

/** What submitting and polling needs of a store; every method is one transaction. */
export interface SubmissionStore {
  /** Takes up to `count` submissions that are due; their keys are on the disk before anything is sent. */
  claim(request: SubmissionRequest): Promise<readonly Submission[]>
  /** Writes what became of it and gives it back. False = no longer this worker's: nothing was written. */
  settle(submission: Submission, change: SubmissionChange): Promise<boolean>
  /**
   * How many calls to the service this worker may have in flight, which has so many now: all machines together have no more than
   * `most`. 0 = others have all of them.
   */
  share(request: {
    readonly transform: string
    readonly most: number
    readonly busy: number
  }): Promise<number>
  /** It has nothing to ask for now: its part is the others'. */
  leave(transform: string): Promise<void>
  /** When the next one that nobody holds is due, after what dead processes held was taken over; null = none is left. */
  nextDue(transform: string, version: string): Promise<Instant | null>
}

export interface SubmissionRequest {
  readonly transform: string
  readonly version: string
  readonly count: number
  /** From the first submission to the end of all patience, ms. */
  readonly deadlineMs: number
  /** False: only what was never submitted. */
  readonly polls: boolean
}
