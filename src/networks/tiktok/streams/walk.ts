import type { Instant } from '../../../core/instant.ts'
import type { PageRequest } from '../../../core/stream.ts'
import { lowerId } from './bounds.ts'
import { type Day, dayOf, daysBefore, halve, isOneDay, join, lastDayBefore, type Period } from './days.ts'

/**
 * The way through one walk over searches (docs/networks/tiktok.md §7), all of it pure:
 *
 *   names, most often all at once ─▶ windows of 30 days, newest first, one day of overlap ─▶ pages of one search
 *
 *   a page            index, search id                      turn
 *   window ended      next 30 days, else next names         leave
 *   search refused    the same window from its first page   restart, stepOut
 *   window broken     its halves in its place, down to single days; what is broken then is left   stepOver
 *   names refused     half of them, or without the one that TikTok names
 */
export type SearchPosition = {
  readonly names: readonly string[]
  /** Names whose turn comes after these, each where they stand. */
  readonly later: readonly Turn[]
  /** The window's last day. */
  readonly end: Day
  /** Whether that day was the first of the window before as well. */
  readonly overlaps: boolean
  /** What is to be read of a window that is taken apart, newest first; none = it is read in one. */
  readonly pieces: readonly Piece[]
  /** What TikTok does not give, met since the window before was left. */
  readonly broken: readonly Period[]
  /** Periods that it did not give lately: passed over. */
  readonly known: readonly Period[]
  /** Where the page lies in its search, as TikTok said. */
  readonly index: number
  readonly search: string | null
  /** Whether this search was begun anew already. */
  readonly again: boolean
  /** The lowest id that this search brought. */
  readonly lowest: string | null
  /** What lies at this id or above was read by this search before it began anew. Searches fall by id (docs/networks/tiktok.md §3.2). */
  readonly readHere: string | null
  /** Videos by name, each once: of this window, and of those before it. */
  readonly here: Counts
  readonly found: Counts
  /** Windows in a row that brought nothing. */
  readonly empty: number
  /** Pieces in a row that were refused. */
  readonly refusals: number
  /** Windows in a row of which nothing was given. */
  readonly strikes: number
  /** Whether anything was left to tasks of its own. */
  readonly left: boolean
}

/** A part of a window. `read`: what lies at this id or above was read by the search that it was a part of. */
export type Piece = Period & { readonly read: string | null }

type Turn = Pick<SearchPosition, 'names' | 'end' | 'overlaps' | 'pieces' | 'broken'>

export type Counts = { readonly [name: string]: number }

/** What is walked through: from the last day back to the floor. */
export interface Scope {
  readonly floor: Day
  readonly last: Day
  /** How many videos each name declares; a name without a number is read to the floor. */
  readonly declared: Counts
}

/** A difference of 30 days is the most that a search takes; both ends are in it (docs/networks/tiktok.md §3.2). */
export const DAYS = 30
/** Pieces in a row that are refused, after which the rest of their window is left as it is: a broken week takes sixteen. */
const HOPELESS = 20
/** Windows in a row that are taken apart; later ones are left as they are: the whole period is out of order, as 2021-03 to 2022-07 was (docs/networks/tiktok.md §4). */
const DOUBTFUL = 2
/** Eighteen months of broken windows, the longest seen. More is an outage, and no reason to call a history read. */
export const MOST_STRIKES = 20

/** Where a history ends without `--since`: TikTok tells no date of creation, and the oldest samples in papers are of January 2018 (docs/networks/tiktok.md §7). */
export const DEFAULT_FLOOR: Day = '2018-01-01'
/** Empty windows in a row that end a history whose declared videos were all found. */
export const QUIET_WINDOWS = 3

/** Who a task's videos are of: the name that is searched for. */
export const nameOfTask = ({ profileId, externalId }: PageRequest['tasks'][number]): string =>
  profileId ?? externalId

export const scopeOf = (request: PageRequest): Scope => ({
  floor: dayOf(reachOf(request) ?? request.params.since ?? DEFAULT_FLOOR),
  last: lastDay(request),
  declared: Object.fromEntries(
    request.tasks.flatMap(task => (task.declared === null ? [] : [[nameOfTask(task), task.declared]])),
  ),
})

export const lastDay = ({ params, startedAt }: PageRequest): Day => {
  const today = dayOf(startedAt)
  return params.until === null || dayOf(params.until) > today ? today : lastDayBefore(params.until)
}

