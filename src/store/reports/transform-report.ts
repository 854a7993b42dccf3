import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { TransformStatus } from '../../core/transform.ts'
import { inList } from '../database/words.ts'
import type { Schema } from '../schema/tables.ts'

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
      eb.fn.countAll<number>().as('count'),
      eb.fn.count<number>('external_job_id').as('known'),
      eb.fn.sum<number>('polls').as('polls'),
      eb.fn.max('polls').as('most_polls'),
      eb.fn.min('next_poll_at').as('next_poll_at'),
    ])
    .groupBy(['transform', 'version', 'status', 'error_type'])
    .orderBy('transform')
    .orderBy('version')
    .orderBy('status')
    .orderBy('error_type', order => order.asc().nullsFirst())
  if (names !== null) query = query.where(sql<boolean>`transform in ${inList(names)}`)
  const groups = Map.groupBy(await query.execute(), row => `${row.transform} ${row.version}`)
  const reports: TransformReport[] = []
  for (const rows of groups.values()) {
    const [first] = rows
    if (first === undefined) continue
    const elements = { queued: 0, pending: 0, processing: 0, done: 0, failed: 0 }
    for (const { status, known, count } of rows) {
      if (status === 'pending') elements.queued += count - known
      elements[status as TransformStatus] += status === 'pending' ? known : count
    }
    const { transform, version } = first
    const due = rows.flatMap(row => row.next_poll_at ?? []).sort()
    reports.push({
      transform,
      version,
      elements,
      polls: rows.reduce((sum, row) => sum + row.polls, 0),
      most_polls: Math.max(...rows.map(row => row.most_polls)),
      next_poll_at: due[0] ?? null,
      errors: await errorsOf(db, rows),
    })
  }
  return reports
}

interface Group {
  readonly transform: string
  readonly version: string
  readonly status: string
  readonly error_type: string | null
  readonly count: number
}

/** By error, most first, with what was said of one element. */
const errorsOf = async (db: Kysely<Schema>, rows: readonly Group[]): Promise<TransformReport['errors']> => {
  const errors = new Map<string, { elements: number; message: string | null }>()
  for (const group of rows) {
    if (group.error_type === null) continue
    const known = errors.get(group.error_type)
    const message = known?.message ?? (await messageOf(db, group))
    errors.set(group.error_type, { elements: (known?.elements ?? 0) + group.count, message })
  }
  return [...errors]
    .map(([error_type, { elements, message }]) => ({ error_type, elements, message }))
    .sort((a, b) => b.elements - a.elements)
}

const messageOf = async (
  db: Kysely<Schema>,
  { transform, version, status, error_type }: Group,
): Promise<string | null> => {
  const row = await db
    .selectFrom('transforms')
    .select('error_message')
    .where('transform', '=', transform)
    .where('version', '=', version)
    .where('status', '=', status)
    .where('error_type', '=', error_type)
    // As they lie in the index `transforms_by_state`.
    .orderBy('polls')
    .orderBy('next_poll_at', order => order.asc().nullsFirst())
    .orderBy('external_job_id', order => order.asc().nullsFirst())
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row?.error_message ?? null
}
