import { expect, vi } from 'vitest'
import { Overtaken } from '../../src/core/errors.ts'
import type { SharedLimits } from '../../src/core/ports.ts'
import { OrderStore } from '../../src/store/order-store.ts'
import type { Store } from '../../src/store/store.ts'
import { withoutPause } from '../support/second-look.ts'
import { chargeOf, OWNER, UNITS } from '../support/tiny-source.ts'
import { order } from './order-cases.ts'
import { after, CLOCK, letLeaseEnd, NO_TERMS, NOW, reap, type Scene } from './scene.ts'

/** For a case of what machines share. A file is one machine's: there is nothing to share. */
const onMachines =
  (use: (of: (store: Store) => SharedLimits, at: Scene) => Promise<void>) =>
  async (at: Scene): Promise<void> => {
    expect(at.store.machines !== null).toBe(at.isShared)
    if (!at.isShared) return
    await use(({ machines }) => {
      if (machines === null) throw new Error('it shares nothing')
      return machines
    }, at)
  }

/** What is promised of each method that limits are kept with. */
export const LIMIT_CASES: Readonly<Record<string, (at: Scene) => Promise<void>>> = {
  'Store.charge': async at => {
    const { network, runId } = await at.begin(['ada'])
    const entry = chargeOf(network, runId, 10 * UNITS)
    const refusals = await Promise.all(Array.from({ length: 20 }, () => at.store.charge(entry)))
    expect(refusals.filter(refusal => refusal === null)).toHaveLength(10)
    expect(refusals.find(refusal => refusal !== null)).toEqual({
      until: entry.window.end,
      kind: 'quota-exhausted',
    })
    expect(await at.one(`select used as n from quota where network = '${network}'`)).toBe(10 * UNITS)
    expect(await at.rows(`select calls, units from run_costs where run_id = ${runId}`)).toEqual([
      { calls: 10, units: 10 * UNITS },
    ])
    // Nobody's cost.
    expect(await at.store.charge({ ...entry, runId: null, allowance: null })).toBeNull()
    expect(await at.one(`select calls as n from run_costs where run_id = ${runId}`)).toBe(10)
  },

  'Store.takeBack': async at => {
    const { network, runId } = await at.begin(['ada'])
    const entry = chargeOf(network, runId, 2 * UNITS)
    const used = `select used as n from quota where network = '${network}'`
    const costs = `select calls, units from run_costs where run_id = ${runId}`
    expect([await at.store.charge(entry), await at.store.charge(entry)]).toEqual([null, null])
    expect(await at.store.charge(entry)).not.toBeNull()
    await at.store.takeBack(entry)
    expect(await at.one(used)).toBe(UNITS)
    expect(await at.rows(costs)).toEqual([{ calls: 1, units: UNITS }])
    expect(await at.store.charge(entry)).toBeNull()
    await at.store.takeBack(entry)
    await at.store.takeBack(entry)
    expect(await at.one(used)).toBe(0)
    // What was never asked costs nothing, and is not told.
    expect(await at.rows(costs)).toEqual([])
    // No more than was charged.
    await at.store.takeBack(entry)
    expect(await at.one(used)).toBe(0)
  },

  'Store.charge to a budget': async at => {
    await using orders = await OrderStore.open(at.where, CLOCK, () => {})
    const placed = await orders?.place(order({ terms: { ...NO_TERMS, budget: 5 * UNITS } }))
    const runId = placed?.runId ?? 0
    expect(await at.store.adoptRun(runId, NO_TERMS)).toMatchObject({ isLimited: true })
    const stores = [at.store, await at.open()]
    const entry = { ...chargeOf(at.newNetwork(), runId), isLimited: true }
    const refusals = await Promise.all(
      Array.from({ length: 12 }, (_, n) => stores[n % 2]?.charge({ ...entry })),
    )
    expect(refusals.filter(refusal => refusal === null)).toHaveLength(5)
    expect(refusals.filter(refusal => refusal !== null)).toEqual(Array(7).fill({ kind: 'budget' }))
    const costs = `select calls, units from run_costs where run_id = ${runId}`
    expect(await at.rows(costs)).toEqual([{ calls: 5, units: 5 * UNITS }])
    expect(await at.one(`select used as n from quota where network = '${entry.network}'`)).toBe(5 * UNITS)
    await at.store.takeBack(entry)
    expect(await Promise.all([at.store.charge(entry), at.store.charge(entry)])).toContainEqual({
      kind: 'budget',
    })
    expect(await at.rows(costs)).toEqual([{ calls: 5, units: 5 * UNITS }])
    await orders?.end(runId, null, after(0))
  },

  'Store.turn': async at => {
    const of = { network: at.newNetwork(), owner: OWNER, gapMs: 100, leadMs: 0 }
    const turns = await Promise.all(Array.from({ length: 5 }, () => at.store.turn(of)))
    expect(turns.toSorted((a, b) => a - b)).toEqual([0, 100, 200, 300, 400].map(ms => NOW + ms))
    expect(await at.store.turn({ ...of, owner: 'another' })).toBe(NOW)
    expect(await at.store.turn({ ...of, owner: 'a third', leadMs: 7 })).toBe(NOW + 7)
  },

  'Store.exhaust': async at => {
    const entry = chargeOf(at.newNetwork(), null, 10)
    await at.store.exhaust(entry, { until: NOW + 5, kind: 'rate-limited' })
    expect(await at.store.charge(entry)).toEqual({ until: NOW + 5, kind: 'rate-limited' })
    expect(await at.one(`select used as n from quota where network = '${entry.network}'`)).toBe(0)
    const later = await at.open({ clock: { now: () => NOW + 5, sleep: async () => {} } })
    expect(await later.charge(entry)).toBeNull()
  },

  'Store.closedUntil': async at => {
    const entry = chargeOf(at.newNetwork(), null, 10)
    const closed = (allowance: number, owner = OWNER) =>
      at.store.closedUntil(entry.network, owner, [{ name: 'calls', allowance }])
    expect(await closed(10)).toBeNull()
    await at.store.exhaust(entry, { until: NOW + 5, kind: 'quota-exhausted' })
    expect(await closed(10)).toBe(NOW + 5)
    // More is allowed than when it was used up.
    expect(await closed(11)).toBeNull()
    expect(await closed(10, 'another')).toBeNull()
  },

  'SharedLimits.takeAccount': onMachines(async (of, at) => {
    const ada = { network: at.newNetwork(), account: 'ada' }
    const stores = [await at.open(), await at.open(), await at.open()]
    const taken = await Promise.all(stores.map(store => of(store).takeAccount(ada)))
    expect(taken.filter(isTaken => isTaken)).toHaveLength(1)
    const has = stores[taken.indexOf(true)] as Store
    expect(await of(has).takeAccount(ada)).toBe(true)
    expect(await of(at.store).takeAccount({ ...ada, account: 'bob' })).toBe(true)
    // Whoever has it is taken for dead: the next one that asks has it.
    await letLeaseEnd(at, has.worker.id)
    const next = await at.open()
    expect(await withoutPause(() => of(next).takeAccount(ada))).toBe(true)
    await of(at.store).leaveAccount({ ...ada, account: 'bob' })
  }),

  'SharedLimits.keepsAccount': onMachines(async (of, at) => {
    const account = { network: at.newNetwork(), account: 'ada' }
    const other = await at.open()
    expect(await of(at.store).keepsAccount(account)).toBe(false)
    await of(at.store).takeAccount(account)
    await of(other).takeAccount(account)
    expect(await of(at.store).keepsAccount(account)).toBe(true)
    expect(await of(other).keepsAccount(account)).toBe(false)
    // Its turn is over, and another one waits.
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 31_000)
    expect(
      await of(at.store)
        .keepsAccount(account)
        .finally(() => now.mockRestore()),
    ).toBe(false)
    await of(at.store).leaveAccount(account)
    expect(await of(other).takeAccount(account)).toBe(true)
  }),

  'SharedLimits.leaveAccount': onMachines(async (of, at) => {
    const account = { network: at.newNetwork(), account: 'ada' }
    const other = await at.open()
    for (const _ of [1, 2]) await of(at.store).takeAccount(account)
    await of(at.store).leaveAccount(account)
    expect(await of(other).takeAccount(account)).toBe(false)
    // The last of its lanes.
    await of(at.store).leaveAccount(account)
    expect(await of(other).takeAccount(account)).toBe(true)
    await of(at.store).leaveAccount(account)
    expect(await of(other).keepsAccount(account)).toBe(true)
  }),

  'SharedLimits.rest': onMachines(async (of, at) => {
    const entry = chargeOf(at.newNetwork(), null, 10)
    const other = await at.open()
    await of(other).rest(entry, NOW + 5)
    await of(other).rest(entry, NOW + 3)
    expect(await at.store.charge(entry)).toEqual({ until: NOW + 5, kind: 'rate-limited' })
    // It is waited for, and no reason to leave work for another day.
    expect(await at.store.closedUntil(entry.network, OWNER, [{ name: 'calls', allowance: 10 }])).toBeNull()
  }),

  'SharedLimits.isOverdue': onMachines(async (of, at) => {
    expect(of(at.store).isOverdue()).toBe(false)
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 3_600_000)
    const isOverdue = of(at.store).isOverdue()
    now.mockRestore()
    expect(isOverdue).toBe(true)
  }),

  'SharedLimits.renew': onMachines(async (of, at) => {
    const late = await at.open()
    await of(late).renew()
    await letLeaseEnd(at, late.worker.id)
    await reap(at.store)
    await expect(of(late).renew()).rejects.toBeInstanceOf(Overtaken)
  }),
}
