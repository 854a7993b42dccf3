import { describe, expect, test } from 'vitest'
import { instant } from '../../../src/core/instant.ts'
import { windowOf } from '../../../src/core/window.ts'
import { fc } from '../../support/fc.ts'

const HOUR = 3_600_000
const PACIFIC = 'America/Los_Angeles'
const day = (zone: string, marginMs = 0) => ({ kind: 'day', zone, marginMs }) as const
const told = (zone: string, at: string, marginMs = 0) => {
  const { start, end } = windowOf(day(zone, marginMs), Date.parse(at))
  return [instant(start).slice(0, 16), instant(end).slice(0, 16)]
}

describe('a day turns at midnight of its zone', () => {
  test.each([
    ['UTC', '2026-05-04T12:00:00Z', '2026-05-04T00:00', '2026-05-05T00:00'],
    ['UTC at midnight', '2026-05-04T00:00:00Z', '2026-05-04T00:00', '2026-05-05T00:00'],
    ['UTC a moment before', '2026-05-03T23:59:59.999Z', '2026-05-03T00:00', '2026-05-04T00:00'],
    [`${PACIFIC} in summer`, '2026-07-01T06:59:59Z', '2026-06-30T07:00', '2026-07-01T07:00'],
    [`${PACIFIC} in winter`, '2026-01-01T08:00:00Z', '2026-01-01T08:00', '2026-01-02T08:00'],
    ['Asia/Kolkata, half an hour off', '2026-05-04T18:30:00Z', '2026-05-04T18:30', '2026-05-05T18:30'],
    // Clocks go forward at 02:00: 23 hours.
    [`${PACIFIC} in spring, before`, '2026-03-08T09:00:00Z', '2026-03-08T08:00', '2026-03-09T07:00'],
    [`${PACIFIC} in spring, after`, '2026-03-08T20:00:00Z', '2026-03-08T08:00', '2026-03-09T07:00'],
    [`${PACIFIC} on the eve of it`, '2026-03-08T07:00:00Z', '2026-03-07T08:00', '2026-03-08T08:00'],
    // Clocks go back at 02:00: 25 hours, and an hour that comes twice.
    [`${PACIFIC} in autumn, 01:30`, '2026-11-01T08:30:00Z', '2026-11-01T07:00', '2026-11-02T08:00'],
    [`${PACIFIC} in autumn, 01:30 again`, '2026-11-01T09:30:00Z', '2026-11-01T07:00', '2026-11-02T08:00'],
    [`${PACIFIC} in autumn, the 25th hour`, '2026-11-02T07:59:59Z', '2026-11-01T07:00', '2026-11-02T08:00'],
  ])('%s', (name, at, start, end) => {
    expect(told(name.split(/[ ,]/)[0] ?? '', at)).toEqual([start, end])
  })

  test('a margin moves the end and not the beginning', () => {
    expect(told('UTC', '2026-05-04T12:00:00Z', 5 * 60_000)).toEqual(['2026-05-04T00:00', '2026-05-05T00:05'])
  })

  test('it holds the moment, one follows on the other, and it lasts 23 to 25 hours', () => {
    const zones = fc.constantFrom(PACIFIC, 'Europe/Berlin', 'Australia/Sydney', 'Asia/Kathmandu', 'UTC')
    const moments = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2028, 0, 1) })
    fc.assert(
      fc.property(zones, moments, (zone, now) => {
        const { start, end } = windowOf(day(zone), now)
        expect(start).toBeLessThanOrEqual(now)
        expect(end).toBeGreaterThan(now)
        expect([23, 24, 25]).toContain((end - start) / HOUR)
        expect(windowOf(day(zone), end).start).toBe(end)
        expect(windowOf(day(zone), start)).toEqual({ start, end })
      }),
    )
  })
})

test('a rolling window is cut into steps of its own length', () => {
  const window = { kind: 'rolling', ms: HOUR } as const
  const noon = Date.UTC(2026, 4, 4, 12)
  for (const now of [noon, noon + 1, noon + HOUR - 1])
    expect(windowOf(window, now)).toEqual({ start: noon, end: noon + HOUR })
  expect(windowOf(window, noon + HOUR).start).toBe(noon + HOUR)
})
