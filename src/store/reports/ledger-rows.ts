import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Schema } from '../schema/tables.ts'

/** A pool's newest window as the ledger has it, and until when it gives nothing, whatever window that was said in. */
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
      and refused.owner = quota.owner and refused.pool = quota.pool and exhausted_until > ${now}
    order by exhausted_until desc limit 1)`
  const { rows } = await sql<LedgerRow>`
    select network, owner, pool, max(window_start) as window_start, used, allowance,
      ${refused('exhausted_until')} as exhausted_until, ${refused('refused_as')} as refused_as,
      ${refused('allowance')} as refused_allowance
    from quota where network in (${sql.join(networks)})
    group by network, owner, pool order by network, owner, pool`.execute(db)
  return rows
}
