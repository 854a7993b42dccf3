import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { inNumbers } from '../database/words.ts'

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
export const reopen = (database: Database, network: string): Promise<Reopened> =>
  database.write(async ({ db }) => {
    const { rows: closed } = await sql<{ pool: string }>`
      update quota set exhausted_until = null, refused_as = null
      where network = ${network} and exhausted_until is not null
      returning owner || ' ' || pool as pool`.execute(db)
    const { rows: waiting } = await sql<{ id: number }>`
      update sync_jobs set not_before = null
      where network = ${network} and status = 'partial' and not_before is not null and error_type in ${WAITS}
      returning id`.execute(db)
    const jobs = inNumbers(waiting.map(({ id }) => id))
    await sql`
      update sync_walks set not_before = null
      where not_before is not null and id in (
        select walk_id from sync_tasks where job_id in ${jobs} and status = 'pending' and failing_since is null)`.execute(
      db,
    )
    await sql`
      update sync_tasks set not_before = null
      where job_id in ${jobs} and not_before is not null and failing_since is null`.execute(db)
    return { pools: new Set(closed.map(({ pool }) => pool)).size, jobs: waiting.length }
  })
