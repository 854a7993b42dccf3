import { type Kysely, sql } from 'kysely'
import type { Types } from '../types.ts'

/**
 * What is asked again and again leads past nothing but what it is about, whatever else the tables hold: walks that may be
 * claimed, those that are deferred, those that are being read, tasks that say why they were put off, runs that have not ended, and whose
 * profile one is.
 */
export const due = async (db: Kysely<unknown>, _type: Types): Promise<void> => {
  for (const index of ['sync_walks_by_turn', 'sync_walks_by_worker', 'sync_jobs_by_status'])
    await db.schema.dropIndex(index).execute()
  const isReady = sql<boolean>`state = 'ready'`
  const isRunning = sql<boolean>`state = 'running'`
  await db.schema
    .createIndex('sync_walks_due')
    .on('sync_walks')
    .columns(['run_id', 'network', 'stream', 'credential', 'rank', 'job_id', 'id'])
    .where(sql<boolean>`${isReady} and not_before is null`)
    .execute()
  await db.schema
    .createIndex('sync_walks_deferred')
    .on('sync_walks')
    .columns(['run_id', 'network', 'not_before'])
    .where(sql<boolean>`${isReady} and not_before is not null`)
    .execute()
  await db.schema
    .createIndex('sync_walks_running')
    .on('sync_walks')
    .columns(['run_id', 'network', 'worker'])
    .where(isRunning)
    .execute()
  await db.schema
    .createIndex('sync_walks_by_worker')
    .on('sync_walks')
    .column('worker')
    .where(isRunning)
    .execute()
  // By it a run's walks are found when the run is deleted.
  await db.schema.createIndex('sync_walks_by_run').on('sync_walks').column('run_id').execute()
  await db.schema
    .createIndex('sync_tasks_put_off')
    .on('sync_tasks')
    .column('job_id')
    .where(sql<boolean>`status = 'pending' and error_type is not null`)
    .execute()
  // In it jobs that stand alike lie in their order, and the first of them is one leap away.
  await db.schema
    .createIndex('sync_jobs_by_status')
    .on('sync_jobs')
    .columns(['run_id', 'status', 'id'])
    .execute()
  // An export asks of each profile which entity it is: without it 6,000 profiles took 14 s on PostgreSQL, and four times as many 16 times that.
  await db.schema
    .createIndex('entities_by_profile')
    .on('entities')
    .columns(['network', 'profile_id'])
    .execute()
  await db.schema
    .createIndex('sync_runs_open')
    .on('sync_runs')
    .column('id')
    .where(sql.ref('finished_at'), 'is', null)
    .execute()
}
