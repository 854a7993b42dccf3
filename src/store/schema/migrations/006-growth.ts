import { type CreateTableBuilder, type Kysely, sql } from 'kysely'
import type { Types } from '../types.ts'

/**
 * What keeps a file of many nights and long lists fast, small and sound: ways to what waits, is due or refused that do
 * not lead along all that ever was; until when a profile's answers went with the jobs that were deleted; and the order
 * of the answers as a column, which no rewriting of the file changes.
 */
export const growth = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  await db.schema
    .createIndex('sync_tasks_waiting')
    .on('sync_tasks')
    .columns(['stream', 'job_id'])
    .where(sql.ref('walk_id'), 'is', null)
    .where(sql.ref('status'), '=', sql.lit('pending'))
    .execute()
  await db.schema.dropIndex('sync_walks_by_turn').execute()
  await db.schema
    .createIndex('sync_walks_by_turn')
    .on('sync_walks')
    .columns(['run_id', 'network', 'state', 'credential', 'rank', 'job_id', 'id'])
    .execute()
  await db.schema
    .createIndex('quota_refused')
    .on('quota')
    .columns(['network', 'owner', 'pool', 'exhausted_until'])
    .where(sql.ref('exhausted_until'), 'is not', null)
    .execute()

  await db.schema.alterTable('entities').addColumn('pruned_until', type.instant).execute()

  await type.setAside(db, 'raw_pages', 'raw_pages_without_id')
  const table: CreateTableBuilder<string, never> = type.table(db.schema.createTable('raw_pages'))
  await table
    .addColumn('id', type.serial, column => column.primaryKey())
    .addColumn('walk_id', type.counter, column => column.notNull().references('sync_walks.id'))
    .addColumn('seq', type.counter, column => column.notNull())
    .addColumn('part', type.counter, column => column.notNull())
    .addColumn('request', type.json, column => column.notNull())
    .addColumn('status', type.counter, column => column.notNull())
    .addColumn('fetched_at', type.instant, column => column.notNull())
    .addColumn('body_hash', type.text, column => column.notNull().references('raw_bodies.hash'))
    .addColumn('step', type.json)
    .addUniqueConstraint('raw_pages_key', ['walk_id', 'seq', 'part'])
    .execute()
  const columns = sql.raw('walk_id, seq, part, request, status, fetched_at, body_hash, step')
  await sql`
    insert into raw_pages (${columns}) select ${columns} from raw_pages_without_id order by ${type.asWritten}`.execute(
    db,
  )
  await db.schema.dropTable('raw_pages_without_id').execute()
}
