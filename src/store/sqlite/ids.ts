import { type Kysely, sql } from 'kysely'
import type { Schema } from '../schema/tables.ts'

/** A table whose key is `autoincrement` has its newest id in `sqlite_sequence`; of another one it is the greatest there is. */
export const lastId = async (db: Kysely<Schema>, table: keyof Schema): Promise<number> => {
  const { rows } = await sql<{ last: number }>`
    select max(coalesce((select max(id) from ${sql.table(table)}), 0),
      coalesce((select seq from sqlite_sequence where name = ${table}), 0)) as last`.execute(db)
  return rows[0]?.last ?? 0
}

/** A table whose key is not `autoincrement` goes on behind its greatest id, whatever is said. */
export const countOn = async (db: Kysely<Schema>, table: keyof Schema, id: number): Promise<void> => {
  if (id === 0) return
  await sql`update sqlite_sequence set seq = ${id} where name = ${table} and seq < ${id}`.execute(db)
  // It has no row before the first one of its table is written, and no key.
  await sql`
    insert into sqlite_sequence (name, seq) select ${table}, ${id}
    where not exists (select 1 from sqlite_sequence where name = ${table})
      and exists (select 1 from sqlite_schema where name = ${table} and sql like '%autoincrement%')`.execute(
    db,
  )
}
