import type { CreateTableBuilder, Kysely } from 'kysely'
import type { Types } from '../types.ts'

/**
 * Where a database has its data from (docs/design.md §4), in one row. Nothing is written into one that is already filled: what
 * filled it is not known, and it goes on being one of the real networks.
 */
export const origin = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  const table: CreateTableBuilder<string, never> = type.table(db.schema.createTable('data_origin'))
  await table
    .addColumn('id', type.counter, column => column.primaryKey())
    .addColumn('origin', type.text, column => column.notNull())
    .execute()
}
