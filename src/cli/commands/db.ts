import {
  backUpFile,
  checkFile,
  copyDatabase,
  migrateFile,
  nameOfDatabase,
  pruneFile,
  purgeFile,
  rebuildFile,
} from '../../app/admin/db.ts'
import { findDrift } from '../../app/admin/drift.ts'
import { readTestHooks } from '../../app/config/base-urls.ts'
import { readDuration } from '../../app/config/bounds.ts'
import { loadConfig } from '../../app/config/config.ts'
import { crashPoint } from '../../app/config/crash-point.ts'
import { networks } from '../../networks/registry.ts'
import { watch } from '../bar.ts'
import { type Flags, isOn, momentFlag, networkFlag, textFlag } from '../flags.ts'
import { copyJson, showCopied } from '../show/copy.ts'
import { checkJson, showBackup, showCheck, showErased, showMigrated } from '../show/db.ts'
import { showDrift } from '../show/drift.ts'
import { showJson } from '../show/json.ts'
import { showRebuilt } from '../show/rebuild.ts'
import { paint } from '../show/text.ts'

/** `socsync db check` */
export const dbCheckCommand = async (flags: Flags): Promise<void> => {
  const { db, name } = await place(flags)
  const report = await checkFile(db)
  tell(flags, checkJson(name, report), showCheck(name, report, paint(process.stdout, flags.color !== false)))
  if (report.violations.length > 0) process.exitCode = 1
}

/** `socsync db backup` */
export const dbBackupCommand = async (to: string | undefined, flags: Flags): Promise<void> => {
  const { db } = await place(flags)
  const backup = await backUpFile({ db, to: to ?? null, force: isOn(flags, 'force'), now: Date.now() })
  tell(flags, { backup }, showBackup(backup))
}

/** `socsync db migrate` */
export const dbMigrateCommand = async (flags: Flags): Promise<void> => {
  const { db, name, crashAt } = await place(flags)
  const migrated = await migrateFile(db, crashPoint(crashAt ?? undefined))
  tell(flags, { db: name, ...migrated }, showMigrated(name, migrated))
}

/** `socsync db copy` */
export const dbCopyCommand = async (flags: Flags): Promise<void> => {
  const { db, crashAt } = await place(flags)
  const from = textFlag(flags, 'from') ?? db
  const to = textFlag(flags, 'to') ?? ''
  using bar = watch(flags, 'copying', 'rows')
  const copied = await copyDatabase({
    from,
    to,
    crash: crashPoint(crashAt ?? undefined),
    progress: bar.progress,
  })
  bar[Symbol.dispose]()
  tell(flags, copyJson(copied), showCopied(copied))
}

/** `socsync db prune` */
export const dbPruneCommand = async (flags: Flags): Promise<void> => {
  const olderThanMs = readDuration(textFlag(flags, 'olderThan') ?? '', '--older-than')
  const really = isOn(flags, 'yes')
  const { db, name } = await place(flags)
  const { before, erased } = await pruneFile({ db, olderThanMs, now: Date.now(), really })
  tell(flags, { db: name, before, deleted: really, rows: erased }, showErased(erased, really))
}

/** `socsync db purge` */
export const dbPurgeCommand = async (flags: Flags): Promise<void> => {
  const network = networkFlag(flags) ?? ''
  const entity = textFlag(flags, 'entity') ?? ''
  const really = isOn(flags, 'yes')
  const { db, name, keyFile } = await place(flags)
  const erased = await purgeFile({ db, network, entity, networks, keyFile, really })
  tell(flags, { db: name, network, entity, deleted: really, rows: erased }, showErased(erased, really))
}

/** `socsync db rebuild` */
export const dbRebuildCommand = async (flags: Flags): Promise<void> => {
  const dryRun = isOn(flags, 'dryRun')
  const { db, name, crashAt } = await place(flags)
  const crash = crashPoint(crashAt ?? undefined)
  using bar = watch(flags, 'reading again', 'pages')
  const rebuilt = await rebuildFile({ db, networks, dryRun, now: Date.now(), crash, progress: bar.progress })
  bar[Symbol.dispose]()
  tell(flags, { db: name, dry_run: dryRun, ...rebuilt }, showRebuilt(name, rebuilt, dryRun))
}

/** `socsync db drift` */
export const dbDriftCommand = async (flags: Flags): Promise<void> => {
  const network = networkFlag(flags)
  const since = momentFlag(flags, 'since')
  const { db, name } = await place(flags)
  using bar = watch(flags, 'reading', 'pages')
  const drift = await findDrift({ db, networks, network, since, progress: bar.progress })
  bar[Symbol.dispose]()
  tell(flags, { db: name, ...drift }, showDrift(name, drift, paint(process.stdout, flags.color !== false)))
}

/** The database, what it is called, and the point at which a test ends the process. */
const place = async (
  flags: Flags,
): Promise<{ db: string; name: string; keyFile: string | null; crashAt: string | null }> => {
  const { settings, baseUrls } = await loadConfig({ flags, env: process.env, networks })
  const name = nameOfDatabase(settings.db)
  return {
    db: settings.db,
    name,
    keyFile: settings.pseudonymKey,
    crashAt: readTestHooks(process.env, baseUrls).crashAt,
  }
}

const tell = (flags: Flags, json: object, text: string): void =>
  void process.stdout.write(isOn(flags, 'json') ? showJson(json) : text)
