// @module-tag long
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LedgerEntry } from '../../../../src/core/ports.ts'
import { chargeAll } from '../../../../src/store/queue/charges.ts'
import { continueOrder, type NewOrder, openOrders, placeOrder } from '../../../../src/store/queue/orders.ts'
import { STORES, type TestStore } from '../../../support/stores.ts'

const NOW = '2026-03-01T12:00:00.000Z'
const AT = Date.parse(NOW)
const ENTRY: LedgerEntry = {
  runId: 1,
  isLimited: true,
  network: 'any',
  owner: 'project',
  pool: 'units',
  units: 1,
  window: { start: AT - 1_000, end: AT + 1_000 },
  allowance: null,
}
const ORDER: NewOrder = {
  trigger: 'cli',
  request: {},
  scopes: ['posts'],
  params: {},
  traceId: 'trace',
  idempotencyKey: null,
  terms: { budget: 100, transforms: [] },
  fingerprint: '',
  time: NOW,
}
const OVER = { kind: 'budget' }

describe.each(STORES)('a budget on $name', ({ open }) => {
  let store: TestStore
  beforeEach(async () => {
    store = await open()
    await store.database.write(tx => placeOrder(tx, ORDER))
  })
  afterEach(() => store[Symbol.asyncDispose]())

  const charge = (...parts: readonly Partial<LedgerEntry>[]) =>
    store.database.write(tx =>
      chargeAll(
        tx,
        parts.map(part => ({ ...ENTRY, ...part })),
        AT,
      ),
    )
  const spent = async (run = 1) =>
    (await store.rows(`select spent from budgets where run_id = ${run}`))[0]?.spent
  const costs = async () =>
    (await store.rows('select sum(units) as n, sum(calls) as calls from run_costs'))[0]

  test('is spent to its last unit and never beyond, however many charge it at once', async () => {
    const asked = Array.from({ length: 40 }, (_, at) => charge({ units: 3 }, { units: 1 + (at % 4) }))
    const told = (await Promise.all(asked)).flat()
    expect(told.filter(answer => answer !== null)).toEqual(
      Array(told.filter(answer => answer !== null).length).fill(OVER),
    )
    const left = 100 - Number(await spent())
    expect(left).toBeGreaterThanOrEqual(0)
    expect(left).toBeLessThan(3)
    expect(Number((await costs())?.n)).toBe(100 - left)
    expect(await charge({ units: left })).toEqual([null])
    expect(await charge({})).toEqual([OVER])
    expect(await spent()).toBe(100)
  })

  test('keeps what a pool refused, and is not touched by another run', async () => {
    const full = { units: 7, allowance: 5 }
    expect(await charge(full, { units: 2 }, { ...full, pool: 'other' })).toMatchObject([
      { kind: 'quota-exhausted' },
      null,
      { kind: 'quota-exhausted' },
    ])
    expect(await spent()).toBe(2)
    await store.database.write(tx => placeOrder(tx, { ...ORDER, terms: { budget: null, transforms: [] } }))
    expect(await charge({ runId: 2, isLimited: false, units: 500 })).toEqual([null])
    expect([await spent(), await spent(2)]).toEqual([2, undefined])
  })

  test('of which a run leaves some is that of the one that goes on with it', async () => {
    await charge({ units: 60 })
    const next = await store.database.write(async tx => {
      const [old] = await openOrders(tx.db)
      return old === undefined ? null : continueOrder(tx, old, {}, { traceId: 'next', time: NOW })
    })
    expect(await charge({ runId: next ?? 0, units: 41 })).toEqual([OVER])
    expect(await charge({ runId: next ?? 0, units: 40 })).toEqual([null])
  })
})
