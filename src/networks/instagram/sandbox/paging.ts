import type { JsonObject } from '../../../core/json.ts'
import { hash32 } from '../../seeded.ts'
import * as errors from './errors.ts'

/** A place in a track: `gone` shifts nothing, `withheld` takes a place on its page and brings nothing. */
type Slot<T> = T | 'gone' | 'withheld'

/** What an edge lists: places by number, from `first` in steps up to and including `last`. */
export interface Track<T> {
  /** Makes cursors of one edge worthless on another. */
  readonly name: string
  readonly first: number
  readonly last: number
  readonly step: 1 | -1
  slot(place: number): Slot<T>
  /** Beyond `last` there is more that the edge does not give. */
  readonly capped?: boolean
}

/** One page of a track. `from` and `to` = its first and last place, null where it has none. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly span: readonly [from: number, to: number] | null
  readonly earlier: boolean
  readonly later: boolean
}

export interface PageAsk {
  readonly limit: number
  readonly after: string | null
  readonly before: string | null
  readonly vanished: string
}

/** Opaque, and shaped like the network's (`QVFIU…`): what it stands for is `name` and place. */
export const writeCursor = (name: string, place: number): string =>
  Buffer.from(`AQHR${hash32(name).toString(36)}_${place}`).toString('base64url')

const readCursor = (name: string, cursor: string): number => {
  const text = Buffer.from(cursor, 'base64url').toString()
  const place = text.slice(text.indexOf('_') + 1)
  if (!/^\d+$/.test(place) || writeCursor(name, Number(place)) !== cursor)
    throw errors.badParameter('Invalid cursors values')
  return Number(place)
}

const EMPTY = { items: [], span: null, earlier: false, later: false } as const

/** The page of a track that is asked for. A cursor that is none of this track's is error 100. */
export const turn = <T>(track: Track<T>, { limit, after, before, vanished }: PageAsk): Page<T> => {
  const { step } = track
  const cursor = after ?? before
  const place = cursor === null ? null : readCursor(track.name, cursor)
  if (place !== null) {
    if (track.capped && (place - track.last) * step > 0) throw errors.tooDeep()
    if (vanished !== 'ignored' && track.slot(place) === 'gone') {
      if (vanished === 'error') throw errors.badParameter('Invalid cursors values')
      return EMPTY
    }
  }
  if (place !== null && after === null) return backward(track, limit, place)
  // A cursor from before the asked dates began.
  const ahead = place === null || (place - track.first) * step < 0
  const { items, span } = collect(track, limit, ahead ? track.first : place + step, step)
  return { items, span, earlier: place !== null, later: span !== null && exists(track, span[1] + step, step) }
}

const backward = <T>(track: Track<T>, limit: number, place: number): Page<T> => {
  const back = track.step === 1 ? -1 : 1
  const { items, span } = collect(track, limit, place + back, back)
  if (span === null) return EMPTY
  return {
    items: items.toReversed(),
    span: [span[1], span[0]],
    earlier: exists(track, span[1] + back, back),
    later: true,
  }
}

const inside = <T>({ first, last, step }: Track<T>, place: number): boolean =>
  (place - first) * step >= 0 && (last - place) * step >= 0

const collect = <T>(
  track: Track<T>,
  limit: number,
  start: number,
  step: 1 | -1,
): Pick<Page<T>, 'items' | 'span'> => {
  const items: T[] = []
  let span: [number, number] | null = null
  let taken = 0
  for (let place = start; taken < limit && inside(track, place); place += step) {
    const slot = track.slot(place)
    if (slot === 'gone') continue
    taken++
    span = [span?.[0] ?? place, place]
    if (slot !== 'withheld') items.push(slot)
  }
  return { items, span }
}

const exists = <T>(track: Track<T>, start: number, step: 1 | -1): boolean => {
  for (let place = start; inside(track, place); place += step) if (track.slot(place) !== 'gone') return true
  return false
}

/** The cursors of a page, and whether there are pages on either side. */
interface Turn {
  readonly before: string
  readonly after: string
  readonly earlier: boolean
  readonly later: boolean
  /** The address of the page on that side, absolute and with the token in it. */
  readonly link: (side: 'before' | 'after') => string
}

/** What stands under `paging`, or nothing: each edge has its own habit (docs/networks/instagram.md §8). */
export type PagingHabit = (turn: Turn) => JsonObject | undefined

const next = ({ later, link }: Turn): JsonObject => (later ? { next: link('after') } : {})
const previous = ({ earlier, link }: Turn): JsonObject => (earlier ? { previous: link('before') } : {})

export const HABITS = {
  /** Both cursors always; addresses only where a page follows. */
  media: turn => ({ cursors: { before: turn.before, after: turn.after }, ...next(turn), ...previous(turn) }),
  /** Nothing at all on the last page. */
  comments: turn => (turn.later ? { cursors: { after: turn.after }, ...next(turn) } : undefined),
  /** Never an address; a cursor only where a page follows on its side. */
  discovery: ({ before, after, earlier, later }) =>
    earlier || later ? { cursors: { ...(earlier && { before }), ...(later && { after }) } } : undefined,
  stories: turn => ({
    cursors: { before: turn.before, ...(turn.later && { after: turn.after }) },
    ...next(turn),
    ...previous(turn),
  }),
  none: () => undefined,
} as const satisfies Record<string, PagingHabit>
