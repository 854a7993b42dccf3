import type { Clock } from '../core/clock.ts'
import { FaultError } from '../core/fault.ts'
import type { Ledger, LedgerEntry } from '../core/ports.ts'
import type { Caller, Limits, Pool, Price } from '../core/stream.ts'
import { windowOf } from '../core/window.ts'
import type { AccountUse } from './account-use.ts'
import type { RateLimiter } from './rate-limiter.ts'

/**
 * A call may leave so long after its turn, ms. Turns lie so much farther apart that even then no second, and no longer
 * time, has more calls than the network allows.
 */
export const LATE_MS = 100
/** The most that a turn is asked for ahead, ms, where answers of the database come late. */
const LONGEST_LEAD_MS = 10_000

/** How far apart calls start of which so many are allowed in any second; of less than one: in the time that one is allowed in. */
export const gapOf = (perSecond: number): number =>
  Math.ceil((Math.max(1000, 1000 / perSecond) + LATE_MS) / Math.max(1, perSecond))

export interface AdmissionOptions {
  /** The run that pays; null = none. */
  readonly runId: number | null
  readonly source: Caller
  readonly ledger: Ledger
  readonly clock: Clock
  /** True where the run has a budget, which each charge is held against; left out = it has none. */
  readonly isLimited?: boolean
}

/**
 * What a call waits for before it is sent: its account, the rests of its pool, its charge, its turn. All of them may
 * be over when it comes to that, because the process stood still (a laptop's lid, a frozen container): they are looked at
 * last, in the moment of sending, and what is too old is taken anew. From there on a call is the network's.
 */
export class Admission {
  readonly #options: AdmissionOptions
  readonly #account: AccountUse
  readonly #rateLimiter: RateLimiter
  /** So long from now turns are asked for, ms: the way to the database and back must fit into it. */
  #leadMs = 0

  constructor(options: AdmissionOptions, account: AccountUse, rateLimiter: RateLimiter) {
    this.#options = options
    this.#account = account
    this.#rateLimiter = rateLimiter
  }

  /** Resolves in the moment in which a call may be sent, with what was charged for it; null = nothing. Throws the limit as a fault where it may not. */
  async admit(price: Price, signal: AbortSignal): Promise<LedgerEntry | null> {
    const { machines } = this.#options.ledger
    await this.#account.taken(signal)
    await this.#rateLimiter.turn(price.pool, signal)
    let paid = await this.#charge(price)
    for (;;) {
      const startAt = await this.#turn(price.pool, signal)
      if (machines?.isOverdue()) await machines.renew()
      else if (paid !== null && this.#isOver(paid)) paid = await this.#chargeAgain(paid)
      else if (!this.#isLate(startAt)) return paid === null ? null : { ...paid, ...this.#payer() }
    }
  }

  /** Waits for the next turn of the owner's calls, whoever makes them. Null = none is needed. */
  async #turn(pool: string, signal: AbortSignal): Promise<number | null> {
    const { ledger, clock, source } = this.#options
    const { network, owner, limits } = source
    const spacing = ledger.machines === null ? 0 : this.#rateLimiter.spacing(pool)
    const gapMs = Math.max(spacing, limits.perSecond === null ? 0 : gapOf(limits.perSecond))
    if (gapMs === 0) return null
    const whose = limits.perSecond === null ? `${owner} ${pool}` : owner
    const startAt = await ledger.turn({ network, owner: whose, gapMs, leadMs: this.#leadMs })
    await clock.sleep(startAt - clock.now(), signal)
    return startAt
  }

  /** Whether a turn was missed. Where it is the database that answers late, the next one is asked for farther ahead. */
  #isLate(startAt: number | null): boolean {
    if (startAt === null) return false
    const isLate = this.#options.clock.now() - startAt > LATE_MS
    this.#leadMs = isLate
      ? Math.min(LONGEST_LEAD_MS, Math.max(LATE_MS, 2 * this.#leadMs))
      : Math.max(0, this.#leadMs - LATE_MS / 10)
    return isLate
  }

  /** Null = it costs nothing: a token is asked for without a price. */
  async #charge({ pool: name, units }: Price): Promise<LedgerEntry | null> {
    if (units === 0) return null
    return this.#write(name, units, this.#payer())
  }

  #payer(): Required<Pick<LedgerEntry, 'runId' | 'isLimited'>> {
    const { runId, isLimited = false } = this.#options
    return { runId, isLimited }
  }

  /** Whether a charge was for a window that has ended since. Where the network tells no allowance nothing can be overspent. */
  #isOver(paid: LedgerEntry): boolean {
    if (paid.allowance === null) return false
    const { source, clock } = this.#options
    return windowOf(poolOf(source, paid.pool).window, clock.now()).start > paid.window.start
  }

  /** In the window that it is now; the run has paid for the call already. */
  #chargeAgain({ pool, units }: LedgerEntry): Promise<LedgerEntry> {
    return this.#write(pool, units, { runId: null, isLimited: false })
  }

  async #write(
    name: string,
    units: number,
    payer: Required<Pick<LedgerEntry, 'runId' | 'isLimited'>>,
  ): Promise<LedgerEntry> {
    const { ledger, clock, source } = this.#options
    const { network, owner } = source
    const pool = poolOf(source, name)
    const window = windowOf(pool.window, clock.now())
    const entry = { ...payer, network, owner, pool: name, units, window, allowance: pool.allowance }
    const refused = await ledger.charge(entry)
    if (refused === null) return entry
    if (refused.kind === 'budget') {
      const fault = { kind: 'quota-exhausted', code: BUDGET, pool: name, until: null } as const
      throw new FaultError(fault, 'the budget of this run is spent')
    }
    const { kind, until } = refused
    const what = kind === 'rate-limited' ? 'is closed for now' : 'is used up'
    throw new FaultError({ kind, code: LEDGER, pool: name, until }, `the ${name} quota of ${owner} ${what}`)
  }
}

/** A pool by name; one that is named only by the call (an account's own) is like the last of the table. */
export const poolOf = (
  { network, limits }: { readonly network: string; readonly limits: Limits },
  name: string,
): Pool => {
  const { pools } = limits
  const pool = pools.find(candidate => candidate.name === name) ?? pools.at(-1)
  if (pool === undefined) throw new Error(`${network} has no pool ${name}`)
  return pool
}

/** Codes of a quota fault that came from us and not from the network. */
export const BUDGET = 'budget'
export const LEDGER = 'ledger'
