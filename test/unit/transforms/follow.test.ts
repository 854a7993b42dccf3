import { describe, expect, test } from 'vitest'
import type { Submission } from '../../../src/core/transform.ts'
import { follow, pauseAfter, postpone, resubmit } from '../../../src/transforms/follow.ts'

const NOW = Date.UTC(2026, 9, 1)
const at = (ms: number): string => new Date(NOW + ms).toISOString()
const SUBMISSION: Submission = {
  id: 1,
  seq: 0,
  network: 'instagram',
  kind: 'post',
  elementId: '1',
  input: 'a text',
  key: 'k',
  jobId: null,
  status: 'pending',
  polls: 0,
  lost: 0,
  misses: 0,
  deadlineAt: at(86_400_000),
}
const MOMENT = { now: NOW, random: 0.5 }

describe('the pause between two questions', () => {
  test('grows from a second to ten minutes, shortened by up to half', () => {
    for (let polls = 0; polls < 2_000; polls++) {
      const ceiling = Math.min(600_000, 1_000 * 2 ** polls)
      for (const random of [0, 0.3, 0.999]) {
        const pause = pauseAfter(polls, random)
        expect(pause).toBeGreaterThanOrEqual(Math.max(1_000, ceiling / 2))
        expect(pause).toBeLessThanOrEqual(ceiling)
      }
    }
    expect(pauseAfter(5, 0.1)).not.toBe(pauseAfter(5, 0.9))
  })
})

describe('an answer', () => {
  test('to a submission is no question yet; to a question it is one', () => {
    const answer = { jobId: 'j', status: 'processing', error: null } as const
    const told = { answer, askAgainAt: null }
    expect(follow(SUBMISSION, told, MOMENT)).toMatchObject({ jobId: 'j', polls: 0, nextPollAt: at(1_000) })
    const asked = { ...SUBMISSION, jobId: 'j', polls: 3 }
    expect(follow(asked, told, MOMENT)).toEqual({
      jobId: 'j',
      polls: 4,
      status: 'processing',
      nextPollAt: at(12_000),
    })
  })

  test('that names a moment is believed, but not beyond the deadline', () => {
    const answer = { jobId: 'j', status: 'pending', error: null } as const
    expect(follow(SUBMISSION, { answer, askAgainAt: NOW + 3_600_000 }, MOMENT).nextPollAt).toBe(at(3_600_000))
    const late = { ...SUBMISSION, deadlineAt: at(60_000) }
    expect(follow(late, { answer, askAgainAt: NOW + 3_600_000 }, MOMENT).nextPollAt).toBe(at(60_000))
  })

  test('that is done counts after the deadline too; one that is not ends it', () => {
    const late = { ...SUBMISSION, jobId: 'j', deadlineAt: at(-1) }
    const done = {
      answer: { jobId: 'j', status: 'done', result: null, error: null } as const,
      askAgainAt: null,
    }
    expect(follow(late, done, MOMENT)).toMatchObject({ status: 'done', nextPollAt: null, result: null })
    const open = { answer: { jobId: 'j', status: 'processing', error: null } as const, askAgainAt: null }
    expect(follow(late, open, MOMENT)).toMatchObject({
      status: 'failed',
      nextPollAt: null,
      errorType: 'deadline',
      message: `no result by ${at(-1)}: it is still processing`,
    })
  })
})

test('what is put off keeps its status and says why; what was lost begins anew', () => {
  const asked = { ...SUBMISSION, jobId: 'j', status: 'processing' } as const
  const why = { errorType: 'network_error', message: 'it did not answer' }
  expect(postpone(asked, NOW + 5_000, NOW, why)).toEqual({
    status: 'processing',
    nextPollAt: at(5_000),
    ...why,
  })
  expect(resubmit(asked, NOW)).toEqual({
    status: 'pending',
    jobId: null,
    polls: 0,
    lost: 1,
    nextPollAt: at(0),
  })
})
