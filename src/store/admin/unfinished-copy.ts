import { type Kysely, sql } from 'kysely'
import { BadInput } from '../../core/errors.ts'
import type { Instant } from '../../core/instant.ts'
import type { Queries, Tx } from '../database/database.ts'
import type { Schema } from '../schema/tables.ts'
import { COPIED } from './copied-tables.ts'

/** A table that a database has for as long as the copy into it is not finished. */
const MARK = 'unfinished_copy'

interface Mark {
  /** What is copied, as messages call it: without a password. */
  readonly source: string
  readonly began_at: Instant
}

/** The names of the tables that there are. */
export const tablesOf = async (db: Kysely<Schema>): Promise<ReadonlySet<string>> =>
  new Set((await db.introspection.getTables({ withInternalKyselyTables: true })).map(({ name }) => name))

const readMark = async (db: Kysely<Schema>): Promise<Mark | null> => {
  const { rows } = await sql<Mark>`select source, began_at from ${sql.table(MARK)}`.execute(db)
  return rows[0] ?? null
}

/** BadInput where a database is a copy that was not finished: only `db copy` goes on with it. */
export const refuseUnfinished = async (name: string, db: Kysely<Schema>): Promise<void> => {
  if (!(await tablesOf(db)).has(MARK)) return
  const mark = await readMark(db)
  if (mark === null) return
  throw new BadInput(`${name} is a copy of ${mark.source} that was not finished, begun ${mark.began_at}`, {
    hint: `\`socsync db copy --from ${mark.source} --to ${name}\` goes on with it`,
  })
}

/**
 * Whether a database is a copy of `source` that can be gone on with; false = it holds nothing yet, of whatever version it is. BadInput
 * where it holds anything else.
 */
export const isBegun = async (
  name: string,
  { db }: Pick<Queries, 'db'>,
  source: string,
): Promise<boolean> => {
  const tables = await tablesOf(db)
  const mark = tables.has(MARK) ? await readMark(db) : null
  if (mark !== null) {
    if (mark.source === source) return true
    throw new BadInput(`${name} is an unfinished copy of ${mark.source}, not of ${source}`, {
      hint: 'go on with that one, or name another database with --to',
    })
  }
  for (const table of ['workers', ...COPIED.map(copied => copied.name)]) {
    if (!tables.has(table)) continue
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(db)
    if (rows.length > 0) {
      throw new BadInput(`${name} is in use: there are rows in ${table}; nothing was copied`, {
        hint: 'a copy is made into a new database: name another one with --to',
      })
    }
  }
  return false
}

/** Marks an empty database of this version, or finds its mark: `isBegun`. */
export const beginCopy = async (tx: Tx, name: string, source: string): Promise<boolean> => {
  await tx.lockTables(['workers', 'run_orders'])
  if (await isBegun(name, tx, source)) return true
  await sql`create table ${sql.table(MARK)} (source text not null, began_at text not null)`.execute(tx.db)
  await sql`insert into ${sql.table(MARK)} (source, began_at) values (${source}, ${await tx.now()})`.execute(
    tx.db,
  )
  return false
}

export const endCopy = async ({ db }: Tx): Promise<void> =>
  void (await sql`drop table ${sql.table(MARK)}`.execute(db))
