import { expect } from 'vitest'
import type { OrderStore } from '../../src/store/order-store.ts'
import { ScheduleStore } from '../../src/store/schedule-store.ts'
import { withoutPause } from '../support/second-look.ts'
import { order, withOrders } from './order-cases.ts'
import { after, letLeaseEnd, type Scene } from './scene.ts'

/** Opens the schedules of the scene for a case, and ends what it left of them. */
const withSchedules = (
  use: (schedules: ScheduleStore, at: Scene, orders: OrderStore) => Promise<void>,
): ((at: Scene) => Promise<void>) =>
  withOrders(async (orders, at) => {
    await using schedules = await ScheduleStore.open(at.where, () => {})
    try {
      await use(schedules, at, orders)
    } finally {
      await at.change('delete from schedules')
    }
  })

const NIGHTLY = { name: 'nightly', request: { ids: ['ada'] }, cron: '0 3 * * *', timeZone: 'UTC' }
/** What nobody has waited for yet, whenever this runs. */
const [TICK, NEXT] = ['2999-01-01T03:00:00.000Z', '2999-01-02T03:00:00.000Z'] as const

/** Asks for a run at a tick, or as a person does. */
const askFor = async (schedules: ScheduleStore, tick: string | null, since?: string) => {
  const [found] = await schedules.times()
  const of = tick === null ? null : { name: 'nightly', at: tick, since: since ?? found?.created_at ?? '' }
  return schedules.order('nightly', of, request => order({ request }))
}

/** What is promised of each method that schedules are kept with. */
export const SCHEDULE_CASES: Readonly<Record<string, (at: Scene) => Promise<void>>> = {
  'ScheduleStore.open': async at => {
    // On a file, too: whoever takes its orders does not keep others from its schedules.
    await using one = await ScheduleStore.open(at.where, () => {})
    await using two = await ScheduleStore.open(at.where, () => {})
    expect(await one.times()).toEqual(await two.times())
  },

  'ScheduleStore.isShared': withSchedules(async (schedules, at) => {
    expect(schedules.isShared).toBe(at.isShared)
  }),

  'ScheduleStore.now': withSchedules(async (schedules, at) => {
    const clock = at.isShared
      ? `to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
      : `strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`
    const before = String(await at.one(`select ${clock} as n`))
    const now = await schedules.now()
    const behind = String(await at.one(`select ${clock} as n`))
    expect([before, now, behind].toSorted()).toEqual([before, now, behind])
  }),

  'ScheduleStore.add': withSchedules(async (schedules, at) => {
    const added = await Promise.all([0, 1].map(() => schedules.add(NIGHTLY)))
    expect(added.toSorted()).toEqual([false, true])
    expect(await at.rows('select name, request, cron, time_zone from schedules')).toEqual([
      { name: 'nightly', request: '{"ids":["ada"]}', cron: '0 3 * * *', time_zone: 'UTC' },
    ])
    if (!at.isShared) return
    // What its ticks are kept in.
    const kept = "select count(*) as n from pg_namespace where nspname = 'socsync_schedules'"
    expect(await at.one(kept)).toBe(1)
  }),

  'ScheduleStore.times': withSchedules(async schedules => {
    for (const name of ['b', 'a']) await schedules.add({ ...NIGHTLY, name })
    expect(await schedules.times()).toMatchObject(
      ['a', 'b'].map(name => ({
        ...{ name, cron: '0 3 * * *', time_zone: 'UTC', last_tick_at: null, passed_over_at: null },
      })),
    )
  }),

  'ScheduleStore.remove': withSchedules(async schedules => {
    await schedules.add(NIGHTLY)
    const removed = await Promise.all([0, 1].map(() => schedules.remove('nightly')))
    expect(removed.toSorted()).toEqual([false, true])
    expect(await schedules.times()).toEqual([])
  }),

  'ScheduleStore.order': withSchedules(async (schedules, at, orders) => {
    expect(await askFor(schedules, null)).toEqual({ type: 'gone' })
    await schedules.add(NIGHTLY)
    // Of one that was removed and added again.
    expect(await askFor(schedules, TICK, after(0))).toEqual({ type: 'gone' })
    await using other = await ScheduleStore.open(at.where, () => {})
    const asked = await Promise.all([schedules, other, schedules, other].map(store => askFor(store, TICK)))
    const runs = asked.flatMap(one => (one.type === 'ordered' ? [one.runId] : []))
    expect(runs).toHaveLength(1)
    expect(asked.filter(({ type }) => type === 'known')).toHaveLength(3)
    const [runId = 0] = runs
    expect(await at.rows("select id, trigger from sync_runs where schedule = 'nightly'")).toEqual([
      { id: runId, trigger: 'schedule' },
    ])
    const busy = { type: 'busy', runId }
    expect(await askFor(schedules, null)).toEqual(busy)
    expect(await askFor(schedules, NEXT)).toEqual(busy)
    expect(await schedules.times()).toMatchObject([{ last_tick_at: NEXT, passed_over_at: NEXT }])
    await orders.end(runId, null, after(0))
    expect(await askFor(schedules, null)).toMatchObject({ type: 'ordered' })
  }),

  'ScheduleStore.reap': withSchedules(async (schedules, at) => {
    const frozen = await at.open()
    const run = await at.begin(['ada'], { by: frozen })
    const status = () => at.one(`select status as n from sync_jobs where run_id = ${run.runId}`)
    await schedules.reap(after(0))
    expect(await status()).toBe('pending')
    await letLeaseEnd(at, frozen.worker.id)
    await withoutPause(() => schedules.reap(after(0)))
    expect(await status()).toBe('partial')
  }),

  'ScheduleStore.answer': withSchedules(async schedules => {
    await schedules.add(NIGHTLY)
    await schedules.answer('nightly', NEXT)
    await schedules.answer('nightly', TICK)
    expect(await schedules.times()).toMatchObject([{ last_tick_at: NEXT, passed_over_at: null }])
    expect(await askFor(schedules, TICK)).toEqual({ type: 'known' })
  }),
}
