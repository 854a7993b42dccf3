import type Database from 'better-sqlite3'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
} from 'kysely'
import { SqliteCompiler } from './compiler.ts'
import { encodeLists } from './lists.ts'

/**
 * Kysely over one better-sqlite3 connection. It mends two things of Kysely's own dialect: DDL is
 * transactional, and a transaction begins `immediate`, since one that reads first and then writes fails at
 * once with SQLITE_BUSY_SNAPSHOT, whatever the timeout. Statements stay prepared.
 */
export class SqliteDialect implements Dialect {
  readonly #connection: SqliteConnection
  constructor(database: Database.Database) {
    this.#connection = new SqliteConnection(database)
  }
  createDriver = (): Driver => ({
    init: async () => {},
    destroy: async () => {},
    acquireConnection: async () => this.#connection,
    releaseConnection: async () => {},
    beginTransaction: async () => this.#connection.exec('begin immediate'),
    commitTransaction: async () => this.#connection.exec('commit'),
    rollbackTransaction: async () => this.#connection.exec('rollback'),
  })
  createQueryCompiler = () => new SqliteCompiler()
  createAdapter = () => new TransactionalSqliteAdapter()
  createIntrospector = (db: ConstructorParameters<typeof SqliteIntrospector>[0]) => new SqliteIntrospector(db)
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** Rows that a stream hands on together: one by one, the ways between generators take as long as the rows. */
const AT_ONCE = 100
/** Rows that take longer are handed on earlier. */
const LONGEST_MS = 5

class SqliteConnection implements DatabaseConnection {
  readonly #database: Database.Database
  readonly #prepared = new Map<string, Database.Statement>()
  constructor(database: Database.Database) {
    this.#database = database
  }

  exec(text: string): void {
    this.#database.exec(text)
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const statement = this.#prepare(query.sql)
    const parameters = encodeLists(query.parameters)
    if (statement.reader) return { rows: statement.all(...parameters) as R[] }
    const { changes, lastInsertRowid } = statement.run(...parameters)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    let rows: R[] = []
    let began = performance.now()
    for (const row of this.#database.prepare(query.sql).iterate(...encodeLists(query.parameters))) {
      rows.push(row as R)
      if (rows.length < AT_ONCE && performance.now() - began < LONGEST_MS) continue
      yield { rows }
      rows = []
      began = performance.now()
    }
    if (rows.length > 0) yield { rows }
  }

  #prepare(text: string): Database.Statement {
    let statement = this.#prepared.get(text)
    if (statement === undefined) {
      statement = this.#database.prepare(text)
      this.#prepared.set(text, statement)
    }
    return statement
  }
}
