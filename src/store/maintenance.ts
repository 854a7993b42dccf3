import { BadInput } from '../core/errors.ts'
import { type Instant, instant } from '../core/instant.ts'
import { type Copied, type CopyOptions, copy } from './admin/copy.ts'
import type { Erased } from './admin/erase.ts'
import { type Migrated, type MigrateOptions, migrate } from './admin/migrate.ts'
import { prune } from './admin/prune.ts'
import { type PurgeTarget, purge } from './admin/purge.ts'
import { type RebuildOptions, type Rebuilt, rebuild } from './admin/rebuild.ts'
import { type Reopened, reopen } from './admin/reopen.ts'
import { isBegun, refuseUnfinished } from './admin/unfinished-copy.ts'
import { refuseWhileWorked } from './admin/workers-alive.ts'
import { isThere, openDatabase, openReading } from './connect.ts'
import type { Backup, Database } from './database/database.ts'
import { openReader, requireDatabase, withReader } from './reader.ts'

export type { Reopened }

/** Brings an older database to this version's schema, a file after a backup. */
export const migrateStore = async (
  path: string,
  options: Pick<MigrateOptions, 'crash'>,
): Promise<Migrated> => {
  await requireDatabase(path)
  const database = await openDatabase(path)
  try {
    return await migrate(database, options)
  } finally {
    await database.close()
  }
}

/**
 * Copies a database to a file, of whatever version it is (`Copied.backUp`). BadInput where it lies on a server: PostgreSQL has a
 * tool for that.
 */
export const backUpStore = async (where: string, to: string, force: boolean): Promise<Backup> => {
  const reading = await openReading(where)
  try {
    await refuseUnfinished(reading.name, reading.db)
    const backup = await reading.backUp(to, force)
    if (backup !== null) return backup
    throw new BadInput(`${reading.name} lies on a server: no copy of it was made`, {
      hint: `PostgreSQL's own tool makes one: pg_dump -Fc -f socsync.dump "${reading.name}"`,
    })
  } finally {
    await reading.close()
  }
}

/** Deletes what was not fetched since `before`, or with `really` false only counts it. */
export const pruneStore = (path: string, before: Instant, really: boolean): Promise<Erased> =>
  withCurrent(path, database => prune(database, before, really))

/** Deletes all that the file holds of one profile, or with `really` false only counts it. BadInput where it holds nothing. */
export const purgeStore = (path: string, target: PurgeTarget, really: boolean): Promise<Erased> =>
  withCurrent(path, database => purge(database, target, really))

/** Makes records and their history anew from the stored answers. */
export const rebuildStore = (path: string, options: RebuildOptions): Promise<Rebuilt> =>
  withCurrent(path, database => rebuild(database, options))

/** Forgets that pools of a network are closed or used up, and that unfinished work waits for them. */
export const reopenPools = (path: string, network: string): Promise<Reopened> =>
  withCurrent(path, database => reopen(database, network))

/**
 * Copies a database of this version into another one, file or server (`copy`): as it is at one moment, and without writing to it. BadInput where
 * the other one is in use, then it is left as it is; Locked while a run is at work on the first.
 */
export const copyStore = async (from: string, to: string, options: CopyOptions): Promise<Copied> => {
  await using source = await openReader(from)
  const { name } = source
  return await source.moment(async at => {
    await refuseWhileWorked(name, at, 'its copy')
    await refuseUsed(to, name)
    const target = await openDatabase(to)
    try {
      return await copy({ name, at }, target, options)
    } finally {
      await target.close()
    }
  })
}

/** Looks at it before it is opened for writing: one in use stays as it is. */
const refuseUsed = async (to: string, source: string): Promise<void> => {
  if (!(await isThere(to))) return
  const reading = await openReading(to)
  try {
    if (reading.name === source)
      throw new BadInput(`${source} would be copied into itself`, { hint: 'name another database with --to' })
    await isBegun(reading.name, reading, source)
  } finally {
    await reading.close()
  }
}

/** A name for a copy beside the file, by the moment (epoch ms). */
export const backupName = (path: string, now: number): string =>
  `${path}.${instant(now).replaceAll(':', '-')}.bak`

/** Opens an existing database of this version for writing; none is made. */
const withCurrent = async <T>(where: string, use: (database: Database) => Promise<T>): Promise<T> => {
  await withReader(where, async () => {})
  const database = await openDatabase(where)
  try {
    return await use(database)
  } finally {
    await database.close()
  }
}
