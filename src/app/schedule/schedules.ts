import { BadInput, Locked } from '../../core/errors.ts'
import { type Instant, instant } from '../../core/instant.ts'
import { isShared, nameOfDatabase } from '../../store/connect.ts'
import { listedWorkers } from '../../store/queue/sharing.ts'
import type { Reader } from '../../store/reader.ts'
import { followDatabaseAt, openReader } from '../../store/reader.ts'
import {
  readSchedules,
  type ScheduleTimes,
  type StoredSchedule,
} from '../../store/reports/schedule-report.ts'
import { ScheduleStore } from '../../store/schedule-store.ts'
import { quote } from '../config/quote.ts'
import { browseRuns } from '../reports/queries.ts'
import type { Outcome } from '../run/outcome.ts'
import { run } from '../run/run.ts'
import { type RunOrder, runOrderOf, scheduledOrder, settingsOf } from '../run/run-queue.ts'
import type { WorkSettings } from '../run/run-request.ts'
import type { Toolbox } from '../toolbox.ts'
import { namedTransforms } from '../transform.ts'
import { type CronTime, newestTick, nextTick } from './cron.ts'

/** A schedule that is to be. */
export interface NewSchedule extends CronTime {
  readonly name: string
  /** What its runs are of. */
  readonly order: RunOrder
}

/** How a schedule stands. */
export interface ScheduleView {
  readonly name: string
  readonly cron: string
  readonly time_zone: string
  /** Of all its profiles; null = each says its own. */
  readonly network: string | null
  /** How many lines its list has. */
  readonly profiles: number
  readonly scopes: readonly string[]
  readonly created_at: Instant
  readonly next_at: Instant
  /** The newest moment that was answered, by a run or by being passed over; null = none was. */
  readonly last_tick_at: Instant | null
  /** The newest moment at which the run before was still going on; null = there was none. */
  readonly passed_over_at: Instant | null
  readonly last_run: Awaited<ReturnType<typeof browseRuns>>[number] | null
}

export interface Schedules {
  readonly items: readonly ScheduleView[]
  /** How many workers are there to start their runs; null = a file: the machine's own cron does. */
  readonly workers: number | null
}

type Where = Pick<WorkSettings, 'db'>

/** Whether workers start and do what a schedule names: on a file the machine's own cron starts `run-now`. */
export const isDoneByWorkers = (db: string): boolean => isShared(db)

export const SCHEDULE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** A name that a file, a unit of systemd and an address may bear. BadInput. */
export const readScheduleName = (text: string): string => {
  if (SCHEDULE_NAME.test(text)) return text
  throw new BadInput(`${quote(text)} is no name of a schedule`, {
    hint: 'letters, digits, dots, dashes and underscores, the first a letter or digit, 64 at most',
  })
}

/** Stores a schedule. BadInput where its name is taken, or where a server's role may not make what ticks are kept in. */
export const addSchedule = async (
  { name, cron, timeZone, order }: NewSchedule,
  { db }: Where,
  { crash }: Pick<Toolbox, 'crash'>,
): Promise<void> => {
  await using store = await ScheduleStore.open(db, crash)
  // An order is made of what JSON can say.
  const request = order as unknown as Parameters<typeof store.add>[0]['request']
  if (await store.add({ name, cron, timeZone, request })) return
  throw new BadInput(`there is a schedule ${name} already`, {
    hint: `another name, or \`socsync schedule remove ${name}\` first`,
  })
}

/** Removes a schedule; its runs stay. BadInput where there is none. */
export const removeSchedule = async (
  name: string,
  { db }: Where,
  { crash }: Pick<Toolbox, 'crash'>,
): Promise<void> => {
  await requireSchedule(name, db)
  await using store = await ScheduleStore.open(db, crash)
  if (!(await store.remove(name))) throw unknown(name, db)
}

/** All schedules by name. */
export const listSchedules = async (db: string): Promise<Schedules> => {
  await using reader = await openReader(db)
  return await browseSchedules(reader, db)
}

/** The same of a database that is open. */
export const browseSchedules = async (reader: Reader, db: string): Promise<Schedules> => {
  const now = Date.parse(await reader.now())
  const items: ScheduleView[] = []
  for (const stored of await readSchedules(reader.db, null)) items.push(await viewOf(reader, stored, now))
  return { items, workers: isShared(db) ? await countWorkers(reader) : null }
}

