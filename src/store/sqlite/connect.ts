import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import Sqlite from 'better-sqlite3'
import { BadInput } from '../../core/errors.ts'
import { translateDatabaseError } from './errors.ts'

/** "socs", so that a SQLite file of another program is told from ours. */
export const APPLICATION_ID = 0x736f6373

/** A bare read-only connection to an existing file of ours. BadInput where there is none, or nothing in it. */
export const connectReadOnly = (path: string): Sqlite.Database => {
  const full = resolve(path)
  refuseFolder(full)
  const size = existsSync(full) ? statSync(full).size : null
  if (size === null || size === 0) {
    throw new BadInput(size === null ? `no database at ${full}` : `${full} is empty: no database yet`, {
      hint: 'name it with --db or SOCSYNC_DB, or make one with `socsync run`',
    })
  }
  return attempt(full, () => {
    rollBack(full)
    const database = new Sqlite(full, { readonly: true, timeout: 2_000 })
    try {
      recognise(full, database)
      database.pragma('trusted_schema = OFF')
    } catch (error) {
      database.close()
      throw error
    }
    return database
  })
}

/**
 * Undoes what a process that was killed had half written to a new file, before it kept a log. One who only reads
 * cannot. Touches no file that is whole, nor one that somebody is writing to.
 */
const rollBack = (path: string): void => {
  if (!existsSync(`${path}-journal`)) return
  const database = new Sqlite(path, { timeout: 2_000 })
  try {
    database.prepare('select 1 from sqlite_schema').get()
  } finally {
    database.close()
  }
}

/** Whether the file has no tables yet; BadInput where it has another program's. */
export const recognise = (path: string, database: Sqlite.Database): boolean => {
  const id = database.pragma('application_id', { simple: true })
  const tables = database.prepare(`select count(*) as n from sqlite_schema where type = 'table'`).get() as {
    n: number
  }
  if (id !== APPLICATION_ID && tables.n > 0) {
    throw new BadInput(`${path} is a SQLite file of another program`, { hint: 'name another file with --db' })
  }
  return tables.n === 0
}

/** BadInput where the path of a database is a folder's. */
export const refuseFolder = (path: string): void => {
  if (existsSync(path) && statSync(path).isDirectory())
    throw new BadInput(`${path} is a folder, and no database`, { hint: 'name a file in it with --db' })
}

export const attempt = <T>(path: string, open: () => T): T => {
  try {
    return open()
  } catch (error) {
    throw translateDatabaseError(path, error)
  }
}
