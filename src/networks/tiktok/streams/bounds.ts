import type { Params } from '../../../core/params.ts'
import type { PostRecord } from '../../../core/records.ts'

/** Whether a post lies within what the user wants: from `since`, before `until`, between the ids. Without a date it does. */
export const isWanted = (
  { id, createdAt }: PostRecord,
  { since, until, sinceId, untilId }: Params,
): boolean => {
  if (createdAt != null && ((since !== null && createdAt < since) || (until !== null && createdAt >= until)))
    return false
  return (
    (sinceId === null || compareIds(id, sinceId) > 0) && (untilId === null || compareIds(id, untilId) < 0)
  )
}

/** Ids as whole numbers, without making numbers of them. */
export const compareIds = (a: string, b: string): number =>
  a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)

/** The lower of two ids, null = none. */
export const lowerId = (a: string | null, b: string | null): string | null =>
  a === null || (b !== null && compareIds(b, a) < 0) ? b : a
