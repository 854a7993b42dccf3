import { migrate } from '../../src/store/admin/migrate.ts'
import type { Database, Reading } from '../../src/store/database/database.ts'
import { PostgresDatabase } from '../../src/store/postgres/database.ts'
import { SqliteFile } from '../../src/store/sqlite/database.ts'
import { tempFolder } from './cli.ts'
import { openTestDatabase } from './postgres.ts'
import { query, type Row } from './tables.ts'

/** A database with its tables and nothing in them. */
export interface TestStore extends AsyncDisposable {
  readonly database: Database
  /** What `--db` is given for it. */
  readonly where: string
  /** What another process would read. */
  rows(sql: string): Promise<Row[]>
  openReader(): Promise<Reading>
}

const openFile = async (): Promise<TestStore> => {
  const folder = tempFolder()
  const where = folder.file('socsync.db')
  const database = SqliteFile.open(where)
  await migrate(database)
  return {
    database,
    where,
    rows: async sql => query(where, sql),
    openReader: async () => SqliteFile.openReader(where),
    [Symbol.asyncDispose]: async () => {
      await database.close()
      folder[Symbol.dispose]()
    },
  }
}

const openOnServer = async (): Promise<TestStore> => {
  const there = await openTestDatabase()
  const database = await PostgresDatabase.open(there.url)
  return {
    database,
    where: there.url,
    rows: there.rows,
    openReader: () => PostgresDatabase.openReader(there.url),
    [Symbol.asyncDispose]: async () => {
      await database.close()
      await there[Symbol.asyncDispose]()
    },
  }
}

/** Both databases, for `describe.each(STORES)('…: $name', ({ open }) => …)`. */
export const STORES: readonly { readonly name: string; readonly open: () => Promise<TestStore> }[] = [
  { name: 'SQLite', open: openFile },
  { name: 'PostgreSQL', open: openOnServer },
]
