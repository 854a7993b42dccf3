import type { Kysely } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Json } from '../../core/json.ts'
import { decodeJson } from '../schema/rows.ts'
import type { Schema } from '../schema/tables.ts'

/** When a schedule's runs are due. */
export interface ScheduleTimes {
  readonly name: string
  readonly cron: string
  readonly time_zone: string
  readonly created_at: Instant
  readonly last_tick_at: Instant | null
  readonly passed_over_at: Instant | null
}

/** A schedule as it is stored. */
export interface StoredSchedule extends ScheduleTimes {
  readonly request: Json
  /** Its newest run; null = there was none, or its runs were deleted. */
  readonly last_run_id: number | null
}

const TIMES = ['name', 'cron', 'time_zone', 'created_at', 'last_tick_at', 'passed_over_at'] as const

/** When all of them are due, by name: without their lists, which may be long. */
export const readTimes = (db: Kysely<Schema>): Promise<readonly ScheduleTimes[]> =>
  db.selectFrom('schedules').select(TIMES).orderBy('name').execute()

/** All schedules by name, or the one of this name. */
export const readSchedules = async (
  db: Kysely<Schema>,
  name: string | null,
): Promise<readonly StoredSchedule[]> => {
  const rows = await db
    .selectFrom('schedules')
    .select([...TIMES, 'request'])
    .select(eb =>
      eb
        .selectFrom('sync_runs')
        .select(of => of.fn.max<number | null>('id').as('id'))
        .whereRef('sync_runs.schedule', '=', 'schedules.name')
        .$asScalar()
        .as('last_run_id'),
    )
    .$if(name !== null, query => query.where('name', '=', name ?? ''))
    .orderBy('name')
    .execute()
  return rows.map(row => ({ ...row, request: decodeJson<Json>(row.request) }))
}
