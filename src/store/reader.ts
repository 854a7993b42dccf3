import type { Clock } from '../core/clock.ts'
import { checkVersion, isCurrent } from './admin/migrate.ts'
import { isShared, isThere, openReading } from './connect.ts'
import type { Queries, Reading } from './database/database.ts'
import { followDatabase } from './queue/time.ts'

/** A connection to a file that is only read. */
export type Db = Reading['db']

/** A connection that is only read from, and what it reads. */
export interface Reader extends Queries {
  readonly path: string
}

type OpenReader = Reader & Reading

/** Opens a file for reading, after its version was found to be this one's. */
export const openReader = async (path: string): Promise<OpenReader & AsyncDisposable> => {
  const reading = await openReading(path)
  try {
    await checkVersion(reading.name, reading.db)
    return Object.assign(reading, { path, [Symbol.asyncDispose]: () => reading.close() })
  } catch (error) {
    await reading.close()
    throw error
  }
}

/** BadInput where there is no database of ours at this path, of whatever version. */
export const requireDatabase = async (path: string): Promise<void> => {
  await (await openReading(path)).close()
}

/** {@link openReader} for as long as `use` takes. */
export const withReader = async <T>(
  path: string,
  use: (db: Db, reader: OpenReader) => Promise<T>,
): Promise<T> => {
  await using reader = await openReader(path)
  return await use(reader.db, reader)
}

/**
 * The same in one transaction: all that `use` reads was in the file at the same moment, whatever is written meanwhile.
 * What others commit until it is through stays in the log: nothing that waits belongs in it.
 */
export const withReadTransaction = async <T>(
  path: string,
  use: (db: Db, reader: Reader) => Promise<T>,
): Promise<T> => {
  await using reader = await openReader(path)
  return await inOneMoment(reader, use)
}

/** The same of a file that is open for reading, on a connection of its own: what others read meanwhile is of their moment. */
export const readTransaction = async <T>(
  { path }: Pick<Reader, 'path'>,
  use: (reader: Reader) => Promise<T>,
): Promise<T> => {
  const reading = await openReading(path)
  try {
    return await inOneMoment(Object.assign(reading, { path }), (_, reader) => use(reader))
  } finally {
    await reading.close()
  }
}

const inOneMoment = <T>(reader: OpenReader, use: (db: Db, reader: Reader) => Promise<T>): Promise<T> =>
  reader.moment(at => use(at.db, Object.assign(at, { path: reader.path })))

/** {@link withReader} where there may be no file yet, or one that a run would first bring to this version: null, nothing is known. */
export const withReaderIfCurrent = async <T>(
  path: string,
  use: (db: Db | null) => Promise<T>,
): Promise<T> => {
  if (!(await isThere(path))) return use(null)
  const reading = await openReading(path)
  try {
    return await use((await isCurrent(reading.name, reading.db)) ? reading.db : null)
  } finally {
    await reading.close()
  }
}

/**
 * Has a clock go by that of the database that is read, as a run's does: leases, windows and due times are told as they are there,
 * whatever this machine is set to. On a file nothing is asked.
 */
export const followReader = (clock: Clock, reader: Pick<Reader, 'path' | 'now'>): Promise<void> =>
  followDatabase(clock, { isShared: isShared(reader.path), committed: reader }, 1)

/** {@link followReader} for who opens nothing else; where there is no database yet, the clock stays as it is. */
export const followDatabaseAt = async (path: string, clock: Clock): Promise<void> => {
  if (!isShared(path) || !(await isThere(path))) return
  const reading = await openReading(path)
  try {
    await followReader(clock, Object.assign(reading, { path }))
  } finally {
    await reading.close()
  }
}

/** Whether a process is working on a run or job now; on a replica, whether its lease is not over. */
export const isAlive = async (
  reader: Queries,
  work: { readonly worker: string | null; readonly finished_at: string | null },
): Promise<boolean> => {
  if (work.finished_at !== null || work.worker === null) return false
  return (await reader.isHeld(work.worker)) ?? (await isLeased(reader, work.worker))
}

const isLeased = async (reader: Queries, worker: string): Promise<boolean> => {
  const lease = await reader.db
    .selectFrom('workers')
    .select('lease_expires_at')
    .where('id', '=', worker)
    .executeTakeFirst()
  return lease !== undefined && lease.lease_expires_at > (await reader.now())
}
