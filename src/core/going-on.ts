import type { Instant } from './instant.ts'
import type { Params } from './params.ts'
import { movesWatermark } from './watermark.ts'

/** What matters of a profile's newest job with the same scopes and bounds. */
export interface Before {
  readonly isUnfinished: boolean
  /** When its reading began, in this job or in one that it continues. */
  readonly readAt: Instant
  /** The newest run that had the profile, be it only to leave it alone. */
  readonly lastRunId: number
}

/**
 * What a new job does about a profile's newest one (docs/design.md §5.11): it reads the profile anew and carries along
 * what that one left, unless its reading began a moment ago: then it only goes on with what is unfinished, and leaves
 * alone what is finished where its newest run was cut short. Within bounds at the new end nothing can be new: it only goes on.
 */
export const goOnHow = (
  before: Before,
  {
    refreshAfterMs,
    now,
    params,
  }: { readonly refreshAfterMs: number; readonly now: number; readonly params: Params },
  isCutShort: boolean,
): 'open' | 'continue' | 'leave' => {
  const isRecent = now - Date.parse(before.readAt) < refreshAfterMs
  if (before.isUnfinished) return isRecent || !movesWatermark(params) ? 'continue' : 'open'
  return isRecent && isCutShort ? 'leave' : 'open'
}
