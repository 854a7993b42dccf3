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
    for (const row of this.#database.prepare(query.sql).iterate(...encodeLists(query.parameters)))
      yield { rows: [row as R] }
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
