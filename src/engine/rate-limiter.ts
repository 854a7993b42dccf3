import type { Clock } from '../core/clock.ts'
import { FaultError } from '../core/fault.ts'

/** The used share of a pool from which calls are spaced out, and from which they rest. */
const SLOW_AT = 0.75
const REST_AT = 0.95
/** The longest spacing, just before the rest, and a rest for which the network named no end. */
const SPACING_MS = 2_000
const REST_MS = 60_000

/** When the next call may start, as far as one process knows: resting pools, and usage headers. Calls per second are the ledger's. */
export class RateLimiter {
  readonly #clock: Clock
  readonly #maxWaitMs: number
  #nextAt = 0
  readonly #restUntil = new Map<string, number>()
  readonly #spacing = new Map<string, number>()

  constructor(clock: Clock, maxWaitMs: number) {
    this.#clock = clock
    this.#maxWaitMs = maxWaitMs
  }

  /** Resolves when a call on this pool may start; throws the limit as a fault where that is beyond the patience. */
  async turn(pool: string, signal: AbortSignal): Promise<void> {
    for (
      let until = this.#restUntil.get(pool) ?? 0;
      until > this.#clock.now();
      until = this.#restUntil.get(pool) ?? 0
    ) {
      const wait = until - this.#clock.now()
      if (wait > this.#maxWaitMs) {
        throw new FaultError(
          { kind: 'rate-limited', code: 'resting', pool, until },
          `the ${pool} limit is nearly reached`,
        )
      }
      await this.#clock.sleep(wait, signal)
    }
    const gap = this.#spacing.get(pool) ?? 0
    if (gap === 0) return
    const now = this.#clock.now()
    const startAt = Math.max(now, this.#nextAt)
    this.#nextAt = startAt + gap
    await this.#clock.sleep(startAt - now, signal)
  }

  rest(pool: string, until: number): void {
    this.#restUntil.set(pool, Math.max(until, this.#restUntil.get(pool) ?? 0))
  }

  /** A usage header: slower from 75 %, resting from 95 % of the allowance, so that the network need not refuse. */
  usage(pool: string, share: number, regainAt?: number): void {
    if (share >= REST_AT) {
      this.rest(pool, regainAt ?? this.#clock.now() + REST_MS)
      return
    }
    const over = Math.max(0, share - SLOW_AT) / (REST_AT - SLOW_AT)
    this.#spacing.set(pool, over * SPACING_MS)
  }
}
