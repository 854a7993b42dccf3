import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Overlay, Tx } from '../database/database.ts'
import type { Statement } from '../database/statement.ts'
import type { Schema } from '../schema/tables.ts'
import { type Source, speak } from './dialect.ts'
import { FOUND, PLACE } from './each.ts'
import { isHeld } from './hold.ts'
import { layOver } from './overlay.ts'
import { plansOf, type Query } from './plans.ts'
import type { Answer } from './session.ts'

type Found = Record<string, unknown>

/** Statements over connections. `prepares` = they are this process's own, and keep what was prepared on them. */
export class Statements implements Tx {
  readonly db: Kysely<Schema>
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
    if (rows.length === 0) return 0
    const query = plansOf(statement).each(rows)
    if (query !== null) return (await this.#query(query)).rowCount ?? 0
    let changes = 0
    for (const row of rows) changes += await this.run(statement, row)
    return changes
  }

  async get<Row extends object, Result>(statement: Statement<Row>, row: Row): Promise<Result | undefined> {
    return (await this.#one(statement, row)).rows[0] as Result | undefined
  }

  async all<Row extends object, Result>(statement: Statement<Row>, row: Row): Promise<Result[]> {
    return (await this.#one(statement, row)).rows as Result[]
  }

  async getEach<Row extends object, Result>(
    statement: Statement<Row>,
    rows: readonly Row[],
  ): Promise<(Result | undefined)[]> {
    if (rows.length === 0) return []
    const plans = plansOf(statement)
    const query = plans.answersEach ? plans.each(rows) : null
    if (query !== null) {
      const found = (await this.#query(query)).rows
      return (plans.inOrder ? found : inPlaces(found, rows.length)) as (Result | undefined)[]
    }
    const found: (Result | undefined)[] = []
    for (const row of rows) found.push(await this.get(statement, row))
    return found
  }

  async lock(tables: readonly (keyof Schema)[]): Promise<void> {
    await sql`lock table ${sql.join(tables.map(table => sql.table(table)))} in exclusive mode`.execute(
      this.db,
    )
  }

  layOver(tables: readonly (keyof Schema)[]): Promise<Overlay> {
    return layOver(this.db, tables)
  }

  isHeld(name: string): Promise<boolean> {
    return isHeld(this.#source, name)
  }

  async now(): Promise<Instant> {
    return (await this.#source.query(NOW)).rows[0]?.now as Instant
  }

  #one(statement: Statement<object>, row: object): Promise<Answer> {
    return this.#query(plansOf(statement).one(row))
  }

  #query(query: Query): Promise<Answer> {
    return this.#source.query(this.#prepares ? query : { text: query.text, values: query.values })
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
