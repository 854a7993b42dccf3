import type { Network } from '../networks/contract.ts'
import { type Reopened, reopenPools } from '../store/maintenance.ts'
import { followReader, withReader } from '../store/reader.ts'
import { openQuotaPools, type QuotaUsed, quotaUsed } from './cost/quota-left.ts'
import type { Toolbox } from './toolbox.ts'

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
): Promise<readonly QuotaUsed[]> => {
  const chosen = networks.filter(({ name }) => network === null || name === network)
  const names = chosen.map(({ name }) => name)
  const purses = openQuotaPools(chosen, toolbox)
  return withReader(path, async (db, reader) => {
    await followReader(toolbox.clock, reader)
    return await quotaUsed(db, names, purses, toolbox.clock.now())
  })
}

/** `socsync auth quota --reopen`: what a network said of its limits is forgotten, what was counted is not. */
export const reopenQuota = (db: string, network: string): Promise<Reopened> => reopenPools(db, network)
