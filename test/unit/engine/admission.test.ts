import { describe, expect, test } from 'vitest'
import type { FaultError } from '../../../src/core/fault.ts'
import type { LedgerEntry, SharedLimits, TurnRequest } from '../../../src/core/ports.ts'
import { type Caller, exactly, type Limits } from '../../../src/core/stream.ts'
import { AccountUse } from '../../../src/engine/account-use.ts'
import { Admission, gapOf, LATE_MS } from '../../../src/engine/admission.ts'
import { RateLimiter } from '../../../src/engine/rate-limiter.ts'
import { fc } from '../../support/fc.ts'
import { stillClock } from '../../support/still-clock.ts'

const { signal } = new AbortController()
const DAY = 86_400_000
const PRICE = { pool: 'calls', units: 1 }

const open = (
  part: Partial<Limits> = {},
  wanted: Partial<SharedLimits> | null = null,
  account?: string,
  isSpent = false,
) => {
  const clock = stillClock(Date.UTC(2026, 2, 1, 23, 59, 50))
  const source: Caller = {
    network: 'any',
    credential: 'any-1',
    owner: 'project',
    ...(account !== undefined && { account }),
    limits: {
      concurrency: exactly(4),
      perSecond: 10,
      order: 'by-entity',
      pools: [{ name: 'calls', allowance: 100, window: { kind: 'day', zone: 'UTC', marginMs: 0 } }],
      ...part,
    },
  }
  const machines: SharedLimits | null = wanted && {
    takeAccount: async () => true,
    keepsAccount: async () => true,
    leaveAccount: async () => {},
    rest: async () => {},
    isOverdue: () => false,
    renew: async () => {},
    ...wanted,
  }
  const charges: LedgerEntry[] = []
  const turns: (TurnRequest & { readonly startAt: number })[] = []
  let nextAt = 0
  /** What happens while a turn is waited for, the first one first. */
  const meanwhile: (() => void)[] = []
  const ledger = {
    charge: async (entry: LedgerEntry) => {
      charges.push(entry)
      return isSpent && entry.isLimited ? ({ kind: 'budget' } as const) : null
    },
    turn: async (of: TurnRequest) => {
      const startAt = Math.max(nextAt, clock.now() + of.leadMs)
      nextAt = startAt + of.gapMs
      turns.push({ ...of, startAt })
      meanwhile.shift()?.()
      return startAt
    },
    takeBack: async () => {},
    exhaust: async () => {},
    machines,
  }
  const limiter = new RateLimiter(clock, 60_000, machines !== null)
  const options = { runId: 7, source, ledger, clock, isLimited: true }
  const admission = new Admission(options, new AccountUse(source, machines), limiter)
  return {
    ...{ clock, charges, turns, meanwhile, limiter },
    admit: () => admission.admit(PRICE, signal),
    skip: (ms: number) => void clock.sleep(ms),
  }
}

describe('a turn', () => {
  test('is used in its moment', async () => {
    const { admit, turns, clock } = open()
    for (let n = 0; n < 3; n++) await admit()
    expect(turns.map(({ gapMs }) => gapMs)).toEqual([110, 110, 110])
    expect(clock.now()).toBe(turns[2]?.startAt)
  })

  test.each([0, LATE_MS])('may be missed by %d ms', async late => {
    const { admit, turns, meanwhile, skip } = open()
    meanwhile.push(() => skip(late))
    await admit()
    expect(turns).toHaveLength(1)
  })

  test.each([LATE_MS + 1, 30_000])('that is missed by %d ms is taken anew, and paid for once', async late => {
    const { admit, turns, meanwhile, skip, clock, charges } = open({
      pools: [{ name: 'calls', allowance: null, window: { kind: 'rolling', ms: DAY } }],
    })
    meanwhile.push(() => skip(late))
    await admit()
    expect(turns).toHaveLength(2)
    expect(clock.now()).toBe(turns[1]?.startAt)
    expect(charges).toHaveLength(1)
  })

  test('is asked for ahead where the database answers late: each call is sent in the end, and soon at its first turn', async () => {
    const { admit, turns, meanwhile, skip } = open()
    const calls = async (count: number): Promise<number> => {
      const before = turns.length
      for (let n = 0; n < count; n++) {
        meanwhile.push(...Array.from({ length: 20 }, () => () => skip(300)))
        await admit()
        meanwhile.length = 0
      }
      return turns.length - before
    }
    expect(await calls(1)).toBe(3)
    expect(await calls(10)).toBeLessThanOrEqual(12)
  })

  test('with calls that leave up to so late no second has more than are allowed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.integer({ min: 0, max: LATE_MS }), { minLength: 50, maxLength: 400 }),
        (perSecond, lateness) => {
          const sent = lateness.map((late, n) => n * gapOf(perSecond) + late).sort((a, b) => a - b)
          sent.forEach((at, n) => {
            const within = sent.slice(n).filter(other => other < at + 1000).length
            expect(within).toBeLessThanOrEqual(perSecond)
          })
        },
      ),
    )
  })

  test('of less than one a second is as long as it takes', () => {
    expect(gapOf(0.5)).toBe(2_000 + LATE_MS)
    expect(gapOf(1)).toBe(1_000 + LATE_MS)
  })
})

