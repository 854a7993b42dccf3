import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Overlay } from '../database/database.ts'
import type { Schema } from '../schema/tables.ts'

/** Tables of the connection's own, in SQLite's temporary files, whose names are looked for before the file's. */
export const layOver = async (db: Kysely<Schema>, tables: readonly (keyof Schema)[]): Promise<Overlay> => {
  for (const name of tables) {
    const { rows } = await sql<{ sql: string }>`
      select sql from main.sqlite_schema where type = 'table' and name = ${name}`.execute(db)
    const made = (rows[0]?.sql ?? '')
      .replace(/^create table\s+"?\w+"?/i, `create temp table "${name}"`)
      // The tables that these point to lie elsewhere.
      .replaceAll(/ references "\w+" \("\w+"\)/gi, '')
    await sql.raw(made).execute(db)
  }
  return {
    stored: name => sql`${sql.id('main', name)}`,
    fresh,
    takeAway: async () => {
      for (const name of tables) await sql`drop table ${fresh(name)}`.execute(db)
    },
  }
}

const fresh = (name: string): RawBuilder<unknown> => sql`${sql.id('temp', name)}`
