import { sql } from 'kysely'
import type { WaitingTask } from '../../core/ports.ts'
import { builder } from '../database/builder.ts'
import type { Queries, Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { openParams } from '../schema/rows.ts'
import { type TaskRow, taskOf } from './walk-rows.ts'
import { type NewWalk, openWalk } from './walks.ts'

/** Tasks of a stream that wait to share a walk, in the order of their jobs. */
export const findUngrouped = async (
  queries: Queries,
  runId: number,
  network: string,
  stream: string,
  limit: number,
): Promise<WaitingTask[]> => {
  const of = { run_id: runId, network, stream, limit }
  const rows = await queries.all<typeof of, TaskRow & { readonly params: string }>(waiting, of)
  const read = openParams()
  return rows.map(({ params, ...row }) => ({
    ...taskOf(row),
    params: read(params),
    fails: row.failing_since !== null,
  }))
}

/** The first of a run's jobs of a status. By one status each: of both at once PostgreSQL would go past all jobs of earlier runs. */
const firstOpen = (status: 'pending' | 'running') =>
  builder
    .selectFrom('sync_jobs')
    .select(({ fn }) => fn.min<number>('id').as('id'))
    .where('run_id', '=', param<number>('run_id'))
    .where('status', '=', status)

/**
 * Read from the run's first open job on, along an index of waiting tasks alone: those of earlier runs, which wait for ever
 * where their job was put aside, lie before it.
 */
const waiting: Statement<{ run_id: number; network: string; stream: string; limit: number }> = statement(
  builder
    .selectFrom('sync_tasks')
    .innerJoin('sync_jobs', 'sync_jobs.id', 'sync_tasks.job_id')
    .selectAll('sync_tasks')
    .select(['sync_jobs.entity_id', 'sync_jobs.params'])
    .where('sync_tasks.stream', '=', param<string>('stream'))
    .where('sync_tasks.job_id', '>=', eb =>
      eb
        .selectFrom(firstOpen('pending').unionAll(firstOpen('running')).as('first'))
        .select(({ fn }) => fn.min<number>('first.id').as('id')),
    )
    .where('sync_jobs.run_id', '=', param<number>('run_id'))
    .where('sync_jobs.network', '=', param<string>('network'))
    // In the words of the index: SQLite does not know that a parameter says the same.
    .where('sync_tasks.status', '=', sql.lit('pending'))
    .where('sync_tasks.walk_id', 'is', null)
    .orderBy('sync_tasks.job_id')
    .orderBy('sync_tasks.id')
    .limit(param<number>('limit')),
)

/** Opens a walk for each group, without the tasks that another lane has grouped since they were looked up. */
export const groupTasks = async (
  tx: Tx,
  groups: readonly (readonly WaitingTask[])[],
  shared: Omit<NewWalk, 'jobId' | 'stream' | 'kind'>,
): Promise<void> => {
  for (const group of groups) {
    const waits = await tx.lockEach(isWaiting, group)
    const grouped = group.filter((_, index) => waits[index] !== undefined)
    const [first] = grouped
    if (first === undefined) continue
    const { stream, kind, jobId } = first
    const walkId = await openWalk(tx, { ...shared, jobId, stream, kind })
    const joined = grouped.map(({ id }) => ({ id, walk_id: walkId }))
    tx.sendEach(join, joined)
  }
}

const isWaiting: Statement<{ id: number }> = statement(
  builder
    .selectFrom('sync_tasks')
    .select('id')
    .where('id', '=', param<number>('id'))
    .where('walk_id', 'is', null),
)

const join: Statement<{ id: number; walk_id: number }> = statement(
  builder
    .updateTable('sync_tasks')
    .set({ walk_id: param<number>('walk_id') })
    .where('id', '=', param<number>('id')),
)
