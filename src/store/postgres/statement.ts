import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Locking, Overlay, Tx } from '../database/database.ts'
import type { Statement } from '../database/statement.ts'
import type { Schema } from '../schema/tables.ts'
import { type Source, speak } from './dialect.ts'
import { FOUND, PLACE } from './each.ts'
import { isHeld } from './hold.ts'
import { countOn, lastId, newIds } from './ids.ts'
import { layOver } from './overlay.ts'
import { plansOf, type Query } from './plans.ts'
import type { Answer } from './session.ts'

type Found = Record<string, unknown>

/** Statements over connections. `prepares` = they are this process's own, and keep what was prepared on them. */
export class Statements implements Tx {
  readonly db: Kysely<Schema>
  readonly isAlone = false
  readonly #source: Source
  readonly #prepares: boolean
  constructor(source: Source, prepares: boolean) {
    this.db = speak(source)
    this.#source = source
    this.#prepares = prepares
  }

  async run<Row extends object>(statement: Statement<Row>, row: Row): Promise<number> {
    return (await this.#one(statement, row)).rowCount ?? 0
  }

  async runEach<Row extends object>(statement: Statement<Row>, rows: readonly Row[]): Promise<number> {
    const [first, second] = rows
    if (first === undefined) return 0
    if (second === undefined) return this.run(statement, first)
    const query = plansOf(statement).each(rows)
    if (query !== null) return (await this.#query(query)).rowCount ?? 0
    let changes = 0
    for (const row of rows) changes += await this.run(statement, row)
    return changes
  }

  send<Row extends object>(statement: Statement<Row>, row: Row): void {
    this.#send(plansOf(statement).one(row))
  }

  sendEach<Row extends object>(statement: Statement<Row>, rows: readonly Row[]): void {
    const [first, second] = rows
    if (first === undefined) return
    const query = second === undefined ? null : plansOf(statement).each(rows)
    if (query === null) for (const row of rows) this.send(statement, row)
    else this.#send(query)
  }

  async get<Row extends object, Result>(statement: Statement<Row>, row: Row): Promise<Result | undefined> {
    return (await this.#one(statement, row)).rows[0] as Result | undefined
  }

  async all<Row extends object, Result>(statement: Statement<Row>, row: Row): Promise<Result[]> {
    return (await this.#one(statement, row)).rows as Result[]
  }

  getEach<Row extends object, Result>(
    statement: Statement<Row>,
    rows: readonly Row[],
  ): Promise<(Result | undefined)[]> {
    return this.#each(statement, rows, null)
  }

  async lock<Row extends object, Result>(
    statement: Statement<Row>,
    row: Row,
    how: Locking = 'change',
  ): Promise<Result | undefined> {
    return (await this.#one(statement, row, how)).rows[0] as Result | undefined
  }

  lockEach<Row extends object, Result>(
    statement: Statement<Row>,
    rows: readonly Row[],
    how: Locking = 'change',
  ): Promise<(Result | undefined)[]> {
    return this.#each(statement, rows, how)
  }

  async lockTables(tables: readonly (keyof Schema)[]): Promise<void> {
    await sql`lock table ${sql.join(tables.map(table => sql.table(table)))} in exclusive mode`.execute(
      this.db,
    )
  }

  countOn(table: keyof Schema, id: number): Promise<void> {
    return countOn(this.db, table, id)
  }

  async newIds(table: keyof Schema, count: number): Promise<number[]> {
    if (count === 0) return []
    return (await this.#query(newIds(table, count))).rows.map(({ id }) => id as number)
  }

  layOver(tables: readonly (keyof Schema)[]): Promise<Overlay> {
    return layOver(this.db, tables)
  }

  lastId(table: keyof Schema): Promise<number> {
    return lastId(this.db, table)
  }

  isHeld(name: string): Promise<boolean | null> {
    return isHeld(this.#source, name)
  }

  async now(): Promise<Instant> {
    return (await this.#source.query(NOW)).rows[0]?.now as Instant
  }

  #one(statement: Statement<object>, row: object, how: Locking | null = null): Promise<Answer> {
    return this.#query(plansOf(statement, how).one(row))
  }

  async #each<Result>(
    statement: Statement<object>,
    rows: readonly object[],
    how: Locking | null,
  ): Promise<(Result | undefined)[]> {
    if (rows.length === 0) return []
    const plans = plansOf(statement, how)
    const query = plans.answersEach && rows.length > 1 ? plans.each(rows) : null
    if (query !== null) {
      const found = (await this.#query(query)).rows
      return (plans.inOrder ? found : inPlaces(found, rows.length)) as (Result | undefined)[]
    }
    const found: (Result | undefined)[] = []
    for (const row of rows) found.push((await this.#one(statement, row, how)).rows[0] as Result | undefined)
    return found
  }

  #query(query: Query): Promise<Answer> {
    return this.#source.query(this.#prepares ? query : { text: query.text, values: query.values })
  }

  #send(query: Query): void {
    this.#query(query).catch(() => {})
  }
}

/** The first that was found for each row, in the rows' order. */
const inPlaces = (found: readonly Found[], rows: number): (Found | undefined)[] => {
  const places = new Array<Found | undefined>(rows).fill(undefined)
  for (const { [PLACE]: place, [FOUND]: isThere, ...row } of found)
    if (isThere !== null) places[Number(place) - 1] ??= row
  return places
}

const NOW = `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now`
