import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Schema } from '../schema/tables.ts'
import type { Query } from './plans.ts'

/** The sequence of a table's ids. */
const sequenceOf = (table: keyof Schema): RawBuilder<unknown> =>
  sql`pg_get_serial_sequence(quote_ident(${table}), 'id')`

/** A sequence tells of no transaction: what others are given meanwhile counts. */
const greatest = (table: keyof Schema): RawBuilder<unknown> => sql`
  greatest(coalesce(pg_sequence_last_value(${sequenceOf(table)}::regclass), 0),
    coalesce((select max(id) from ${sql.table(table)}), 0))`

export const lastId = async (db: Kysely<Schema>, table: keyof Schema): Promise<number> => {
  const { rows } = await sql<{ last: number }>`select ${greatest(table)} as last`.execute(db)
  return rows[0]?.last ?? 0
}

/** Brings `id`, a row each. */
export const newIds = (table: keyof Schema, count: number): Query => ({
  text: `select nextval(pg_get_serial_sequence(quote_ident($1::text), 'id')) as id from generate_series(1, $2::bigint)`,
  values: [table, count],
  name: 'socsync_ids',
})

/** It stays so where the transaction is undone: ids are given out once. */
export const countOn = async (db: Kysely<Schema>, table: keyof Schema, id: number): Promise<void> => {
  if (id === 0) return
  await sql`select setval(${sequenceOf(table)}::regclass, greatest(${greatest(table)}, ${id}))`.execute(db)
}
