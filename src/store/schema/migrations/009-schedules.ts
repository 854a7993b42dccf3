import type { CreateTableBuilder, Kysely } from 'kysely'
import type { Types } from '../types.ts'

/** Runs at set times, and which of them a run is of. */
export const schedules = async (db: Kysely<unknown>, type: Types): Promise<void> => {
  const table: CreateTableBuilder<string, never> = type.table(db.schema.createTable('schedules'))
  await table
    .addColumn('name', type.text, column => column.primaryKey())
    .addColumn('request', type.json, column => column.notNull())
    .addColumn('cron', type.text, column => column.notNull())
    .addColumn('time_zone', type.text, column => column.notNull())
    .addColumn('created_at', type.instant, column => column.notNull())
    .addColumn('last_tick_at', type.instant)
    .addColumn('passed_over_at', type.instant)
    .execute()
  await db.schema.alterTable('sync_runs').addColumn('schedule', type.text).execute()
  await db.schema
    .createIndex('sync_runs_by_schedule')
    .on('sync_runs')
    .columns(['schedule', 'id'])
    .where('schedule', 'is not', null)
    .execute()
}
