import type { Instant } from './instant.ts'
import { instant } from './instant.ts'
import type { Params } from './params.ts'
import type { IncrementalPolicy } from './stream.ts'

/** How far finished walks have covered a profile's posts, or the comments on them (docs/design.md §5.5). */
export interface Watermark {
  /** Posts from this moment on; null = from the first. */
  readonly from: Instant | null
  /** Posts before this moment. */
  readonly to: Instant
  /** When the last walk that read all of it began. */
  readonly lastFullAt: Instant
  /** Of comments: how deep replies were read. */
  readonly replies: Params['replies'] | null
}

export interface Watermarks {
  readonly posts?: Watermark
  readonly comments?: Watermark
}

/** Cron does not start to the second: a pass every so many days is due a little before they are over. */
const SPARE_MS = 12 * 3_600_000

const DEPTHS: readonly Params['replies'][] = ['none', 'inline', 'full']

/**
 * From where on a job reads a profile's lists: what was made before is known from earlier ones. Null = it reads all:
 * the first time, where something that is wanted was not covered yet, where the last full pass lies `fullEveryMs`
 * back, and where the user names an end or an id.
 */
export const startOf = (
  watermarks: Watermarks,
  params: Params,
  policy: IncrementalPolicy,
  fullEveryMs: number,
  now: number,
): Instant | null => {
  const { since, until, sinceId, untilId, kinds, replies, lookbackMs } = params
  if (!kinds.includes('posts') || until !== null || sinceId !== null || untilId !== null) return null
  const marks = [watermarks.posts, ...(kinds.includes('comments') ? [watermarks.comments] : [])]
  const due = fullEveryMs - Math.min(SPARE_MS, fullEveryMs / 4)
  let start = now - (lookbackMs ?? policy.lookbackMs)
  for (const mark of marks) {
    if (mark === undefined || now - Date.parse(mark.lastFullAt) >= due) return null
    if (mark.from !== null && (since === null || since < mark.from)) return null
    if (mark.replies !== null && DEPTHS.indexOf(mark.replies) < DEPTHS.indexOf(replies)) return null
    start = Math.min(start, Date.parse(mark.to) - policy.overlapMs)
  }
  const from = instant(start)
  return since !== null && since > from ? since : from
}

/** Whether a finished walk of a run like this says how far a profile is covered: never through a bound at the new end. */
export const movesWatermark = ({ until, sinceId, untilId }: Params): boolean =>
  until === null && sinceId === null && untilId === null

/** The watermarks of a profile after its list of posts was read down to `from`, as far as it need be. */
export const moved = (
  before: Watermarks,
  params: Params,
  walk: { readonly from: Instant | null; readonly startedAt: Instant },
  lagMs: number,
): Watermarks => {
  const to = instant(Date.parse(walk.startedAt) - lagMs)
  const next = (mark: Watermark | undefined, replies: Watermark['replies']): Watermark =>
    walk.from === null || mark === undefined
      ? { from: params.since, to, lastFullAt: walk.startedAt, replies }
      : { ...mark, to: mark.to > to ? mark.to : to }
  return {
    ...before,
    posts: next(before.posts, null),
    ...(params.kinds.includes('comments') && { comments: next(before.comments, params.replies) }),
  }
}
