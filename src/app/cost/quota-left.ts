import { NoCredential } from '../../core/errors.ts'
import { type Instant, instant } from '../../core/instant.ts'
import type { Pool } from '../../core/stream.ts'
import { windowOf } from '../../core/window.ts'
import type { Network } from '../../networks/contract.ts'
import type { Db } from '../../store/reader.ts'
import { type LedgerRow, readLedger } from '../../store/reports/ledger-rows.ts'
import { optionsOf } from '../auth.ts'
import type { Toolbox } from '../toolbox.ts'

/** A pool of the ledger as it stands at a moment. */
export interface QuotaUsed {
  readonly network: string
  readonly owner: string
  readonly pool: string
  /** In the window that is open now, or of a pool whose windows are not known in the last one that was charged. */
  readonly used: number
  /** Null = the network does not say how much there is. */
  readonly allowance: number | null
  readonly window_start: Instant
  /** When the window that is counted ends; null = no credential that is set tells of it. */
  readonly resets_at: Instant | null
  /** Nothing is left before then, whatever the count says; null = it is open. */
  readonly exhausted_until: Instant | null
  /** Why it is closed: a limit that passes, or an allowance that is gone. */
  readonly refused_as: LedgerRow['refused_as']
}

/** The same of a pool whose windows are known. */
export interface QuotaLeft extends QuotaUsed {
  readonly resets_at: Instant
}

/** The pools of one credential. */
export interface QuotaPools {
  readonly network: string
  readonly owner: string
  readonly pools: readonly Pool[]
}

/** Whose quota may be spent: one purse for each owner. A network without a credential has none. */
export const openQuotaPools = (networks: readonly Network[], toolbox: Toolbox): readonly QuotaPools[] => {
  const purses = networks.flatMap(network =>
    credentialsOf(network, toolbox).map((credential): QuotaPools => {
      const { owner, limits } = network.open(optionsOf(network, credential, toolbox))
      return { network: network.name, owner, pools: limits.pools }
    }),
  )
  return [...new Map(purses.map(purse => [`${purse.network} ${purse.owner}`, purse])).values()]
}

/** Each pool of these purses; what the ledger never charged is unused. `db` null = it charged nothing yet. */
export const quotaLeft = async (
  db: Db | null,
  purses: readonly QuotaPools[],
  now: number,
): Promise<readonly QuotaLeft[]> => {
  const names = [...new Set(purses.map(({ network }) => network))]
  const rows = db === null ? [] : await readLedger(db, names, instant(now))
  return purses.flatMap(({ network, owner, pools }) =>
    pools.map(pool => {
      const of = { network, owner, pool: pool.name }
      return { ...of, ...standing(pool, rows.find(row => isSame(row, of)) ?? null, now) }
    }),
  )
}

/** Each pool that the ledger ever charged, with what the purses know of it. */
export const quotaUsed = async (
  db: Db,
  networks: readonly string[],
  purses: readonly QuotaPools[],
  now: number,
): Promise<readonly QuotaUsed[]> => {
  const rows = await readLedger(db, networks, instant(now))
  return rows.map(row => {
    const { network, owner, pool, window_start, used, allowance, exhausted_until, refused_as } = row
    const purse = purses.find(one => one.network === network && one.owner === owner)
    const known = purse?.pools.find(({ name }) => name === pool)
    const of = { network, owner, pool }
    if (known !== undefined) return { ...of, ...standing(known, row, now) }
    return { ...of, used, allowance, window_start, resets_at: null, exhausted_until, refused_as }
  })
}

type PoolName = Pick<QuotaUsed, 'network' | 'owner' | 'pool'>

const isSame = (one: PoolName, other: PoolName): boolean =>
  one.network === other.network && one.owner === other.owner && one.pool === other.pool

const standing = (pool: Pool, row: LedgerRow | null, now: number): Omit<QuotaLeft, keyof PoolName> => {
  const window = windowOf(pool.window, now)
  const start = instant(window.start)
  const isClosed = row !== null && row.exhausted_until !== null && !isRaised(pool, row)
  return {
    used: row !== null && row.window_start >= start ? row.used : 0,
    allowance: pool.allowance,
    window_start: start,
    resets_at: instant(window.end),
    exhausted_until: isClosed ? row.exhausted_until : null,
    refused_as: isClosed ? row.refused_as : null,
  }
}

/** Whether the allowance has grown since it was used up: what a charge would find too. */
const isRaised = ({ allowance }: Pool, { refused_as, refused_allowance }: LedgerRow): boolean =>
  refused_as === 'quota-exhausted' && (allowance ?? 0) > (refused_allowance ?? Number.POSITIVE_INFINITY)

const credentialsOf = (network: Network, toolbox: Toolbox) => {
  try {
    return toolbox.credentials(network)
  } catch (error) {
    if (error instanceof NoCredential) return []
    throw error
  }
}
