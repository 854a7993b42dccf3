import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { endOrder, type NewOrder, openOrders } from '../../../../src/store/queue/orders.ts'
import { addSchedule, orderScheduled, removeSchedule } from '../../../../src/store/queue/schedules.ts'
import { STORES, type TestStore } from '../../../support/stores.ts'

const SINCE = '2026-10-01T00:00:00.000Z'
const ONE = { name: 'nightly', at: '2026-10-02T01:00:00.000Z', since: SINCE }
const NEXT = { ...ONE, at: '2026-10-03T01:00:00.000Z' }

describe.each(STORES)('a schedule on $name', ({ open }) => {
  let store: TestStore
  beforeEach(async () => {
    store = await open()
    await add()
  }, 120_000)
  afterEach(() => store[Symbol.asyncDispose]())

  const add = (createdAt = SINCE) =>
    store.database.write(tx =>
      addSchedule(tx, {
        name: 'nightly',
        request: { ids: ['a'] },
        cron: '0 3 * * *',
        timeZone: 'UTC',
        createdAt,
      }),
    )
  const order = (tick: typeof ONE | null) =>
    store.database.write(tx =>
      orderScheduled(
        tx,
        'nightly',
        tick,
        (request): NewOrder => ({
          trigger: 'schedule',
          terms: { budget: null, transforms: [] },
          request,
          scopes: ['posts'],
          params: {},
          traceId: 'trace',
          idempotencyKey: null,
          fingerprint: 'print',
          time: ONE.at,
        }),
      ),
    )
  const end = (runId: number) => store.database.write(tx => endOrder(tx, runId, null, ONE.at))

  test('a tick orders one run, however often and by how many it is handed over', async () => {
    const told = await Promise.all([1, 2, 3, 4, 5].map(() => order(ONE)))
    expect(told.map(({ type }) => type).sort()).toEqual(['known', 'known', 'known', 'known', 'ordered'])
    expect(await openOrders(store.database.committed.db)).toMatchObject([
      { runId: 1, request: { ids: ['a'] } },
    ])
    expect(await store.rows('select trigger, schedule from sync_runs')).toEqual([
      { trigger: 'schedule', schedule: 'nightly' },
    ])
    await end(1)
    expect(await order(ONE)).toEqual({ type: 'known' })
    expect(await order(NEXT)).toEqual({ type: 'ordered', runId: 2 })
    expect(await order(ONE)).toEqual({ type: 'known' })
  })

  test('while its run before goes on a tick is answered by none, and a person is told', async () => {
    await order(ONE)
    expect(await order(NEXT)).toEqual({ type: 'busy', runId: 1 })
    expect(await order(null)).toEqual({ type: 'busy', runId: 1 })
    expect(await store.rows('select last_tick_at, passed_over_at from schedules')).toEqual([
      { last_tick_at: NEXT.at, passed_over_at: NEXT.at },
    ])
    await end(1)
    expect(await order(NEXT)).toEqual({ type: 'known' })
    expect(await order(null)).toEqual({ type: 'ordered', runId: 2 })
  })

  test('a tick of what was removed, or of an earlier one of its name, orders nothing', async () => {
    expect(await add()).toBe(false)
    expect(await order({ ...ONE, at: SINCE })).toEqual({ type: 'known' })
    expect(await store.database.write(tx => removeSchedule(tx, 'nightly'))).toBe(true)
    expect(await store.database.write(tx => removeSchedule(tx, 'nightly'))).toBe(false)
    expect(await order(ONE)).toEqual({ type: 'gone' })
    expect(await order(null)).toEqual({ type: 'gone' })
    expect(await add('2026-10-01T12:00:00.000Z')).toBe(true)
    expect(await order(ONE)).toEqual({ type: 'gone' })
    expect(await store.rows('select count(*) as n from sync_runs')).toEqual([{ n: 0 }])
  })
})
