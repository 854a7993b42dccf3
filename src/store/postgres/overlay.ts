import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Overlay } from '../database/database.ts'
import type { Schema } from '../schema/tables.ts'

/** Temporary tables of the connection, which go with the transaction; their names are looked for before those of the schema. */
export const layOver = async (db: Kysely<Schema>, tables: readonly (keyof Schema)[]): Promise<Overlay> => {
  const { rows } = await sql<{ schema: string }>`select current_schema()::text as schema`.execute(db)
  const stored = (name: string): RawBuilder<unknown> => sql`${sql.id(rows[0]?.schema ?? 'public', name)}`
  for (const name of tables) {
    await sql`
      create temp table ${sql.id(name)} (like ${stored(name)} including all) on commit drop`.execute(db)
  }
  // A prepared statement means the tables below until it is analysed anew.
  await sql`discard plans`.execute(db)
  // A plan that is kept was made while these were empty, and nobody analyses them as they grow.
  await sql`set local plan_cache_mode = force_custom_plan`.execute(db)
  return {
    stored,
    fresh,
    takeAway: async () => void (await sql`drop table ${sql.join(tables.map(fresh))}`.execute(db)),
  }
}

const fresh = (name: string): RawBuilder<unknown> => sql`${sql.id('pg_temp', name)}`