/** Where incremental walks end that are made together: the earliest of their beginnings; null = one of them reads all. */
export const reachOf = ({ tasks }: PageRequest): Instant | null => {
  const froms = tasks.map(({ from }) => from).filter(from => from !== null)
  return froms.length < tasks.length ? null : (froms.sort()[0] ?? null)
}

/** `known` = periods that are not to be had, which are passed over unless nothing else is left. */
export const opening = (names: readonly string[], known: readonly Period[], scope: Scope): SearchPosition => {
  const within = join(known)
    .filter(({ start, end }) => start <= scope.last && end >= scope.floor)
    .map(({ start, end }) => ({
      start: start < scope.floor ? scope.floor : start,
      end: end > scope.last ? scope.last : end,
    }))
  const { end, passed } = below(scope.last, within)
  const isAll = end < scope.floor
  return {
    // In an order of their own: whose profile came first is chance, and the same question should be the same.
    names: names.toSorted(),
    later: [],
    end: isAll ? scope.last : end,
    overlaps: false,
    pieces: [],
    broken: isAll ? [] : passed,
    known: isAll ? [] : within,
    index: 0,
    search: null,
    again: false,
    lowest: null,
    readHere: null,
    here: {},
    found: {},
    empty: 0,
    refusals: 0,
    strikes: 0,
    left: false,
  }
}

/** The last day at or before `day` that is in none of these periods, and those that were passed. */
const below = (day: Day, known: readonly Period[]): { end: Day; passed: readonly Period[] } => {
  const passed: Period[] = []
  for (let end = day; ; ) {
    const period = known.find(each => each.start <= end && each.end >= end)
    if (period === undefined) return { end, passed }
    passed.push(period)
    end = daysBefore(period.start, 1)
  }
}

export const windowOf = ({ end, pieces, known }: SearchPosition, { floor }: Scope): Period => {
  const [piece] = pieces
  if (piece !== undefined) return daysOf(piece)
  const start = daysBefore(end, DAYS)
  const cut = known.findLast(period => period.end >= start && period.end < end)
  const first = cut === undefined ? start : daysBefore(cut.end, -1)
  return { start: first > floor ? first : floor, end }
}

const daysOf = ({ start, end }: Piece): Period => ({ start, end })

/** At this id and above nothing of this search is new: it was read before the window was divided. */
export const readBefore = ({ pieces: [piece] }: SearchPosition): string | null => piece?.read ?? null

/** Where a walk goes on (null = it is over), and what it leaves to tasks of its own on the way. */
export interface Move {
  readonly next: SearchPosition | null
  readonly leaves: readonly Period[]
  /** What is found out not to be given. */
  readonly refused: readonly Period[]
}

const to = (next: SearchPosition | null): Move => ({ next, leaves: [], refused: [] })

/** The next page of the same search. */
export const turn = (place: SearchPosition, index: number, search: string | null): Move =>
  to({ ...place, index, search: search ?? place.search })

/** On from a search that was read to its end. */
export const leave = (place: SearchPosition, scope: Scope): Move =>
  nextPiece({ ...place, refusals: 0, strikes: 0 }, scope)

/** The same search from its first page: its id is no longer known. */
export const restart = (place: SearchPosition): Move =>
  to({ ...anew(place), readHere: lowerId(place.readHere, place.lowest), again: true })

/** On from a search that stays refused: by its halves, or without it. */
export const stepOver = (place: SearchPosition, scope: Scope): Move => {
  const window = windowOf(place, scope)
  const [, ...rest] = place.pieces
  const isWhole = place.pieces.length === 0
  const refusals = isWhole ? 1 : place.refusals + 1
  if (isWhole && (place.strikes >= DOUBTFUL || isOneDay(window))) return giveUp(place, [window], scope)
  if (refusals >= HOPELESS) return giveUp(place, [window, ...rest.map(daysOf)], scope)
  if (isOneDay(window)) {
    const broken = [...place.broken, window]
    return { ...nextPiece({ ...place, refusals, broken }, scope), refused: [window] }
  }
  const read = lowerId(lowerId(readBefore(place), place.readHere), place.lowest)
  const halves = halve(window).map(half => ({ ...half, read }))
  return to({ ...anew(place), readHere: null, refusals, pieces: [...halves, ...rest] })
}

