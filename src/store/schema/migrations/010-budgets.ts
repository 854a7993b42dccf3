import { type CreateTableBuilder, type Kysely, sql } from 'kysely'
import type { Types } from '../types.ts'

/**
 * What several processes that work on one run, or with one service, count together (docs/design.md §10): what a run may spend,
 * which transforms its pages are queued for, how far an order of a transform is, and who has how many calls to a service.
 */
export const budgets = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  const table = (name: string): CreateTableBuilder<string, never> => type.table(db.schema.createTable(name))
  await table('budgets')
    .addColumn('run_id', type.counter, column => column.primaryKey().references('sync_runs.id'))
    .addColumn('units', type.counter, column => column.notNull())
    .addColumn('spent', type.counter, column => column.notNull())
    .execute()
  await db.schema.alterTable('sync_runs').addColumn('transforms', type.json).execute()

  for (const name of ['asked', 'queued'])
    await db.schema
      .alterTable('transform_orders')
      .addColumn(name, type.counter, column => column.notNull().defaultTo(sql.lit(0)))
      .execute()
  for (const name of ['queuer', 'error_type', 'error_message'])
    await db.schema.alterTable('transform_orders').addColumn(name, type.text).execute()
  await db.schema.alterTable('transform_orders').addColumn('not_before', type.instant).execute()

  await table('service_shares')
    .addColumn('worker', type.text, column => column.notNull().references('workers.id').onDelete('cascade'))
    .addColumn('transform', type.text, column => column.notNull())
    .addColumn('calls', type.counter, column => column.notNull())
    .addPrimaryKeyConstraint('service_shares_key', ['worker', 'transform'])
    .execute()
}
