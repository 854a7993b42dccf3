import { type Instant, instant } from '../core/instant.ts'
import { windowOf } from '../core/window.ts'
import type { Network } from '../networks/contract.ts'
import { type Reopened, reopenPools } from '../store/maintenance.ts'
import { withReader } from '../store/reader.ts'
import { readLedger } from '../store/reports/ledger-rows.ts'
import { openQuotaPools } from './cost/quota-left.ts'
import type { Toolbox } from './toolbox.ts'

/** A pool of the ledger as it stands now. */
export interface LedgerPool {
  readonly network: string
  readonly owner: string
  readonly pool: string
  /** In the window that is open now, or of a pool whose windows are not known in the last one that was charged. */
  readonly used: number
  readonly allowance: number | null
  readonly windowStart: Instant
  /** When the window ends; null = no credential that is set tells of its windows. */
  readonly resetsAt: Instant | null
  /** Nothing is given before then; null = it is open. */
  readonly closedUntil: Instant | null
  /** Why it is closed: a limit that passes, or an allowance that is gone. */
  readonly closedAs: 'rate-limited' | 'quota-exhausted' | null
}

export interface QuotaRequest {
  readonly db: string
  readonly networks: readonly Network[]
  /** Null = all. */
  readonly network: string | null
}

/** `socsync auth quota`: each pool that was ever charged. BadInput where there is no database. */
export const showLedger = async (
  { db: path, networks, network }: QuotaRequest,
  toolbox: Toolbox,
): Promise<readonly LedgerPool[]> => {
  const chosen = networks.filter(({ name }) => network === null || name === network)
  const now = toolbox.clock.now()
  const known = openQuotaPools(chosen, toolbox)
  const names = chosen.map(({ name }) => name)
  const rows = await withReader(path, db => readLedger(db, names, instant(now)))
  return rows.map(row => {
    const mine = known.find(one => one.network === row.network && one.owner === row.owner)
    const pool = mine?.pools.find(({ name }) => name === row.pool)
    const window = pool === undefined ? null : windowOf(pool.window, now)
    const isOpen = window === null || row.window_start >= instant(window.start)
    return {
      network: row.network,
      owner: row.owner,
      pool: row.pool,
      used: isOpen ? row.used : 0,
      allowance: pool?.allowance ?? row.allowance,
      windowStart: window === null ? row.window_start : instant(window.start),
      resetsAt: window === null ? null : instant(window.end),
      closedUntil: row.exhausted_until,
      closedAs: row.refused_as as LedgerPool['closedAs'],
    }
  })
}

/** `socsync auth quota --reopen`: what a network said of its limits is forgotten, what was counted is not. */
export const reopenQuota = (db: string, network: string): Promise<Reopened> => reopenPools(db, network)
