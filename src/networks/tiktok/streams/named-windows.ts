import { type Instant, instant } from '../../../core/instant.ts'
import { compareIds } from './bounds.ts'
import { type Day, dayOf, daysBefore, type Period } from './days.ts'
import { MOST } from './search.ts'
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

/** Whether the search may not have it yet. */
export const isLate = (id: string, now: Instant): boolean => timeIn(id) > Date.parse(now) - LATE_MS

/** Videos by their ids as first searches serve them best: days that one takes in, the last of them to spare. */
export const packed = <T extends { readonly externalId: string }>(
  tasks: readonly T[],
): readonly (readonly T[])[] =>
  apart(
    tasks.toSorted((a, b) => compareIds(a.externalId, b.externalId)),
    ({ externalId }) => externalId,
    { days: DAYS - 1, most: MOST },
  )

/** The first search for videos that are {@link packed}, lowest id first. */
export const firstSearch = (ids: readonly string[], today: Day): NamedSearch => {
  const [lowest = ''] = ids
  return { ids, window: windowFrom(dayIn(lowest), today) }
}

/** The searches that look again for what the first did not bring, lowest id first: two at most of a month. */
export const secondSearches = (ids: readonly string[], today: Day): readonly NamedSearch[] =>
  apart(ids, id => id, { days: SPAN, most: Number.POSITIVE_INFINITY }).map(some => {
    const [lowest = ''] = some
    return { ids: some, window: windowFrom(daysBefore(dayIn(lowest), MARGIN), today) }
  })

/** In groups of so many at most, whose days lie no further apart than so. Lowest first. */
const apart = <T>(
  all: readonly T[],
  idOf: (one: T) => string,
  { days, most }: { readonly days: number; readonly most: number },
): readonly (readonly T[])[] => {
  const groups: T[][] = []
  let group: T[] = []
  let until: Day = ''
  for (const one of all) {
    const day = dayIn(idOf(one))
    if (day > until || group.length === most) {
      group = []
      groups.push(group)
      until = daysBefore(day, -days)
    }
    group.push(one)
  }
  return groups
}

/** As long as one search can be, no day of it to come. */
const windowFrom = (day: Day, today: Day): Period => {
  const end = daysBefore(day, -DAYS)
  return { start: day < today ? day : today, end: end < today ? end : today }
}
