import { describe, expect, test } from 'vitest'
import { jobStatus, mayMove, STATUSES } from '../../../src/core/task.ts'

test('the moves that are legal, and no others', () => {
  const moves = Object.fromEntries(
    STATUSES.map(from => [from, STATUSES.filter(to => to !== from && mayMove(from, to))]),
  )
  expect(moves).toEqual({
    pending: ['running', 'succeeded', 'failed', 'partial', 'skipped'],
    running: ['pending', 'succeeded', 'failed', 'partial', 'skipped'],
    succeeded: [],
    failed: [],
    partial: ['pending', 'running'],
    skipped: [],
  })
  expect(STATUSES.every(status => mayMove(status, status))).toBe(true)
})

describe('the status of a job from those of its tasks (docs/design.md §4)', () => {
  test.each([
    [{}, true, 'skipped'],
    [{ skipped: 3 }, false, 'skipped'],
    [{ succeeded: 1 }, false, 'succeeded'],
    [{ succeeded: 1, skipped: 9 }, true, 'succeeded'],
    [{ failed: 2 }, false, 'failed'],
    [{ failed: 2, skipped: 1 }, false, 'failed'],
    [{ failed: 1, succeeded: 1 }, false, 'failed'],
    [{ failed: 1, succeeded: 1 }, true, 'partial'],
    [{ partial: 1 }, false, 'partial'],
    [{ partial: 1, failed: 1 }, false, 'partial'],
    [{ pending: 1 }, false, 'partial'],
    [{ pending: 1, failed: 1 }, false, 'partial'],
    [{ running: 1, succeeded: 5 }, true, 'partial'],
  ] as const)('%o, stored %s: %s', (counts, stored, status) => {
    expect(jobStatus(counts, stored)).toBe(status)
  })
})
