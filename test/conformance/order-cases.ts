import { expect } from 'vitest'
import { type MadeOrder, OrderStore } from '../../src/store/order-store.ts'
import type { NewOrder } from '../../src/store/queue/orders.ts'
import { after, CLOCK, NO_TERMS, type Scene } from './scene.ts'

export const order = (part: Partial<NewOrder> = {}): NewOrder => ({
  ...{ request: { ids: ['ada'] }, scopes: ['all'], params: {}, traceId: 'ordered' },
  ...{ trigger: 'cli', terms: NO_TERMS, idempotencyKey: null, fingerprint: 'print', time: after(0) },
  ...part,
})

/** Opens the orders of the scene for a case, and ends what it left of them. */
export const withOrders =
  (use: (orders: OrderStore, at: Scene) => Promise<void>) =>
  async (at: Scene): Promise<void> => {
    await using orders = await OrderStore.open(at.where, CLOCK, () => {})
    if (orders === null) throw new Error('somebody else takes the orders')
    try {
      await use(orders, at)
    } finally {
      for (const { runId } of await orders.open(after(0))) await orders.end(runId, null, after(0))
      await at.change('delete from transform_orders')
    }
  }

const stateOf = (at: Scene, runId: number): Promise<unknown> =>
  at.one(`select state as n from run_orders where run_id = ${runId}`)

/** What is promised of each method that orders are taken with. */
export const ORDER_CASES: Readonly<Record<string, (at: Scene) => Promise<void>>> = {
  'OrderStore.open of a database': async at => {
    await using orders = await OrderStore.open(at.where, CLOCK, () => {})
    expect(orders).not.toBeNull()
    // On a file one process takes the orders; a server's are anybody's.
    await using second = await OrderStore.open(at.where, CLOCK, () => {})
    expect(second !== null).toBe(at.isShared)
  },

  'OrderStore.isShared': withOrders(async (orders, at) => {
    expect(orders.isShared).toBe(at.isShared)
  }),

  'OrderStore.now': async at => {
    // On a server's database the clock of the runs goes by the server's, which is anew asked for each time.
    let told = 0
    const clock = { ...CLOCK, follow: () => void told++ }
    await using orders = await OrderStore.open(at.where, clock, () => {})
    expect([await orders?.now(), await orders?.now()]).toEqual([after(0), after(0)])
    expect(told).toBe(at.isShared ? 2 : 0)
  },

  'OrderStore.place': withOrders(async (orders, at) => {
    const made = await Promise.all(
      Array.from({ length: 4 }, () => orders.place(order({ idempotencyKey: 'once' }))),
    )
    const fresh = made.filter(({ type }) => type === 'new')
    expect(fresh).toHaveLength(1)
    const { runId } = fresh[0] as MadeOrder
    expect(made.filter(({ type }) => type === 'known')).toEqual(
      Array.from({ length: 3 }, () => ({ type: 'known', runId, fingerprint: 'print' })),
    )
    const [one, two] = [await orders.place(order()), await orders.place(order())]
    expect(one.runId).not.toBe(two.runId)
    expect(await at.rows(`select worker, trace_id from sync_runs where id = ${runId}`)).toEqual([
      { worker: null, trace_id: 'ordered' },
    ])
  }),

  'OrderStore.find': withOrders(async orders => {
    const { runId } = await orders.place(order({ idempotencyKey: 'found' }))
    expect(await orders.find('found')).toEqual({ runId, fingerprint: 'print' })
    expect(await orders.find('none')).toBeNull()
  }),

  'OrderStore.unfinished': withOrders(async (orders, at) => {
    const run = await at.begin(['ada'])
    expect(await orders.unfinished({ runId: run.runId })).toMatchObject([{ entityId: 'ada' }])
    expect(await orders.unfinished({ jobs: [] })).toEqual([])
  }),

  'OrderStore.open': withOrders(async (orders, at) => {
    const { runId } = await orders.place(order())
    const queued = { runId, state: 'queued', request: { ids: ['ada'] }, attempt: 1 }
    expect(await orders.open(after(0))).toEqual([queued])
    const worker = await at.open()
    await worker.adoptRun(runId, NO_TERMS)
    expect(await orders.open(after(0))).toEqual([])
    // Its worker is gone: somebody goes on with it.
    await at.end(worker)
    expect(await orders.open(after(0))).toEqual([{ ...queued, state: 'planning' }])
  }),

  'OrderStore.wasInterrupted': withOrders(async (orders, at) => {
    const run = await at.begin(['ada'])
    expect(await orders.wasInterrupted(run.runId)).toBe(true)
    await at.change(`update sync_jobs set status = 'succeeded' where run_id = ${run.runId}`)
    expect(await orders.wasInterrupted(run.runId)).toBe(false)
  }),

  'OrderStore.continue': withOrders(async (orders, at) => {
    const { runId } = await orders.place(order())
    const [open] = await orders.open(after(0))
    if (open === undefined) throw new Error('the order is gone')
    const next = { traceId: 'again', time: after(1) }
    const runs = await Promise.all([0, 1].map(() => orders.continue(open, { ids: [] }, next)))
    expect(runs.filter(run => run !== null)).toHaveLength(1)
    expect(await stateOf(at, runId)).toBe('ended')
    expect(await orders.open(after(0))).toEqual([
      { runId: runs.find(run => run !== null), state: 'queued', request: { ids: [] }, attempt: 2 },
    ])
  }),

  'OrderStore.move': withOrders(async (orders, at) => {
    const { runId } = await orders.place(order())
    expect(await orders.move(runId, ['working'], 'stopping')).toBe(false)
    const moved = await Promise.all([0, 1].map(() => orders.move(runId, ['working', 'queued'], 'stopping')))
    expect(moved.toSorted()).toEqual([false, true])
    expect(await stateOf(at, runId)).toBe('stopping')
  }),

  'OrderStore.isStopping': withOrders(async orders => {
    const { runId } = await orders.place(order())
    expect(await orders.isStopping(runId)).toBe(false)
    await orders.move(runId, ['queued'], 'stopping')
    expect(await orders.isStopping(runId)).toBe(true)
  }),

  'OrderStore.end': withOrders(async (orders, at) => {
    const { runId } = await orders.place(order())
    await orders.end(runId, { errorType: 'cancelled', message: 'enough' }, after(3))
    expect(
      await at.rows(`select state, wish, error_type, error_message from run_orders where run_id = ${runId}`),
    ).toEqual([{ state: 'ended', wish: null, error_type: 'cancelled', error_message: 'enough' }])
    expect(await at.one(`select finished_at as n from sync_runs where id = ${runId}`)).toBe(after(3))
  }),

  'OrderStore.placeTransform': withOrders(async orders => {
    await Promise.all([0, 1].map(() => orders.placeTransform('mood')))
    expect(await orders.openTransforms()).toEqual([{ transform: 'mood', asked: 2, queued: 0, stop: null }])
  }),

  'OrderStore.endTransform': withOrders(async orders => {
    await orders.placeTransform('mood')
    expect(await orders.endTransform('none')).toBe(false)
    expect(await orders.endTransform('mood')).toBe(true)
    expect(await orders.openTransforms()).toEqual([])
  }),

  'OrderStore.openTransforms': withOrders(async orders => {
    for (const name of ['b', 'a']) await orders.placeTransform(name)
    expect((await orders.openTransforms()).map(({ transform }) => transform)).toEqual(['a', 'b'])
  }),
}
