import { type Kysely, type RawBuilder, sql } from 'kysely'
import { SHAPES } from '../schema/shapes.ts'
import type { Schema } from '../schema/tables.ts'

/** A table that can be made anew from the raw zone. */
export interface Derived {
  readonly name: keyof Schema & string
  readonly key: readonly string[]
  /** What is made anew beside the key; all else stays with the row. */
  readonly columns: readonly string[]
}

/** All of them: what answers became, its history, and what could not be read. */
export const DERIVED: readonly Derived[] = [
  ...Object.values(SHAPES).map(({ table, key, fields }) => ({
    name: table,
    key: ['network', ...key],
    columns: [
      ...fields.map(({ column }) => column).filter(column => !key.includes(column)),
      'fetched_at',
      'job_id',
      'walk_id',
    ],
  })),
  { name: 'metrics', key: ['network', 'subject', 'subject_id', 'name', 'observed_at'], columns: ['value'] },
  { name: 'revisions', key: ['network', 'subject', 'subject_id', 'field', 'seen_at'], columns: ['text'] },
  { name: 'rejects', key: ['walk_id', 'seq', 'path'], columns: ['reason', 'value', 'job_id', 'seen_at'] },
]

/** How a table that was made anew differs from the one in the file. */
export interface Changes {
  /** Rows in the new one. */
  readonly rows: number
  readonly added: number
  readonly changed: number
  readonly gone: number
  /** Rows that stay as they are, since the answers they came from are not in the file. */
  readonly kept: number
  /** Changed rows by column. */
  readonly columns: Readonly<Record<string, number>>
}

export const isSame = ({ added, changed, gone }: Changes): boolean => added + changed + gone === 0

type Db = Kysely<Schema>

/**
 * Lays an empty table of the connection's own over each derived one: by their bare names statements now mean these, and
 * the page path writes into them. They live in SQLite's temporary files and go with the transaction that is undone, or
 * with {@link takeAway}.
 */
export const layOver = async (db: Db): Promise<void> => {
  await takeAway(db)
  for (const { name } of DERIVED) {
    const { rows } = await sql<{ sql: string }>`
      select sql from main.sqlite_schema where type = 'table' and name = ${name}`.execute(db)
    const made = (rows[0]?.sql ?? '')
      .replace(/^create table\s+"?\w+"?/i, `create temp table "${name}"`)
      // The tables that these point to lie elsewhere.
      .replaceAll(/ references "\w+" \("\w+"\)/gi, '')
    await sql.raw(made).execute(db)
  }
}

export const takeAway = async (db: Db): Promise<void> => {
  for (const { name } of DERIVED) await sql`drop table if exists ${fresh(name)}`.execute(db)
}

/** How the new table differs from the one in the file. */
export const compare = async (db: Db, table: Derived, kept: number): Promise<Changes> => {
  const one = async (query: RawBuilder<{ n: number }>): Promise<number> =>
    (await query.execute(db)).rows[0]?.n ?? 0
  const { name } = table
  const differs = table.columns.map(column => sql`(o.${sql.ref(column)} is not n.${sql.ref(column)})`)
  const { rows } = await sql<Record<string, number>>`
    select ${sql.join(table.columns.map((column, at) => sql`total(${differs[at]}) as ${sql.ref(column)}`))},
      total(${sql.join(differs, sql` or `)}) as ${sql.ref(ANY)}
    from ${fresh(name)} as n join ${stored(name)} as o on ${same(table)}`.execute(db)
  const { [ANY]: changed = 0, ...columns } = rows[0] ?? {}
  return {
    rows: await one(sql`select count(*) as n from ${fresh(name)}`),
    added: await one(sql`
      select count(*) as n from ${fresh(name)} as n where not exists (select 1 from ${stored(name)} as o where ${same(table)})`),
    gone: await one(sql`
      select count(*) as n from ${stored(name)} as o where not exists (select 1 from ${fresh(name)} as n where ${same(table)})`),
    changed,
    kept,
    columns: Object.fromEntries(Object.entries(columns).filter(([, count]) => count > 0)),
  }
}

/** Makes the file's table equal to the new one. Only rows that differ are written, and of them only what was made anew. */
export const takeOver = async (db: Db, table: Derived): Promise<void> => {
  const { name, key, columns } = table
  await sql`
    delete from ${stored(name)} as o
    where not exists (select 1 from ${fresh(name)} as n where ${same(table)})`.execute(db)
  const equal = sql.join(
    columns.map(column => sql`o.${sql.ref(column)} is n.${sql.ref(column)}`),
    sql` and `,
  )
  await sql`
    insert into ${stored(name)} select * from ${fresh(name)} as n
    where not exists (select 1 from ${stored(name)} as o where ${same(table)} and ${equal})
    on conflict (${sql.join(key.map(column => sql.ref(column)))}) do update set
      ${sql.join(columns.map(column => sql`${sql.ref(column)} = excluded.${sql.ref(column)}`))}`.execute(db)
}

/** The name of the sum over all columns: no column is called so. */
const ANY = 'any column'

/** The table in the file. */
export const stored = (name: string): RawBuilder<unknown> => sql`${sql.id('main', name)}`

/** The one laid over it. */
export const fresh = (name: string): RawBuilder<unknown> => sql`${sql.id('temp', name)}`

/** A row of the file, `o`, and a new one, `n`, of one key. */
const same = ({ key }: Derived): RawBuilder<unknown> =>
  sql.join(
    key.map(column => sql`o.${sql.ref(column)} = n.${sql.ref(column)}`),
    sql` and `,
  )
