import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { watchRun } from '../../../src/cli/progress.ts'
import { Redactor } from '../../../src/http/redact.ts'

const written: string[] = []

beforeEach(() => {
  written.length = 0
  vi.useFakeTimers({ now: Date.parse('2026-11-30T12:00:00.000Z') })
  vi.spyOn(process.stderr, 'write').mockImplementation(text => written.push(String(text)) > 0)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const watch = () =>
  watchRun({
    flags: {},
    settings: { logFormat: null, logFile: null },
    redactor: new Redactor(),
    now: () => Date.now(),
  })

it('off a terminal: a line a minute of each network, and one a profile', () => {
  using watching = watch()
  watching.planned(7, new Map([['youtube', 2]]))
  vi.advanceTimersByTime(59_000)
  expect(written).toEqual(['2026-11-30 12:00:00 UTC run 7 begins\n'])
  vi.advanceTimersByTime(1_000)
  expect(written.at(-1)).toBe('2026-11-30 12:01:00 UTC youtube 0/2 profiles · 0 records · 0 calls, 0.0/s\n')
  watching.emit({
    event: 'job.ended',
    network: 'youtube',
    jobId: 1,
    entityId: 'UC1',
    status: 'partial',
    errorType: 'quota_exhausted',
  })
  expect(written.at(-1)).toBe('2026-11-30 12:01:00 UTC youtube UC1 partial (quota_exhausted) · 1 of 2\n')
  vi.advanceTimersByTime(120_000)
  expect(written).toHaveLength(5)
  watching.done({ interrupted: false })
  vi.advanceTimersByTime(120_000)
  expect(written).toHaveLength(5)
})
