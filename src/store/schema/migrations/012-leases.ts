import type { CreateTableBuilder, Kysely } from 'kysely'
import type { Types } from '../types.ts'

/**
 * Which worker makes the calls of an account (docs/design.md §10), since when, and since when another one waits for it. What a
 * dead worker had goes with its row.
 */
export const leases = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  const table: CreateTableBuilder<string, never> = type.table(db.schema.createTable('account_leases'))
  await table
    .addColumn('network', type.text, column => column.notNull())
    .addColumn('account', type.text, column => column.notNull())
    .addColumn('worker', type.text, column => column.notNull().references('workers.id').onDelete('cascade'))
    .addColumn('taken_at', type.instant, column => column.notNull())
    .addColumn('wanted_at', type.instant)
    .addPrimaryKeyConstraint('account_leases_key', ['network', 'account'])
    .execute()
  // Without it each worker that ends would look through all of them.
  await db.schema.createIndex('account_leases_by_worker').on('account_leases').column('worker').execute()
}
