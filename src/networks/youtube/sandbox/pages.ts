import type { Json, JsonObject } from '../../../core/json.ts'
import { isErrorName, refuse } from './errors.ts'
import type { Call } from './method.ts'
import type { PagePlace, PageTokens } from './page-tokens.ts'

/** Anything that is counted and can be looked at by number: a list, or one that is made where it is read. */
export interface Sequence<T> {
  readonly length: number
  at(index: number): T | undefined
}

interface PageCut<T> {
  readonly items: readonly T[]
  /** Of the first item, in the whole list. */
  readonly offset: number
  readonly next: { readonly nextPageToken?: string }
  readonly previous: { readonly prevPageToken?: string }
}

/**
 * The page that the call asks for. Offsets, as on the real API: what is inserted or deleted at the head while
 * someone reads shifts all that follows (docs/networks/youtube.md §6). Switches, each for one request:
 * `short-pages` n: at most n items, the rest on the next page; `empty-page`: no items, and a token;
 * `repeated-token`: the token that was sent comes back; `ignore-page-token`: the first page again with a new token, as in
 * May 2024;
 * `shift` n: as if n items had been inserted (or -n deleted) at the head since the first page; `refused-from`
 * {offset, error}: a page that begins there or further down is refused. `daily-tokens`: those of another day of the
 * world are dead.
 */
export const cutPage = <T>(
  call: Call,
  list: Sequence<T>,
  tokens: PageTokens,
  binding: string,
): PageCut<T> => {
  const { switches, request, world } = call
  const asked = call.one('pageToken')
  const bound = switches.peek('daily-tokens') ? `${binding} ${world.day}` : binding
  const place = asked === null ? FIRST : tokens.read(asked, bound)
  if (place === null || place.offset > list.length) throw refuse('invalidPageToken')
  refuseFrom(place, switches.take('refused-from', request))

  const again = place !== FIRST && switches.take('ignore-page-token', request) !== undefined
  const start = again ? 0 : startOf(call, place)
  const write = (offset: number, more: Partial<PagePlace> = {}): string =>
    tokens.write({ ...FIRST, offset, ...more }, bound)
  const previous = start > 0 ? { prevPageToken: write(start, { backward: true }) } : {}
  if (switches.take('empty-page', request)) {
    return {
      items: [],
      offset: start,
      previous,
      next: { nextPageToken: write(start, { turn: place.turn + 1 }) },
    }
  }

  const most = switches.take('short-pages', request)
  const room = place.backward ? Math.min(call.pageSize, place.offset) : call.pageSize
  const size = Math.min(room, typeof most === 'number' ? most : room)
  const items: T[] = []
  for (let index = start; index < Math.min(start + size, list.length); index++) {
    const item = list.at(index)
    if (item !== undefined) items.push(item)
  }
  const end = start + items.length
  if (switches.take('repeated-token', request)) {
    return { items, offset: start, previous, next: { nextPageToken: asked ?? write(start) } }
  }
  const turn = again ? place.turn + 1 : 0
  return {
    items,
    offset: start,
    previous,
    next: end < list.length ? { nextPageToken: write(end, { turn }) } : {},
  }
}

const FIRST: PagePlace = { offset: 0, backward: false, turn: 0 }

const startOf = ({ switches, request, pageSize }: Call, place: PagePlace): number => {
  if (place === FIRST) return 0
  const start = place.backward ? place.offset - pageSize : place.offset
  const shift = switches.take('shift', request)
  return Math.max(0, typeof shift === 'number' ? start - shift : start)
}

const refuseFrom = ({ offset }: PagePlace, rule: Json | undefined): void => {
  if (rule === undefined || rule === null || typeof rule !== 'object' || Array.isArray(rule)) return
  const { offset: from, error } = rule as JsonObject
  if (offset >= Number(from) && isErrorName(error)) throw refuse(error)
}
