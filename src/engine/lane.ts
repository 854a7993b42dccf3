import PQueue from 'p-queue'
import type { Clock } from '../core/clock.ts'
import type { Emit } from '../core/events.ts'
import { type Fault, FaultError } from '../core/fault.ts'
import type { Ledger, Refusal } from '../core/ports.ts'
import type { CallContext, Caller, Pool, Price, Source } from '../core/stream.ts'
import { windowOf } from '../core/window.ts'
import { attempt } from './attempt.ts'
import { RateLimiter } from './rate-limiter.ts'

export interface LaneOptions<Of extends Caller = Source> {
  /** The run that pays; null = none. */
  readonly runId: number | null
  readonly source: Of
  readonly concurrency: number
  readonly ledger: Ledger
  readonly clock: Clock
  readonly emit: Emit
  /** The longest wait in the process, ms; beyond it work is deferred. */
  readonly maxWaitMs: number
  /** True where the run has a budget, which each charge is held against; left out = it has none. */
  readonly isLimited?: boolean
  /** 0 ≤ x < 1, for the jitter of pauses. */
  random(): number
}

/** Why a lane makes no more calls. `until`: epoch ms from when it may again, null = a person must act. */
export interface Stop {
  readonly errorType: string
  readonly message: string
  readonly until: number | null
}

/** After this long a limit for which the network named no end is tried again. */
const RATE_LIMIT_MS = 15 * 60_000

type Limit = Extract<Fault, { readonly kind: Refusal['kind'] }>

/** The bounded queue of one network and credential: its calls in flight, its pace, its quota. */
export class Lane<Of extends Caller = Source> {
  readonly source: Of
  readonly queue: PQueue
  readonly concurrency: number
  stopped: Stop | null = null
  readonly #options: LaneOptions<Of>
  readonly #rateLimiter: RateLimiter

  constructor(options: LaneOptions<Of>) {
    this.#options = options
    this.source = options.source
    this.concurrency = options.concurrency
    this.queue = new PQueue({ concurrency: options.concurrency })
    this.#rateLimiter = new RateLimiter(options.clock, options.maxWaitMs)
  }

  /** One call in flight, until {@link open}: where the set-up is wrong the first answer says so, and no others are paid for. */
  narrow(): void {
    this.queue.concurrency = 1
  }

  /** All calls in flight that there may be: the network has answered. */
  open(): void {
    this.queue.concurrency = this.concurrency
  }

  stop(why: Stop): void {
    if (this.stopped !== null) return
    this.stopped = why
    const { network, credential } = this.source
    this.#options.emit({ event: 'lane.stopped', network, credential, ...why })
  }

  /** What a step may do with the network; `signal` cuts its calls off, `mostTries` of each call are made. */
  context(signal: AbortSignal, mostTries = Number.POSITIVE_INFINITY): CallContext {
    return {
      signal,
      call: (price, send) => this.#call(price, send, signal, mostTries),
      usage: (pool, share, regainAt) => this.#rateLimiter.usage(pool, share, regainAt),
      now: () => this.#options.clock.now(),
    }
  }

  /** Closes a pool, in the ledger and so for every process. Returns the moment (epoch ms) it is open again. */
  async exhaust(fault: Limit): Promise<number> {
    const { kind, pool: name } = fault
    const pool = this.#pool(name)
    const window = windowOf(pool.window, this.#options.clock.now())
    const end = this.#reopening(fault) ?? window.end
    const { network, owner } = this.source
    const entry = { network, owner, pool: name, window, allowance: pool.allowance }
    await this.#options.ledger.exhaust(entry, { until: end, kind })
    return end
  }

  /** When a pool is worth another call; null = at the end of its window. A short limit that was waited for in vain is a long one. */
  #reopening({ kind, until }: Limit): number | null {
    const now = this.#options.clock.now()
    const inVain = until === null || until - now <= this.#options.maxWaitMs
    return kind === 'rate-limited' && inVain ? now + RATE_LIMIT_MS : until
  }

  /** One call with its retries; each attempt is paced, charged, then sent. */
  #call<T>(
    price: Price,
    send: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
    mostTries: number,
  ): Promise<T> {
    const { clock, emit, maxWaitMs, random } = this.#options
    const { network, credential } = this.source
    return attempt(
      async number => {
        await this.#rateLimiter.turn(price.pool, signal)
        await this.#charge(price)
        await this.#pace(signal)
        emit({ event: 'call.sent', network, pool: price.pool, units: price.units, attempt: number })
        return send(signal)
      },
      {
        now: () => clock.now(),
        sleep: ms => clock.sleep(ms, signal),
        random,
        mostTries,
        maxWaitMs,
        failed: (error, number, waitMs) => {
          const { fault, message } = error
          emit({ event: 'call.failed', network, fault, message, attempt: number, waitMs })
          if (fault.kind !== 'rate-limited' || waitMs === null) return
          const until = clock.now() + waitMs
          this.#rateLimiter.rest(fault.pool, until)
          emit({ event: 'lane.waiting', network, credential, pool: fault.pool, until, why: message })
        },
      },
      signal,
    )
  }

  /** Calls a second are the owner's, whoever makes them. */
  async #pace(signal: AbortSignal): Promise<void> {
    const { network, owner, limits } = this.source
    if (limits.perSecond === null) return
    const { ledger, clock } = this.#options
    const startAt = await ledger.turn({ network, owner, gapMs: Math.ceil(1000 / limits.perSecond) })
    await clock.sleep(startAt - clock.now(), signal)
  }

  async #charge({ pool: name, units }: Price): Promise<void> {
    // A token is asked for without a price.
    if (units === 0) return
    const { ledger, clock, runId, isLimited = false } = this.#options
    const { network, owner } = this.source
    const pool = this.#pool(name)
    const window = windowOf(pool.window, clock.now())
    const refused = await ledger.charge({
      runId,
      isLimited,
      network,
      owner,
      pool: name,
      units,
      window,
      allowance: pool.allowance,
    })
    if (refused === null) return
    if (refused.kind === 'budget') {
      const fault = { kind: 'quota-exhausted', code: BUDGET, pool: name, until: null } as const
      throw new FaultError(fault, 'the budget of this run is spent')
    }
    const { kind, until } = refused
    const what = kind === 'rate-limited' ? 'is closed for now' : 'is used up'
    throw new FaultError({ kind, code: LEDGER, pool: name, until }, `the ${name} quota of ${owner} ${what}`)
  }

  /** A pool by name; one that is named only by the call (an account's own) is like the last of the table. */
  #pool(name: string): Pool {
    const { pools } = this.source.limits
    const pool = pools.find(candidate => candidate.name === name) ?? pools.at(-1)
    if (pool === undefined) throw new Error(`${this.source.network} has no pool ${name}`)
    return pool
  }
}

/** Codes of a quota fault that came from us and not from the network. */
export const BUDGET = 'budget'
const LEDGER = 'ledger'
