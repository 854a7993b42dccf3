import type { CreateTableBuilder, Kysely } from 'kysely'
import type { Types } from '../types.ts'

/**
 * Several machines on one database (docs/design.md §10): what a worker is there for, since when a run has all of its jobs, so
 * that others may work on it too, and when the next call of a credential may start, whoever makes it.
 */
export const workers = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  await db.schema.alterTable('workers').addColumn('purpose', type.text).execute()
  await db.schema.alterTable('sync_runs').addColumn('planned_at', type.instant).execute()
  const table: CreateTableBuilder<string, never> = type.table(db.schema.createTable('paces'))
  await table
    .addColumn('network', type.text, column => column.notNull())
    .addColumn('owner', type.text, column => column.notNull())
    .addColumn('next_at', type.counter, column => column.notNull())
    .addPrimaryKeyConstraint('paces_key', ['network', 'owner'])
    .execute()
}