/** On from a search that says that it has more and not where: once more from its first page, then as one that is refused. */
export const stepOut = (place: SearchPosition, scope: Scope): Move =>
  place.again || place.pieces.length > 0 ? stepOver(place, scope) : restart(place)

/** On without these periods, the last of a window. */
const giveUp = (place: SearchPosition, refused: readonly Period[], scope: Scope): Move => {
  const [oldest] = refused.slice(-1)
  const pieces = oldest === undefined ? [] : [{ ...oldest, read: null }]
  const struck = { ...place, pieces, broken: [...place.broken, ...refused], strikes: place.strikes + 1 }
  return { ...nextPiece(struck, scope), refused }
}

/** On to the next names, where these need no further windows. */
export const nextNames = (place: SearchPosition): Move => {
  const leaves = join(place.broken)
  const left = place.left || leaves.length > 0
  const [next, ...later] = place.later
  return {
    next: next === undefined ? null : { ...inNewWindow(place), ...next, later, left, empty: 0, strikes: 0 },
    leaves,
    refused: [],
  }
}

/** Half of the names, the one that has its turn first. */
export const halfOf = (names: readonly string[]): readonly string[] =>
  names.slice(0, Math.ceil(names.length / 2))

/** The same search with some of the names, and then with the others. */
export const split = (place: SearchPosition, names: readonly string[]): Move => {
  const { end, overlaps, broken } = place
  // The others begin this search anew, and count what it brings then.
  const pieces = place.pieces.map(piece => ({ ...piece, read: null }))
  const rest = { names: place.names.filter(name => !names.includes(name)), end, overlaps, pieces, broken }
  const here = Object.fromEntries(Object.entries(place.here).filter(([name]) => names.includes(name)))
  return to({ ...readAnew(place), names, here, later: [rest, ...place.later] })
}

/** The same search without one name. */
export const without = (place: SearchPosition, name: string): Move => {
  const names = place.names.filter(other => other !== name)
  return names.length === 0 ? nextNames({ ...place, broken: [] }) : to({ ...readAnew(place), names })
}

const anew = (place: SearchPosition): SearchPosition => ({
  ...place,
  index: 0,
  search: null,
  again: false,
  lowest: null,
})

const readAnew = (place: SearchPosition): SearchPosition => ({
  ...anew(place),
  readHere: lowerId(place.readHere, place.lowest),
})

const inNewWindow = (place: SearchPosition): SearchPosition => ({
  ...anew(place),
  pieces: [],
  broken: [],
  readHere: null,
  here: {},
  refusals: 0,
})

/** The next piece of a window that is taken apart, else the next window. */
const nextPiece = (place: SearchPosition, scope: Scope): Move => {
  const [, ...pieces] = place.pieces
  if (pieces.length > 0) return to({ ...anew(place), readHere: null, pieces })
  return nextWindow(place, scope)
}

const nextWindow = (place: SearchPosition, scope: Scope): Move => {
  const { start } = windowOf(place, scope)
  const counted = settle(place)
  if (start <= scope.floor || isComplete(counted, scope)) return nextNames(counted)
  const before = daysBefore(start, 1)
  const isCut = place.known.some(({ end }) => end === before)
  const overlaps = !isCut && !place.broken.some(period => period.start === start)
  const { end, passed } = below(overlaps ? start : before, place.known)
  const leaves = join(place.broken)
  const left = place.left || leaves.length > 0
  const next = { ...inNewWindow(counted), end, overlaps, broken: passed, left }
  if (end >= scope.floor) return { next, leaves, refused: [] }
  const { next: others, leaves: more } = nextNames(next)
  return { next: others, leaves: join([...leaves, ...more]), refused: [] }
}

/** The window's videos counted, whether it was read to its end or not. */
export const settle = (place: SearchPosition): SearchPosition => {
  const found: Record<string, number> = { ...place.found }
  for (const [name, count] of Object.entries(place.here)) found[name] = (found[name] ?? 0) + count
  const empty = Object.keys(place.here).length === 0 ? place.empty + 1 : 0
  return { ...place, found, empty, here: {} }
}

/** Counts disagree (hidden videos, archived ones), so quiet windows are asked for as well; a name without a count goes to the floor. */
const isComplete = ({ names, found, empty }: SearchPosition, { declared }: Scope): boolean =>
  empty >= QUIET_WINDOWS &&
  names.every(name => (found[name] ?? 0) >= (declared[name] ?? Number.POSITIVE_INFINITY))
