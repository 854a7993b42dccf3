import type { Kysely } from 'kysely'
import type { Instant } from '../core/instant.ts'
import type { TransformStatus } from '../core/transform.ts'
import type { Schema } from './schema.ts'

/** How a version of a transform stands. */
export interface TransformReport {
  readonly transform: string
  readonly version: string
  /** `queued` = pending, and not yet with the service. */
  readonly elements: Readonly<Record<TransformStatus | 'queued', number>>
  readonly polls: number
  readonly most_polls: number
  /** When something is due next; null = nothing is under way. */
  readonly next_poll_at: Instant | null
  readonly errors: readonly {
    readonly error_type: string
    readonly elements: number
    /** What was said of one of them. */
    readonly message: string | null
  }[]
}

/** By name and version; `names` null = all. */
export const reportTransforms = async (
  db: Kysely<Schema>,
  names: readonly string[] | null,
): Promise<TransformReport[]> => {
  let query = db
    .selectFrom('transforms')
    .select(['transform', 'version', 'status', 'error_type'])
    .select(eb => [
      eb('external_job_id', 'is not', null).as('is_known'),
      eb.fn.countAll<number>().as('count'),
      eb.fn.sum<number>('polls').as('polls'),
      eb.fn.max('polls').as('most_polls'),
      eb.fn.min('next_poll_at').as('next_poll_at'),
      eb.fn.min('error_message').as('message'),
    ])
    .groupBy(['transform', 'version', 'status', 'error_type', 'is_known'])
    .orderBy('transform')
    .orderBy('version')
  if (names !== null) query = query.where('transform', 'in', names)
  const groups = Map.groupBy(await query.execute(), row => `${row.transform} ${row.version}`)
  return [...groups.values()].flatMap(rows => {
    const [first] = rows
    if (first === undefined) return []
    const elements = { queued: 0, pending: 0, processing: 0, done: 0, failed: 0 }
    for (const { status, is_known, count } of rows) {
      elements[status === 'pending' && !is_known ? 'queued' : (status as TransformStatus)] += count
    }
    const { transform, version } = first
    const due = rows.flatMap(row => row.next_poll_at ?? []).sort()
    return {
      transform,
      version,
      elements,
      polls: rows.reduce((sum, row) => sum + row.polls, 0),
      most_polls: Math.max(...rows.map(row => row.most_polls)),
      next_poll_at: due[0] ?? null,
      errors: errorsOf(rows),
    }
  })
}

const errorsOf = (
  rows: readonly {
    readonly error_type: string | null
    readonly count: number
    readonly message: string | null
  }[],
): TransformReport['errors'] => {
  const typed = rows.filter(row => row.error_type !== null)
  return [...Map.groupBy(typed, row => row.error_type ?? '')]
    .map(([error_type, same]) => ({
      error_type,
      elements: same.reduce((sum, row) => sum + row.count, 0),
      message: same[0]?.message ?? null,
    }))
    .sort((a, b) => b.elements - a.elements)
}
