import { type Instant, instant } from '../../core/instant.ts'
import { type Cost, NONE, plus, type Range } from '../../core/price.ts'
import type { Pool, Source } from '../../core/stream.ts'
import { windowOf } from '../../core/window.ts'
import type { Db } from '../../store/reader.ts'
import { quotaLeft } from './quota-left.ts'

/** What a pool gives, what is left of it, and when a run would be through. */
export interface PoolForecast {
  readonly pool: string
  readonly units: Range
  /** Of all owners together, per window; null = the network does not say. */
  readonly allowance: number | null
  readonly window: 'day' | 'hour' | 'minute'
  /** In the window that is open now; null where the allowance is. */
  readonly left: number | null
  /** How many windows the run needs, this one included, most likely; null where the allowance is not told. */
  readonly windows: number | null
  readonly doneAt: Instant
}

/** Holds costs against the ledger. */
export const forecast = async (
  costs: readonly Cost[],
  sources: readonly Source[],
  db: Db | null,
  { now, seconds }: { readonly now: number; readonly seconds: Range },
): Promise<readonly PoolForecast[]> => {
  const forecasts: PoolForecast[] = []
  for (const [name, of] of Map.groupBy(costs, ({ pool }) => pool)) {
    const units = of.reduce((sum, { calls }) => plus(sum, calls), NONE)
    const [pool, owners] = poolOf(name, sources)
    const window = windowOf(pool.window, now)
    const left = pool.allowance === null ? null : await leftOf(name, pool, owners, db, now)
    const allowance = pool.allowance === null ? null : pool.allowance * owners.length
    const beyond = left === null ? 0 : Math.max(0, units.likely - left)
    const further = allowance === null || allowance === 0 ? 0 : Math.ceil(beyond / allowance)
    const length = window.end - window.start
    const afterWork = now + seconds.likely * 1000
    forecasts.push({
      pool: name,
      units,
      allowance,
      window: nameOf(pool.window),
      left,
      windows: allowance === null ? null : 1 + further,
      doneAt: instant(further === 0 ? afterWork : Math.max(afterWork, window.end + (further - 1) * length)),
    })
  }
  return forecasts
}

/** The pool of that name, or the last of the table for one that only calls name; and whose it is, each owner once. */
const poolOf = (name: string, sources: readonly Source[]): [Pool, readonly Source[]] => {
  const owners = [...new Map(sources.map(source => [source.owner, source])).values()]
  const having = owners.filter(({ limits }) => limits.pools.some(pool => pool.name === name))
  const whose = having.length > 0 ? having : owners.slice(0, 1)
  const pools = whose[0]?.limits.pools ?? []
  const pool = pools.find(candidate => candidate.name === name) ?? pools.at(-1)
  if (pool === undefined) throw new Error(`there is no pool ${name}`)
  return [pool, whose]
}

const leftOf = async (
  name: string,
  pool: Pool,
  owners: readonly Source[],
  db: Db | null,
  now: number,
): Promise<number> => {
  const purses = owners.map(({ network, owner }) => ({ network, owner, pools: [{ ...pool, name }] }))
  const states = await quotaLeft(db, purses, now)
  return states.reduce(
    (sum, { allowance, used, exhausted_until: until }) =>
      until === null ? sum + Math.max(0, (allowance ?? 0) - used) : sum,
    0,
  )
}

const HOUR_MS = 3_600_000

const nameOf = (window: Pool['window']): PoolForecast['window'] => {
  if (window.kind === 'day' || window.ms > HOUR_MS) return 'day'
  return window.ms === HOUR_MS ? 'hour' : 'minute'
}
