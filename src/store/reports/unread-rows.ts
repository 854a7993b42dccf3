import { type Kysely, sql } from 'kysely'
import { STATUSES } from '../../core/task.ts'
import type { Schema } from '../schema/tables.ts'
import { jobSlices } from './slices.ts'

/** What came and could not be read: it is kept aside, and the rest of its list is not held up. */
export interface UnreadReport {
  readonly count: number
  /** Some of it. */
  readonly examples: readonly UnreadRow[]
}

export interface UnreadRow {
  readonly network: string
  readonly entity_id: string
  readonly stream: string
  readonly path: string
  readonly reason: string
}

const EXAMPLES = 5

/** Of a run or a job. */
export const reportUnread = async (
  db: Kysely<Schema>,
  of: { readonly run: number } | { readonly job: number },
): Promise<UnreadReport> => {
  const report: UnreadReport & { count: number; examples: UnreadRow[] } = { count: 0, examples: [] }
  for await (const jobs of 'run' in of ? slicesOf(db, of.run) : [sql`id = ${of.job}`]) {
    const rows = sql`
      (select id, network, entity_id from sync_jobs where ${jobs}) as job
        cross join rejects`
    const { rows: counted } = await sql<{
      count: number
    }>`select count(*) as count from ${rows} where rejects.job_id = job.id`.execute(db)
    const count = counted[0]?.count ?? 0
    report.count += count
    if (count === 0 || report.examples.length === EXAMPLES) continue
    const { rows: some } = await sql<UnreadRow>`
      select job.network, job.entity_id, walk.stream, path, rejects.reason
      from ${rows} cross join sync_walks as walk
      where rejects.job_id = job.id and walk.id = rejects.walk_id
      order by job.id, rejects.walk_id, rejects.seq, path limit ${EXAMPLES - report.examples.length}`.execute(
      db,
    )
    report.examples.push(...some)
  }
  return report
}

async function* slicesOf(db: Kysely<Schema>, runId: number) {
  for (const status of STATUSES) yield* jobSlices(db, runId, status)
}
