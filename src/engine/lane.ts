import PQueue from 'p-queue'
import type { Clock } from '../core/clock.ts'
import type { Emit } from '../core/events.ts'
import { type Fault, FaultError } from '../core/fault.ts'
import type { Ledger, LedgerPool, Refusal } from '../core/ports.ts'
import { NO_SPAN, type Span, within } from '../core/span.ts'
import type { CallContext, Caller, Price, Source, Widths } from '../core/stream.ts'
import { windowOf } from '../core/window.ts'
import { AccountUse } from './account-use.ts'
import { Admission, LEDGER, poolOf } from './admission.ts'
import { attempt } from './attempt.ts'
import { UNREACHABLE } from './disposition.ts'
import { RateLimiter } from './rate-limiter.ts'
import { Width } from './width.ts'

export interface LaneOptions<Of extends Caller = Source> {
  /** The run that pays; null = none. */
  readonly runId: number | null
  readonly source: Of
  readonly concurrency: Widths
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
  stopped: Stop | null = null
  /** Whether a call was answered, whatever was said of what it asked for. */
  answered = false
  /** The account behind its credential, where one process at a time uses it. */
  readonly account: AccountUse
  readonly #options: LaneOptions<Of>
  readonly #rateLimiter: RateLimiter
  readonly #admission: Admission
  readonly #width: Width
  /** One call in flight, until the network has answered. */
  #isNarrow = false
  /** Rests that other machines are being told of. */
  #telling: Promise<void> = Promise.resolve()

  constructor(options: LaneOptions<Of>) {
    this.#options = options
    this.source = options.source
    this.#width = new Width(options.concurrency)
    this.queue = new PQueue({ concurrency: this.#width.now })
    this.#rateLimiter = new RateLimiter(options.clock, options.maxWaitMs, options.ledger.machines !== null)
    this.account = new AccountUse(options.source, options.ledger.machines)
    this.#admission = new Admission(options, this.account, this.#rateLimiter)
  }

  /** Whether none of its walks is begun or waits for its turn. */
  get isIdle(): boolean {
    return this.queue.size === 0 && this.queue.pending === 0
  }

  /** One call in flight, until {@link open}: where the set-up is wrong the first answer says so, and no others are paid for. */
  narrow(): void {
    this.#isNarrow = true
    this.queue.concurrency = 1
  }

  /** All calls in flight that there may be: the network has answered. */
  open(): void {
    this.#isNarrow = false
    this.#adjust()
  }

  /** Calls that may be in flight once the network has answered. */
  get concurrency(): number {
    return this.#width.now
  }

  #adjust(): void {
    if (!this.#isNarrow && this.queue.concurrency !== this.#width.now)
      this.queue.concurrency = this.#width.now
  }

  stop(why: Stop): void {
    if (this.stopped !== null) return
    this.stopped = why
    const { network, credential } = this.source
    this.#options.emit({ event: 'lane.stopped', network, credential, ...why })
  }

  /** What a step may do with the network; `signal` cuts its calls off, `mostTries` of each call are made, each a span below `span`. */
  context(signal: AbortSignal, mostTries = Number.POSITIVE_INFINITY, span = NO_SPAN): CallContext {
    return {
      signal,
      call: (price, send) => this.#call(price, send, signal, mostTries, span),
      usage: (pool, share, regainAt) => {
        const until = this.#rateLimiter.usage(pool, share, regainAt)
        if (until !== null) this.#tellRest(pool, until)
      },
      now: () => this.#options.clock.now(),
    }
  }

  /** Whether a pool is closed to some tasks alone (`Pool.isOfSome`). */
  isOfSome(pool: string): boolean {
    return poolOf(this.source, pool).isOfSome === true
  }

  /** Closes a pool, in the ledger and so for every process. Returns the moment (epoch ms) it is open again. */
  async exhaust(fault: Limit): Promise<number> {
    const { kind, pool } = fault
    const entry = this.#entry(pool)
    const end = this.#reopening(fault) ?? entry.window.end
    await this.#options.ledger.exhaust(entry, { until: end, kind })
    return end
  }

  #refused(sent: number): void {
    this.#width.refused(sent)
    this.#adjust()
  }

  /** What one machine is told of a limit all of them keep; how that went is told before the next call. */
  #tellRest(pool: string, until: number): void {
    const { machines } = this.#options.ledger
    if (machines === null) return
    this.#telling = this.#telling.then(() => machines.rest(this.#entry(pool), until))
    // No rejection that nobody handles.
    this.#telling.catch(() => {})
  }

  /** A pool as the ledger knows it now. */
  #entry(name: string): LedgerPool {
    const { network, owner } = this.source
    const { window, allowance } = poolOf(this.source, name)
    return { network, owner, pool: name, window: windowOf(window, this.#options.clock.now()), allowance }
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
    span: Span,
  ): Promise<T> {
    const { clock, emit, maxWaitMs, random } = this.#options
    const { network, credential } = this.source
    let sent = 0
    return attempt(
      async number => {
        await this.#telling
        const paid = await this.#admission.admit(price, signal)
        emit({ event: 'call.sent', network, pool: price.pool, units: price.units, attempt: number })
        sent = this.#width.narrowed
        try {
          const { pool, units } = price
          const about = () => ({ network, credential, pool, units, attempt: number })
          const answer = await within(span, 'call', about, () => send(signal))
          this.answered = true
          this.#width.answered(this.queue.size > 0)
          this.#adjust()
          return answer
        } catch (error) {
          if (paid !== null && neverLeft(error)) await this.#options.ledger.takeBack(paid)
          throw error
        }
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
          if (fault.kind !== 'rate-limited') return
          if (fault.code !== LEDGER) this.#refused(sent)
          if (waitMs === null) return
          const until = clock.now() + waitMs
          this.#rateLimiter.rest(fault.pool, until)
          // What the ledger said all have heard.
          if (fault.code !== LEDGER) this.#tellRest(fault.pool, until)
          emit({ event: 'lane.waiting', network, credential, pool: fault.pool, until, why: message })
        },
      },
      signal,
    )
  }
}

/** Whether no connection was there that a call could have been sent on. What was cut off later may have arrived. */
const neverLeft = (error: unknown): boolean =>
  error instanceof FaultError && error.fault.kind === 'transient' && UNREACHABLE.has(error.fault.code)
