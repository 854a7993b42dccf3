import { AsyncLocalStorage } from 'node:async_hooks'
import { BadInput } from '../../core/errors.ts'
import type { Changing, Database, Queries, Reading, Tx, Weight } from '../database/database.ts'
import { type Address, readAddress } from './address.ts'
import { changeSchema, hasTables } from './changing.ts'
import { wasCommitted } from './commits.ts'
import { findDamage } from './damage.ts'
import { only, type Source } from './dialect.ts'
import { isConflict, isLost, translateServerError } from './errors.ts'
import { hold } from './hold.ts'
import { Patience } from './patience.ts'
import { reclaim } from './reclaim.ts'
import { pause, Session } from './session.ts'
import { Sessions } from './sessions.ts'
import { Statements } from './statement.ts'
import { SET_UP_WRITER, Writer } from './transaction.ts'

/** Writing connections of one process; as many transactions run at a time. */
const WRITERS = 10
const READERS = 4
/** How long a server that is away is waited for: a restart, a failover. */
const AWAY_FOR_MS = 5 * 60_000
/** How often a transaction that met another one's is run again. */
const MOST_CONFLICTS = 10

/** Set for good on connections of a process's own; a pool between it and the server would hand them on to others. */
const READ_ONLY = `
  set session characteristics as transaction read only; set statement_timeout = '1h'; set client_min_messages = error;
  set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 3; set tcp_keepalives_count = 3; set jit = off`

type Tried<T> = { readonly result: T } | { readonly again: unknown }

/** One database of a PostgreSQL server: transactions side by side, and connections that only read beside them. */
export class PostgresDatabase implements Database {
  readonly isShared = true
  readonly name: string
  readonly committed: Queries
  readonly #address: Address
  readonly #writers: Sessions
  readonly #readers: Sessions
  readonly #awayForMs: number
  /** Of what runs in a transaction's `work`, or was begun there; `open` until that work is done. */
  readonly #inside = new AsyncLocalStorage<{ open: boolean }>()

