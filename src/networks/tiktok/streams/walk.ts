import type { Instant } from '../../../core/instant.ts'
import type { PageRequest } from '../../../core/stream.ts'
import { lowerId } from './bounds.ts'
import { type Day, dayOf, daysBefore, lastDayBefore } from './days.ts'

/**
 * The way through one walk over searches (docs/networks/tiktok.md §7), all of it pure:
 *
 *   names, most often all at once ─▶ windows of 30 days, newest first, one day of overlap ─▶ pages of one search
 *
 *   a page            index, search id                      turn
 *   window ended      next 30 days, else next names         leave
 *   search refused    the same window from its first page   restart
 *   window broken     steps of 7 days in its place; of these a broken one is left out as a gap
 *   names refused     half of them, or without the one that TikTok names
 */
export type SearchPosition = {
  readonly names: readonly string[]
  /** Names whose turn comes after these, each with the last day of the window where they stand. */
  readonly later: readonly { readonly names: readonly string[]; readonly end: Day }[]
  /** The window's last day. */
  readonly end: Day
  /** The first day of a window that is read in small steps; null = in one. */
  readonly stepsTo: Day | null
  /** Where the page lies in its search, as TikTok said. */
  readonly index: number
  readonly search: string | null
  /** Whether this window's search was begun anew already. */
  readonly again: boolean
  /** The lowest id that this search brought. */
  readonly lowest: string | null
  /** Where a window is read anew: what lies at this id or above was read before. Searches fall by id (docs/networks/tiktok.md §3.2). */
  readonly read: string | null
  /** Videos by name: of this window, and of those before it. The day of overlap is counted once. */
  readonly here: Counts
  readonly found: Counts
  /** Windows in a row that brought nothing. */
  readonly empty: number
  /** Broken windows in a row. */
  readonly strikes: number
  /** Windows left out. */
  readonly gaps: number
}

export type Counts = { readonly [name: string]: number }

export interface Window {
  readonly start: Day
  readonly end: Day
}

/** A difference of 30 days is the most that a search takes; both ends are in it (docs/networks/tiktok.md §3.2). */
export const DAYS = 30
const STEP_DAYS = 7
/** From here on a broken window is left out as it is: the whole period is out of order, as 2021-03 to 2022-07 was (docs/networks/tiktok.md §4). */
const HOPELESS = 1 + Math.ceil(DAYS / STEP_DAYS)
/** Eighteen months of broken windows, the longest seen. More is an outage, and no reason to call a history read. */
export const MOST_STRIKES = HOPELESS + 18

/** Where a history ends without `--since`: TikTok tells no date of creation, and the oldest samples in papers are of January 2018 (docs/networks/tiktok.md §7). */
export const DEFAULT_FLOOR: Day = '2018-01-01'
/** Empty windows in a row that end a history whose declared videos were all found. */
export const QUIET_WINDOWS = 3

export const opening = (request: PageRequest): SearchPosition => ({
  // In an order of their own: whose profile came first is chance, and the same question should be the same.
  names: request.tasks.map(task => task.externalId).sort(),
  later: [],
  end: lastDay(request),
  stepsTo: null,
  index: 0,
  search: null,
  again: false,
  lowest: null,
  read: null,
  here: {},
  found: {},
  empty: 0,
  strikes: 0,
  gaps: 0,
})

export const lastDay = ({ params, startedAt }: PageRequest): Day => {
  const today = dayOf(startedAt)
  return params.until === null || dayOf(params.until) > today ? today : lastDayBefore(params.until)
}

export const windowOf = ({ end, stepsTo }: SearchPosition, request: PageRequest): Window => {
  const floor = stepsTo ?? floorOf(request)
  const start = daysBefore(end, stepsTo === null ? DAYS : STEP_DAYS)
  return start > floor ? { start, end } : { start: floor, end }
}

const floorOf = (request: PageRequest): Day => {
  const { since } = request.params
  return dayOf(reachOf(request) ?? since ?? DEFAULT_FLOOR)
}

