import { sql } from 'kysely'
import type { Database } from '../../src/store/database/database.ts'
import { openRead, type Row } from './tables.ts'

/** What one statement may have of values is bounded. */
const ROWS_AT_ONCE = 500

/** Copies every row of a SQLite file into a PostgreSQL database that has the same tables and nothing in them, and where its numbers stand. */
export const copyTables = async (path: string, to: Database): Promise<void> => {
  const from = openRead(path)
  try {
    await to.write(async ({ db }) => {
      for (const table of inOrder(from)) {
        const rows = from.prepare(`select * from "${table}" order by 1`).all() as Row[]
        for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
          await db
            .insertInto(table as never)
            .values(rows.slice(at, at + ROWS_AT_ONCE) as never)
            .execute()
      }
      const numbered = from.prepare('select name, seq from sqlite_sequence where seq > 0').all() as {
        name: string
        seq: number
      }[]
      for (const { name, seq } of numbered)
        await sql`select setval(pg_get_serial_sequence(${name}, 'id'), ${seq})`.execute(db)
      // In time the server would do so by itself.
      await sql`analyze`.execute(db)
    })
  } finally {
    from.close()
  }
}

/** Our tables, each after those that it points at. */
const inOrder = (file: ReturnType<typeof openRead>): readonly string[] => {
  const names = (
    file
      .prepare(
        `select name from sqlite_schema where type = 'table' and name not like 'sqlite%' and name not like 'kysely%'`,
      )
      .all() as { name: string }[]
  ).map(({ name }) => name)
  const ordered: string[] = []
  const visit = (table: string): void => {
    if (ordered.includes(table)) return
    const parents = file.prepare(`select "table" as name from pragma_foreign_key_list(?)`).all(table)
    for (const { name } of parents as { name: string }[]) if (name !== table) visit(name)
    ordered.push(table)
  }
  for (const name of names) visit(name)
  return ordered
}