  private constructor(address: Address, awayForMs: number) {
    this.#address = address
    this.#awayForMs = awayForMs
    this.name = address.name
    this.#writers = new Sessions(address, WRITERS, SET_UP_WRITER)
    this.#readers = new Sessions(address, READERS, READ_ONLY)
    this.committed = new Statements(patient(this.#readers, awayForMs), true)
  }

  /**
   * Opens a database that is there for writing: `postgres://user@host/database`. BadInput where it is another program's, or
   * does not let this user in; StoreBroken where no server answers: at the beginning it is not waited for.
   */
  static async open(url: string, awayForMs = AWAY_FOR_MS): Promise<PostgresDatabase> {
    const database = new PostgresDatabase(readAddress(url), awayForMs)
    try {
      await database.#readers.with(session => hasTables(session, database.name))
      return database
    } catch (error) {
      await database.close()
      throw error
    }
  }

  /** Whether a database has any table of ours. Rejects as `openReader`. */
  static async isThere(url: string): Promise<boolean> {
    const address = readAddress(url)
    const session = await Session.open(address)
    try {
      return await hasTables(session, address.name)
    } finally {
      await session.close()
    }
  }

  /**
   * Opens a database that is there for reading only: each statement is a transaction of its own that cannot write. Its connections may
   * come from a pool that hands them out for a transaction each. BadInput where it has no table yet.
   */
  static async openReader(url: string): Promise<Reading> {
    const address = readAddress(url)
    const sessions = new Sessions(address, READERS, null)
    try {
      if (!(await sessions.with(session => hasTables(session, address.name)))) {
        throw new BadInput(`${address.name} is empty: no database yet`, {
          hint: 'name another one with --db or SOCSYNC_DB, or fill this one with `socsync run`',
        })
      }
    } catch (error) {
      await sessions.close()
      throw error
    }
    const source: Source = {
      ...patient(sessions, AWAY_FOR_MS),
      query: query =>
        new Patience(AWAY_FOR_MS).until(() => sessions.with(session => session.queryReadOnly(query))),
    }
    const statements = new Statements(source, false)
    return Object.assign(statements, {
      name: address.name,
      moment: <T>(use: (at: Queries) => Promise<T>): Promise<T> =>
        sessions.with(async session => {
          await session.query('begin isolation level repeatable read read only')
          try {
            return await use(new Statements(only(session), false))
          } finally {
            // Nothing was written. What cannot end is not used again.
            await session.query('rollback').catch(() => session.end())
          }
        }),
      findDamage: () => findDamage(statements.db),
      backUp: async () => null,
      close: () => sessions.close(),
    })
  }

  /**
   * Runs in a transaction of its own, on one of ten connections, and resolves when it is committed; whatever `work` throws undoes
   * all of it. It is run again where it met another one's (40001, 40P01), a few times; and where its connection was lost
   * before the commit, for up to five minutes: a server may be restarted under it. Where it was lost at the commit, the database
   * is asked whether that was done: nobody is told what is not known.
   *
   * `light` = a claim, a lease, a charge of what has no known end: it is not synced to disk by itself (`synchronous_commit = off`). The server's death may take
   * what was written in the last moments, and never a page.
   *
   * Asked for from within another one's `work` it would wait for a connection that this one has: that throws.
   */
  async write<T>(work: (tx: Tx) => T | Promise<T>, weight: Weight = 'full'): Promise<T> {
    if (this.#inside.getStore()?.open) throw new Error('a transaction was asked for within another one')
    const patience = new Patience(this.#awayForMs)
    for (let conflicts = 0; ; ) {
      const tried = await patience
        .until(() => this.#writers.take())
        .then(session => this.#try(session, work, weight))
      if ('result' in tried) return tried.result
      if (!isConflict(tried.again)) await patience.wait(tried.again)
      else if (++conflicts > MOST_CONFLICTS) throw tried.again
      else await pause(Math.random() * 10 * 2 ** Math.min(conflicts, 6))
    }
  }

  hold(name: string, again?: () => void): Promise<AsyncDisposable | null> {
    return hold(this.#address, name, again)
  }

  /** The server itself frees what a dead process held. */
  async clearHold(): Promise<void> {}

  /** `pg_dump` makes one. */
  async backUp(): Promise<null> {
    return null
  }

  reclaim(tables: readonly string[]): Promise<void> {
    return reclaim(this.#address, tables)
  }

  changeSchema<T>(use: (changing: Changing) => Promise<T>): Promise<T> {
    return changeSchema(this.#address, use)
  }

  async close(): Promise<void> {
    await Promise.all([this.#writers.close(), this.#readers.close()])
  }

  /** One try; gives the connection back. Throws what undid it for good. */
  async #try<T>(session: Session, work: (tx: Tx) => T | Promise<T>, weight: Weight): Promise<Tried<T>> {
    const inside = { open: true }
    try {
      const writer = await Writer.of(session)
      let result: T
      try {
        writer.begin(weight)
        result = await this.#inside.run(inside, async () => work(writer.tx))
      } catch (error) {
        await writer.rollback()
        throw error
      }
      try {
        await writer.commit()
      } catch (error) {
        if (!session.isLost) await writer.rollback()
        else if (await this.#wasCommitted(session, writer)) return { result }
        throw error
      }
      return { result }
    } catch (error) {
      // What the work made of a failure of the database is not asked.
      const cause = session.failure?.error ?? error
      if (isConflict(cause) || isLost(cause)) return { again: translateServerError(this.name, cause) }
      throw error
    } finally {
      // A timer that was begun in it may ask for a transaction of its own when this one is over.
      inside.open = false
      this.#writers.give(session)
    }
  }

  async #wasCommitted(session: Session, { connection, number }: Writer): Promise<boolean> {
    const process = await session.process()
    return new Patience(this.#awayForMs).until(() => wasCommitted(this.#writers, connection, number, process))
  }
}

/** Whichever connection is free; a single statement that reads is asked again where its connection was lost. */
const patient = (sessions: Sessions, awayForMs: number): Source => ({
  query: query => new Patience(awayForMs).until(() => sessions.with(session => session.query(query))),
  take: () => new Patience(awayForMs).until(() => sessions.take()),
  give: session => sessions.give(session),
})
