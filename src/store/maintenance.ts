import { BadInput } from '../core/errors.ts'
import { type Instant, instant } from '../core/instant.ts'
import type { Erased } from './admin/erase.ts'
import { type Migrated, type MigrateOptions, migrate } from './admin/migrate.ts'
import { prune } from './admin/prune.ts'
import { purge } from './admin/purge.ts'
import { type RebuildOptions, type Rebuilt, rebuild } from './admin/rebuild.ts'
import { type Reopened, reopen } from './admin/reopen.ts'
import { openDatabase, openReading } from './connect.ts'
import type { Backup, Database } from './database/database.ts'
import { requireDatabase, withReader } from './reader.ts'

export type { Reopened }

/** Brings an older file to this version's schema, after a backup. */
export const migrateStore = (path: string, options: Pick<MigrateOptions, 'crash'>): Promise<Migrated> =>
  withWritableFile(path, file => migrate(file, options))

/**
 * Copies a database to a file, of whatever version it is (`Copied.backUp`). BadInput where it lies on a server: PostgreSQL has a
 * tool for that.
 */
export const backUpStore = async (where: string, to: string, force: boolean): Promise<Backup> => {
  const reading = await openReading(where)
  try {
    const backup = await reading.backUp(to, force)
    if (backup !== null) return backup
    throw new BadInput(`${reading.name} lies on a server: no copy of it was made`, {
      hint: `PostgreSQL's own tool makes one: pg_dump --format=custom --file=socsync.dump "${reading.name}"`,
    })
  } finally {
    await reading.close()
  }
}

/** Deletes what was not fetched since `before`, or with `really` false only counts it. */
export const pruneStore = (path: string, before: Instant, really: boolean): Promise<Erased> =>
  withCurrentFile(path, file => prune(file, before, really))

/** Deletes all that the file holds of one profile, or with `really` false only counts it. BadInput where it holds nothing. */
export const purgeStore = (
  path: string,
  network: string,
  entityId: string,
  really: boolean,
): Promise<Erased> => withCurrentFile(path, file => purge(file, network, entityId, really))

/** Makes records and their history anew from the answers in the file. */
export const rebuildStore = (path: string, options: RebuildOptions): Promise<Rebuilt> =>
  withCurrentFile(path, file => rebuild(file, options))

/** Forgets that pools of a network are closed or used up, and that unfinished work waits for them. */
export const reopenPools = (path: string, network: string): Promise<Reopened> =>
  withCurrentFile(path, file => reopen(file, network))

/** A name for a copy beside the file, by the moment (epoch ms). */
export const backupName = (path: string, now: number): string =>
  `${path}.${instant(now).slice(0, 19).replaceAll(':', '-')}Z.bak`

/** Opens an existing file of this version for writing. */
const withCurrentFile = async <T>(path: string, use: (file: Database) => Promise<T>): Promise<T> => {
  await withReader(path, async () => {})
  return withWritableFile(path, use)
}

/** Opens an existing file for writing; none is made. */
const withWritableFile = async <T>(
  path: string,
  use: (file: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>,
): Promise<T> => {
  await requireDatabase(path)
  const file = await openDatabase(path)
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}
