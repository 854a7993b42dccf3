import { afterEach, describe, expect, test, vi } from 'vitest'
import { openClock, realClock, sandboxClock } from '../../../src/http/clock.ts'
import { START, startSandbox } from '../../support/sandbox.ts'
import { openTiny } from '../../support/tiny-network.ts'

afterEach(() => vi.useRealTimers())

test('a sleep longer than a timer can hold does not end at once', async () => {
  vi.useFakeTimers()
  const month = 30 * 86_400_000
  const ended = vi.fn()
  const sleep = realClock().sleep(month).then(ended)
  await vi.advanceTimersByTimeAsync(month - 60_000)
  expect(ended).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(60_000)
  await sleep
  expect(ended).toHaveBeenCalledOnce()
})

test('a sleep that is over while its timer is set asks for no negative time: nothing is said on stderr', async () => {
  const warned = vi.spyOn(process, 'emitWarning')
  vi.spyOn(Date, 'now').mockReturnValue(START)
  const times = [0, 0.5]
  const monotonic = vi.spyOn(performance, 'now').mockImplementation(() => times.shift() ?? 20)
  await realClock().sleep(1)
  expect(warned.mock.calls).toEqual([])
  expect(monotonic.mock.calls.length).toBeGreaterThan(2)
  vi.restoreAllMocks()
})

test.each([-5, 0, Number.NaN, Number.NEGATIVE_INFINITY])('a sleep of %d ms ends at once', async ms => {
  const warned = vi.spyOn(process, 'emitWarning')
  await realClock().sleep(ms)
  expect(warned.mock.calls).toEqual([])
  vi.restoreAllMocks()
})

test('a clock set back by an hour does not prolong a sleep', async () => {
  vi.useFakeTimers()
  const sleep = realClock().sleep(120_000)
  vi.setSystemTime(Date.now() - 3_600_000)
  await vi.advanceTimersByTimeAsync(120_000)
  await sleep
})

test('a sleep is aborted with the reason, before and while it lasts; none at all for 0', async () => {
  const reason = new Error('stop')
  const clock = realClock()
  await expect(clock.sleep(1000, AbortSignal.abort(reason))).rejects.toBe(reason)
  const controller = new AbortController()
  const sleep = clock.sleep(1e12, controller.signal)
  controller.abort(reason)
  await expect(sleep).rejects.toBe(reason)
  await clock.sleep(0)
  await clock.sleep(-5)
})

test("the sandbox's clock is read, and sleeping takes no time but moves it on for everybody", async () => {
  await using sandbox = await startSandbox({ openers: { tiny: openTiny } })
  const clock = await openClock(sandbox.env.SOCSYNC_CLOCK ?? null)
  const passed = () => clock.now() - START
  expect(passed()).toBeLessThan(60_000)
  const day = 86_400_000
  await Promise.all([clock.sleep(day), clock.sleep(day), clock.sleep(day / 2)])
  expect(sandbox.clock.now() - START).toBeGreaterThanOrEqual(day)
  expect(sandbox.clock.now() - START).toBeLessThan(day + 60_000)
  expect(passed()).toBeGreaterThanOrEqual(day)
  const reason = new Error('stop')
  await expect(clock.sleep(day, AbortSignal.abort(reason))).rejects.toBe(reason)
})

test('no sandbox at the address is said', async () => {
  await expect(sandboxClock('http://127.0.0.1:9')).rejects.toThrow('No sandbox clock answers')
})

test('without an address it is the real clock', async () => {
  const before = Date.now()
  expect((await openClock(null)).now()).toBeGreaterThanOrEqual(before)
})

describe('a clock that follows another', () => {
  afterEach(() => void vi.restoreAllMocks())
  const open = () => {
    let passed = 1_000
    vi.spyOn(performance, 'now').mockImplementation(() => passed)
    vi.spyOn(Date, 'now').mockImplementation(() => START - 3_600_000)
    const clock = realClock()
    return {
      clock,
      pass: (ms: number) => {
        passed += ms
      },
      hear: (told: number, took: number) => clock.follow?.({ told, asked: passed - took, answered: passed }),
    }
  }

  test('tells its time, whatever this machine is set to, and goes on by itself', () => {
    const { clock, hear, pass } = open()
    expect(clock.now()).toBe(START - 3_600_000)
    hear(START, 0)
    expect(clock.now()).toBe(START)
    pass(5_000)
    expect(clock.now()).toBe(START + 5_000)
  })

  test('is moved by a slow answer only as far as that proves it wrong', () => {
    const { clock, hear, pass } = open()
    hear(START, 0)
    pass(10_000)
    hear(START + 8_000, 4_000)
    expect(clock.now()).toBe(START + 10_000)
    // What was told at the latest when it was asked for: it is later than it was taken for.
    hear(START + 60_000, 100)
    expect(clock.now()).toBe(START + 60_000)
    hear(START, 100)
    expect(clock.now()).toBe(START + 101)
  })
})
