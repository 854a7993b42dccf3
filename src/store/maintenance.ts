import { type Instant, instant } from '../core/instant.ts'
import type { Erased } from './admin/erase.ts'
import { type Migrated, type MigrateOptions, migrate } from './admin/migrate.ts'
import { prune } from './admin/prune.ts'
import { purge } from './admin/purge.ts'
import { type RebuildOptions, type Rebuilt, rebuild } from './admin/rebuild.ts'
import { type Reopened, reopen } from './admin/reopen.ts'
import { openDatabase } from './connect.ts'
import { requireDatabase, withReader } from './reader.ts'
import { SqliteFile } from './sqlite/database.ts'

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
const withCurrentFile = async <T>(path: string, use: (file: SqliteFile) => Promise<T>): Promise<T> => {
  await withReader(path, async () => {})
  return withWritableFile(path, use)
}

/** Opens an existing file for writing; none is made. */
const withWritableFile = async <T>(path: string, use: (file: SqliteFile) => Promise<T>): Promise<T> => {
  await requireDatabase(path)
  const file = SqliteFile.open(path)
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}