/** Where incremental walks end that are made together: the earliest of their beginnings; null = one of them reads all. */
export const reachOf = ({ tasks }: PageRequest): Instant | null => {
  const froms = tasks.map(({ from }) => from).filter(from => from !== null)
  return froms.length < tasks.length ? null : (froms.sort()[0] ?? null)
}

/** The next page of the same search. */
export const turn = (place: SearchPosition, index: number, search: string | null): SearchPosition => ({
  ...place,
  index,
  search: search ?? place.search,
})

/** On from a window that was read to its end; null = the walk is over. */
export const leave = (place: SearchPosition, request: PageRequest): SearchPosition | null =>
  nextWindow({ ...settle(place), strikes: 0 }, request)

/** The same window from its first page: its search is no longer known. */
export const restart = (place: SearchPosition): SearchPosition => ({ ...anew(place), again: true })

/** On from a window that stays broken: in small steps, or without it. `gap` = what is left out. */
export const stepOver = (
  place: SearchPosition,
  request: PageRequest,
): { next: SearchPosition | null; gap: Window | null } => {
  const window = windowOf(place, request)
  const struck = { ...settle(place), strikes: place.strikes + 1 }
  if (place.stepsTo === null && place.strikes < HOPELESS) {
    return { next: { ...anew(struck), stepsTo: window.start }, gap: null }
  }
  return { next: nextWindow({ ...struck, gaps: place.gaps + 1 }, request), gap: window }
}

/** On to the next names, where these need no further windows. */
export const nextNames = (place: SearchPosition): SearchPosition | null => {
  const [next, ...later] = place.later
  if (next === undefined) return null
  return { ...inNewWindow(place, next.end), ...next, later, stepsTo: null, read: null, empty: 0, strikes: 0 }
}

/** The same window with half of the names. */
export const halve = (place: SearchPosition): SearchPosition => {
  const half = Math.ceil(place.names.length / 2)
  const rest = { names: place.names.slice(half), end: place.end }
  return { ...anew(place), names: place.names.slice(0, half), later: [rest, ...place.later] }
}

/** The same window without one name. */
export const without = (place: SearchPosition, name: string): SearchPosition | null => {
  const names = place.names.filter(other => other !== name)
  return names.length === 0 ? nextNames(place) : { ...anew(place), names }
}

/** From the first page; what was read before is known by its ids. In small steps only what the large window brought is. */
const anew = (place: SearchPosition): SearchPosition => ({
  ...place,
  index: 0,
  search: null,
  again: false,
  lowest: null,
  read: place.stepsTo === null ? lowerId(place.read, place.lowest) : place.read,
})

const inNewWindow = (place: SearchPosition, end: Day): SearchPosition => ({
  ...place,
  end,
  index: 0,
  search: null,
  again: false,
  lowest: null,
  here: {},
})

/** The window's videos counted, whether it was read to its end or not. */
const settle = (place: SearchPosition): SearchPosition => {
  const found: Record<string, number> = { ...place.found }
  for (const [name, count] of Object.entries(place.here)) found[name] = (found[name] ?? 0) + count
  const empty = Object.keys(place.here).length === 0 ? place.empty + 1 : 0
  return { ...place, found, empty, here: {} }
}

const nextWindow = (place: SearchPosition, request: PageRequest): SearchPosition | null => {
  const { start } = windowOf(place, request)
  if (start <= floorOf(request) || isComplete(place, request)) return nextNames(place)
  const next = inNewWindow(place, start)
  return start === place.stepsTo || place.stepsTo === null ? { ...next, stepsTo: null, read: null } : next
}

/** Counts disagree (hidden videos, archived ones), so quiet windows are asked for as well; a name without a count goes to the floor. */
const isComplete = ({ names, found, empty }: SearchPosition, { tasks }: PageRequest): boolean =>
  empty >= QUIET_WINDOWS &&
  tasks
    .filter(({ externalId }) => names.includes(externalId))
    .every(({ externalId, declared }) => declared !== null && (found[externalId] ?? 0) >= declared)
