import { sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Tx } from '../database/database.ts'

/** Why jobs are put aside, and when they may go on; null = at once. */
export interface ParkReason {
  readonly errorType: string
  readonly message: string
  readonly notBefore: Instant | null
}

/** What is told of a job of which nothing else is. */
const INTERRUPTED: ParkReason = {
  errorType: 'interrupted',
  message: 'the process that ran it ended',
  notBefore: null,
}

/**
 * Puts aside all jobs that a worker leaves unfinished: `partial`, walks and locks free, cursors in place. The reason is
 * what a job's own deferred tasks say, the earliest first, else what stopped its network, else that it was interrupted.
 * `runId` null = all of the worker's runs (it died). Returns how many jobs there were. A few statements, whatever their
 * number: a run that meets an empty quota leaves a hundred thousand.
 */
export const parkJobs = async (
  tx: Tx,
  whose: { readonly worker: string; readonly runId: number | null },
  reasons: ReadonlyMap<string, ParkReason>,
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
  // From now on nobody claims of them.
  await tx.db
    .updateTable('sync_runs')
    .set({ finished_at: at })
    .where('id', 'in', runs)
    .where('finished_at', 'is', null)
    .execute()
  const isRunning = sql<boolean>`state = 'running'`
  await tx.db
    .updateTable('sync_tasks')
    .set({ status: 'pending' })
    // By their walks: of a million tasks that wait none need be looked at.
    .where(
      'walk_id',
      'in',
      tx.db.selectFrom('sync_walks').select('id').where('run_id', 'in', runs).where(isRunning),
    )
    .where('status', '=', 'running')
    .execute()
  let parked = 0
  // Those of networks that stopped first: what is parked is no longer among the jobs.
  for (const [network, reason] of [...reasons, [null, INTERRUPTED] as const]) {
    const { numAffectedRows = 0n } = await sql`
      update sync_jobs set status = 'partial', finished_at = ${at}, (error_type, error_message, not_before) = (
        select coalesce(own.error_type, ${reason.errorType}), coalesce(own.last_error, ${reason.message}),
          coalesce(own.not_before, ${reason.notBefore})
        from (select 1) as one left join (
          select error_type, last_error, not_before from sync_tasks
          where job_id = sync_jobs.id and status = 'pending' and error_type is not null
          order by not_before nulls last, id limit 1) as own on true)
      where id in ${jobs} and ${network === null ? sql`true` : sql`network = ${network}`}`.execute(tx.db)
    parked += Number(numAffectedRows)
  }
  await tx.db
    .updateTable('sync_walks')
    .set({ state: 'ready', worker: null, lease_expires_at: null })
    .where('run_id', 'in', runs)
    .where(isRunning)
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
  return parked
}
