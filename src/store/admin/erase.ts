import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../database/database.ts'
import type { Schema } from '../schema/tables.ts'
import { type SqliteFile, whileBusy } from '../sqlite/database.ts'
import { refuseWhileWorked } from './workers-alive.ts'

/** Deleted rows by table. */
export type Erased = Readonly<Record<string, number>>

/** Deletes the rows of a table of which a condition holds, and counts them. */
export type Remove = (table: keyof Schema, which: RawBuilder<unknown>) => Promise<void>

/**
 * Deletes for good, in one transaction, and with the rows the bodies of the raw zone that no answer refers to any more;
 * then the file is rewritten without what they left in it. `really` false: the same work, undone at its end, so that
 * the counts are those of the deed. Throws Locked while a run is at work on the file, by the name `what`.
 */
export const erase = async (
  file: SqliteFile,
  what: string,
  really: boolean,
  work: (tx: Tx, remove: Remove) => Promise<void>,
): Promise<Erased> => {
  const erased: Record<string, number> = {}
  await file
    .write(async tx => {
      await refuseWhileWorked(file.name, tx, what)
      const remove: Remove = async (table, which) => {
        const { numAffectedRows = 0n } = await sql`delete from ${sql.table(table)} where ${which}`.execute(
          tx.db,
        )
        erased[table] = (erased[table] ?? 0) + Number(numAffectedRows)
      }
      // The key that a deleted body is looked up by: kept always, it cost every page a tenth of its time (`npm run bench`).
      await sql`create index erase_by_body on raw_pages (body_hash)`.execute(tx.db)
      await work(tx, remove)
      await remove('raw_bodies', sql`hash not in (select body_hash from raw_pages)`)
      await sql`drop index erase_by_body`.execute(tx.db)
      if (!really) throw UNDO
    })
    .catch((error: unknown) => {
      if (error !== UNDO) throw error
    })
  if (really && Object.values(erased).some(count => count > 0)) {
    // Pages that were split keep old rows in their gaps, whatever `secure_delete` says.
    await whileBusy(() => sql`vacuum`.execute(file.db))
    await sql`pragma wal_checkpoint(truncate)`.execute(file.db)
  }
  return erased
}

const UNDO = new Error('only counted')
