/**
 * The words of a job's life, and the moves that are legal.
 *
 *   pending ──▶ running ──▶ succeeded · failed · partial · skipped
 *      ▲           │
 *      └─ deferred ┘        (pending again, with `not_before`)
 */

export const TASK_KINDS = ['profile', 'posts', 'comments', 'likes'] as const
export type TaskKind = (typeof TASK_KINDS)[number]

export const STATUSES = ['pending', 'running', 'succeeded', 'failed', 'partial', 'skipped'] as const
export type Status = (typeof STATUSES)[number]

/** From each status, where it may go; anything else is refused by the store. */
const MOVES = {
  pending: ['running', 'succeeded', 'failed', 'partial', 'skipped'],
  running: ['pending', 'succeeded', 'failed', 'partial', 'skipped'],
  succeeded: [],
  failed: [],
  partial: ['pending', 'running'],
  skipped: [],
} as const satisfies Record<Status, readonly Status[]>

/** Whether a job or task may go from one status to another. Staying is always legal. */
export const mayMove = (from: Status, to: Status): boolean =>
  from === to || (MOVES[from] as readonly Status[]).includes(to)

/** Why something was skipped, cut, or is not whole. One word for one thing, in SQL, flags, logs and documents. */
const REASONS = [
  'up-to-date',
  'unsupported-by-network',
  'comments-disabled',
  'not-found',
  'not-shared',
  'private',
  'refused',
  'locked',
  'duplicate',
  'none',
  'inline',
  'capped',
  'limited',
  'truncated',
  'deleted',
  'loop',
  'budget',
  'identity-changed',
  'unavailable',
  'unlisted',
] as const
export type Reason = (typeof REASONS)[number]

/**
 * A job's status from the statuses of its tasks (docs/design.md §4): none but skipped → skipped; leaving those out,
 * all succeeded → succeeded; nothing stored → failed; else partial.
 */
export const jobStatus = (counts: Readonly<Partial<Record<Status, number>>>, stored: boolean): Status => {
  const of = (status: Status): number => counts[status] ?? 0
  const open = of('pending') + of('running')
  const unfinished = of('failed') + of('partial') + open
  if (unfinished === 0) return of('succeeded') === 0 ? 'skipped' : 'succeeded'
  if (open === 0 && of('partial') === 0 && !stored) return 'failed'
  return 'partial'
}
