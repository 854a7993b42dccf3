import { holdsPosts, isWholeEachTime, kindOfEntity } from './entity.ts'
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
  /** Of what was made before a moment, where full passes have not gone so far lately: how it was read last. Left out = as all. */
  readonly older?: Pick<Watermark, 'lastFullAt' | 'replies'> & { readonly before: Instant }
}

export interface Watermarks {
  readonly posts?: Watermark
  readonly comments?: Watermark
}

/** Cron does not start to the second: a pass every so many days is due a little before they are over. */
const SPARE_MS = 12 * 3_600_000

const DEPTHS: readonly Params['replies'][] = ['none', 'inline', 'full']

/** How a job reads a profile's lists. */
interface Reading {
  /** From where on; what was made before is known. Null = all. */
  readonly from: Instant | null
  readonly widens: boolean
}

/**
 * What a job wants of what its line names: of a tag or a search without a beginning nothing older than what it covers, since how far
 * back such a one is read its network says (`Page.reached`).
 */
export const wantedOf = (entityId: string, params: Params, watermarks: Watermarks): Params => {
  if (params.since !== null || !holdsPosts(entityId) || isWholeEachTime(kindOfEntity(entityId))) return params
  const froms = marksOf(watermarks, params.kinds).flatMap(mark => mark?.older?.before ?? mark?.from ?? [])
  return { ...params, since: froms.toSorted().at(-1) ?? null }
}

const WHOLE: Reading = { from: null, widens: false }
const WIDER: Reading = { from: null, widens: true }

const readingOf = (
  watermarks: Watermarks,
  params: Params,
  policy: IncrementalPolicy,
  fullEveryMs: number,
  now: number,
): Reading => {
  const { since, until, sinceId, untilId, kinds, replies, lookbackMs } = params
  if (!kinds.includes('posts')) return WHOLE
  const marks = marksOf(watermarks, kinds)
  const due = fullEveryMs - Math.min(SPARE_MS, fullEveryMs / 4)
  const isRead = (part: Pick<Watermark, 'lastFullAt' | 'replies'>): boolean =>
    now - Date.parse(part.lastFullAt) < due && !isShallower(part.replies, replies)
  let start = now - (lookbackMs ?? policy.lookbackMs)
  let isCovered = until === null && sinceId === null && untilId === null
  for (const mark of marks) {
    if (mark === undefined || !isRead(mark)) return WHOLE
    if (mark.older !== undefined && isBefore(since, mark.older.before) && !isRead(mark.older)) return WHOLE
    isCovered &&= mark.from === null || !isBefore(since, mark.from)
    start = Math.min(start, Date.parse(mark.to) - policy.overlapMs)
  }
  if (!isCovered) return WIDER
  const from = instant(start)
  return { from: since !== null && since > from ? since : from, widens: false }
}

/** The watermarks that a run of these kinds goes by. */
const marksOf = ({ posts, comments }: Watermarks, kinds: Params['kinds']) => [
  posts,
  ...(kinds.includes('comments') ? [comments] : []),
]

/** Whether a beginning, null = the first post, lies before a moment. */
const isBefore = (since: Instant | null, moment: Instant): boolean => since === null || since < moment

/** Whether replies were read less deep than is wanted; null = there were none to read. */
const isShallower = (read: Watermark['replies'], wanted: Params['replies']): boolean =>
  read !== null && DEPTHS.indexOf(read) < DEPTHS.indexOf(wanted)

/**
 * From where on a job reads a profile's lists: what was made before is known from earlier ones. Null = it reads all:
 * the first time, where something that is wanted was not covered yet, where the last full pass lies `fullEveryMs`
 * back, and where the user names an end or an id.
 */
export const startOf = (...how: Parameters<typeof readingOf>): Instant | null => readingOf(...how).from

/**
 * Whether a job reads all only because it goes further back than earlier ones, or to an end or an id: of posts that are
 * covered it reads comments as a night does, where their number moved.
 */
export const isWider = (...how: Parameters<typeof readingOf>): boolean => readingOf(...how).widens

/**
 * Where `--since last` begins: where the posts, and the comments if they are wanted, are covered from; null = with the
 * first post, undefined = nothing is covered yet.
 */
export const coveredSince = (watermarks: Watermarks, kinds: Params['kinds']): Instant | null | undefined => {
  const froms = marksOf(watermarks, kinds).flatMap(mark => (mark === undefined ? [] : [mark.from]))
  return froms.length === 0
    ? undefined
    : (froms
        .filter(from => from !== null)
        .toSorted()
        .at(-1) ?? null)
}

/** Whether a finished walk of a run like this says how far a profile is covered: never through a bound at the new end. */
export const movesWatermark = ({ until, sinceId, untilId }: Params): boolean =>
  until === null && sinceId === null && untilId === null

/**
 * The watermarks of a profile after its list of posts was read down to `from`, as far as it need be. A full pass that
 * begins later than what is covered leaves that covered, and says of which part it was (`older`).
 */
export const moved = (
  before: Watermarks,
  params: Params,
  walk: { readonly from: Instant | null; readonly startedAt: Instant },
  lagMs: number,
): Watermarks => {
  const { since, widens = false } = params
  const to = instant(Date.parse(walk.startedAt) - lagMs)
  const next = (mark: Watermark | undefined, replies: Watermark['replies']): Watermark => {
    const full: Watermark = { from: since, to, lastFullAt: walk.startedAt, replies }
    if (mark === undefined) return full
    // What lies between was not read.
    const isApart = since !== null && since > mark.to
    if (walk.from !== null) return isApart ? mark : { ...mark, to: later(mark.to, to) }
    if (isApart) return full
    if (widens && replies !== null) return wider(mark, full)
    return since === null || (mark.from !== null && since <= mark.from) ? full : narrower(mark, full, since)
  }
  return {
    ...before,
    posts: next(before.posts, null),
    ...(params.kinds.includes('comments') && { comments: next(before.comments, params.replies) }),
  }
}

const later = (a: Instant, b: Instant): Instant => (a > b ? a : b)

/** Comments of the covered posts were read where their number moved: of them the last full pass is what it was. */
const wider = (mark: Watermark, full: Watermark): Watermark => ({
  ...mark,
  from: earlier(mark.from, full.from),
  to: later(mark.to, full.to),
  replies: shallower(mark.replies, full.replies),
})

/** Null = the first post. */
const earlier = (a: Instant | null, b: Instant | null): Instant | null =>
  a === null || b === null ? null : a < b ? a : b

const shallower = (a: Watermark['replies'], b: Watermark['replies']): Watermark['replies'] =>
  a === null || b === null ? (a ?? b) : isShallower(a, b) ? a : b

const narrower = ({ older, ...mark }: Watermark, full: Watermark, since: Instant): Watermark => ({
  ...full,
  from: mark.from,
  older: {
    before: since,
    lastFullAt: (older ?? mark).lastFullAt,
    replies: shallower(mark.replies, older?.replies ?? null),
  },
})
