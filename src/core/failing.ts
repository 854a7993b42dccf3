import { type Instant, instant } from './instant.ts'

/** What is known of something that keeps failing (docs/design.md §5.12). */
export interface Failing {
  readonly since: Instant
  /** In how many runs it failed. */
  readonly runs: number
  /** From when on it is worth another try. */
  readonly nextAt: Instant
}

const HOUR_MS = 3_600_000
/** Days to the next try after the first failed run, the second, and so on; the last one stays. */
const PAUSES_DAYS = [1, 2, 4, 8, 16, 30]
/** Cron does not start to the second: without these, a try each night would slip to one every second night. */
const SPARE_MS = 2 * HOUR_MS

/** From so many failed runs on it is not had for now, and no longer keeps its job unfinished. */
export const GIVEN_UP_RUNS = 3

/** At most so many tries of a call for what failed in an earlier run. */
export const FAILING_TRIES = 3

/**
 * What is known after one more failure, at `now`, in a run that began at `began`. A try before its day counts for none.
 * `seldom` = its next try is that of something that failed once more.
 */
export const failAgain = (
  before: Failing | null,
  began: Instant,
  now: Instant,
  { seldom = false } = {},
): Failing => {
  if (before !== null && !isDue(before, began)) return before
  const runs = (before?.runs ?? 0) + 1
  const days = PAUSES_DAYS[Math.min(seldom ? runs + 1 : runs, PAUSES_DAYS.length) - 1] ?? 0
  const nextAt = instant(Date.parse(began) + days * 24 * HOUR_MS - SPARE_MS)
  return { since: before?.since ?? now, runs, nextAt }
}

/** Whether a run that began then tries it again. */
export const isDue = ({ nextAt }: Failing, began: Instant): boolean => nextAt <= began
