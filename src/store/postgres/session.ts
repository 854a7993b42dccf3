import pg from 'pg'
import type { Address } from './address.ts'
import { ConnectionLost, isLost, nameStatement, translateServerError } from './errors.ts'
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

/** One connection, with one statement at a time. */
export class Session {
  readonly name: string
  readonly #address: Address
  readonly #client: pg.Client
  /** The newest statement, whatever became of it. */
  #last: Promise<unknown> = Promise.resolve()
  #lost = false
  #whenLost: () => void = () => {}
  /** The first statement that failed in this transaction: with it, it is undone. */
  failure: { readonly error: unknown } | null = null
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
  }

  /**
   * Rejects in a user's words. `setUp` = SQL without parameters that makes the connection what it is for; `types` = what its values become;
   * `pipeline` = statements that are asked for together are sent together.
   */
  static async open(address: Address, setUp = '', types = TYPES, pipeline = false): Promise<Session> {
    const client = new pg.Client({
      ...address.config,
      pipeline,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      types,
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
    return this.#inTurn(() => this.#run(query))
  }

  /**
   * Runs a statement in a transaction of its own that cannot write, on a connection with a pipeline in one round trip. Nothing
   * is set on the connection: a pool may hand the server's end of it on to others.
   */
  async queryReadOnly(query: Query | string): Promise<Answer> {
    return (await this.#inTurn(() => this.#run(query, sent => this.#readOnly(sent)))).at(-1) as Answer
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(act)
    this.#last = done.catch(() => {})
    return done
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

  async #run(
    query: Query | string,
    send: (query: pg.QueryConfig | string) => Promise<unknown> = query => this.#client.query(query),
  ): Promise<readonly Answer[]> {
    const timer = setInterval(() => void this.#askAfter(), ASK_MS)
    timer.unref()
    try {
      if (this.#lost) throw new ConnectionLost('the connection is lost')
      const sent = typeof query === 'string' ? query : { ...query, values: [...query.values] }
      const answer = (await send(sent)) as Answer | Answer[]
      return Array.isArray(answer) ? answer : [answer]
    } catch (error) {
      if (isLost(error)) this.#lost = true
      this.failure ??= { error }
      const text = typeof query === 'string' ? query : query.text
      throw nameStatement(translateServerError(this.name, error), text)
    } finally {
      clearInterval(timer)
    }
  }

  async #readOnly(query: pg.QueryConfig | string): Promise<unknown> {
    const [begun, answer, ended] = await Promise.allSettled([
      this.#client.query('begin read only'),
      this.#client.query(query),
      this.#client.query('commit'),
    ])
    for (const step of [begun, answer, ended]) if (step.status === 'rejected') throw step.reason
    return answer.status === 'fulfilled' ? answer.value : undefined
  }

  /**
   * A network that was cut says nothing: where the server cannot be reached, or no longer has the process that works for this
   * connection, what it was asked will not be answered.
   */
  async #askAfter(): Promise<void> {
    const process = this.#process
    if (process === null || this.#lost) return
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
    const { connection } = this.#client as unknown as {
      connection: { stream: { destroy(error: Error): void } }
    }
    connection.stream.destroy(error)
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
