import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  type QueryResult,
  sql,
  type TableMetadata,
} from 'kysely'
import { portable } from '../schema/rows.ts'
import type { Schema } from '../schema/tables.ts'
import { PostgresCompiler } from './compiler.ts'
import type { Answer, Session } from './session.ts'

/** What runs statements: one connection, or whichever is free. */
export interface Source {
  query: Session['query']
  /** The connection that a stream, or a transaction, has for itself. */
  take(): Promise<Session>
  give(session: Session): void
}

/** Kysely over connections of ours. It asks no parameter for its type (`compiler.ts`), and streams by cursors of SQL. */
export const speak = (source: Source): Kysely<Schema> =>
  new Kysely<Schema>({ dialect: new PostgresDialect(source) })

/** One connection for all of it. */
export const only = (session: Session): Source => ({
  query: query => session.query(query),
  take: async () => session,
  give: () => {},
})

class PostgresDialect implements Dialect {
  readonly #source: Source
  constructor(source: Source) {
    this.#source = source
  }
  createDriver = (): Driver => {
    const source = this.#source
    const connection = new Connection(source)
    return {
      init: async () => {},
      destroy: async () => {},
      acquireConnection: async () => connection,
      releaseConnection: async () => {},
      beginTransaction: async () => void (await source.query('begin')),
      commitTransaction: async () => {
        const { command } = await source.query('commit')
        if (command === 'ROLLBACK')
          throw new Error('a transaction in which a statement had failed was undone')
      },
      rollbackTransaction: async () => void (await source.query('rollback')),
    }
  }
  createQueryCompiler = () => new PostgresCompiler()
  createAdapter = () => new PostgresAdapter()
  createIntrospector = (db: Kysely<never>) => new OwnTables(db)
}

/** The server has no U+0000: what is asked about a text that has one is asked about what would be stored of it. */
const taken = (value: unknown): unknown => {
  if (typeof value === 'string') return value.includes('\0') ? portable(value) : value
  return Array.isArray(value) ? value.map(taken) : value
}

const COUNTED: readonly string[] = ['INSERT', 'UPDATE', 'DELETE', 'MERGE']

class Connection implements DatabaseConnection {
  readonly #source: Source
  constructor(source: Source) {
    this.#source = source
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { command, rows, rowCount } = await this.#source.query({ text: sql, values: parameters.map(taken) })
    return COUNTED.includes(command)
      ? { rows: rows as R[], numAffectedRows: BigInt(rowCount ?? 0) }
      : { rows: rows as R[] }
  }

  /** By a cursor of SQL, so that other statements may be run on the connection meanwhile. */
  async *streamQuery<R>(
    { sql, parameters }: CompiledQuery,
    chunkSize: number,
  ): AsyncIterableIterator<QueryResult<R>> {
    const session = await this.#source.take()
    await session.settled()
    const begins = !session.inTransaction
    const cursor = `socsync_cursor_${++cursors}`
    const rows = Math.max(chunkSize, SMALLEST_CHUNK)
    try {
      if (begins) await session.query('begin read only')
      await session.query({
        text: `declare ${cursor} no scroll cursor for ${sql}`,
        values: parameters.map(taken),
      })
      for (;;) {
        const answer: Answer = await session.query(`fetch ${rows} from ${cursor}`)
        if (answer.rows.length > 0) yield { rows: answer.rows as R[] }
        if (answer.rows.length < rows) break
      }
    } finally {
      // A failure before is the one to tell.
      await session.query(begins ? 'rollback' : `close ${cursor}`).catch(() => {})
      this.#source.give(session)
    }
  }
}

let cursors = 0
const SMALLEST_CHUNK = 500

/** Which tables there are, in the schema that is worked on and no other: all that a migration asks for. */
class OwnTables extends PostgresIntrospector {
  readonly #db: Kysely<never>
  constructor(db: Kysely<never>) {
    super(db)
    this.#db = db
  }
  override async getTables(): Promise<TableMetadata[]> {
    const { rows } = await sql<{ name: string; schema: string }>`
      select relname as name, current_schema() as schema from pg_class
      where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`.execute(this.#db)
    return rows.map(row => ({ ...row, isView: false, isForeign: false, columns: [] }))
  }
}
