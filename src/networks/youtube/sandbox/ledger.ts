import type { Switches } from '../../sandbox.ts'
import { rateLimited } from './error-forms.ts'
import { isErrorName, type Refusal, refuse } from './errors.ts'

/** The buckets that calls are charged to since 1 June 2026 (docs/networks/youtube.md §8). */
const POOLS = {
  default: { allowance: 10_000, metric: 'default', limit: 'defaultPerDayPerProject' },
  search: { allowance: 100, metric: 'search_list', limit: 'defaultSearchListPerDayPerProject' },
  'batch-stats': {
    allowance: 10_000,
    metric: 'batch_get_stats',
    limit: 'defaultBatchGetStatsPerDayPerProject',
  },
} as const

export type PoolName = keyof typeof POOLS

const MINUTE = 60_000
const PACIFIC_DAY = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Los_Angeles', dateStyle: 'short' })

/**
 * What each project has used of each pool today, Pacific time. Every request that reaches a project costs 1,
 * the invalid and the unchanged (304) ones too; one that is refused for want of quota is not counted, so `used` never
 * exceeds the allowance.
 */
export class Ledger {
  readonly #used = new Map<
    string,
    { readonly project: string; readonly pool: PoolName; day: string; used: number }
  >()
  readonly #perMinute = new Map<string, number>()
  readonly #now: () => number
  readonly #switches: Switches

  constructor(now: () => number, switches: Switches) {
    this.#now = now
    this.#switches = switches
  }

  /** Charges one unit; returns the refusal where there is none left. */
  charge(project: string, pool: PoolName): Refusal | null {
    const entry = this.#entry(project, pool)
    const allowance = this.#allowance(pool)
    if (entry.used >= allowance) return this.#exhausted(pool, allowance)
    entry.used += 1
    return this.#hurried(project)
  }

  /** Gives the unit back: only for the switch `free-304`. */
  refund(project: string, pool: PoolName): void {
    this.#entry(project, pool).used -= 1
  }

  used(): readonly { readonly owner: string; readonly pool: string; readonly used: number }[] {
    const today = this.#today()
    return [...this.#used.values()]
      .filter(({ day }) => day === today)
      .map(({ project, pool, used }) => ({ owner: project, pool, used }))
  }

  #entry(project: string, pool: PoolName): { used: number } {
    const day = this.#today()
    const key = `${project} ${pool} ${day}`
    const entry = this.#used.get(key) ?? { project, pool, day, used: 0 }
    this.#used.set(key, entry)
    return entry
  }

  #today(): string {
    return PACIFIC_DAY.format(this.#now())
  }

  #allowance(pool: PoolName): number {
    const moved = this.#switches.peek(`${pool}-allowance`)
    return typeof moved === 'number' ? moved : POOLS[pool].allowance
  }

  /** The default bucket says 403 `quotaExceeded`, the others 429 by the day (docs/networks/youtube.md §0.3). */
  #exhausted(pool: PoolName, allowance: number): Refusal {
    const form =
      this.#switches.peek('quota-form') ?? (pool === 'default' ? 'quotaExceeded' : 'rateLimitPerDay')
    const { metric, limit } = POOLS[pool]
    const particulars =
      form === 'rateLimitPerDay' ? rateLimited(metric, limit, '1/d/{project}', allowance) : {}
    return refuse(isErrorName(form) ? form : 'quotaExceeded', particulars)
  }

  /** The switch `per-minute`: so many requests of a project in a minute of the clock, the rest 429 by the minute. */
  #hurried(project: string): Refusal | null {
    const most = this.#switches.peek('per-minute')
    if (typeof most !== 'number') return null
    const key = `${project} ${Math.floor(this.#now() / MINUTE)}`
    const count = (this.#perMinute.get(key) ?? 0) + 1
    this.#perMinute.set(key, count)
    if (count <= most) return null
    return refuse(
      'rateLimitPerMinute',
      rateLimited('default', 'defaultPerMinutePerProject', '1/min/{project}', most),
    )
  }
}
