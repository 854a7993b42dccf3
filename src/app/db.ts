import { instant } from '../core/instant.ts'
import type { CrashPoint } from '../core/ports.ts'
import type { Network } from '../networks/contract.ts'
import { type Backup, backUp } from '../store/backup.ts'
import { type CheckReport, check } from '../store/check.ts'
import { connectReadOnly, SqliteFile } from '../store/database.ts'
import type { Erased } from '../store/erase.ts'
import { type Migrated, migrate } from '../store/migrate.ts'
import { prune } from '../store/prune.ts'
import { purge } from '../store/purge.ts'
import { type Rebuilt, rebuild } from '../store/rebuild.ts'
import { openRawZone } from './raw-zone.ts'
import { reading } from './status.ts'

/** Holds the file against SQLite's rules and our own; it is only read. */
export const checkFile = (db: string): Promise<CheckReport> => reading(db, reader => check(db, reader))

export interface BackupRequest {
  readonly db: string
  /** Where to, or null: beside the database, named after the moment. */
  readonly to: string | null
  readonly force: boolean
  /** Epoch ms. */
  readonly now: number
}

/** Copies the file while others may write it, whole or not at all. */
export const backUpFile = ({ db, to, force, now }: BackupRequest): Promise<Backup> =>
  backUp(db, to ?? backupName(db, now), force)

/** A copy beside the file, named after the moment. */
const backupName = (db: string, now: number): string =>
  `${db}.${instant(now).slice(0, 19).replaceAll(':', '-')}Z.bak`

/** Brings an older file to this version's schema, after a backup. */
export const migrateFile = (db: string, crash: CrashPoint): Promise<Migrated> =>
  writing(db, file => migrate(file, { crash }))

export interface PruneRequest {
  readonly db: string
  readonly olderThanMs: number
  /** Epoch ms. */
  readonly now: number
  /** False: only counted. */
  readonly really: boolean
}

/** Deletes what was not fetched for so long. Gives the moment before which that is, and what went. */
export const pruneFile = ({
  db,
  olderThanMs,
  now,
  really,
}: PruneRequest): Promise<{ before: string; erased: Erased }> =>
  changing(db, async file => {
    const before = instant(now - olderThanMs)
    return { before, erased: await prune(file, before, really) }
  })

export interface PurgeRequest {
  readonly db: string
  readonly network: string
  readonly entity: string
  /** False: only counted. */
  readonly really: boolean
}

/** Deletes all that the file holds of one profile. BadInput where it holds nothing. */
export const purgeFile = ({ db, network, entity, really }: PurgeRequest): Promise<Erased> =>
  changing(db, file => purge(file, network, entity, really))

export interface RebuildRequest {
  readonly db: string
  readonly networks: readonly Network[]
  readonly dryRun: boolean
  /** Epoch ms. */
  readonly now: number
  readonly crash: CrashPoint
  readonly progress: (pages: number, of: number) => void
}

/** Makes records and their history anew from the answers in the file, without a call or a credential. */
export const rebuildFile = ({ db, networks, now, ...options }: RebuildRequest): Promise<Rebuilt> => {
  const { read } = openRawZone(networks)
  return changing(db, file => rebuild(file, { ...options, read, backup: backupName(db, now) }))
}

/** Opens an existing file of this version for writing. */
const changing = async <T>(db: string, use: (file: SqliteFile) => Promise<T>): Promise<T> => {
  await reading(db, async () => {})
  return writing(db, use)
}

/** Opens an existing file for writing; none is made. */
const writing = async <T>(db: string, use: (file: SqliteFile) => Promise<T>): Promise<T> => {
  connectReadOnly(db).close()
  const file = SqliteFile.open(db)
  try {
    return await use(file)
  } finally {
    file.close()
  }
}
