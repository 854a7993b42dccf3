import { beforeEach, describe, expect, test } from 'vitest'
import { instant } from '../../../../src/core/instant.ts'
import type { LedgerEntry } from '../../../../src/core/ports.ts'
import { chargeAll } from '../../../../src/store/queue/charges.ts'
import { closedUntil, exhaust, rest } from '../../../../src/store/queue/ledger.ts'
import { fc } from '../../../support/fc.ts'
import { perFile } from '../../../support/fresh.ts'
import { openStoreFile } from '../../../support/store-file.ts'

const NOW = Date.UTC(2026, 2, 1, 12)
const DAY = 86_400_000
const WINDOW = { start: NOW - DAY / 2, end: NOW + DAY / 2 }
const NEXT = { start: WINDOW.end, end: WINDOW.end + DAY }
const ENTRY: LedgerEntry = {
  runId: null,
  network: 'any',
  owner: 'project',
  pool: 'units',
  units: 1,
  window: WINDOW,
  allowance: 10,
}

const file = perFile(openStoreFile)
beforeEach(() => file().write(tx => void tx.db.deleteFrom('quota').execute()))

const spend = (part: Partial<LedgerEntry>, now = NOW) =>
  file().write(async tx => (await chargeAll(tx, [{ ...ENTRY, ...part }], now))[0])
const close = (until: number, kind: 'rate-limited' | 'quota-exhausted', part: Partial<LedgerEntry> = {}) =>
  file().write(tx => exhaust(tx, { ...ENTRY, ...part }, { until, kind }))
const used = () =>
  file()
    .rows('select used from quota order by window_start')
    .map(row => row.used)
const GONE = { until: WINDOW.end, kind: 'quota-exhausted' }

describe('a charge', () => {
  test.each([
    [[4, 6], 10, [null, null], 10],
    [[4, 7], 10, [null, GONE], 4],
    [[11], 10, [GONE], undefined],
    [[4, 7, 6], 10, [null, GONE, null], 10],
    [[1], 0, [GONE], undefined],
    [[400, 700], null, [null, null], 1_100],
  ])('of %o where %s are allowed', async (units, allowance, answers, sum) => {
    const told = []
    for (const each of units) told.push(await spend({ units: each, allowance }))
    expect(told).toEqual(answers)
    expect(used()[0]).toBe(sum)
  })

  test.each<Partial<LedgerEntry>>([
    { network: 'other' },
    { owner: 'other' },
    { pool: 'other' },
    { window: NEXT },
  ])('counts for its own network, owner, pool and window: %o', async part => {
    await spend({ units: 10 })
    expect(await spend({ units: 1 })).toEqual(GONE)
    expect(await spend({ ...part, units: 10 })).toBeNull()
  })

  test('follows the allowance that holds now', async () => {
    await spend({ units: 10 })
    expect(await spend({ units: 5, allowance: 15 })).toBeNull()
    expect(await spend({ units: 1, allowance: 3 })).toEqual(GONE)
  })

  test('is written to its run, an attempt at a time', async () => {
    await file().write(async tx => {
      const run = { trigger: 'cli', scopes: '[]', params: '{}', trace_id: 't', worker: null, created_at: '' }
      await tx.db.insertInto('sync_runs').values(run).execute()
    })
    await spend({ runId: 1, units: 3 })
    await spend({ runId: 1, units: 4 })
    await spend({ runId: 1, units: 4 })
    expect(file().rows('select pool, calls, units from run_costs')).toEqual([
      { pool: 'units', calls: 2, units: 7 },
    ])
  })
})

describe('what the network closed', () => {
  test.each(['rate-limited', 'quota-exhausted'] as const)('stays so until its moment: %s', async kind => {
    const until = NOW + 1_000
    await close(until, kind)
    expect(await spend({})).toEqual({ until, kind })
    expect(await spend({}, until - 1)).toEqual({ until, kind })
    expect(used()).toEqual([0])
    expect(await spend({}, until)).toBeNull()
  })

  test('outlives its window', async () => {
    const until = NEXT.start + 1_000
    await close(until, 'quota-exhausted')
    expect(await spend({ window: NEXT }, NEXT.start)).toEqual({ until, kind: 'quota-exhausted' })
  })

  test('the latest of several moments counts', async () => {
    await close(NOW + 9_000, 'quota-exhausted')
    await close(NOW + 1_000, 'rate-limited', { window: NEXT })
    expect(await spend({})).toEqual({ until: NOW + 9_000, kind: 'quota-exhausted' })
  })

  test('is no word on another owner or pool', async () => {
    await close(NOW + 1_000, 'rate-limited')
    expect([await spend({ owner: 'other' }), await spend({ pool: 'other' })]).toEqual([null, null])
  })
})

test('whatever is asked for, no more is given than is allowed, and nothing that fits is refused', async () => {
  const asked = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 12 })
  let owner = 0
  await fc.assert(
    fc.asyncProperty(asked, fc.nat(30), async (units, allowance) => {
      owner++
      let left = allowance
      await file().write(async tx => {
        for (const each of units) {
          const entry = { ...ENTRY, owner: `owner ${owner}`, units: each, allowance }
          const [refused] = await chargeAll(tx, [entry], NOW)
          expect(refused === null).toBe(each <= left)
          if (refused === null) left -= each
        }
      })
    }),
    { numRuns: 30 },
  )
})

describe('a rest', () => {
  const restUntil = (until: number) => file().write(tx => rest(tx, ENTRY, instant(until)))
  const closed = () =>
    file().write(tx => closedUntil(tx, 'any', 'project', [{ name: 'units', allowance: 10 }], NOW))

  test('is kept by whoever charges, to its end, and costs nothing', async () => {
    await restUntil(NOW + 5_000)
    expect(await spend({})).toEqual({ until: NOW + 5_000, kind: 'rate-limited' })
    expect(await spend({ pool: 'other' })).toBeNull()
    expect(await spend({}, NOW + 5_000)).toBeNull()
    expect(used()).toEqual([1, 1])
  })

  test('is waited for: it is no reason to leave work for another day', async () => {
    await restUntil(NOW + 5_000)
    expect(await closed()).toBeNull()
  })

  test('is never shortened, and shortens nothing', async () => {
    await restUntil(NOW + 5_000)
    await restUntil(NOW + 1_000)
    expect(await spend({})).toMatchObject({ until: NOW + 5_000 })
    await close(NOW + 60_000, 'quota-exhausted')
    await restUntil(NOW + 9_000)
    expect(await spend({})).toEqual({ until: NOW + 60_000, kind: 'quota-exhausted' })
    expect(await closed()).toBe(NOW + 60_000)
  })
})
