import type { Pool } from './stream.ts'

/**
 * When the window of a pool that holds `now` began and when it ends, epoch milliseconds. A day turns at midnight
 * of its zone by the time-zone database, so a day of daylight saving has 23 or 25 hours; the margin moves the end.
 * A rolling window is cut into steps of its own length, since a ledger row needs a beginning.
 */
export const windowOf = (window: Pool['window'], now: number): { start: number; end: number } => {
  if (window.kind === 'rolling') {
    const start = Math.floor(now / window.ms) * window.ms
    return { start, end: start + window.ms }
  }
  const start = midnight(window.zone, now)
  const nextDay = midnight(window.zone, start + 36 * 3_600_000)
  return { start, end: nextDay + window.marginMs }
}

/** The last midnight of a zone at or before a moment. */
const midnight = (zone: string, at: number): number => {
  const seconds = secondsOfDay(zone, at)
  const guess = at - (at % 1000) - seconds * 1000
  // On a day that changed its offset since midnight the wall clock is off by that change: look once more from the guess.
  const drift = secondsOfDay(zone, guess)
  if (drift === 0) return guess
  return drift < 43_200 ? guess - drift * 1000 : guess + (86_400 - drift) * 1000
}

const formats = new Map<string, Intl.DateTimeFormat>()

const secondsOfDay = (zone: string, at: number): number => {
  let format = formats.get(zone)
  if (format === undefined) {
    const parts = { hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const
    format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...parts })
    formats.set(zone, format)
  }
  const [hours = 0, minutes = 0, seconds = 0] = format.format(at).split(':').map(Number)
  return hours * 3600 + minutes * 60 + seconds
}
