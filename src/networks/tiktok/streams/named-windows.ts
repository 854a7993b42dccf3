import { type Instant, instant } from '../../../core/instant.ts'
import { type Day, dayOf, daysBefore, type Period } from './days.ts'
import { DAYS } from './walk.ts'

/** Videos that are searched for together, by their ids, and in which days. */
export interface NamedSearch {
  readonly ids: readonly string[]
  readonly window: Period
}

const DAY_MS = 86_400_000
/** New videos reach the search 48 h late, and the times in ids were up to 2.5 days too early (docs/networks/tiktok.md §2, §4). */
const LATE_MS = 5 * DAY_MS
/** A second search takes in so many days before the first of its ids, and after the last of them. */
const MARGIN = 8
/** Days from the first to the last of a second search's ids. */
const SPAN = DAYS - 2 * MARGIN

/** When a video was made, as its id has it: mostly less than two minutes too early (docs/networks/tiktok.md §2). */
const timeIn = (id: string): number => Number(BigInt(id) >> 32n) * 1000

const dayIn = (id: string): Day => dayOf(instant(timeIn(id)))

/** Of equal months videos can be searched for together, and the window has a day to spare. */
export const monthIn = (id: string): number => Math.floor(timeIn(id) / (DAYS * DAY_MS))

/** Whether the search may not have it yet. */
export const isLate = (id: string, now: Instant): boolean => timeIn(id) > Date.parse(now) - LATE_MS

/** The first search for videos of one {@link monthIn}, lowest id first. */
export const firstSearch = (ids: readonly string[], today: Day): NamedSearch => {
  const [lowest = ''] = ids
  return { ids, window: windowFrom(dayIn(lowest), today) }
}

/** The searches that look again for what the first did not bring, lowest id first: two at most of a month. */
export const secondSearches = (ids: readonly string[], today: Day): readonly NamedSearch[] =>
  apart(ids).map(some => {
    const [lowest = ''] = some
    return { ids: some, window: windowFrom(daysBefore(dayIn(lowest), MARGIN), today) }
  })

/** In groups no longer than {@link SPAN}. */
const apart = (ids: readonly string[]): readonly (readonly string[])[] => {
  const groups: string[][] = []
  let until: Day = ''
  for (const id of ids) {
    const day = dayIn(id)
    if (day <= until) groups.at(-1)?.push(id)
    else {
      groups.push([id])
      until = daysBefore(day, -SPAN)
    }
  }
  return groups
}

/** As long as one search can be, no day of it to come. */
const windowFrom = (day: Day, today: Day): Period => {
  const end = daysBefore(day, -DAYS)
  return { start: day < today ? day : today, end: end < today ? end : today }
}
