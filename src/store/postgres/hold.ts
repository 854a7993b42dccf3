import { createHash } from 'node:crypto'
import type { Address } from './address.ts'
import type { Source } from './dialect.ts'
import { isLost } from './errors.ts'
import { Patience } from './patience.ts'
import type { Query } from './plans.ts'
import { pause, Session, within } from './session.ts'

/** How often the connection that holds a name is asked whether it lives, and how long that answer may take. */
const BEAT_MS = 3_000

/**
 * For so long after a server has started whoever held a name may not have taken it again yet: all names count as held, or
 * each worker would take the others for dead.
 */
const GRACE_S = 5

/** The longest step, without jitter, in which a lost name is tried for: nobody looks twice at a worker within it (`store/queue/worker.ts`). */
const RETRY_MS = 1_000

/** Its own parameters tell the server soon of a machine that is gone: the name is free some 15 s after. */
const SET_UP = `
  set idle_session_timeout = 0;
  set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 3; set tcp_keepalives_count = 3;
  set tcp_user_timeout = 10000`

/**
 * A name that one process has until it gives it back or dies: a session advisory lock on a connection of its own. The server
 * frees it as soon as that connection ends, so that whoever asks knows at once that the process is dead.
 *
 * Where that connection is lost while the process lives, the name is taken again at once, with a new one. Until then it counts
 * as free, and whoever takes this process for dead in that moment may bury it: then it is overtaken, which its next writing
 * transaction tells (docs/design.md §5.2). Null = another one has the name.
 */
export const hold = async (
  address: Address,
  name: string,
  again: () => void = () => {},
): Promise<AsyncDisposable | null> => {
  const session = await Session.open(address, SET_UP)
  try {
    if (!(await tryLock(session, name))) {
      session.end()
      return null
    }
  } catch (error) {
    session.end()
    throw error
  }
  return new Hold(address, name, session, again)
}

class Hold implements AsyncDisposable {
  readonly #address: Address
  readonly #name: string
  readonly #again: () => void
  #session: Session
  #given = false
  readonly #timer: NodeJS.Timeout
  #beating: Promise<void> | null = null

  constructor(address: Address, name: string, session: Session, again: () => void) {
    this.#address = address
    this.#name = name
    this.#again = again
    this.#session = session
    session.hold(false)
    session.onLost(() => this.#beat())
    this.#timer = setInterval(() => this.#beat(), BEAT_MS)
    this.#timer.unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#given = true
    clearInterval(this.#timer)
    await this.#session.close()
    await this.#beating
  }

  /** One at a time. */
  #beat(): void {
    this.#beating ??= this.#live().finally(() => {
      this.#beating = null
    })
  }

  async #live(): Promise<void> {
    if (!this.#session.isLost) {
      const answered = this.#session.query('select 1').then(
        () => true,
        () => false,
      )
      if (await within(BEAT_MS, answered)) return
      this.#session.end()
    }
    const patience = new Patience(Number.POSITIVE_INFINITY, RETRY_MS)
    while (!this.#given) {
      try {
        if (await this.#takeAgain()) return this.#again()
        await pause(500)
      } catch (error) {
        // Whatever it is, the name must be had again: one who is let in no more is told so by his next transaction.
        if (isLost(error)) await patience.wait(error)
        else await pause(BEAT_MS)
      }
    }
  }

  async #takeAgain(): Promise<boolean> {
    const session = await Session.open(this.#address, SET_UP)
    if (this.#given || !(await tryLock(session, this.#name))) {
      session.end()
      return false
    }
    session.hold(false)
    this.#session = session
    session.onLost(() => this.#beat())
    if (this.#given) session.end()
    return true
  }
}

/** Whether a process that lives has this name; null = a replica is asked, which does not know of the primary server's locks. */
export const isHeld = async (source: Source, name: string): Promise<boolean | null> => {
  const { rows } = await source.query(withKey(IS_HELD, name))
  const held = rows[0]?.held ?? null
  return held === null ? null : Number(held) === 1
}

const tryLock = async (session: Session, name: string): Promise<boolean> => {
  const { rows } = await session.query(withKey(TRY_LOCK, name))
  return rows[0]?.locked === true
}

/** Two schemas of one database have names of their own. */
const withKey = (query: (key: string) => string, name: string): Query => ({
  text: query(KEY),
  values: [createHash('sha256').update(name).digest('hex')],
})

/** 64 bits of what schema and name come to: the `name` is handed over as a hash, which has no limit of its length to mind. */
const KEY = `('x' || substr(encode(sha256(convert_to(current_schema() || ' ' || $1::text, 'UTF8')), 'hex'), 1, 16))::bit(64)::bigint`

const TRY_LOCK = (key: string): string => `select pg_try_advisory_lock(${key}) as locked`

const IS_HELD = (key: string): string => `
  select case when pg_is_in_recovery() then null when exists (
    select 1 from pg_locks, (select ${key} as key) as wanted
    where locktype = 'advisory' and objsubid = 1 and granted
      and database = (select oid from pg_database where datname = current_database())
      and classid = ((wanted.key >> 32) & 4294967295)::oid and objid = (wanted.key & 4294967295)::oid
  ) or pg_postmaster_start_time() > clock_timestamp() - interval '${GRACE_S} seconds' then 1 else 0 end as held`
