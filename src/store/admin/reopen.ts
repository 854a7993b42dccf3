import { sql } from 'kysely'
import type { SqliteFile } from '../sqlite/database.ts'

/** What a reopening let go. */
export interface Reopened {
  /** Pools that were closed or used up. */
  readonly pools: number
  /** Jobs that waited for one of them. */
  readonly jobs: number
}

/** Why a job waits for a quota. */
const WAITS = sql`('quota_exhausted', 'rate_limited')`

/**
 * Forgets what a network said of its pools being closed or used up, and the moments that its unfinished work waits for
 * because of that: the next run asks. What was counted as used stays counted.
 */
export const reopen = (file: SqliteFile, network: string): Promise<Reopened> =>
  file.write(async ({ db }) => {
    const { rows } = await sql<{ pools: number }>`
      select count(*) as pools from (
        select 1 from quota where network = ${network} and exhausted_until is not null group by owner, pool)`.execute(
      db,
    )
    await sql`
      update quota set exhausted_until = null, refused_as = null
      where network = ${network} and exhausted_until is not null`.execute(db)
    const waiting = sql`(
      select id from sync_jobs
      where network = ${network} and status = 'partial' and not_before is not null and error_type in ${WAITS})`
    await sql`
      update sync_walks set not_before = null
      where not_before is not null and id in (
        select walk_id from sync_tasks where job_id in ${waiting} and status = 'pending' and failing_since is null)`.execute(
      db,
    )
    await sql`
      update sync_tasks set not_before = null
      where job_id in ${waiting} and not_before is not null and failing_since is null`.execute(db)
    const { numAffectedRows = 0n } = await sql`
      update sync_jobs set not_before = null where id in ${waiting}`.execute(db)
    return { pools: rows[0]?.pools ?? 0, jobs: Number(numAffectedRows) }
  })
