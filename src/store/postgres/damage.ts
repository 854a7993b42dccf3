import { type Kysely, sql } from 'kysely'
import type { Damage } from '../database/database.ts'
import type { Schema } from '../schema/tables.ts'

/**
 * Indexes that PostgreSQL does not trust, and rows that point to nothing: it keeps foreign keys itself, but not where their
 * triggers were off, as while a dump is restored. Pages that cannot be read fail whatever reads them, with StoreBroken.
 */
export const findDamage = async (db: Kysely<Schema>): Promise<readonly Damage[]> => {
  const invalid = await findInvalidIndexes(db)
  if (invalid.length > 0) return [{ rule: 'integrity', count: invalid.length, examples: invalid }]
  let count = 0
  const examples: string[] = []
  for (const { child, column, parent, key } of await findForeignKeys(db)) {
    const { rows } = await sql<{ rows: number; first: string | null }>`
      select count(*) as rows, min(cast(c.${sql.ref(column)} as text)) as first from ${sql.table(child)} as c
      where c.${sql.ref(column)} is not null
        and not exists (select 1 from ${sql.table(parent)} as p where p.${sql.ref(key)} = c.${sql.ref(column)})`.execute(
      db,
    )
    const [found] = rows
    if (found === undefined || found.rows === 0) continue
    count += found.rows
    examples.push(`${child}: no ${parent}, first ${column} ${found.first ?? '?'}`)
  }
  return count === 0 ? [] : [{ rule: 'foreign-key', count, examples }]
}

const findInvalidIndexes = async (db: Kysely<Schema>): Promise<readonly string[]> => {
  const { rows } = await sql<{ name: string }>`
    select relname::text as name from pg_index join pg_class on pg_class.oid = indexrelid
    where relnamespace = current_schema()::regnamespace and not (indisvalid and indisready) order by 1`.execute(
    db,
  )
  return rows.map(({ name }) => `index ${name} is not valid`)
}

interface ForeignKey {
  readonly child: string
  readonly column: string
  readonly parent: string
  readonly key: string
}

/** All of the schema; each is of one column. */
const findForeignKeys = async (db: Kysely<Schema>): Promise<readonly ForeignKey[]> => {
  const { rows } = await sql<ForeignKey>`
    select child.relname::text as child, here.attname::text as column, parent.relname::text as parent,
      there.attname::text as key
    from pg_constraint as held
      join pg_class as child on child.oid = conrelid
      join pg_class as parent on parent.oid = confrelid
      join pg_attribute as here on here.attrelid = conrelid and here.attnum = conkey[1]
      join pg_attribute as there on there.attrelid = confrelid and there.attnum = confkey[1]
    where contype = 'f' and connamespace = current_schema()::regnamespace
    order by 1, 2`.execute(db)
  return rows
}
