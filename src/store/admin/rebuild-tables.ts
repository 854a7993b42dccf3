import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Overlay } from '../database/database.ts'
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

/** How the new table differs from the one below it. */
export const compare = async (
  db: Db,
  { stored, fresh }: Overlay,
  table: Derived,
  kept: number,
): Promise<Changes> => {
  const one = async (query: RawBuilder<{ n: number }>): Promise<number> =>
    (await query.execute(db)).rows[0]?.n ?? 0
  const { name } = table
  const differs = table.columns.map(column => sql`o.${sql.ref(column)} is distinct from n.${sql.ref(column)}`)
  const times = (condition: RawBuilder<unknown>, column: string) =>
    sql`count(*) filter (where ${condition}) as ${sql.ref(column)}`
  const { rows } = await sql<Record<string, number>>`
    select ${sql.join(differs.map((differ, at) => times(differ, table.columns[at] ?? '')))},
      ${times(sql.join(differs, sql` or `), ANY)}
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

/** Makes the table below equal to the new one. Only rows that differ are written, and of them only what was made anew. */
export const takeOver = async (db: Db, { stored, fresh }: Overlay, table: Derived): Promise<void> => {
  const { name, key, columns } = table
  await sql`
    delete from ${stored(name)} as o
    where not exists (select 1 from ${fresh(name)} as n where ${same(table)})`.execute(db)
  const equal = sql.join(
    columns.map(column => sql`o.${sql.ref(column)} is not distinct from n.${sql.ref(column)}`),
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

/** A stored row, `o`, and a new one, `n`, of one key. */
const same = ({ key }: Derived): RawBuilder<unknown> =>
  sql.join(
    key.map(column => sql`o.${sql.ref(column)} = n.${sql.ref(column)}`),
    sql` and `,
  )
