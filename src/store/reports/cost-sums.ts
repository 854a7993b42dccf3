import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Schema } from '../schema/tables.ts'

/** What runs have spent of a pool of a network. */
export interface CostSum {
  readonly network: string
  readonly pool: string
  readonly runs: number
  readonly calls: number
  readonly units: number
}

/** What all runs have spent that began at `since` or later, by network and pool; null = whenever, of any network. */
export const sumCosts = async (
  db: Kysely<Schema>,
  network: string | null,
  since: Instant | null,
): Promise<readonly CostSum[]> => {
  const { rows } = await sql<CostSum>`
    select cost.network, cost.pool, count(distinct cost.run_id) as runs,
      cast(sum(cost.calls) as bigint) as calls, cast(sum(cost.units) as bigint) as units
    from run_costs as cost join sync_runs as run on run.id = cost.run_id
    where ${network === null ? sql`true` : sql`cost.network = ${network}`}
      and ${since === null ? sql`true` : sql`run.created_at >= ${since}`}
    group by cost.network, cost.pool order by cost.network, cost.pool`.execute(db)
  return rows
}
