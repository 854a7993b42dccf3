import { describe, expect, test } from 'vitest'
import { type Failing, failAgain, isDue } from '../../../src/core/failing.ts'
import { instant } from '../../../src/core/instant.ts'

const NIGHT_MS = 86_400_000
const FIRST = Date.UTC(2026, 2, 1, 3)
/** The beginning of a night's run; cron is up to an hour late. */
const night = (n: number, late = 0): string => instant(FIRST + n * NIGHT_MS + late)

/** The nights on which something that always fails is tried, of so many. */
const triedOn = (nights: number, late: (night: number) => number = () => 0): number[] => {
  let failing: Failing | null = null
  const tried: number[] = []
  for (let n = 0; n < nights; n++) {
    const began = night(n, late(n))
    if (failing !== null && !isDue(failing, began)) continue
    tried.push(n)
    failing = failAgain(failing, began, began)
  }
  return tried
}

describe('docs/design.md §5.12 what keeps failing', () => {
  test('is tried 1, 2, 4, 8, 16 and then 30 days later', () => {
    expect(triedOn(100)).toEqual([0, 1, 3, 7, 15, 31, 61, 91])
  })

  test('does not slip to the night after where cron is early or late by an hour', () => {
    const unsteady = (n: number): number => (n % 2 === 0 ? 3_600_000 : -1_800_000)
    expect(triedOn(100, unsteady)).toEqual(triedOn(100))
  })

  test('keeps since when, and counts runs', () => {
    const once = failAgain(null, night(0), night(0, 60_000))
    const twice = failAgain(once, night(1), night(1))
    expect(twice).toEqual({ since: night(0, 60_000), runs: 2, nextAt: night(3, -2 * 3_600_000) })
  })

  test('does not count a try before its day', () => {
    const twice = failAgain(failAgain(null, night(0), night(0)), night(1), night(1))
    expect(failAgain(twice, night(2), night(2))).toEqual(twice)
  })
})
