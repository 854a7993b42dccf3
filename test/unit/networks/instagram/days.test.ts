import { describe, expect, it } from 'vitest'
import { instant } from '../../../../src/core/instant.ts'
import { daysAfter, dueDays, keptDays, unsettledDays } from '../../../../src/networks/instagram/days.ts'

const NOON = Date.parse('2026-11-30T12:00:00Z')
const HOUR = 3_600_000
const DAY = 24 * HOUR
const ends = (now: number): string[] => keptDays(now).map(({ until }) => instant(until))

describe('days of insights', () => {
  it('end at midnight in California, in summer and in winter, and follow each other', () => {
    const days = keptDays(NOON)
    expect(ends(NOON).at(-1)).toBe('2026-11-30T08:00:00.000Z')
    expect(ends(NOON)).toContain('2026-11-01T07:00:00.000Z')
    expect(ends(NOON)).toContain('2026-11-02T08:00:00.000Z')
    for (const [at, { since }] of days.entries()) if (at > 0) expect(since).toBe(days[at - 1]?.until)
    // The clocks go back on that day.
    const lengths = new Set(days.map(({ since, until }) => (until - since) / HOUR))
    expect(lengths).toEqual(new Set([24, 25]))
  })

  it('are those that are over and kept whole', () => {
    const days = keptDays(NOON)
    expect(days).toHaveLength(89)
    expect(days[0]?.since).toBeGreaterThanOrEqual(NOON - 90 * DAY)
    const midnight = Date.parse('2026-11-30T08:00:00Z')
    expect(ends(midnight).at(-1)).toBe('2026-11-30T08:00:00.000Z')
    expect(ends(midnight - 1).at(-1)).toBe('2026-11-29T08:00:00.000Z')
  })

  it('are due where they are not stored, and where they were read before they had settled', () => {
    const days = keptDays(NOON)
    const due = (stored: string[]): string[] => dueDays(days, stored).map(({ until }) => instant(until))
    expect(due([])).toEqual(ends(NOON))
    expect(due(ends(NOON - DAY))).toEqual(ends(NOON).slice(-3))
    expect(due(ends(NOON - 9 * DAY))).toEqual(ends(NOON).slice(-11))
    const hole = ends(NOON).filter((_, at) => at !== 40)
    expect(due(hole)).toEqual([ends(NOON)[40], ...ends(NOON).slice(-2)])
  })

  it('that are due are counted for a price', () => {
    const stored = (now: number): string | null => ends(now).at(-1) ?? null
    expect(unsettledDays(NOON, null)).toBe(89)
    expect(unsettledDays(NOON, stored(NOON - DAY))).toBe(3)
    expect(unsettledDays(NOON, stored(NOON - 10 * DAY))).toBe(12)
    expect(daysAfter(NOON, stored(NOON - 10 * DAY))).toBe(10)
  })
})
