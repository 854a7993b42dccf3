import { type RawBuilder, sql } from 'kysely'
import type { Database, Tx } from '../database/database.ts'
import type { Schema } from '../schema/tables.ts'
import { takeAlone } from './workers-alive.ts'

/** Deleted rows by table. */
export type Erased = Readonly<Record<string, number>>

/** Deletes the rows of a table of which a condition holds, and counts them. */
export type Remove = (table: keyof Schema, which: RawBuilder<unknown>) => Promise<void>

/**
 * Deletes for good, in one transaction, and with the rows the bodies of the raw zone that no answer refers to any more;
 * then the database reclaims what they left in it. `really` false: the same work, undone at its end, so that
 * the counts are those of the deed. Throws Locked while a run is at work on the database, by the name `what`.
 */
export const erase = async (
  database: Database,
  what: string,
  really: boolean,
  work: (tx: Tx, remove: Remove) => Promise<void>,
): Promise<Erased> => {
  const erased = await database
    .write(async tx => {
      await takeAlone(tx, database.name, what)
      const counts: Record<string, number> = {}
      const remove: Remove = async (table, which) => {
        const { numAffectedRows = 0n } = await sql`delete from ${sql.table(table)} where ${which}`.execute(
          tx.db,
        )
        counts[table] = (counts[table] ?? 0) + Number(numAffectedRows)
      }
      // The key that a deleted body is looked up by: kept always, it cost every page a tenth of its time (`npm run bench`).
      await sql`create index erase_by_body on raw_pages (body_hash)`.execute(tx.db)
      await work(tx, remove)
      await remove(
        'raw_bodies',
        sql`not exists (select 1 from raw_pages where raw_pages.body_hash = raw_bodies.hash)`,
      )
      await sql`drop index erase_by_body`.execute(tx.db)
      if (!really) throw new Undo(counts)
      return counts
    })
    .catch((error: unknown) => {
      if (error instanceof Undo) return error.counts
      throw error
    })
  const tables = Object.keys(erased).filter(table => erased[table] !== 0) as (keyof Schema)[]
  if (really && tables.length > 0) await database.reclaim(tables)
  return erased
}

/** Ends a transaction without a trace, but for what it counted. */
class Undo extends Error {
  readonly counts: Erased
  constructor(counts: Erased) {
    super('only counted')
    this.counts = counts
  }
}
