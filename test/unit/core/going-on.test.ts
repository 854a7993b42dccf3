import { describe, expect, test } from 'vitest'
import { goOnHow } from '../../../src/core/going-on.ts'
import { EVERYTHING } from '../../support/params.ts'

const HOUR_MS = 3_600_000
const NOW = Date.UTC(2026, 2, 2)
const readBefore = (hours: number): string => new Date(NOW - hours * HOUR_MS).toISOString()

describe('docs/design.md §5.11 fresh first', () => {
  test.each([
    ['an unfinished job of last night', 24, true, false, 'open'],
    ['an unfinished job of an hour ago', 1, true, false, 'continue'],
    ['a finished job of last night', 24, false, true, 'open'],
    ['a finished job of an hour ago', 1, false, false, 'open'],
    ['a finished job of a run that was cut short an hour ago', 1, false, true, 'leave'],
  ] as const)('%s', (_, hours, isUnfinished, isCutShort, how) => {
    const before = { isUnfinished, readAt: readBefore(hours), lastRunId: 7 }
    const options = { refreshAfterMs: 6 * HOUR_MS, now: NOW, params: EVERYTHING }
    expect(goOnHow(before, options, isCutShort)).toBe(how)
  })

  test('is always, with 0s', () => {
    const before = { isUnfinished: true, readAt: readBefore(0), lastRunId: 7 }
    expect(goOnHow(before, { refreshAfterMs: 0, now: NOW, params: EVERYTHING }, true)).toBe('open')
  })

  test('is nothing where nothing new can be: a job within dates only goes on', () => {
    const before = { isUnfinished: true, readAt: readBefore(24), lastRunId: 7 }
    const params = { ...EVERYTHING, until: '2020-01-01T00:00:00.000Z' }
    expect(goOnHow(before, { refreshAfterMs: 0, now: NOW, params }, false)).toBe('continue')
  })
})
