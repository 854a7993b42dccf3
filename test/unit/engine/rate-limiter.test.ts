import { describe, expect, test } from 'vitest'
import { RateLimiter } from '../../../src/engine/rate-limiter.ts'
import { stillClock } from '../../support/still-clock.ts'

const { signal } = new AbortController()

const open = (maxWaitMs = 60_000) => {
  const clock = stillClock()
  const limiter = new RateLimiter(clock, maxWaitMs)
  const began = clock.now()
  /** When so many calls start that are asked for one after the other, ms from the beginning. */
  const starts = async (count: number, pool = 'calls'): Promise<readonly number[]> => {
    const moments: number[] = []
    for (let n = 0; n < count; n++) {
      await limiter.turn(pool, signal)
      moments.push(clock.now() - began)
    }
    return moments
  }
  return { clock, limiter, began, starts }
}

test('without a limit calls start at once', async () => {
  expect(await open().starts(3)).toEqual([0, 0, 0])
})

describe('usage that a network tells', () => {
  test.each([
    [0, 0],
    [0.75, 0],
    [0.85, 1_000],
    [0.94, 1_900],
  ])('%d of it: %d ms between two calls', async (share, gap) => {
    const { limiter, starts } = open()
    limiter.usage('calls', share)
    const [first = 0, second = 0, third = 0] = await starts(3)
    expect(Math.round(second - first)).toBe(gap)
    expect(Math.round(third - second)).toBe(gap)
  })

  test('falls again: so does the gap', async () => {
    const { limiter, starts } = open()
    limiter.usage('calls', 0.85)
    limiter.usage('calls', 0.5)
    expect(await starts(2)).toEqual([0, 0])
  })

  test('nearly all of it: a rest of a minute, or until the network says', async () => {
    const { limiter, starts } = open()
    limiter.usage('calls', 0.95)
    expect(await starts(1)).toEqual([60_000])
    const told = open()
    told.limiter.usage('calls', 1.2, told.began + 20_000)
    expect(await told.starts(1)).toEqual([20_000])
  })
})

describe('a rest', () => {
  test('is of its pool alone', async () => {
    const { limiter, starts, began } = open()
    limiter.rest('calls', began + 5_000)
    expect(await starts(1, 'units')).toEqual([0])
    expect(await starts(2)).toEqual([5_000, 5_000])
  })

  test('is never shortened', async () => {
    const { limiter, starts, began } = open()
    limiter.rest('calls', began + 5_000)
    limiter.rest('calls', began + 1_000)
    expect(await starts(1)).toEqual([5_000])
  })

  test('that grows while it is waited for is waited for', async () => {
    const { limiter, began, clock } = open()
    limiter.rest('calls', began + 5_000)
    const turn = limiter.turn('calls', signal)
    limiter.rest('calls', began + 9_000)
    await turn
    expect(clock.now() - began).toBe(9_000)
  })

  test('longer than the patience is a fault, with its end', async () => {
    const { limiter, began, starts } = open(5_000)
    limiter.rest('calls', began + 5_001)
    await expect(starts(1)).rejects.toMatchObject({
      fault: { kind: 'rate-limited', pool: 'calls', until: began + 5_001 },
    })
  })

  test('ends for whoever is told to stop', async () => {
    const { limiter, began } = open()
    limiter.rest('calls', began + 5_000)
    const reason = new Error('stop')
    await expect(limiter.turn('calls', AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})
