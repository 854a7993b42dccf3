import { type Instant, instant } from '../core/instant.ts'
import type { Submission, SubmissionChange } from '../core/transform.ts'
import type { Told } from './service.ts'

/** The first question about a job, and the longest pause between two. */
const FIRST_MS = 1_000
const LONGEST_MS = 10 * 60_000

/** Now, epoch milliseconds, and 0 ≤ x < 1 for the jitter. */
export interface Moment {
  readonly now: number
  readonly random: number
}

/**
 * The pause after so many questions: doubling from 1 s to 10 min, each shortened by up to half, so that what was
 * submitted together is not asked about together. A job of days is asked about 288 times a day at most.
 */
export const pauseAfter = (polls: number, random: number): number => {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(polls, 30))
  return Math.max(FIRST_MS, (ceiling + random * ceiling) / 2)
}

/** What an answer makes of a submission, whether it came of submitting or of asking. */
export const follow = (
  submission: Submission,
  { answer, askAgainAt }: Told,
  at: Moment,
): SubmissionChange => {
  const { jobId, status } = answer
  const polls = submission.polls + (submission.jobId === null ? 0 : 1)
  const told = { jobId, polls }
  if (status === 'done') return { ...told, status, nextPollAt: null, result: answer.result ?? null }
  if (status === 'failed') {
    const message = answer.error ?? 'the service did not say why'
    return { ...told, status, nextPollAt: null, errorType: 'service_failed', message }
  }
  const next = Math.max(at.now + pauseAfter(polls, at.random), askAgainAt ?? 0)
  return postpone(submission, next, at.now, { ...told, status, message: `it is still ${status}` })
}

/** Leaves a submission for a moment, or ends it where its patience has run out by now. */
export const postpone = (
  { status, deadlineAt, jobId }: Submission,
  until: number,
  now: number,
  change: Partial<SubmissionChange> & { readonly message: string },
): SubmissionChange => {
  const deadline = Date.parse(deadlineAt)
  if (now >= deadline) {
    const message = `no result by ${deadlineAt}: ${change.message}`
    return { ...change, status: 'failed', nextPollAt: null, errorType: 'deadline', message }
  }
  // The end comes on its own day, however long the pause before it.
  const nextPollAt: Instant = instant(Math.min(until, deadline))
  const { message, ...rest } = change
  const why = change.errorType === undefined ? {} : { message }
  return { status: jobId === null ? 'pending' : status, ...rest, ...why, nextPollAt }
}

/** Once more from the start, under a new key: the service knows nothing of the job. */
export const resubmit = ({ lost }: Submission, now: number): SubmissionChange => ({
  status: 'pending',
  jobId: null,
  polls: 0,
  lost: lost + 1,
  nextPollAt: instant(now),
})

export const fail = (errorType: string, message: string): SubmissionChange => ({
  status: 'failed',
  nextPollAt: null,
  errorType,
  message,
})
