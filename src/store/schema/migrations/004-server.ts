import type { CreateTableBuilder, Kysely } from 'kysely'
import type { Types } from '../types.ts'

/** What `serve` was asked for, and the ways along which it reads: a profile's rows in order, jobs by status. */
export const server = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  const table = (name: string): CreateTableBuilder<string, never> => type.table(db.schema.createTable(name))

  await table('run_orders')
    .addColumn('run_id', type.counter, column => column.primaryKey().references('sync_runs.id'))
    .addColumn('wish', type.json)
    .addColumn('state', type.text, column => column.notNull())
    .addColumn('idempotency_key', type.text, column => column.unique())
    .addColumn('fingerprint', type.text, column => column.notNull())
    .addColumn('attempt', type.counter, column => column.notNull())
    .addColumn('continued_by', type.counter, column => column.references('sync_runs.id'))
    .addColumn('error_type', type.text)
    .addColumn('error_message', type.text)
    .execute()
  await db.schema.createIndex('run_orders_by_state').on('run_orders').column('state').execute()

  // Transforms that are worked on until nothing of them is open, over restarts.
  await table('transform_orders')
    .addColumn('transform', type.text, column => column.primaryKey())
    .execute()

  await db.schema.createIndex('posts_in_order').on('posts').columns(['network', 'profile_id', 'id']).execute()
  // The same tree as before with the key at its end: a post's comments come in order without being sorted.
  await db.schema.dropIndex('comments_by_post').execute()
  await db.schema
    .createIndex('comments_by_post')
    .on('comments')
    .columns(['network', 'post_id', 'id'])
    .execute()
  await db.schema
    .createIndex('likes_by_author')
    .on('likes')
    .columns(['network', 'author_id', 'post_id'])
    .execute()
  await db.schema
    .createIndex('sync_jobs_by_network')
    .on('sync_jobs')
    .columns(['network', 'status', 'id'])
    .execute()
}
