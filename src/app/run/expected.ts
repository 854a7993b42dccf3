import type { Range } from '../../core/price.ts'
import type { Pool, Source } from '../../core/stream.ts'
import { withReader } from '../../store/reader.ts'
import type { NetworkEstimate } from '../cost/estimate.ts'
import { quotaLeft } from '../cost/quota-left.ts'

/** What a run has before it on one network, and what it may spend. */
export interface Expected {
  /** How many calls it will take; null = not estimated. */
  readonly calls: Range | null
  /** Pools that last a day and whose allowance is known: what is shorter is waited for. */
  readonly pools: readonly PoolLeft[]
}

/** A day's pool of all owners together, as it stands when a run begins. */
export interface PoolLeft {
  readonly pool: string
  readonly allowance: number
  /** Units, in the window that is open now. */
  readonly left: number
  /** Epoch ms at which the window ends. */
  readonly resetsAt: number
  /** Units that the run will most likely take of it; null = not estimated. */
  readonly units: number | null
}

/** By network; `now` epoch ms of the run's clock. */
export const expectedOf = async (
  db: string,
  sources: readonly Source[],
  estimates: readonly NetworkEstimate[],
  now: number,
): Promise<ReadonlyMap<string, Expected>> => {
  const purses = [...new Map(sources.map(source => [`${source.network} ${source.owner}`, source])).values()]
  const states = await withReader(db, reader =>
    quotaLeft(
      reader,
      purses.map(({ network, owner, limits }) => ({ network, owner, pools: limits.pools })),
      now,
    ),
  )
  const expected = new Map<string, Expected>()
  for (const [network, of] of Map.groupBy(purses, purse => purse.network)) {
    const estimate = estimates.find(one => one.network === network)
    const known = new Map(of.flatMap(({ limits }) => limits.pools.map(pool => [pool.name, pool] as const)))
    const pools = [...known.values()].flatMap((pool): readonly PoolLeft[] => {
      const mine = states.filter(state => state.network === network && state.pool === pool.name)
      const [first] = mine
      if (first === undefined || pool.allowance === null || !lastsADay(pool)) return []
      const left = mine.map(({ allowance, used, exhausted_until: until }) =>
        until === null ? Math.max(0, (allowance ?? 0) - used) : 0,
      )
      return [
        {
          pool: pool.name,
          allowance: mine.reduce((sum, { allowance }) => sum + (allowance ?? 0), 0),
          left: left.reduce((sum, units) => sum + units, 0),
          resetsAt: Date.parse(first.resets_at),
          units: estimate?.pools.find(one => one.pool === pool.name)?.units.likely ?? null,
        },
      ]
    })
    expected.set(network, { calls: estimate?.calls ?? null, pools })
  }
  return expected
}

const HOUR_MS = 3_600_000

const lastsADay = ({ window }: Pool): boolean => window.kind === 'day' || window.ms > HOUR_MS
