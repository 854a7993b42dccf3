import { sql } from 'kysely'
import type { Database } from '../../src/store/database/database.ts'
import type { Schema } from '../../src/store/schema/tables.ts'
import { copyTable, tablesOf } from './copied.ts'
import { openRead } from './tables.ts'

/** Copies every row of a SQLite file into a PostgreSQL database that has the same tables and nothing in them, and where its numbers stand. */
export const copyTables = async (path: string, to: Database): Promise<void> => {
  const from = openRead(path)
  try {
    await to.write(async ({ db }) => {
      for (const table of inOrder(from, tablesOf(path))) await copyTable(from, table, db)
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

/** Tables, each after those that it points at. */
const inOrder = (
  file: ReturnType<typeof openRead>,
  names: readonly (keyof Schema)[],
): readonly (keyof Schema)[] => {
  const ordered: (keyof Schema)[] = []
  const visit = (table: keyof Schema): void => {
    if (ordered.includes(table)) return
    const parents = file.prepare(`select "table" as name from pragma_foreign_key_list(?)`).all(table)
    for (const { name } of parents as { name: keyof Schema }[]) if (name !== table) visit(name)
    ordered.push(table)
  }
  for (const name of names) visit(name)
  return ordered
}
