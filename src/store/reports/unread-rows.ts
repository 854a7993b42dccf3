import { type Kysely, type RawBuilder, sql } from 'kysely'
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
  if (!(await isAny(db))) return report
  for await (const walks of 'run' in of ? walksOfRun(db, of.run) : [walksOfJob(of.job)]) {
    const rows = sql`
      ${walks} as mine cross join rejects on rejects.walk_id = mine.id
      ${'job' in of ? sql`and rejects.job_id = ${of.job}` : sql``}`
    const { rows: counted } = await sql<{ count: number }>`select count(*) as count from ${rows}`.execute(db)
    report.count += counted[0]?.count ?? 0
    if (counted[0]?.count === 0 || report.examples.length === EXAMPLES) continue
    const { rows: some } = await sql<UnreadRow>`
      select walk.network, job.entity_id, walk.stream, path, rejects.reason
      from ${rows} cross join sync_walks as walk on walk.id = rejects.walk_id
        cross join sync_jobs as job on job.id = rejects.job_id
      limit ${EXAMPLES - report.examples.length}`.execute(db)
    report.examples.push(...some)
  }
  return report
}

const isAny = async (db: Kysely<Schema>): Promise<boolean> => {
  const { rows } = await sql<{ found: number }>`
    select exists (select 1 from rejects limit 1) as found`.execute(db)
  return rows[0]?.found === 1
}

/** The walks of a run, in pieces. */
async function* walksOfRun(db: Kysely<Schema>, runId: number): AsyncGenerator<RawBuilder<unknown>> {
  for (const status of STATUSES) {
    for await (const slice of jobSlices(db, runId, status))
      yield sql`(
        select walk.id from (select id from sync_jobs where ${slice}) as job
          cross join sync_walks as walk on walk.job_id = job.id)`
  }
}

/** The walks of a job, those included that it shared with others. */
const walksOfJob = (jobId: number): RawBuilder<unknown> => sql`(
  select id from sync_walks where job_id = ${jobId}
  union select walk_id from sync_tasks where job_id = ${jobId} and walk_id is not null)`
