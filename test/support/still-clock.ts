import type { Clock } from '../../src/core/clock.ts'

/** A clock on which sleeping takes no time and moves it on, and how long was slept. */
export const stillClock = (start = Date.UTC(2026, 2, 1, 12)): Clock & { readonly naps: number[] } => {
  const naps: number[] = []
  let now = start
  return {
    naps,
    now: () => now,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted()
      naps.push(ms)
      now += Math.max(0, ms)
    },
  }
}
