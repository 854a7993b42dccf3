import { migrate } from '../../src/store/admin/migrate.ts'
import type { Tx } from '../../src/store/database/database.ts'
import { SqliteFile } from '../../src/store/sqlite/database.ts'
import { tempFolder } from './cli.ts'
import { query, type Row } from './tables.ts'

export interface StoreFile extends AsyncDisposable {
  /** Runs in a transaction of its own; what is thrown undoes all of it. */
  write<T>(work: (tx: Tx) => T | Promise<T>): Promise<T>
  rows(sql: string): Row[]
}

/** A database file with its tables and nothing in them: `await using file = await openStoreFile()`. */
export const openStoreFile = async (): Promise<StoreFile> => {
  const folder = tempFolder()
  const file = SqliteFile.open(folder.file('socsync.db'))
  await migrate(file)
  return {
    write: work => file.write(work),
    rows: sql => query(file.path, sql),
    [Symbol.asyncDispose]: async () => {
      await file.close()
      folder[Symbol.dispose]()
    },
  }
}
