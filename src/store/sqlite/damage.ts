import { type Kysely, sql } from 'kysely'
import { StoreBroken } from '../../core/errors.ts'
import type { Damage } from '../database/database.ts'
import type { Schema } from '../schema/tables.ts'

/** What SQLite finds broken in a file. Where that is the file itself, its rows are not asked about. */
export const findDamage = async (db: Kysely<Schema>): Promise<readonly Damage[]> => {
  const lines = await checkIntegrity(db)
  if (lines.length > 0) return [{ rule: 'integrity', count: lines.length, examples: lines }]
  const { rows } = await sql<{ table: string; parent: string; rows: number; first: number | null }>`
    select "table", parent, count(*) as rows, min(rowid) as first
    from pragma_foreign_key_check group by "table", parent`.execute(db)
  const count = rows.reduce((sum, row) => sum + row.rows, 0)
  const examples = rows.map(row => `${row.table}: no ${row.parent}, first in row ${row.first ?? '?'}`)
  return count === 0 ? [] : [{ rule: 'foreign-key', count, examples }]
}

const checkIntegrity = async (db: Kysely<Schema>): Promise<readonly string[]> => {
  try {
    const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check(100)`.execute(db)
    return rows.map(row => row.integrity_check).filter(line => line !== 'ok')
  } catch (error) {
    if (!(error instanceof StoreBroken)) throw error
    return [error.cause instanceof Error ? error.cause.message : error.message]
  }
}
