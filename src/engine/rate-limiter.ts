import type { Clock } from '../core/clock.ts'
import { FaultError } from '../core/fault.ts'

/** The used share of a pool from which calls are spaced out, and from which they rest. */
const SLOW_AT = 0.75
const REST_AT = 0.95
/** The longest spacing, just before the rest, and a rest for which the network named no end. */
const SPACING_MS = 2_000
const REST_MS = 60_000

/**
 * When the next call may start, as far as one process knows: resting pools, and usage headers. Calls per second are the
 * ledger's, and so is the spacing where machines share a pool (`sharesSpacing`): it is their turns then.
 */
export class RateLimiter {
  readonly #clock: Clock
  readonly #maxWaitMs: number
  readonly #sharesSpacing: boolean
  #nextAt = 0
  readonly #restUntil = new Map<string, number>()
  readonly #spacing = new Map<string, number>()

  constructor(clock: Clock, maxWaitMs: number, sharesSpacing = false) {
    this.#clock = clock
    this.#sharesSpacing = sharesSpacing
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
    const gap = this.spacing(pool)
    if (gap === 0 || this.#sharesSpacing) return
    const now = this.#clock.now()
    const startAt = Math.max(now, this.#nextAt)
    this.#nextAt = startAt + gap
    await this.#clock.sleep(startAt - now, signal)
  }

  /** How far apart the calls of a pool are to start, ms. */
  spacing(pool: string): number {
    return this.#spacing.get(pool) ?? 0
  }

  rest(pool: string, until: number): void {
    this.#restUntil.set(pool, Math.max(until, this.#restUntil.get(pool) ?? 0))
  }

  /**
   * A usage header: slower from 75 %, resting from 95 % of the allowance, so that the network need not refuse. Returns until
   * when it rests because of it, epoch ms; null = it does not.
   */
  usage(pool: string, share: number, regainAt?: number): number | null {
    if (share >= REST_AT) {
      const until = regainAt ?? this.#clock.now() + REST_MS
      this.rest(pool, until)
      return until
    }
    const over = Math.max(0, share - SLOW_AT) / (REST_AT - SLOW_AT)
    this.#spacing.set(pool, Math.round(over * SPACING_MS))
    return null
  }
}
