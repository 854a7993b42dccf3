import type { Instant } from '../../core/instant.ts'
import type { CommitOptions, CrashPoint, Walk } from '../../core/ports.ts'
import type { Page } from '../../core/stream.ts'
import type { PackedPart } from './raw.ts'

/** One page on its way into the store. */
export interface PageWrite {
  readonly walk: Walk
  readonly worker: string
  readonly page: Page
  readonly raw: readonly PackedPart[]
  /** Whether there was an answer at all, kept or not. */
  readonly answered: boolean
  /** When the answer came: the observation time of all it holds. */
  readonly fetchedAt: Instant
  readonly options: CommitOptions
  readonly crash: CrashPoint
}
