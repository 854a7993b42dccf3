import type { Instant } from './instant.ts'
import type { TaskKind } from './task.ts'

/** What the user wants of a run, the same for all of its jobs. */
export interface Params {
  readonly kinds: readonly TaskKind[]
  /** Posts at or after this moment. */
  readonly since: Instant | null
  /** Posts before this moment. */
  readonly until: Instant | null
  readonly sinceId: string | null
  readonly untilId: string | null
  readonly limitPosts: number | null
  readonly limitComments: number | null
  readonly replies: 'none' | 'inline' | 'full'
  readonly likedVideos: boolean
  /** Posts younger than so many milliseconds are looked at again in any case; null = as the network's policy says. */
  readonly lookbackMs: number | null
}
