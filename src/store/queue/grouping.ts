import type { Kysely } from 'kysely'
import type { Params } from '../../core/params.ts'
import type { WaitingTask } from '../../core/ports.ts'
import { decodeJson } from '../schema/rows.ts'
import type { Schema } from '../schema/tables.ts'
import type { Tx } from '../sqlite/database.ts'
import { taskOf } from './walk-rows.ts'
import { type NewWalk, openWalk } from './walks.ts'

/** Tasks of a stream that wait to share a walk, oldest first. */
export const findUngrouped = async (
  db: Kysely<Schema>,
  runId: number,
  network: string,
  stream: string,
  limit: number,
): Promise<WaitingTask[]> => {
  const rows = await db
    .selectFrom('sync_tasks')
    .innerJoin('sync_jobs', 'sync_jobs.id', 'sync_tasks.job_id')
    .selectAll('sync_tasks')
    .select(['sync_jobs.entity_id', 'sync_jobs.params'])
    .where('sync_jobs.run_id', '=', runId)
    .where('sync_jobs.network', '=', network)
    .where('sync_tasks.stream', '=', stream)
    .where('sync_tasks.status', '=', 'pending')
    .where('sync_tasks.walk_id', 'is', null)
    .orderBy('sync_tasks.id')
    .limit(limit)
    .execute()
  return rows.map(row => ({ ...taskOf(row), params: decodeJson<Params>(row.params) }))
}

/** Opens a walk for each group, without the tasks that another lane has grouped since they were looked up. */
export const groupTasks = async (
  tx: Tx,
  groups: readonly (readonly WaitingTask[])[],
  shared: Omit<NewWalk, 'jobId' | 'stream' | 'kind'>,
): Promise<void> => {
  for (const group of groups) {
    const waiting = await stillWaiting(tx, group)
    const [first] = waiting
    if (first === undefined) continue
    const { stream, kind, jobId } = first
    const walkId = openWalk(tx, { ...shared, jobId, stream, kind })
    const ids = waiting.map(task => task.id)
    await tx.db.updateTable('sync_tasks').set({ walk_id: walkId }).where('id', 'in', ids).execute()
  }
}

const stillWaiting = async (tx: Tx, tasks: readonly WaitingTask[]): Promise<readonly WaitingTask[]> => {
  const ids = tasks.map(task => task.id)
  const rows = await tx.db
    .selectFrom('sync_tasks')
    .select('id')
    .where('id', 'in', ids)
    .where('walk_id', 'is', null)
    .execute()
  const found = new Set(rows.map(row => row.id))
  return tasks.filter(task => found.has(task.id))
}
