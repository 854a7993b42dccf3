import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { BadInput } from '../../core/errors.ts'
import type { CrashPoint } from '../../core/ports.ts'
import type { Backup, Database } from '../database/database.ts'
import { first } from '../schema/migrations/001-first.ts'
import { upkeep } from '../schema/migrations/002-upkeep.ts'
import { transforms } from '../schema/migrations/003-transforms.ts'
import { server } from '../schema/migrations/004-server.ts'
import { rebuildable } from '../schema/migrations/005-rebuild.ts'
import { growth } from '../schema/migrations/006-growth.ts'
import { lasting } from '../schema/migrations/007-lasting.ts'
import { workers } from '../schema/migrations/008-workers.ts'
import { schedules } from '../schema/migrations/009-schedules.ts'
import { budgets } from '../schema/migrations/010-budgets.ts'
import { due } from '../schema/migrations/011-due.ts'
import { leases } from '../schema/migrations/012-leases.ts'
import { threads } from '../schema/migrations/013-threads.ts'
import { origin } from '../schema/migrations/015-origin.ts'
import { views } from '../schema/migrations/016-views.ts'
import { columns } from '../schema/migrations/017-columns.ts'
import { people } from '../schema/migrations/018-people.ts'
import { posts } from '../schema/migrations/019-posts.ts'
import { collections } from '../schema/migrations/020-collections.ts'
import { relations } from '../schema/migrations/021-relations.ts'
import type { Schema } from '../schema/tables.ts'
import type { Types } from '../schema/types.ts'
import { refuseUnfinished, tablesOf } from './unfinished-copy.ts'
import { refuseWhileWorked } from './workers-alive.ts'

/** By name; each is written in the types of a database. */
export type Migrations = Readonly<
  Record<string, { readonly up: (db: Kysely<unknown>, types: Types) => Promise<void> }>
>

/** In order of their names; a released one is never edited. */
export const MIGRATIONS: Migrations = {
  '001-first': { up: first },
  '002-upkeep': { up: upkeep },
  '003-transforms': { up: transforms },
  '004-server': { up: server },
  '005-rebuild': { up: rebuildable },
  '006-growth': { up: growth },
  '007-lasting': { up: lasting },
  '008-workers': { up: workers },
  '009-schedules': { up: schedules },
  '010-budgets': { up: budgets },
  '011-due': { up: due },
  '012-leases': { up: leases },
  '013-threads': { up: threads },
  '015-origin': { up: origin },
  '016-views': { up: views },
  '017-columns': { up: columns },
  '018-people': { up: people },
  '019-posts': { up: posts },
  '020-collections': { up: collections },
  '021-relations': { up: relations },
}

export interface MigrateOptions {
  /** Passes `migrate` before each migration and `migrate.written` before its commit. */
  readonly crash?: CrashPoint
  readonly migrations?: Migrations
  /** For `db copy` itself, the only one that goes on with a copy that was not finished. */
  readonly isCopy?: boolean
}

/** What a migration did: the schemas by number, and the copy of the file as it was, if it held anything. */
export interface Migrated {
  readonly from: number
  readonly to: number
  readonly backup: Backup | null
}

/**
 * Brings a database to this version's schema, each migration in one transaction. A file that holds something is first
 * copied to `<file>.schema-<n>.bak`; of a server's database `pg_dump` makes a copy. BadInput where a newer socsync has written it,
 * Locked while an older one is at work on it, StoreBroken where it is damaged.
 */
export const migrate = (database: Database, options: MigrateOptions = {}): Promise<Migrated> => {
  const { crash = () => {}, migrations = MIGRATIONS, isCopy = false } = options
  const { name, committed } = database
  return database.changeSchema(async ({ db, types, accept, step }) => {
    const from = (await readSchema(name, db, migrations, isCopy)).applied
    const to = Object.keys(migrations).length
    await accept()
    if (from === to) return { from, to, backup: null }
    if (from > 0) await refuseWhileWorked(name, committed, 'its migration')
    const backup = from > 0 ? await database.backUp(`${name}.schema-${from}.bak`, true) : null
    const migrator = new Migrator({
      db,
      provider: { getMigrations: async () => watched(migrations, types, crash) },
    })
    for (let schema = from; schema < to; schema++) {
      crash('migrate')
      await step(async () => {
        const { error } = await migrator.migrateUp()
        if (error !== undefined) throw error
      })
    }
    return { from, to, backup }
  })
}

const watched = (migrations: Migrations, types: Types, crash: CrashPoint): Record<string, Migration> =>
  Object.fromEntries(
    Object.entries(migrations).map(([name, { up }]) => [
      name,
      {
        up: async db => {
          await up(db, types)
          crash('migrate.written')
        },
      },
    ]),
  )

/** Refuses what this version cannot read: a newer schema, or a file that was not migrated to this one. Returns its number. */
export const checkVersion = async (path: string, db: Kysely<Schema>): Promise<number> => {
  const { applied, latest } = await readSchema(path, db, MIGRATIONS)
  if (applied === latest) return applied
  throw new BadInput(`${path} is of an older socsync (schema ${applied})`, {
    hint: `\`socsync db migrate\` brings it to schema ${latest}`,
  })
}

/** Whether a file is of this version. BadInput where a newer socsync has written it. */
export const isCurrent = async (path: string, db: Kysely<Schema>): Promise<boolean> => {
  const { applied, latest } = await readSchema(path, db, MIGRATIONS)
  return applied === latest
}

const readSchema = async (
  path: string,
  db: Kysely<Schema>,
  migrations: Migrations,
  isCopy = false,
): Promise<{ applied: number; latest: number }> => {
  if (!isCopy) await refuseUnfinished(path, db)
  const applied = await appliedMigrations(db)
  const latest = Object.keys(migrations).length
  if (applied.every(name => migrations[name] !== undefined)) return { applied: applied.length, latest }
  throw new BadInput(
    `${path} is of a newer socsync: its schema is ${applied.length}, this one reads ${latest}`,
    { hint: 'install the newer version' },
  )
}

const appliedMigrations = async (db: Kysely<Schema>): Promise<string[]> => {
  if (!(await tablesOf(db)).has('kysely_migration')) return []
  const rows = await db
    .withTables<{ kysely_migration: { name: string } }>()
    .selectFrom('kysely_migration')
    .select('name')
    .orderBy('name')
    .execute()
  return rows.map(row => row.name)
}
