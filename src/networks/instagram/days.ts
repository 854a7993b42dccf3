import { type Instant, instant } from '../../core/instant.ts'

/**
 * Days of insights end at midnight US Pacific time, wherever the account is, and are kept for 90 days
 * (docs/networks/instagram.md §7).
 */
const KEPT_DAYS = 90
/** Numbers come up to so late. */
const SETTLES_MS = 48 * 3_600_000

/** How counters of a day are called: `day.reach`. */
export const DAY_PREFIX = 'day.'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** One day: epoch ms of its ends. */
export interface PacificDay {
  readonly since: number
  readonly until: number
}

const IN_PACIFIC = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hour: 'numeric',
  hourCycle: 'h23',
})

/** Midnight there is 7:00 in summer, 8:00 in winter, in UTC. */
const midnightOf = (day: number): number =>
  Number(IN_PACIFIC.format(day + 7 * HOUR)) === 0 ? day + 7 * HOUR : day + 8 * HOUR

/** The days that are over at this moment and are still kept whole, earliest first. */
export const keptDays = (now: number): readonly PacificDay[] => {
  const today = Math.floor(now / DAY) * DAY
  const ends = Array.from({ length: KEPT_DAYS + 2 }, (_, at) =>
    midnightOf(today - (KEPT_DAYS + 1 - at) * DAY),
  )
  return ends.flatMap((until, at) => {
    const since = ends[at - 1]
    return since !== undefined && since >= now - KEPT_DAYS * DAY && until <= now ? [{ since, until }] : []
  })
}

/**
 * Of days those that are worth a call: not stored, or stored when their numbers may still have been on their way. `stored` =
 * the ends of those that are, earliest first. The newest of them was read at its end or later, so all that had ended long before then had settled.
 */
export const dueDays = (days: readonly PacificDay[], stored: readonly Instant[]): readonly PacificDay[] => {
  const ends = new Set(stored.map(at => Date.parse(at)))
  const settled = stored.length === 0 ? Number.NEGATIVE_INFINITY : Math.max(...ends) - SETTLES_MS
  return days.filter(({ until }) => !ends.has(until) || until > settled)
}

/** How many days a new reading asks for where the newest that is stored ended then. */
export const unsettledDays = (now: number, newest: Instant | null): number =>
  daysAfter(now, newest === null ? null : instant(Date.parse(newest) - SETTLES_MS))

/** How many have ended since then, or are kept at all. */
export const daysAfter = (now: number, since: Instant | null): number =>
  keptDays(now).filter(({ until }) => since === null || until > Date.parse(since)).length
