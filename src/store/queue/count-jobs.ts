import type { Kysely } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Reason, Status } from '../../core/task.ts'
import type { Schema } from '../schema/tables.ts'

/** How many jobs a run has, by network. */
export const countJobsByNetwork = async (db: Kysely<Schema>, runId: number): Promise<Map<string, number>> => {
  const rows = await db
    .selectFrom('sync_jobs')
    .select(['network', eb => eb.fn.countAll<number>().as('count')])
    .where('run_id', '=', runId)
    .groupBy('network')
    .orderBy('network')
    .execute()
  return new Map(rows.map(row => [row.network, row.count]))
}

/** Jobs of a run that stand alike. */
export interface JobOutcome {
  readonly status: Status
  readonly reason: Reason | null
  readonly errorType: string | null
  readonly errorMessage: string | null
  readonly count: number
  /** The earliest moment at which one of them goes on; null = none is deferred. */
  readonly notBefore: Instant | null
}

/** How the jobs of a run stand, those alike counted together. */
export const countOutcomes = async (db: Kysely<Schema>, runId: number): Promise<JobOutcome[]> => {
  const rows = await db
    .selectFrom('sync_jobs')
    .select(['status', 'reason', 'error_type as errorType', 'error_message as errorMessage'])
    .select(eb => [eb.fn.countAll<number>().as('count'), eb.fn.min('not_before').as('notBefore')])
    .where('run_id', '=', runId)
    .groupBy(['status', 'reason', 'error_type', 'error_message'])
    .orderBy('status')
    .orderBy('reason', order => order.asc().nullsFirst())
    .orderBy('error_type', order => order.asc().nullsFirst())
    .orderBy('error_message', order => order.asc().nullsFirst())
    .execute()
  return rows.map(row => ({ ...row, status: row.status as Status, reason: row.reason as Reason | null }))
}
