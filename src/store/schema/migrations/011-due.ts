import { type Kysely, sql } from 'kysely'
import type { Types } from '../types.ts'

/**
 * What is asked again and again leads past nothing but what it is about, whatever else the tables hold: walks that may be
 * claimed, those that are deferred, those that are being read, tasks that say why they were put off, and runs that have not ended.
 */
export const due = async (db: Kysely<unknown>, _type: Types): Promise<void> => {
  for (const index of ['sync_walks_by_turn', 'sync_walks_by_worker'])
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
  await db.schema
    .createIndex('sync_runs_open')
    .on('sync_runs')
    .column('id')
    .where(sql.ref('finished_at'), 'is', null)
    .execute()
}
