/** The longest that a timer can be, ms: what is longer fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * A length in ms as timers take it: at least 0, below which Node warns on stderr, at most what a timer can hold, and
 * 0 for what is no number.
 */
export const timerLength = (ms: number): number => (ms > 0 ? Math.min(ms, LONGEST_TIMER_MS) : 0)

/** Time as a port: the real one, or the sandbox's movable one (`http/clock.ts`). */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Resolves after `ms`, at once where `ms` ≤ 0; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /**
   * Goes by another clock from now on, as it was just read; each further reading mends what has drifted since. Left out = it
   * is one that all go by already (a sandbox's).
   */
  follow?(reading: ClockReading): void
}

/** What another clock told: epoch ms, all of a millisecond; and when it was asked and had answered, `performance.now()`. */
export interface ClockReading {
  readonly told: number
  readonly asked: number
  readonly answered: number
}
