import { type Kysely, sql } from 'kysely'

/**
 * What keeps a file of many nights and long lists fast: ways to what waits and to what is refused that do not lead along
 * all that ever was.
 */
export const growth = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createIndex('sync_tasks_waiting')
    .on('sync_tasks')
    .columns(['stream', 'job_id'])
    .where(sql.ref('walk_id'), 'is', null)
    .where(sql.ref('status'), '=', sql.lit('pending'))
    .execute()
  await db.schema
    .createIndex('quota_refused')
    .on('quota')
    .columns(['network', 'owner', 'pool', 'exhausted_until'])
    .where(sql.ref('exhausted_until'), 'is not', null)
    .execute()
}
