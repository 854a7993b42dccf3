import { sql } from 'kysely'
import type { WalkTask } from '../../core/ports.ts'
import type { Child } from '../../core/stream.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'

/** A collection that a profile shows, and the task that found it. */
interface Shown {
  readonly parent: WalkTask
  readonly child: Child
}

/**
 * Which of these collections, that a profile shows, were read whole when they last declared as many items as now. One out and
 * another one in since is not seen until a full pass.
 */
export const areItemsRead = async (
  tx: Tx,
  network: string,
  found: readonly Shown[],
): Promise<readonly boolean[]> => {
  const keys = found.map(({ parent, child }) => ({
    network,
    entity_id: parent.entityId,
    stream: child.stream,
    external_id: child.externalId,
  }))
  const read = await tx.getEach<Key, { declared: number | null }>(lastReading, keys)
  return found.map(({ child }, index) => {
    const last = read[index]
    return last !== undefined && child.declared != null && last.declared === child.declared
  })
}

type Key = { network: string; entity_id: string; stream: string; external_id: string }

const lastReading: Statement<Key> = statement(
  builder
    .selectFrom('sync_jobs')
    .innerJoin('sync_tasks', 'sync_tasks.job_id', 'sync_jobs.id')
    .select('sync_tasks.expected as declared')
    .where('sync_jobs.network', '=', param<string>('network'))
    .where('sync_jobs.entity_id', '=', param<string>('entity_id'))
    .where('sync_tasks.stream', '=', param<string>('stream'))
    .where('sync_tasks.external_id', '=', param<string>('external_id'))
    .where('sync_tasks.status', '=', sql.lit('succeeded'))
    .where('sync_tasks.reason', 'is', null)
    .orderBy('sync_jobs.id', 'desc')
    .limit(1),
)
