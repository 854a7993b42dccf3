import { existsSync, statSync } from 'node:fs'
import { checkVersion, isCurrent } from './admin/migrate.ts'
import { isDead } from './queue/worker.ts'
import { connectReadOnly, type Reading, SqliteFile } from './sqlite/database.ts'

/** A connection to a file that is only read. */
export type Db = Reading['db']

/** A connection that is only read from, and the file that it reads. */
export interface Reader {
  readonly path: string
  readonly db: Db
}

/** Opens a file for reading, after its version was found to be this one's. */
export const openReader = async (path: string): Promise<Reader & Pick<Reading, 'prepared'> & Disposable> => {
  const { db, prepared, close } = SqliteFile.openReader(path)
  try {
    await checkVersion(path, db)
    return { path, db, prepared, [Symbol.dispose]: close }
  } catch (error) {
    close()
    throw error
  }
}

/** BadInput where there is no database of ours at this path, of whatever version. */
export const requireDatabase = (path: string): void => {
  connectReadOnly(path).close()
}

/** {@link openReader} for as long as `use` takes. */
export const withReader = async <T>(
  path: string,
  use: (db: Db, prepared: Reading['prepared']) => Promise<T>,
): Promise<T> => {
  using reader = await openReader(path)
  return await use(reader.db, reader.prepared)
}

/**
 * The same in one transaction: all that `use` reads was in the file at the same moment, whatever is written meanwhile.
 * What others commit until it is through stays in the log: nothing that waits belongs in it.
 */
export const withReadTransaction = <T>(path: string, use: (db: Db) => Promise<T>): Promise<T> =>
  withReader(path, db => db.transaction().execute(use))

/** The same of a file that is open for reading, on a connection of its own: what others read meanwhile is of their moment. */
export const readTransaction = async <T>(
  { path }: Pick<Reader, 'path'>,
  use: (reader: Reader) => Promise<T>,
): Promise<T> => {
  const { db, close } = SqliteFile.openReader(path)
  try {
    return await db.transaction().execute(at => use({ path, db: at }))
  } finally {
    close()
  }
}

/** {@link withReader} where there may be no file yet, or one that a run would first bring to this version: null, nothing is known. */
export const withReaderIfCurrent = async <T>(
  path: string,
  use: (db: Db | null) => Promise<T>,
): Promise<T> => {
  if (!existsSync(path) || statSync(path).size === 0) return use(null)
  const { db, close } = SqliteFile.openReader(path)
  try {
    return await use((await isCurrent(path, db)) ? db : null)
  } finally {
    close()
  }
}

/** Whether a process is working on a run or job of this file now. */
export const isAlive = (
  path: string,
  work: { readonly worker: string | null; readonly finished_at: string | null },
): boolean => work.finished_at === null && work.worker !== null && !isDead(path, work.worker)
