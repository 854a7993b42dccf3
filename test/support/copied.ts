import { sql } from 'kysely'
import type { Database, Queries } from '../../src/store/database/database.ts'
import type { Schema } from '../../src/store/schema/tables.ts'
import { openRead, type Row } from './tables.ts'

/** All rows of all tables, in an order that is theirs alone. */
export type Everything = Readonly<Record<string, readonly string[]>>

/** Rows that are sent in one statement. */
const ROWS = 500

/** Our tables in a SQLite file, by name. */
export const tablesOf = (path: string): (keyof Schema)[] => {
  const file = openRead(path)
  try {
    const all = `select name from sqlite_schema where type = 'table' and name not like 'kysely%' and name not like 'sqlite%'`
    return (file.prepare(`${all} order by 1`).all() as { name: keyof Schema }[]).map(({ name }) => name)
  } finally {
    file.close()
  }
}

/**
 * Copies all rows of a SQLite file into a migrated and empty database of PostgreSQL, whatever points to what: its foreign
 * keys hold for what is written from then on.
 */
export const copyInto = async (path: string, database: Database): Promise<void> => {
  const file = openRead(path)
  await database.write(async ({ db }) => {
    const keys = (await foreignKeys.execute(db)).rows
    for (const { child, name } of keys)
      await sql`alter table ${sql.id(child)} drop constraint ${sql.id(name)}`.execute(db)
    for (const table of tablesOf(path)) await copyTable(file, table, db)
    for (const { child, name, says } of keys)
      await sql`alter table ${sql.id(child)} add constraint ${sql.id(name)} ${sql.raw(says)} not valid`.execute(
        db,
      )
  })
  file.close()
}

/** All rows of one table, in the order of its first column. */
export const copyTable = async (
  from: ReturnType<typeof openRead>,
  table: keyof Schema,
  db: Queries['db'],
): Promise<void> => {
  const rows = from.prepare(`select * from "${table}" order by 1`).all() as Row[]
  for (let at = 0; at < rows.length; at += ROWS)
    await db
      .insertInto(table)
      .values(rows.slice(at, at + ROWS) as never)
      .execute()
}

const foreignKeys = sql<{ child: string; name: string; says: string }>`
  select relname::text as child, conname::text as name, pg_get_constraintdef(held.oid) as says
  from pg_constraint as held join pg_class on pg_class.oid = conrelid
  where contype = 'f' and connamespace = current_schema()::regnamespace`

/** What a SQLite file holds. */
export const everythingIn = (path: string): Everything => {
  const file = openRead(path)
  try {
    return Object.fromEntries(
      tablesOf(path).map(table => [table, linesOf(file.prepare(`select * from ${table}`).all() as Row[])]),
    )
  } finally {
    file.close()
  }
}

/** What a database of PostgreSQL holds of the tables of a SQLite file. */
export const everythingOf = async ({ db }: Pick<Queries, 'db'>, path: string): Promise<Everything> => {
  const found: Record<string, string[]> = {}
  for (const table of tablesOf(path))
    found[table] = linesOf((await db.selectFrom(table).selectAll().execute()) as Row[])
  return found
}

const linesOf = (rows: readonly Row[]): string[] =>
  rows
    .map(row =>
      JSON.stringify(
        Object.entries(row)
          .map(([column, value]) => [
            column,
            value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
          ])
          .sort(),
      ),
    )
    .sort()
