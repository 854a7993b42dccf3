import { AsyncLocalStorage } from 'node:async_hooks'
import { existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Sqlite from 'better-sqlite3'
import { type CompiledQuery, type DatabaseConnection, type Driver, Kysely, sql } from 'kysely'
import { BadInput } from '../../core/errors.ts'
import type { Backup, Changing, Database, Queries, Reading, Tx, Weight } from '../database/database.ts'
import type { Schema } from '../schema/tables.ts'
import { SQLITE_TYPES } from '../schema/types.ts'
import { backUp } from './backup.ts'
import { APPLICATION_ID, attempt, connectReadOnly, recognise, refuseFolder } from './connect.ts'
import { findDamage } from './damage.ts'
import { SqliteDialect } from './dialect.ts'
import { isBusy, translateDatabaseError } from './errors.ts'
import { clearHold, hold } from './hold.ts'
import { LogSync } from './log-sync.ts'
import { Statements } from './statement.ts'

const BUSY_FOR_MS = 5_000

/** A piece of work that waits for a transaction; what it gives tells whoever asked, once the commit is on disk. */
interface Waiting {
  readonly work: (tx: Tx) => Promise<() => void>
  readonly reject: (error: unknown) => void
  readonly weight: Weight
}

/** One whose work is done, and what tells it so when the commit is on disk; `settle` refuses what its own work threw. */
interface Settled extends Pick<Waiting, 'reject' | 'weight'> {
  readonly settle: () => void
}

const STEPS = ['begin immediate', 'commit', 'savepoint one', 'release one', 'rollback to one'] as const
type Step = (typeof STEPS)[number]
type Steps = Readonly<Record<Step, Sqlite.Statement>>

/** One SQLite file: a writing connection with one transaction at a time, and read-only connections for long readers. */
export class SqliteFile implements Database {
  readonly isShared = false
  readonly path: string
  readonly #database: Sqlite.Database
  readonly #tx: Tx
  #waiting: Waiting[] = []
  #writing = false
  /** Null = not looked yet, or no log: a file system without shared memory has none, and each commit syncs by itself. */
  #log: LogSync | null = null
  #steps: Steps | null = null
  #reading: Reading | null = null
  /** Of what runs in a transaction's `work`, or was begun there; `open` until that work is done. */
  readonly #inside = new AsyncLocalStorage<{ open: boolean }>()

  private constructor(path: string, database: Sqlite.Database) {
    this.path = path
    this.#database = database
    this.#tx = new Statements(path, database, speak(path, database))
  }

  /** Opens or creates the file for writing. BadInput where it is no database of ours, StoreBroken where it is damaged. */
  static open(path: string): SqliteFile {
    const full = resolve(path)
    refuseFolder(full)
    const before = existsSync(full) && statSync(full).size > 0
    if (!existsSync(dirname(full)))
      throw new BadInput(`cannot open ${full}: its folder does not exist`, {
        hint: 'make the folder, or name another file with --db',
      })
    return attempt(full, () => {
      const database = new Sqlite(full, { timeout: 100 })
      try {
        // A process that was killed while it made the file leaves one without tables: that is a new one too.
        const fresh = !before || recognise(full, database)
        // An older or newer file stays as it is to the byte until `migrate` has accepted it.
        if (fresh) database.pragma('journal_mode = WAL')
        // What `write` resolves is on the disk all the same: `LogSync`.
        database.pragma('synchronous = NORMAL')
        database.pragma('foreign_keys = ON')
        database.pragma('trusted_schema = OFF')
        // 8 MB of pages: the rest of a large file is in the system's cache, and 64 MB were no faster (`npm run bench -- --only profiles`).
        database.pragma('cache_size = -8192')
        if (fresh) database.pragma(`application_id = ${APPLICATION_ID}`)
      } catch (error) {
        database.close()
        throw error
      }
      return new SqliteFile(full, database)
    })
  }

  /**
   * Opens an existing file for reading only; an open reader never holds up the writer. `cacheKb`: of pages, at most; 16 MB of them made no report
   * and no export quicker (docs/performance.md).
   */
  static openReader(path: string, cacheKb = 4_096): Reading {
    const database = connectReadOnly(path)
    database.pragma(`cache_size = -${cacheKb}`)
    const full = resolve(path)
    const db = speak(full, database)
    return Object.assign(new Statements(full, database, db), {
      name: full,
      moment: <T>(use: (at: Queries) => Promise<T>): Promise<T> =>
        db.transaction().execute(at => use(new Statements(full, database, at))),
      findDamage: () => findDamage(db),
      backUp: (to: string, force: boolean) => backUp(full, to, force),
      close: async () => void database.close(),
    })
  }

  get name(): string {
    return this.path
  }

  /** The writing connection outside of a transaction: for migrations, which begin their own. Elsewhere it would see rows that may yet be undone. */
  get db(): Kysely<Schema> {
    return this.#tx.db
  }

  /** What is committed, and nothing else: a read-only connection of this process, opened when it is first asked for. */
  get committed(): Queries {
    if (!this.#database.open) throw new Error(`${this.path} was closed`)
    this.#reading ??= SqliteFile.openReader(this.path, 2_048)
    return this.#reading
  }

  /**
   * Runs in a `begin immediate` transaction and resolves when it is on disk; whatever `work` throws undoes all of it.
   * What is asked for while another transaction is under way shares the next one, each behind a savepoint of its
   * own: with four calls in flight pages, charges and claims share their commits, and while one is brought to the disk the next is written. Waits for other processes up to 5 s without
   * freezing this one.
   *
   * `light` = a charge, a claim, a lease: it survives the death of the process, but is not synced to disk by
   * itself. A power cut may take what was written since the last page, and never a page.
   *
   * Asked for from within another one's `work` it would wait for itself for ever: that throws.
   */
  write<T>(work: (tx: Tx) => T | Promise<T>, weight: Weight = 'full'): Promise<T> {
    if (this.#inside.getStore()?.open) throw new Error('a transaction was asked for within another one')
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        work: async tx => {
          const inside = { open: true }
          try {
            const result = await this.#inside.run(inside, () => work(tx))
            return () => resolve(result)
          } finally {
            // A timer that was begun in it may ask for a transaction of its own when this one is over.
            inside.open = false
          }
        },
        reject,
        weight,
      })
      if (this.#waiting.length === 1 && !this.#writing) void this.#writeAll()
    })
  }

  async hold(name: string): Promise<AsyncDisposable | null> {
    const held = hold(this.path, name)
    return held === null ? null : { [Symbol.asyncDispose]: async () => held[Symbol.dispose]() }
  }

  async clearHold(name: string): Promise<void> {
    clearHold(this.path, name)
  }

  backUp(to: string, force: boolean): Promise<Backup> {
    return backUp(this.path, to, force)
  }

  /** Pages that were split keep old rows in their gaps, whatever `secure_delete` says: the whole file is written anew. */
  async reclaim(): Promise<void> {
    await whileBusy(() => sql`vacuum`.execute(this.db))
    await sql`pragma wal_checkpoint(truncate)`.execute(this.db)
  }

  changeSchema<T>(use: (changing: Changing) => Promise<T>): Promise<T> {
    return use({
      db: this.db,
      types: SQLITE_TYPES,
      accept: async () => void (await whileBusy(() => sql`pragma journal_mode = wal`.execute(this.db))),
      step: work =>
        whileBusy(() =>
          work().catch((error: unknown) => {
            throw translateDatabaseError(this.path, error)
          }),
        ),
    })
  }

  async close(): Promise<void> {
    await this.#reading?.close()
    this.#reading = null
    await this.#log?.close()
    if (this.#database.open) this.#database.close()
  }

  async #writeAll(): Promise<void> {
    this.#writing = true
    while (this.#waiting.length > 0) {
      // Answers that have arrived by now come first: their pages share this transaction.
      await new Promise(resume => setImmediate(resume))
      await this.#transact(this.#waiting.splice(0))
    }
    this.#writing = false
  }

  async #transact(group: readonly Waiting[]): Promise<void> {
    const settled: Settled[] = []
    try {
      await this.#begin()
      for (const one of group) settled.push(await this.#one(one, group.length === 1))
      this.#do('commit')
    } catch (error) {
      this.#rollBack()
      for (const { reject } of group) reject(translateDatabaseError(this.path, error))
      return
    }
    for (const { settle, weight } of settled) if (weight === 'light') settle()
    const full = settled.filter(({ weight }) => weight === 'full')
    if (full.length > 0) void this.#settleSynced(full)
  }

  /** The next transaction does not wait for the disk. */
  async #settleSynced(settled: readonly Settled[]): Promise<void> {
    try {
      await this.#log?.sync()
    } catch (error) {
      for (const { reject } of settled) reject(translateDatabaseError(this.path, error))
      return
    }
    for (const { settle } of settled) settle()
  }

  /** Never throws: whoever waits is told the first failure, and what cannot be undone the next `begin` tells. */
  #rollBack(): void {
    try {
      // A full disk has rolled back by itself already.
      if (this.#database.inTransaction) this.#database.exec('rollback')
    } catch {}
  }

  /** Runs one of a group: its failure undoes its own writes and no others, unless the whole transaction is gone. One that is alone is the transaction. */
  async #one({ work, reject, weight }: Waiting, isAlone: boolean): Promise<Settled> {
    if (isAlone) return { settle: await work(this.#tx), reject, weight }
    this.#do('savepoint one')
    try {
      const settle = await work(this.#tx)
      this.#do('release one')
      return { settle, reject, weight }
    } catch (error) {
      if (!this.#database.inTransaction) throw error
      this.#do('rollback to one')
      this.#do('release one')
      const refuse = () => reject(translateDatabaseError(this.path, error))
      return { settle: refuse, reject, weight }
    }
  }

  #do(step: Step): void {
    this.#steps ??= this.#prepare()
    this.#steps[step].run()
  }

  #prepare(): Steps {
    if (this.#database.pragma('journal_mode', { simple: true }) === 'wal') this.#log = new LogSync(this.path)
    else this.#database.pragma('synchronous = FULL')
    return Object.fromEntries(STEPS.map(step => [step, this.#database.prepare(step)])) as unknown as Steps
  }

  #begin(): Promise<void> {
    return whileBusy(() => this.#do('begin immediate')).catch((error: unknown) => {
      throw translateDatabaseError(this.path, error)
    })
  }
}

/** Tries again while another process writes, up to 5 s, without freezing this one. */
const whileBusy = async <T>(work: () => T | Promise<T>): Promise<T> => {
  const giveUpAt = Date.now() + BUSY_FOR_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || Date.now() > giveUpAt) throw error
      await new Promise(resume => setTimeout(resume, 5 + Math.random() * 45))
    }
  }
}

/** Kysely over a connection, whose statements fail in a user's words. */
const speak = (path: string, database: Sqlite.Database): Kysely<Schema> => {
  const dialect = new SqliteDialect(database)
  const createDriver = (): Driver => {
    const driver = dialect.createDriver()
    // One for all statements: Kysely keeps a note of each connection that it is given.
    let connection: DatabaseConnection | undefined
    return {
      ...driver,
      acquireConnection: async options => {
        connection ??= explained(path, await driver.acquireConnection(options))
        return connection
      },
      // A full disk has rolled back by itself already.
      rollbackTransaction: async connection => {
        if (database.inTransaction) await driver.rollbackTransaction(connection)
      },
    }
  }
  return new Kysely<Schema>({ dialect: { ...dialect, createDriver } })
}

const explained = (path: string, connection: DatabaseConnection): DatabaseConnection => ({
  executeQuery: query =>
    connection.executeQuery<never>(query).catch((error: unknown) => {
      throw translateDatabaseError(path, error)
    }),
  async *streamQuery<R>(query: CompiledQuery, chunkSize: number) {
    try {
      yield* connection.streamQuery<R>(query, chunkSize)
    } catch (error) {
      throw translateDatabaseError(path, error)
    }
  },
})
