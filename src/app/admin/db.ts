import { instant } from '../../core/instant.ts'
import type { CrashPoint } from '../../core/ports.ts'
import type { Network } from '../../networks/contract.ts'
import { type CheckReport, check } from '../../store/admin/check.ts'
import type { Copied } from '../../store/admin/copy.ts'
import type { Erased } from '../../store/admin/erase.ts'
import type { Migrated } from '../../store/admin/migrate.ts'
import type { Rebuilt } from '../../store/admin/rebuild.ts'
import { nameOfDatabase } from '../../store/connect.ts'
import type { Backup } from '../../store/database/database.ts'
import {
  backUpStore,
  backupName,
  copyStore,
  migrateStore,
  pruneStore,
  purgeStore,
  rebuildStore,
} from '../../store/maintenance.ts'
import { withReader } from '../../store/reader.ts'
import { findProfile } from '../ids/find-profile.ts'
import type { IdNetwork } from '../ids/named-line.ts'
import { pseudonymsOf } from '../privacy/people.ts'
import { openRawZone } from './raw-zone.ts'

export { nameOfDatabase }

/** Holds the database against its own rules and ours; it is only read. */
export const checkFile = (db: string): Promise<CheckReport> => withReader(db, (_, reader) => check(reader))

export interface BackupRequest {
  readonly db: string
  /** Where to, or null: beside the database, named after the moment. */
  readonly to: string | null
  readonly force: boolean
  /** Epoch ms. */
  readonly now: number
}

/** Copies a file while others may write it, whole or not at all. BadInput where the database lies on a server. */
export const backUpFile = ({ db, to, force, now }: BackupRequest): Promise<Backup> =>
  backUpStore(db, to ?? backupName(db, now), force)

/** Brings an older database to this version's schema, a file after a backup. */
export const migrateFile = (db: string, crash: CrashPoint): Promise<Migrated> => migrateStore(db, { crash })

export interface CopyRequest {
  readonly from: string
  readonly to: string
  readonly crash: CrashPoint
  readonly progress: (rows: number, of: number) => void
}

/** Copies a database into a new one, file or server, or goes on with a copy that was stopped. */
export const copyDatabase = ({ from, to, ...options }: CopyRequest): Promise<Copied> =>
  copyStore(from, to, options)

export interface PruneRequest {
  readonly db: string
  readonly olderThanMs: number
  /** Epoch ms. */
  readonly now: number
  /** False: only counted. */
  readonly really: boolean
}

/** Deletes what was not fetched for so long. Returns the moment before which that is, and what went. */
export const pruneFile = async ({
  db,
  olderThanMs,
  now,
  really,
}: PruneRequest): Promise<{ before: string; erased: Erased }> => {
  const before = instant(now - olderThanMs)
  return { before, erased: await pruneStore(db, before, really) }
}

export interface PurgeRequest {
  readonly db: string
  readonly network: string
  readonly entity: string
  /** What ids may be of. */
  readonly networks: readonly IdNetwork[]
  /** The key of pseudonyms; null = the file beside the database. */
  readonly keyFile: string | null
  /** False: only counted. */
  readonly really: boolean
}

/** Deletes all that the database holds of one profile. BadInput where it holds nothing. */
export const purgeFile = async ({
  db,
  network,
  entity,
  networks,
  keyFile,
  really,
}: PurgeRequest): Promise<Erased> => {
  const wanted = { text: entity, network, alsoMissing: true }
  const { id } = await withReader(db, reader => findProfile(reader, db, wanted, networks))
  const pseudonyms = await pseudonymsOf(db, keyFile)
  const authorOf = (profileId: string): readonly string[] =>
    pseudonyms === null ? [] : [pseudonyms(network, profileId)]
  return await purgeStore(db, { network, id, authorOf }, really)
}

export interface RebuildRequest {
  readonly db: string
  readonly networks: readonly Network[]
  readonly dryRun: boolean
  /** Epoch ms. */
  readonly now: number
  readonly crash: CrashPoint
  readonly progress: (pages: number, of: number) => void
}

/** Makes records and their history anew from the stored answers, without a call or a credential. */
export const rebuildFile = ({ db, networks, now, ...options }: RebuildRequest): Promise<Rebuilt> => {
  const { read } = openRawZone(networks)
  return rebuildStore(db, { ...options, read, backup: backupName(db, now) })
}
