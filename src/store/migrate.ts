import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { BadInput } from '../core/errors.ts'
import type { SqliteFile } from './database.ts'
import { SQLITE_TYPES } from './dialect.ts'
import { first } from './migrations/001-first.ts'
import type { Schema } from './schema.ts'

/** In order of their names; a released one is never edited. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-first': { up: db => first(db, SQLITE_TYPES) },
}

/** Brings a file to this version's schema, each migration in one transaction. BadInput where a newer socsync has written it. */
export const migrate = async (file: SqliteFile): Promise<void> => {
  const applied = await appliedMigrations(file.db)
  refuseNewer(file.path, applied)
  if (applied.length === Object.keys(MIGRATIONS).length) return
  const migrator = new Migrator({ db: file.db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}

/** Refuses what this version cannot read: a newer schema, or a file that was never migrated. */
export const checkVersion = async (path: string, db: Kysely<Schema>): Promise<void> => {
  const applied = await appliedMigrations(db)
  refuseNewer(path, applied)
  if (applied.length < Object.keys(MIGRATIONS).length) {
    throw new BadInput(`${path} is of an older socsync (schema ${applied.length})`, {
      hint: `\`socsync db migrate\` brings it to schema ${Object.keys(MIGRATIONS).length}`,
    })
  }
}

const refuseNewer = (path: string, applied: readonly string[]): void => {
  const unknown = applied.filter(name => MIGRATIONS[name] === undefined)
  if (unknown.length === 0) return
  throw new BadInput(
    `${path} is of a newer socsync: its schema is ${applied.length}, this one reads ${Object.keys(MIGRATIONS).length}`,
    { hint: 'install the newer version' },
  )
}

const appliedMigrations = async (db: Kysely<Schema>): Promise<string[]> => {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(table => table.name === 'kysely_migration')) return []
  const rows = await db
    .withTables<{ kysely_migration: { name: string } }>()
    .selectFrom('kysely_migration')
    .select('name')
    .orderBy('name')
    .execute()
  return rows.map(row => row.name)
}
