import type Database from 'better-sqlite3'
import type { Kysely } from 'kysely'
import { type Instant, instant } from '../../core/instant.ts'
import type { Overlay, Tx } from '../database/database.ts'
import { bind, type Compiled, compileWith, type Statement } from '../database/statement.ts'
import type { Schema } from '../schema/tables.ts'
import { SqliteCompiler } from './compiler.ts'
import { isHeld } from './hold.ts'
import { countOn, lastId } from './ids.ts'
import { encodeList } from './lists.ts'
import { layOver } from './overlay.ts'

interface Prepared {
  readonly compiled: Compiled
  readonly statement: Database.Statement
}

/** Prepared statements of one connection. Nothing here waits: the promises are the seam's. */
export class Statements implements Tx {
  readonly db: Kysely<Schema>
  readonly isAlone = true
  readonly #path: string
  readonly #database: Database.Database
  readonly #prepared = new WeakMap<object, Prepared>()
  readonly #lastIds = new Map<string, Database.Statement>()
  constructor(path: string, database: Database.Database, db: Kysely<Schema>) {
    this.#path = path
    this.db = db
    this.#database = database
  }

  async run<Row extends object>(statement: Statement<Row>, row: Row): Promise<number> {
    return this.send(statement, row)
  }

  async runEach<Row extends object>(statement: Statement<Row>, rows: readonly Row[]): Promise<number> {
    return this.sendEach(statement, rows)
  }

  send<Row extends object>(statement: Statement<Row>, row: Row): number {
    const { compiled, statement: prepared } = this.#of(statement)
    return prepared.run(valuesOf(compiled, row)).changes
  }

  sendEach<Row extends object>(statement: Statement<Row>, rows: readonly Row[]): number {
    if (rows.length === 0) return 0
    const { compiled, statement: prepared } = this.#of(statement)
    let changes = 0
    for (const row of rows) changes += prepared.run(valuesOf(compiled, row)).changes
    return changes
  }

  async get<Row extends object, Result>(statement: Statement<Row>, row: Row): Promise<Result | undefined> {
    const { compiled, statement: prepared } = this.#of(statement)
    return prepared.get(valuesOf(compiled, row)) as Result | undefined
  }

  async all<Row extends object, Result>(statement: Statement<Row>, row: Row): Promise<Result[]> {
    const { compiled, statement: prepared } = this.#of(statement)
    return prepared.all(valuesOf(compiled, row)) as Result[]
  }

  async getEach<Row extends object, Result>(
    statement: Statement<Row>,
    rows: readonly Row[],
  ): Promise<(Result | undefined)[]> {
    if (rows.length === 0) return []
    const { compiled, statement: prepared } = this.#of(statement)
    return rows.map(row => prepared.get(valuesOf(compiled, row)) as Result | undefined)
  }

  lock<Row extends object, Result>(statement: Statement<Row>, row: Row): Promise<Result | undefined> {
    return this.get(statement, row)
  }

  lockEach<Row extends object, Result>(
    statement: Statement<Row>,
    rows: readonly Row[],
  ): Promise<(Result | undefined)[]> {
    return this.getEach(statement, rows)
  }

  /** One transaction writes at a time. */
  async lockTables(): Promise<void> {}

  countOn(table: keyof Schema, id: number): Promise<void> {
    return countOn(this.db, table, id)
  }

  async newIds(table: keyof Schema, count: number): Promise<number[]> {
    let last = this.#lastIds.get(table)
    if (last === undefined) {
      last = this.#database
        .prepare(`select max(coalesce((select max(id) from "${table}"), 0),
          coalesce((select seq from sqlite_sequence where name = ?), 0))`)
        .pluck()
      this.#lastIds.set(table, last)
    }
    const from = (count === 0 ? 0 : (last.get(table) as number)) + 1
    return Array.from({ length: count }, (_, n) => from + n)
  }

  layOver(tables: readonly (keyof Schema)[]): Promise<Overlay> {
    return layOver(this.db, tables)
  }

  lastId(table: keyof Schema): Promise<number> {
    return lastId(this.db, table)
  }

  async isHeld(name: string): Promise<boolean> {
    return isHeld(this.#path, name)
  }

  async now(): Promise<Instant> {
    return instant(Date.now())
  }

  #of(statement: Statement<object>): Prepared {
    let prepared = this.#prepared.get(statement)
    if (prepared === undefined) {
      const compiled = compileWith(new SqliteCompiler(), statement)
      prepared = { compiled, statement: this.#database.prepare(compiled.sql) }
      this.#prepared.set(statement, prepared)
    }
    return prepared
  }
}

const valuesOf = (compiled: Compiled, row: object): unknown[] => bind(compiled, row, encodeList)
