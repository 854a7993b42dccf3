import type { CreateTableBuilder, Kysely } from 'kysely'
import type { Types } from '../types.ts'

/** Under which key the people of a database are pseudonyms (docs/design.md §4), in one row; none = they stand in it as they are. */
export const people = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  const table: CreateTableBuilder<string, never> = type.table(db.schema.createTable('data_people'))
  await table
    .addColumn('id', type.counter, column => column.primaryKey())
    .addColumn('fingerprint', type.text, column => column.notNull())
    .execute()
}
