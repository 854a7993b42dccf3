import { sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Tx } from '../sqlite/database.ts'

/**
 * Puts aside all jobs that a worker leaves unfinished: `partial`, walks and locks free, cursors in place. Why = what a
 * job's own deferred tasks say, the earliest first, else what the worker says. `runId` null = all of the worker's runs
 * (it died). Gives how many jobs there were. A few statements, whatever their number: a run that meets an empty quota
 * leaves a hundred thousand.
 */
export const parkJobs = async (
  tx: Tx,
  whose: { readonly worker: string; readonly runId: number | null },
  why: { readonly errorType: string; readonly message: string; readonly notBefore: Instant | null } | null,
  at: Instant,
): Promise<number> => {
  const runs = tx.db
    .selectFrom('sync_runs')
    .select('id')
    .where('worker', '=', whose.worker)
    .$if(whose.runId !== null, query => query.where('id', '=', whose.runId ?? 0))
  const jobs = tx.db
    .selectFrom('sync_jobs')
    .select('id')
    .where('run_id', 'in', runs)
    .where('status', 'in', ['pending', 'running'])
  await tx.db
    .updateTable('sync_tasks')
    .set({ status: 'pending' })
    .where('job_id', 'in', jobs)
    .where('status', '=', 'running')
    .execute()
  const { numAffectedRows = 0n } = await sql`
    update sync_jobs set status = 'partial', finished_at = ${at}, (error_type, error_message, not_before) = (
      select coalesce(own.error_type, ${why?.errorType ?? 'interrupted'}), coalesce(own.last_error, ${why?.message ?? null}),
        coalesce(own.not_before, ${why?.notBefore ?? null})
      from (select 1) left join (
        select error_type, last_error, not_before from sync_tasks
        where job_id = sync_jobs.id and status = 'pending' and error_type is not null
        order by not_before is null, not_before limit 1) as own)
    where id in ${jobs}`.execute(tx.db)
  await tx.db
    .updateTable('sync_walks')
    .set({ state: 'ready', worker: null, lease_expires_at: null })
    .where('run_id', 'in', runs)
    .where('state', '=', 'running')
    .execute()
  await tx.db
    .updateTable('entities')
    .set({ lock_job_id: null, lock_worker: null, locked_at: null })
    .where('lock_worker', '=', whose.worker)
    .$if(whose.runId !== null, query =>
      query.where(
        'lock_job_id',
        'in',
        tx.db
          .selectFrom('sync_jobs')
          .select('id')
          .where('run_id', '=', whose.runId ?? 0),
      ),
    )
    .execute()
  await tx.db
    .updateTable('sync_runs')
    .set({ finished_at: at })
    .where('id', 'in', runs)
    .where('finished_at', 'is', null)
    .execute()
  return Number(numAffectedRows)
}
