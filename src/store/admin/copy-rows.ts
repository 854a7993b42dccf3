import { createHash } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import { StoreBroken } from '../../core/errors.ts'
import { builder } from '../database/builder.ts'
import type { Queries } from '../database/database.ts'
import { params, type Statement, statement } from '../database/statement.ts'
import type { CopiedTable } from './copied-tables.ts'

export type Row = Readonly<Record<string, unknown>>

/** How many rows a table has, and the SHA-256 of all of them in the order of their keys, in hex. */
export interface TableDigest {
  readonly rows: number
  readonly sha256: string
}

/** All rows of a table in the order of its key, slice by slice: behind `after`, up to `last` where that is not null. */
export async function* slicesOf(
  { db }: Pick<Queries, 'db'>,
  { name, key, slice }: CopiedTable,
  { after = null, last = null }: { readonly after?: Row | null; readonly last?: Row | null } = {},
): AsyncGenerator<readonly Row[]> {
  const columns = sql.join(key.map(column => sql.ref(column)))
  const valuesOf = (row: Row): RawBuilder<unknown> => sql.join(key.map(column => row[column]))
  for (let behind = after; ; ) {
    const { rows } = await sql<Row>`
      select * from ${sql.table(name)}
      where ${behind === null ? sql`1 = 1` : sql`(${columns}) > (${valuesOf(behind)})`}
        and ${last === null ? sql`1 = 1` : sql`(${columns}) <= (${valuesOf(last)})`}
      order by ${columns} limit ${slice}`.execute(db)
    if (rows.length > 0) yield rows
    behind = rows.at(-1) ?? null
    if (behind === null || rows.length < slice) return
  }
}

/** The row with the greatest key; null = the table is empty. */
export const lastOf = async (
  { db }: Pick<Queries, 'db'>,
  { name, key }: CopiedTable,
): Promise<Row | null> => {
  const backwards = sql.join(key.map(column => sql`${sql.ref(column)} desc`))
  const { rows } = await sql<Row>`select * from ${sql.table(name)} order by ${backwards} limit 1`.execute(db)
  return rows[0] ?? null
}

export const countRows = async (
  { db }: Pick<Queries, 'db'>,
  { name }: Pick<CopiedTable, 'name'>,
): Promise<number> => {
  const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(name)}`.execute(db)
  return rows[0]?.n ?? 0
}

/**
 * Counts and digests rows. A row is a line of JSON, its values in the order of its columns' names, bytes as Base64: the same on every
 * database.
 */
export class Digest {
  readonly #table: string
  readonly #hash = createHash('sha256')
  #rows = 0

  constructor({ name }: Pick<CopiedTable, 'name'>) {
    this.#table = name
  }

  /** StoreBroken where a value cannot be held exactly by every database: then nothing of these rows should be written. */
  add(rows: readonly Row[]): void {
    const columns = Object.keys(rows[0] ?? {}).sort()
    const lines = rows.map(row => JSON.stringify(columns.map(column => this.#plain(row, column))))
    this.#hash.update(`${lines.join('\n')}\n`)
    this.#rows += rows.length
  }

  /** Of what was added so far; more may be added. */
  get sum(): TableDigest {
    return { rows: this.#rows, sha256: this.#hash.copy().digest('hex') }
  }

  #plain(row: Row, column: string): unknown {
    const value = row[column]
    if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
    if (typeof value === 'number' && !Number.isSafeInteger(value))
      throw this.#cannot(column, 'a number that cannot be held exactly')
    if (typeof value === 'string' && value.includes('\0'))
      throw this.#cannot(column, 'a text with the character U+0000, which PostgreSQL has not')
    return value
  }

  #cannot(column: string, what: string): StoreBroken {
    return new StoreBroken(`${this.#table}.${column} has ${what}: it cannot be copied`, {
      hint: 'no socsync has written that: put it right, then copy again',
    })
  }
}

/** Writes rows as they are, keys included. Each table has one: compiled once. */
export const insertInto = ({ name }: CopiedTable, row: Row): Statement<Row> => {
  let insert = inserts.get(name)
  if (insert === undefined) {
    insert = statement<Row>(builder.insertInto(name).values(params(Object.keys(row)) as never))
    inserts.set(name, insert)
  }
  return insert
}

const inserts = new Map<string, Statement<Row>>()
