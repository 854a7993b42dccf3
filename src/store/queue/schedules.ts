import type { Instant } from '../../core/instant.ts'
import type { Json } from '../../core/json.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import type { Tick } from '../database/ticks.ts'
import { decodeJson, encodeJson } from '../schema/rows.ts'
import type { ScheduleTable } from '../schema/tables.ts'
import { type NewOrder, placeOrder } from './orders.ts'

/** A run at set times. */
export interface NewSchedule {
  readonly name: string
  /** What is run, as an order of it. */
  readonly request: Json
  readonly cron: string
  readonly timeZone: string
  readonly createdAt: Instant
}

/** What came of asking for a run of a schedule. */
export type Asked =
  | { readonly type: 'ordered'; readonly runId: number }
  /** Its run before is still going on, or waits. */
  | { readonly type: 'busy'; readonly runId: number }
  /** There is no such schedule any more. */
  | { readonly type: 'gone' }
  /** This tick, or a later one, was answered before. */
  | { readonly type: 'known' }

/** False: there is one of this name, which stays as it is. */
export const addSchedule = async (tx: Tx, schedule: NewSchedule): Promise<boolean> => {
  const { numInsertedOrUpdatedRows } = await tx.db
    .insertInto('schedules')
    .values({
      name: schedule.name,
      request: encodeJson(schedule.request),
      cron: schedule.cron,
      time_zone: schedule.timeZone,
      created_at: schedule.createdAt,
      last_tick_at: null,
      passed_over_at: null,
    })
    .onConflict(conflict => conflict.column('name').doNothing())
    .executeTakeFirstOrThrow()
  return Number(numInsertedOrUpdatedRows ?? 0) > 0
}

/** Its runs stay. False: there is none of this name. */
export const removeSchedule = async (tx: Tx, name: string): Promise<boolean> => {
  const { numDeletedRows } = await tx.db.deleteFrom('schedules').where('name', '=', name).executeTakeFirst()
  return numDeletedRows > 0n
}

/**
 * Orders a run of a schedule, unless the one before is still going on. A tick is answered once, whoever asks and how often; null =
 * a person asks.
 */
export const orderScheduled = async (
  tx: Tx,
  name: string,
  tick: Tick | null,
  order: (request: Json) => Omit<NewOrder, 'trigger' | 'schedule'>,
): Promise<Asked> => {
  const found = await tx.lock<{ name: string }, ScheduleTable>(byName, { name })
  if (found === undefined || (tick !== null && tick.since !== found.created_at)) return { type: 'gone' }
  if (tick !== null && !(await answerTick(tx, name, tick.at))) return { type: 'known' }
  const open = await tx.get<{ name: string }, { id: number }>(openRun, { name })
  if (open !== undefined) {
    if (tick !== null)
      await tx.db.updateTable('schedules').set({ passed_over_at: tick.at }).where('name', '=', name).execute()
    return { type: 'busy', runId: open.id }
  }
  const asked = { ...order(decodeJson<Json>(found.request)), trigger: 'schedule', schedule: name } as const
  return { type: 'ordered', runId: await placeOrder(tx, asked) }
}

/** Notes that a tick is answered, and with it all before. False: it, or a later one, was answered before. */
export const answerTick = async (tx: Tx, name: string, at: Instant): Promise<boolean> => {
  const { numUpdatedRows } = await tx.db
    .updateTable('schedules')
    .set({ last_tick_at: at })
    .where('name', '=', name)
    .where('created_at', '<', at)
    .where(eb => eb.or([eb('last_tick_at', 'is', null), eb('last_tick_at', '<', at)]))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

const byName: Statement<{ name: string }> = statement(
  builder.selectFrom('schedules').selectAll().where('name', '=', param<string>('name')),
)

const openRun: Statement<{ name: string }> = statement(
  builder
    .selectFrom('sync_runs')
    .select('id')
    .where('schedule', '=', param<string>('name'))
    .where('finished_at', 'is', null)
    .orderBy('id')
    .limit(1),
)
