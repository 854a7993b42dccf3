// @module-tag long
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AccountLeases } from '../../../../src/store/queue/account-leases.ts'
import { Worker } from '../../../../src/store/queue/worker.ts'
import { STORES, type TestStore } from '../../../support/stores.ts'

const OF = { network: 'any', account: 'ada' }
const NOW = Date.UTC(2026, 2, 1, 12)

describe.each(STORES)('the lease of an account on $name', ({ open }) => {
  let store: TestStore
  let workers: Worker[]
  beforeEach(async () => {
    store = await open()
    workers = []
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    for (const worker of workers) await worker.stop('2026-03-01T12:00:00.000Z')
    await store[Symbol.asyncDispose]()
  })
  const begin = async () => {
    const worker = await Worker.start(store.database, 'worker')
    workers.push(worker)
    return { worker, leases: new AccountLeases(store.database, worker, () => NOW) }
  }
  const passed = (ms: number): void => {
    const at = performance.now() + ms
    vi.spyOn(performance, 'now').mockImplementation(() => at)
  }

  test('is one worker’s at a time, for each of its lanes, until the last gives it back', async () => {
    const [a, b] = [await begin(), await begin()]
    expect(await a.leases.take(OF)).toBe(true)
    expect(await a.leases.take(OF)).toBe(true)
    expect(await b.leases.take(OF)).toBe(false)
    expect(await b.leases.take({ ...OF, account: 'bea' })).toBe(true)
    await a.leases.leave(OF)
    expect(await b.leases.take(OF)).toBe(false)
    await a.leases.leave(OF)
    expect(await b.leases.take(OF)).toBe(true)
    expect(await a.leases.take(OF)).toBe(false)
  })

  test('of two who ask at once one has it', async () => {
    const all = await Promise.all([begin(), begin(), begin()])
    const had = await Promise.all(all.map(({ leases }) => leases.take(OF)))
    expect(had.filter(Boolean)).toHaveLength(1)
  })

  test('is kept for a turn, and then given to who waits', async () => {
    const [a, b] = [await begin(), await begin()]
    await a.leases.take(OF)
    await b.leases.take(OF)
    expect(await a.leases.keeps(OF)).toBe(true)
    passed(31_000)
    expect(await a.leases.keeps(OF)).toBe(false)
    // What it has begun goes on; nothing more is begun with it.
    expect(await a.leases.take(OF)).toBe(false)
    expect(await b.leases.take(OF)).toBe(false)
    await a.leases.leave(OF)
    expect(await a.leases.take(OF)).toBe(false)
    expect(await b.leases.take(OF)).toBe(true)
  })

  test('is kept for longer where nobody waits', async () => {
    const a = await begin()
    await a.leases.take(OF)
    passed(31_000)
    expect(await a.leases.keeps(OF)).toBe(true)
  })

  test('ends with its worker, and with one that is taken for dead', async () => {
    const [a, b] = [await begin(), await begin()]
    await a.leases.take(OF)
    await workers.shift()?.stop('2026-03-01T12:00:00.000Z')
    expect(await b.leases.take(OF)).toBe(true)
    const c = await begin()
    await store.database.write(async ({ db }) => {
      const lease_expires_at = '2000-01-01T00:00:00.000Z'
      await db.updateTable('workers').set({ lease_expires_at }).where('id', '=', b.worker.id).execute()
    })
    expect(await c.leases.take(OF)).toBe(true)
    expect(await store.rows('select worker from account_leases')).toEqual([{ worker: c.worker.id }])
    await expect(b.worker.renew()).rejects.toThrow('another')
    workers.splice(0, 1)
  })
})
