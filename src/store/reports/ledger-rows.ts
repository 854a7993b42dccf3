import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { inList } from '../database/words.ts'
import type { Schema } from '../schema/tables.ts'

/** A pool's newest window as the ledger has it, and until when it gives nothing, whatever window that was said in. A rest is no end. */
export interface LedgerRow {
  readonly network: string
  readonly owner: string
  readonly pool: string
  readonly window_start: Instant
  readonly used: number
  readonly allowance: number | null
  /** Null = it is open at that moment. */
  readonly exhausted_until: Instant | null
  readonly refused_as: 'rate-limited' | 'quota-exhausted' | null
  /** The allowance that was in force when it was refused: a larger one opens it again. */
  readonly refused_allowance: number | null
}

/** Every pool of these networks that was ever charged. */
export const readLedger = async (
  db: Kysely<Schema>,
  networks: readonly string[],
  now: Instant,
): Promise<readonly LedgerRow[]> => {
  const refused = (column: string) => sql`(
    select ${sql.ref(`refused.${column}`)} from quota as refused where refused.network = quota.network
      and refused.owner = quota.owner and refused.pool = quota.pool and refused.exhausted_until > ${now}
      and refused.refused_as <> 'resting'
    order by refused.exhausted_until desc, refused.window_start desc limit 1)`
  const { rows } = await sql<LedgerRow>`
    select quota.network, quota.owner, quota.pool, quota.window_start, quota.used, quota.allowance,
      ${refused('exhausted_until')} as exhausted_until, ${refused('refused_as')} as refused_as,
      ${refused('allowance')} as refused_allowance
    from (
      select network, owner, pool, max(window_start) as window_start from quota
      where network in ${inList(networks)} group by network, owner, pool) as newest
    join quota on quota.network = newest.network and quota.owner = newest.owner and quota.pool = newest.pool
      and quota.window_start = newest.window_start
    order by quota.network, quota.owner, quota.pool`.execute(db)
  return rows
}
