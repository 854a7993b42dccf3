import { describe, expect, test } from 'vitest'
import { type Fault, FaultError } from '../../../src/core/fault.ts'
import { attempt } from '../../../src/engine/attempt.ts'
import { stillClock } from '../../support/still-clock.ts'

const PASSING: Fault = { kind: 'transient', code: '503' }
const LIMITED: Fault = { kind: 'rate-limited', code: '429', pool: 'calls', until: null }

/** What a call came to that met these faults, one a try, and then an answer. */
const call = async (
  faults: readonly Fault[],
  { maxWaitMs = 600_000, random = 1, signal = new AbortController().signal } = {},
) => {
  const clock = stillClock()
  const waits: (number | null)[] = []
  let tries = 0
  const ended = await attempt(
    async nth => {
      tries++
      expect(nth).toBe(tries)
      const fault = faults[nth - 1]
      if (fault !== undefined) throw new FaultError(fault, `try ${nth}`)
      return 'answer'
    },
    {
      now: clock.now,
      sleep: ms => clock.sleep(ms, signal),
      random: () => random,
      maxWaitMs,
      failed: (_, __, waitMs) => waits.push(waitMs),
    },
    signal,
  ).catch((error: unknown) => error)
  const end = ended instanceof FaultError ? ended.fault : ended
  return { end, tries, waits, naps: clock.naps, ended }
}
const times = (count: number, fault: Fault): Fault[] => Array.from({ length: count }, () => fault)

describe('a passing fault', () => {
  test.each([
    [0, 1, []],
    [1, 2, [1_000]],
    [4, 5, [1_000, 2_000, 4_000, 8_000]],
  ])('%i of them: an answer after %i tries, each pause twice the last', async (count, tries, pauses) => {
    expect(await call(times(count, PASSING))).toMatchObject({ end: 'answer', tries, naps: pauses })
  })

  test('pauses are shortened by up to half', async () => {
    expect((await call(times(4, PASSING), { random: 0 })).naps).toEqual([500, 1_000, 2_000, 4_000])
  })

  test('five of them: it is thrown, and that nothing follows is told', async () => {
    const { end, tries, waits } = await call(times(9, PASSING))
    expect({ end, tries, waits }).toEqual({
      end: PASSING,
      tries: 5,
      waits: [1_000, 2_000, 4_000, 8_000, null],
    })
  })

  test('the network may want its own tries and pauses, and say what it is in the end', async () => {
    const then: Fault = { kind: 'not-found', code: '404', reason: 'not-found' }
    const fault: Fault = { ...PASSING, tries: 2, waitMs: 30, then }
    const { end, tries, naps, ended } = await call(times(9, fault))
    expect({ end, tries, naps }).toEqual({ end: then, tries: 2, naps: [30] })
    expect(ended).toMatchObject({ message: 'try 2', cause: { fault } })
  })

  test('no pause is longer than a minute', async () => {
    const { naps } = await call(times(9, { ...PASSING, tries: 10 }))
    expect(naps.slice(-3)).toEqual([60_000, 60_000, 60_000])
  })
})

describe('a limit', () => {
  const until = (ms: number): Fault => ({ ...LIMITED, until: stillClock().now() + ms })

  test.each([
    ['without an end: ten seconds, twenty, forty', times(3, LIMITED), [10_000, 20_000, 40_000]],
    ['with its end', [until(5_000)], [5_000]],
    ['that ends now: a second', [until(0)], [1_000]],
    ['whose short ends do not help: longer', [until(1_000), until(2_000)], [1_000, 20_000]],
    ['is no failed try', [LIMITED, ...times(4, PASSING)], [10_000, 1_000, 2_000, 4_000, 8_000]],
  ])('%s', async (_, faults, naps) => {
    expect(await call(faults)).toMatchObject({ end: 'answer', naps })
  })

  test('is waited for within the patience, all waits together', async () => {
    expect(await call(times(3, LIMITED), { maxWaitMs: 40_000 })).toMatchObject({
      end: LIMITED,
      tries: 3,
      waits: [10_000, 20_000, null],
    })
    expect(await call([until(60_001)], { maxWaitMs: 60_000 })).toMatchObject({ tries: 1, naps: [] })
    expect(await call([until(60_000)], { maxWaitMs: 60_000 })).toMatchObject({ tries: 2, naps: [60_000] })
  })
})

test.each<Fault>([
  { kind: 'quota-exhausted', code: 'quota', pool: 'units', until: null },
  { kind: 'unauthorised', code: '401' },
  { kind: 'forbidden', code: '403', reason: 'private' },
  { kind: 'not-found', code: '404', reason: 'not-found' },
  { kind: 'unsupported', code: 'x', reason: 'unsupported-by-network' },
  { kind: 'cursor-expired', code: 'x' },
  { kind: 'rejected', code: '400' },
  { kind: 'unreadable', code: 'json' },
])('$kind is not tried again', async fault => {
  expect(await call([fault])).toMatchObject({ end: fault, tries: 1, waits: [null], naps: [] })
})

test('what is no fault is a bug: it is thrown as it is', async () => {
  const bug = new TypeError('no such thing')
  const never = () => {
    throw new Error('not to be asked')
  }
  const options = { now: never, sleep: never, random: never, maxWaitMs: 0, failed: never }
  await expect(attempt(() => Promise.reject(bug), options, new AbortController().signal)).rejects.toBe(bug)
})

test('whoever is told to stop makes no call', async () => {
  const reason = new Error('stop')
  expect(await call([], { signal: AbortSignal.abort(reason) })).toMatchObject({ ended: reason, tries: 0 })
})
