import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { type Params, paramsOf } from '../../core/params.ts'
import type { Scope } from '../../core/scope.ts'
import { inNumbers } from '../database/words.ts'
import { decodeJson } from '../schema/rows.ts'
import type { Schema } from '../schema/tables.ts'

/** What some runs asked for: each way once, the newest first. */
export interface AskedOfRuns {
  readonly runs: number
  /** When the first of them was made and the last one ended, or was made; null = there are none. */
  readonly from: Instant | null
  readonly to: Instant | null
  readonly ways: readonly {
    readonly runs: number
    readonly scopes: readonly Scope[]
    readonly params: Params
  }[]
}

/** How many ways are told: a cron has one, and who tries things out many. */
const MOST = 20

export const readAsked = async (db: Kysely<Schema>, runs: readonly number[]): Promise<AskedOfRuns> => {
  const ids = inNumbers(runs)
  const all = await sql<Omit<AskedOfRuns, 'ways'>>`
    select count(*) as runs, min(created_at) as "from", max(coalesce(finished_at, created_at)) as "to"
    from sync_runs where id in ${ids}`.execute(db)
  const ways = await sql<{ runs: number; scopes: string; params: string }>`
    select count(*) as runs, scopes, params from sync_runs where id in ${ids}
    group by scopes, params order by max(id) desc limit ${sql.lit(MOST)}`.execute(db)
  return {
    ...(all.rows[0] ?? { runs: 0, from: null, to: null }),
    ways: ways.rows.map(way => ({
      runs: way.runs,
      scopes: decodeJson<readonly Scope[]>(way.scopes),
      params: paramsOf<Params>(decodeJson(way.params)),
    })),
  }
}
