import type { Knobs, SwitchName } from '../switches.ts'
import { Refusal } from '../wire/reply.ts'
import { DAY } from '../world/creators.ts'

/** `follow`: followers and following; `main`: all else (docs/networks/tiktok.md §4). */
export const POOLS = ['main', 'follow'] as const
export type PoolName = (typeof POOLS)[number]

/** Calls per day, and the switch that says otherwise. */
const ALLOWANCES: Record<PoolName, { readonly calls: number; readonly knob: SwitchName }> = {
  main: { calls: 1_000, knob: 'main-allowance' },
  follow: { calls: 20_000, knob: 'follow-allowance' },
}

/** Calls of one client by pool and day; a day turns at 00:00 UTC. */
export class Quota {
  readonly #knobs: Knobs
  readonly #used = new Map<PoolName, { day: number; calls: number }>()

  constructor(knobs: Knobs) {
    this.#knobs = knobs
  }

  used(pool: PoolName, now: number): number {
    const entry = this.#used.get(pool)
    return entry?.day === Math.floor(now / DAY) ? entry.calls : 0
  }

  /** Throws 429 where the day's allowance is gone. */
  demand(pool: PoolName, now: number): void {
    const { calls, knob } = ALLOWANCES[pool]
    if (this.used(pool, now) < (this.#knobs.number(knob) ?? calls)) return
    throw new Refusal(429, 'daily_quota_limit_exceeded', 'The daily quota of this client is exhausted', true)
  }

  charge(pool: PoolName, now: number): void {
    this.#used.set(pool, { day: Math.floor(now / DAY), calls: this.used(pool, now) + 1 })
  }
}

/** Calls within the last `seconds`, whichever they are: a limit that has no edges. */
export class SlidingWindow {
  readonly #seconds: number
  readonly #calls = new Map<string, number[]>()

  constructor(seconds: number) {
    this.#seconds = seconds
  }

  /** Throws 429 where `name` had its `most` already; a call that is refused does not count. */
  demand(name: string, most: number, now: number): void {
    const recent = (this.#calls.get(name) ?? []).filter(at => at > now - this.#seconds && at <= now)
    this.#calls.set(name, recent)
    if (recent.length >= most) throw rateLimited()
    recent.push(now)
  }
}

/** 429 of the short-term limit. */
export const rateLimited = (headers: Readonly<Record<string, string>> = {}): Refusal =>
  new Refusal(
    429,
    'rate_limit_exceeded',
    'The API rate limit was exceeded. Please try again later.',
    true,
    headers,
  )
