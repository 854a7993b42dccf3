import { NoCredential } from '../../core/errors.ts'
import { type Instant, instant } from '../../core/instant.ts'
import type { Pool } from '../../core/stream.ts'
import { windowOf } from '../../core/window.ts'
import type { Network } from '../../networks/contract.ts'
import type { Reader } from '../../store/reader.ts'
import { reportQuota } from '../../store/reports/run-report.ts'
import { optionsOf } from '../auth.ts'
import type { Toolbox } from '../toolbox.ts'

/** A pool as it stands now. */
export interface QuotaLeft {
  readonly network: string
  readonly owner: string
  readonly pool: string
  readonly used: number
  /** Null = the network does not say how much there is. */
  readonly allowance: number | null
  /** When the window that is counted ends. */
  readonly resets_at: Instant
  /** Nothing is left before then, whatever the count says; null = it is open. */
  readonly exhausted_until: Instant | null
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

/** Each pool's use in the window that is open now, as the ledger has it; what it never charged is unused. */
export const quotaLeft = async (
  { db }: Pick<Reader, 'db'>,
  purses: readonly QuotaPools[],
  now: number,
): Promise<readonly QuotaLeft[]> => {
  const rows = await reportQuota(
    db,
    purses.map(({ network }) => network),
  )
  return purses.flatMap(({ network, owner, pools }) =>
    pools.map((pool): QuotaLeft => {
      const row = rows.find(one => one.network === network && one.owner === owner && one.pool === pool.name)
      const window = windowOf(pool.window, now)
      const isOpen = row !== undefined && row.window_start >= instant(window.start)
      const until = row?.exhausted_until ?? null
      return {
        network,
        owner,
        pool: pool.name,
        used: isOpen ? row.used : 0,
        allowance: pool.allowance,
        resets_at: instant(window.end),
        exhausted_until: until !== null && until > instant(now) ? until : null,
      }
    }),
  )
}

const credentialsOf = (network: Network, toolbox: Toolbox) => {
  try {
    return toolbox.credentials(network)
  } catch (error) {
    if (error instanceof NoCredential) return []
    throw error
  }
}
