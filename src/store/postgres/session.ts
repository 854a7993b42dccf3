import type { Socket } from 'node:net'
import pg from 'pg'
import type { Address } from './address.ts'
import { ConnectionLost, codeOf, isLost, nameStatement, translateServerError } from './errors.ts'
import type { Query } from './plans.ts'
import { TYPES } from './values.ts'

/** What a statement brought. */
export interface Answer {
  readonly command: string
  readonly rows: Record<string, unknown>[]
  /** Null where the command counts none. */
  readonly rowCount: number | null
}

/** How long a connection may take to be made. */
const CONNECT_MS = 10_000
/** When a statement that has not been answered makes one ask whether the server still works on it, and how often then. */
const ASK_MS = 15_000
/** What a statement fails with since one before it in its transaction failed: that is the one to tell. */
const AFTER_FAILURE = '25P02'

/**
 * One connection. Statements are sent at once and answered in their order: those that are asked for together, before any answer is
 * waited for, are one way there and back.
 */
export class Session {
  readonly name: string
  readonly #address: Address
  readonly #client: pg.Client
  /** How many statements are not answered yet. */
  #asked = 0
  #newest: Promise<unknown> = Promise.resolve()
  #corked = false
  #lost = false
  #whenLost: () => void = () => {}
  readonly #watch: NodeJS.Timeout
  /** The first statement that failed in this transaction: with it, it is undone. */
  failure: { readonly error: unknown; readonly told: unknown } | null = null
  /** Of its process on the server: pid, and its start, since pids come again. */
  #process: { readonly pid: number; readonly start: string } | null = null

  private constructor(address: Address, client: pg.Client) {
    this.name = address.name
    this.#address = address
    this.#client = client
    const lose = (): void => {
      this.#lost = true
      this.#whenLost()
    }
    client.on('error', lose)
    client.on('end', lose)
    this.#watch = setInterval(() => void this.#askAfter(), ASK_MS)
    this.#watch.unref()
  }

  /** Rejects in a user's words. `setUp` = SQL without parameters that makes the connection what it is for; `types` = what its values become. */
  static async open(address: Address, setUp = '', types: typeof TYPES = TYPES): Promise<Session> {
    const client = new pg.Client({
      ...address.config,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      types,
      pipeline: true,
    })
    const session = new Session(address, client)
    try {
      await client.connect()
      if (setUp !== '') await client.query(setUp)
      return session
    } catch (error) {
      session.end()
      throw translateServerError(address.name, error)
    }
  }

  get isLost(): boolean {
    return this.#lost
  }

  get inTransaction(): boolean {
    return this.#client.getTransactionStatus() !== 'I'
  }

  /** Runs a statement, or several without values, when those before are through. Rejects in a user's words. */
  async query(query: Query | string): Promise<Answer> {
    return (await this.queryAll(query)).at(-1) as Answer
  }

  /** The same; resolves to what each of several statements brought. */
  queryAll(query: Query | string): Promise<readonly Answer[]> {
    const answers = this.#run(query)
    this.#newest = answers
    return answers
  }

  /**
   * Runs a statement in a transaction of its own that cannot write. Nothing is set on the connection: a pool may hand the server's
   * end of it on to others.
   */
  async queryReadOnly(query: Query | string): Promise<Answer> {
    const steps = await Promise.allSettled([
      this.query('begin read only'),
      this.query(query),
      this.query('commit'),
    ])
    for (const step of steps) if (step.status === 'rejected') throw step.reason
    return (steps[1] as PromiseFulfilledResult<Answer>).value
  }

  /** The same without waiting: what fails is known to whoever asks next, and undoes the transaction. */
  send(query: Query | string): void {
    this.queryAll(query).catch(() => {})
  }

  /** Resolves when all that was sent is answered. */
  async settled(): Promise<void> {
    await this.#newest.catch(() => {})
  }

  /** Which process of the server this is. */
  async process(): Promise<{ readonly pid: number; readonly start: string }> {
    if (this.#process === null) {
      const { rows } = await this.query(OWN_PROCESS)
      this.#process = rows[0] as { pid: number; start: string }
    }
    return this.#process
  }

  /** What is done, perhaps more than once, when it is lost or ended. */
  onLost(act: () => void): void {
    this.#whenLost = act
    if (this.#lost) act()
  }

  /** Without it a process that is done ends, though the connection is open. */
  hold(holds: boolean): void {
    const client = this.#client as pg.Client & { ref(): void; unref(): void }
    if (holds) client.ref()
    else client.unref()
  }

  /** Never waits, and never throws. */
  end(): void {
    this.#lost = true
    this.#client.end().catch(() => {})
  }

  /** Ends it once its goodbye is sent. */
  async close(): Promise<void> {
    this.#lost = true
    await within(
      1_000,
      this.#client.end().catch(() => {}),
    )
  }

  async #run(query: Query | string): Promise<readonly Answer[]> {
    this.#asked++
    try {
      if (this.#lost) throw new ConnectionLost('the connection is lost')
      this.#cork()
      const sent = typeof query === 'string' ? query : { ...query, values: [...query.values] }
      const answer = (await this.#client.query(sent)) as Answer | Answer[]
      return Array.isArray(answer) ? answer : [answer]
    } catch (error) {
      if (isLost(error)) this.#lost = true
      const text = typeof query === 'string' ? query : query.text
      const told = nameStatement(translateServerError(this.name, error), text)
      this.failure ??= { error, told }
      throw codeOf(error) === AFTER_FAILURE ? this.failure.told : told
    } finally {
      this.#asked--
      this.#watch.refresh()
    }
  }

  /**
   * A network that was cut says nothing: where the server cannot be reached, or no longer has the process that works for this
   * connection, what it was asked will not be answered.
   */
  async #askAfter(): Promise<void> {
    const process = this.#process
    if (this.#lost) clearInterval(this.#watch)
    if (process === null || this.#lost || this.#asked === 0) return
    try {
      const other = await Session.open(this.#address)
      try {
        const { rows } = await other.query({ text: LIVES, values: [process.pid, process.start] })
        if (rows.length > 0) return
      } finally {
        other.end()
      }
    } catch (error) {
      if (!isLost(error)) return
    }
    this.#give(new ConnectionLost('the server does not answer'))
  }

  #give(error: Error): void {
    this.#lost = true
    this.#stream.destroy(error)
  }

  /** Until nothing more is asked for together. */
  #cork(): void {
    if (this.#corked) return
    this.#corked = true
    const stream = this.#stream
    stream.cork()
    process.nextTick(() => {
      this.#corked = false
      stream.uncork()
    })
  }

  get #stream(): Socket {
    return (this.#client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream
  }
}

const START = `extract(epoch from backend_start)::text`
/** Of the function behind `pg_stat_activity`, which looks at this process alone. */
const OWN_PROCESS = `select pid, ${START} as start from pg_stat_get_activity(pg_backend_pid())`
const LIVES = `select 1 from pg_stat_activity where pid = $1::bigint and ${START} = $2::text`
/** Ends a process of the server that nobody speaks to any more. */
export const END_PROCESS = `select pg_terminate_backend(pid) from pg_stat_activity where pid = $1::bigint and ${START} = $2::text`

/** What comes of `work`, or null where that takes longer. No timer is left behind: a process that is done would wait for it. */
export const within = async <T>(ms: number, work: Promise<T>): Promise<T | null> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>(resume => {
    timer = setTimeout(resume, ms, null)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

export const pause = (ms: number): Promise<void> => new Promise(resume => setTimeout(resume, ms))
