import { sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Walk } from '../../core/ports.ts'
import type { Tx } from '../database/database.ts'
import { inNumbers } from '../database/words.ts'
import { closeWalk, openWalk, rankOfFailing } from './walks.ts'

/** Puts a walk's open tasks on a new one that begins at page one, in the old one's turn. */
export const restartWalk = async (tx: Tx, walk: Walk, message: string, at: Instant): Promise<void> => {
  await closeWalk(tx, walk.id, false)
  const { runId, network, jobId, stream, kind, credential } = walk
  const id = await openWalk(tx, {
    runId,
    network,
    jobId,
    stream,
    kind,
    rank: await rankOf(tx, walk.id),
    credential,
    cursor: null,
    startedAt: at,
    restarts: walk.restarts + 1,
  })
  await tx.db
    .updateTable('sync_tasks')
    .set({ walk_id: id, status: 'pending', last_error: message })
    .where('walk_id', '=', walk.id)
    .where('status', '=', 'running')
    .execute()
}

/** Two new walks for the halves of a walk's tasks, which begin at page one like it did. */
export const divideWalk = async (tx: Tx, walk: Walk): Promise<void> => {
  await closeWalk(tx, walk.id, false)
  const { runId, network, stream, kind, credential, startedAt } = walk
  const rank = await rankOf(tx, walk.id)
  const half = Math.ceil(walk.tasks.length / 2)
  for (const tasks of [walk.tasks.slice(0, half), walk.tasks.slice(half)]) {
    const [first] = tasks
    if (first === undefined) continue
    const place = { cursor: null, startedAt, rank: rankOfFailing(rank, true), restarts: walk.restarts + 1 }
    const id = await openWalk(tx, { runId, network, jobId: first.jobId, stream, kind, credential, ...place })
    await tx.db
      .updateTable('sync_tasks')
      .set({ walk_id: id, status: 'pending' })
      .where(sql<boolean>`id in ${inNumbers(tasks.map(task => task.id))}`)
      .execute()
  }
}

const rankOf = async (tx: Tx, walkId: number): Promise<number> => {
  const row = await tx.db
    .selectFrom('sync_walks')
    .select('rank')
    .where('id', '=', walkId)
    .executeTakeFirstOrThrow()
  return row.rank
}
