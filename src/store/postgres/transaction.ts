import { randomUUID } from 'node:crypto'
import type { Tx, Weight } from '../database/database.ts'
import { giveNumber, prepareNumber } from './commits.ts'
import { only } from './dialect.ts'
import type { Session } from './session.ts'
import { Statements } from './statement.ts'

/**
 * What a connection that writes begins with: it waits for no lock and no answer for ever, and leaves none behind that is not worked
 * with. What a frozen process has locked is free after half of a lease, so that nobody who waits for it is taken for frozen too.
 */
export const SET_UP_WRITER = `
  set session characteristics as transaction isolation level read committed, read write;
  set statement_timeout = '1h';
  set idle_in_transaction_session_timeout = '10s';
  set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 3; set tcp_keepalives_count = 3;
  set tcp_user_timeout = 15000;
  set client_min_messages = error;
  set jit = off`

/** What is known of a writing connection beside it. */
export class Writer {
  readonly connection = randomUUID()
  readonly tx: Tx
  readonly #session: Session
  /** Of its newest transaction. */
  number = 0

  private constructor(session: Session) {
    this.#session = session
    this.tx = new Statements(only(session), true)
  }

  static async of(session: Session): Promise<Writer> {
    const known = writers.get(session)
    if (known !== undefined) return known
    const writer = new Writer(session)
    await session.query(prepareNumber(writer.connection))
    writers.set(session, writer)
    return writer
  }

  /** Where it fails, so does the first statement of its work. */
  begin(weight: Weight): void {
    this.#session.failure = null
    this.number++
    const light = weight === 'light' ? 'set local synchronous_commit = off;' : ''
    this.#session.send(`begin;${light}${giveNumber(this.number)}`)
  }

  /** Rejects where it is undone, or where the connection was lost and nobody knows. */
  async commit(): Promise<void> {
    const session = this.#session
    const command = session.failure === null ? (await session.query('commit')).command : null
    // A statement that failed has undone it, whether or not the work minded.
    if (command === 'COMMIT') return
    throw session.failure?.told ?? new Error(`the server answered commit with ${command}`)
  }

  /** Never throws: a connection that cannot even roll back is not used again. What had failed before stays what failed. */
  async rollback(): Promise<void> {
    if (this.#session.isLost) return
    const { failure } = this.#session
    await this.#session.query('rollback').catch(() => this.#session.end())
    this.#session.failure = failure
  }
}

const writers = new WeakMap<Session, Writer>()
