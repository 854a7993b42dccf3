import { type Instant, instant } from '../../../core/instant.ts'

/** A UTC day, `2026-03-01`; text order is time order. */
export type Day = string

/** Days from the first to the last, both in it. */
export type Period = {
  readonly start: Day
  readonly end: Day
}

const DAY_MS = 86_400_000

export const dayOf = (moment: Instant): Day => moment.slice(0, 10)

export const daysBefore = (day: Day, days: number): Day => dayOf(instant(Date.parse(day) - days * DAY_MS))

/** Its first moment. */
export const beginningOf = (day: Day): Instant => instant(Date.parse(day))

/** The last day that lies, at least in part, before a moment. */
export const lastDayBefore = (moment: Instant): Day => dayOf(instant(Date.parse(moment) - 1))

/** `20260301`, as a search wants it. */
export const wireDay = (day: Day): string => day.replaceAll('-', '')

export const isOneDay = ({ start, end }: Period): boolean => start === end

/** A period in two, the newer one first. */
export const halve = ({ start, end }: Period): readonly [Period, Period] => {
  const days = Math.round((Date.parse(end) - Date.parse(start)) / DAY_MS) + 1
  const middle = daysBefore(end, Math.floor(days / 2))
  return [
    { start: daysBefore(middle, -1), end },
    { start, end: middle },
  ]
}

/** A search takes so many days at most, both ends counted (docs/networks/tiktok.md §3.2). */
const LONGEST = 31

/** Periods in order of time, those that touch or overlap as one, as far as one search can ask for it. */
export const join = (periods: readonly Period[]): readonly Period[] => {
  const joined: Period[] = []
  for (const period of periods.toSorted((a, b) => (a.start < b.start ? -1 : 1))) {
    const last = joined.at(-1)
    if (last !== undefined && period.end <= last.end) continue
    const touches = last !== undefined && daysBefore(period.start, 1) <= last.end
    if (touches && period.end < daysBefore(last.start, -LONGEST)) {
      joined[joined.length - 1] = { start: last.start, end: period.end }
    } else joined.push(period)
  }
  return joined
}

/** A period by its name, `2023-10-08` or `2023-10-08..2023-10-10`. */
export const nameOf = (period: Period): string =>
  isOneDay(period) ? period.start : `${period.start}..${period.end}`

/** The period of a {@link nameOf}. */
export const periodOf = (name: string): Period => {
  const [start = '', end = start] = name.split('..')
  return { start, end }
}
