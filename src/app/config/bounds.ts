import { BadInput } from '../../core/errors.ts'
import { type Instant, instant } from '../../core/instant.ts'
import { quote } from './quote.ts'

/** One end of what is wanted: a moment, or the id of a post or comment. */
export type Bound = { readonly instant: Instant } | { readonly id: string }

const DATE = /^\d{4}-\d\d-\d\d$/
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/
/** Digits of any length (Instagram, TikTok), or eleven characters and more of an opaque one (YouTube). */
const ID = /^(\d+|[\w-][\w.-]{10,199})$/
/** Digits and the marks of dates: somebody meant a moment and missed it. `20260301` would else be read as an id. */
const MISSED_DATE = /^(\d{4}|\d{6}|\d{8}|\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?([T ][\d:.+-]*Z?)?)$/i
/** A moment as people say it, which is longer than an id of YouTube has to be: `last-month`, `three-days-ago`. */
const SPOKEN = /^((last|past|previous|this|next)[-_].+|yesterday.*|.+[-_]ago)$/i

/**
 * A value of `--since` or `--until`, `place` in messages: a date (midnight in UTC), a moment in UTC with `Z`, or an id. A day that the
 * calendar does not have, another time zone, and what looks like a date in another order throw BadInput.
 */
export const readBound = (text: string, place: string): Bound => {
  const given = text.trim()
  const moment = DATE.test(given) ? `${given}T00:00Z` : MOMENT.test(given) ? given : null
  if (moment !== null) {
    const ms = Date.parse(moment)
    // `Date.parse` takes 30 February for 2 March.
    if (!Number.isNaN(ms) && instant(ms).startsWith(moment.slice(0, 16))) return { instant: instant(ms) }
  } else if (!MISSED_DATE.test(given) && !SPOKEN.test(given) && ID.test(given)) {
    return { id: given }
  }
  const last = /since$/.test(place) ? 'last (what is new since the last run), ' : ''
  throw new BadInput(`${place} ${quote(text)} is no date, no moment in UTC and no id`, {
    hint: `allowed: ${last}2026-03-01, 2026-03-01T10:20:30Z, or the id of a post or comment`,
  })
}

/** BadInput where nothing lies between two moments. What lies between ids only the network knows. */
export const refuseEmptySpan = ({
  since,
  until,
}: {
  since?: Instant | null
  until?: Instant | null
}): void => {
  if (since == null || until == null || since < until) return
  throw new BadInput(`nothing lies between --since ${since} and --until ${until}`, {
    hint: '--since is the earlier one, and --until is not among what is wanted',
  })
}

/** A moment in the past: a date, a moment in UTC, or a length of time before now such as `7d`. BadInput that names the `place` otherwise. */
export const readMoment = (text: string, place: string, now: number): Instant => {
  if (DURATION.test(text.trim())) return instant(now - readDuration(text, place))
  const bound = readBound(text, place)
  if ('instant' in bound) return bound.instant
  throw new BadInput(`${place} ${quote(text)} must be a date or a length of time`, {
    hint: 'allowed: 2026-03-01, 2026-03-01T10:20:30Z, 7d',
  })
}

const DURATION = /^(\d+)([smhdw])$/i
const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}
const LONGEST = 36_500 * 86_400_000

/** A length of time such as `60s`, `15m`, `26h`, `30d` or `2w` in milliseconds; BadInput that
 * names the `place` where it is none, or over 100 years. */
export const readDuration = (text: string, place: string): number => {
  const [, count = '', unit = ''] = DURATION.exec(text.trim().toLowerCase()) ?? []
  const ms = Number(count) * (UNITS[unit] ?? Number.NaN)
  if (ms <= LONGEST) return ms
  throw new BadInput(`${place} ${quote(text)} is no length of time`, {
    hint: 'allowed: a whole number and s, m, h, d or w: 60s, 26h, 30d',
  })
}