/** One of them, with how many workers are there. BadInput where there is none of this name. */
export const findSchedule = async (
  name: string,
  db: string,
): Promise<{ readonly schedule: ScheduleView; readonly workers: number | null }> => {
  const { items, workers } = await listSchedules(db)
  const schedule = items.find(item => item.name === name)
  if (schedule === undefined) throw unknown(name, db)
  return { schedule, workers }
}

const viewOf = async (reader: Reader, stored: StoredSchedule, now: number): Promise<ScheduleView> => {
  const { request, last_run_id: last, ...schedule } = stored
  const { network, ids, scopes } = orderIn({ request })
  const [run] = last === null ? [] : await browseRuns(reader, { after: last + 1, limit: 1 })
  return {
    ...schedule,
    network,
    profiles: ids.length,
    scopes,
    next_at: instant(nextTick(timeOf(stored), now)),
    last_run: run?.id === last ? run : null,
  }
}

const countWorkers = async (reader: Reader): Promise<number> => {
  let count = 0
  for (const id of await listedWorkers(reader)) if (await reader.isHeld(id)) count += 1
  return count
}

/** Leaves a run of a schedule to the workers, or to `serve`. BadInput where there is no such schedule, Locked while its run before goes on. */
export const orderNow = async (
  name: string,
  { db }: Where,
  toolbox: Pick<Toolbox, 'clock' | 'crash' | 'transforms'>,
): Promise<{ readonly runId: number; readonly request: RunOrder }> => {
  const request = orderIn(await requireSchedule(name, db))
  await followDatabaseAt(db, toolbox.clock)
  const time = instant(toolbox.clock.now())
  await using store = await ScheduleStore.open(db, toolbox.crash)
  await store.reap(time)
  const asked = await store.order(name, null, stored =>
    scheduledOrder(orderIn({ request: stored }), toolbox, time),
  )
  if (asked.type === 'ordered') return { runId: asked.runId, request }
  if (asked.type !== 'busy') throw unknown(name, db)
  throw new Locked(`run ${asked.runId} of the schedule ${name} waits or is still going on`, {
    hint: `\`socsync status --run ${asked.runId}\` shows how it stands`,
  })
}

/** Runs what a schedule names, here and now, as `socsync run` does. BadInput where there is no such schedule. */
export const runNow = async (
  name: string,
  settings: Omit<WorkSettings, 'trigger' | 'schedule'>,
  toolbox: Toolbox,
): Promise<Outcome> => {
  const { db } = settings
  const stored = await requireSchedule(name, db)
  const { ids, work, ...request } = orderIn(stored)
  const transforms = namedTransforms(work.transforms ?? [], toolbox.transforms)
  await markAnswered(stored, db, toolbox)
  const how: WorkSettings = {
    ...settings,
    ...settingsOf(work, settings),
    ...{ transforms, trigger: 'schedule', schedule: name },
  }
  return run({ ...request, ids: { args: ids } }, how, toolbox)
}

/** What cron has come for is not made up for by a worker, should this file be copied to a server. */
const markAnswered = async (
  stored: StoredSchedule,
  db: string,
  { crash }: Pick<Toolbox, 'crash'>,
): Promise<void> => {
  await using store = await ScheduleStore.open(db, crash)
  const after = Date.parse(stored.last_tick_at ?? stored.created_at)
  const tick = newestTick(timeOf(stored), after, Date.parse(await store.now()))
  if (tick !== null) await store.answer(stored.name, instant(tick))
}

const requireSchedule = async (name: string, db: string): Promise<StoredSchedule> => {
  await using reader = await openReader(db)
  const [found] = await readSchedules(reader.db, name)
  if (found === undefined) throw unknown(name, db)
  return found
}

const unknown = (name: string, db: string): BadInput =>
  new BadInput(`there is no schedule ${quote(name)} in ${nameOfDatabase(db)}`, {
    hint: '`socsync schedule list` shows them',
  })

export const timeOf = ({ cron, time_zone }: Pick<ScheduleTimes, 'cron' | 'time_zone'>): CronTime => ({
  cron,
  timeZone: time_zone,
})

/** What was stored by `addSchedule`. */
export const orderIn = ({ request }: Pick<StoredSchedule, 'request'>): RunOrder =>
  runOrderOf(request as unknown as RunOrder)