describe('a charge', () => {
  test('of a day that is over when the call is sent is made again, for no run, and spends no budget', async () => {
    const { admit, charges, meanwhile, skip } = open()
    meanwhile.push(() => skip(20_000))
    await admit()
    const midnight = Date.UTC(2026, 2, 2)
    expect(charges.map(({ runId, isLimited, window }) => [runId, isLimited, window.start])).toEqual([
      [7, true, midnight - DAY],
      [null, false, midnight],
    ])
  })

  test('is not made again where the network tells no allowance', async () => {
    const pool = { name: 'calls', allowance: null, window: { kind: 'rolling', ms: 1_000 } } as const
    const { admit, charges, meanwhile, skip } = open({ pools: [pool] })
    meanwhile.push(() => skip(20_000))
    await admit()
    expect(charges).toHaveLength(1)
  })

  test('that the budget of the run does not allow stops the call', async () => {
    const { admit, charges, turns } = open({}, null, undefined, true)
    await expect(admit()).rejects.toMatchObject({ fault: { code: 'budget' } } satisfies Partial<
      Record<keyof FaultError, unknown>
    >)
    expect([charges.length, turns.length]).toEqual([1, 0])
  })
})

describe('on a shared database', () => {
  test('one that stood still renews its lease, and takes a new turn, before it sends anything', async () => {
    let isOverdue = true
    const { admit, turns } = open(
      {},
      {
        isOverdue: () => isOverdue,
        renew: async () => {
          isOverdue = false
        },
      },
    )
    await admit()
    expect(turns).toHaveLength(2)
  })

  test('one that was overtaken sends nothing', async () => {
    const overtaken = new Error('overtaken')
    const { admit } = open(
      { perSecond: null },
      {
        isOverdue: () => true,
        renew: () => Promise.reject(overtaken),
      },
    )
    await expect(admit()).rejects.toBe(overtaken)
  })

  test('calls that a usage header spaces out are turns of their pool, for all machines', async () => {
    const { admit, turns, limiter } = open({ perSecond: null }, {})
    await admit()
    expect(turns).toEqual([])
    limiter.usage('calls', 0.85)
    await admit()
    expect(turns).toMatchObject([{ owner: 'project calls', gapMs: 1_000 }])
  })

  test('on a file they are spaced by the process itself', async () => {
    const { admit, turns, limiter, clock } = open({ perSecond: null })
    limiter.usage('calls', 0.85)
    await admit()
    const first = clock.now()
    await admit()
    expect(clock.now() - first).toBe(1_000)
    expect(turns).toEqual([])
  })

  test('an account that another process uses is waited for before anything is charged', async () => {
    const answers = [false, false, true]
    const asked: number[] = []
    const { admit, charges } = open(
      { perSecond: null },
      {
        takeAccount: async () => {
          asked.push(charges.length)
          return answers.shift() ?? true
        },
      },
      '17841',
    )
    await admit()
    await admit()
    expect(asked).toEqual([0, 0, 0])
    expect(charges).toHaveLength(2)
  })
})
