import type { Json, JsonObject } from '../../core/json.ts'
import type { Cursor, Page, PageRequest } from '../../core/stream.ts'
import type { Fields } from '../reader.ts'

/** Parameters of a `next` address that say where the next page is; all others, the token among them, stay behind. */
const PLACES = ['after', '__paging_token', 'until', 'offset'] as const

/**
 * Where an own edge goes on, or null: the last page is the one without `next`, however full it is, and whether or
 * not `after` is there (docs/networks/instagram.md §8). `next` itself holds the access token and is not kept.
 * `lost` = the API says that there is more, but not where.
 */
export const nextOf = (paging: Fields | null): Cursor | 'lost' | null => {
  const next = paging?.string('next') ?? null
  if (next === null) return null
  const after = paging?.object('cursors')?.string('after') ?? null
  if (after !== null) return { after }
  if (!URL.canParse(next)) return 'lost'
  const query = new URL(next).searchParams
  const places = PLACES.flatMap(name => {
    const value = query.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  return places.length === 0 ? 'lost' : Object.fromEntries(places)
}

/** Where business discovery goes on: its pages have cursors only, and the last one has no `after` (docs/networks/instagram.md §5). */
export const afterOf = (paging: Fields | null): Cursor | null => {
  const after = paging?.object('cursors')?.string('after') ?? null
  return after === null ? null : { after }
}

/** A stored place as query parameters. */
export const placeOf = (cursor: Cursor | null): Readonly<Record<string, string>> =>
  Object.fromEntries(
    PLACES.flatMap(name => {
      const value = noted(cursor, name)
      return typeof value === 'string' ? [[name, value] as const] : []
    }),
  )

/** What a cursor says beside its place. */
export const noted = (cursor: Cursor | null, name: string): Json | undefined =>
  isObject(cursor) ? cursor[name] : undefined

/** A cursor with something noted beside its place. */
export const note = (cursor: Cursor, name: string, value: Json): Cursor =>
  isObject(cursor) ? { ...cursor, [name]: value } : cursor

const isObject = (cursor: Cursor | null): cursor is JsonObject =>
  typeof cursor === 'object' && cursor !== null && !Array.isArray(cursor)

/**
 * How many more are wanted where a list began on its parent's page: what that brought stands in the cursor, since the
 * task of the list does not count it.
 */
export const roomOf = ({ cursor, room }: PageRequest, limit: number | null): number | null =>
  limit === null ? room : Math.max(1, Math.min(limit - hadOf(cursor), room ?? limit))

/** How such a list goes on after a page that brought `count`, the parent's being the first: not beyond the limit. */
export const within = (
  { next, reason }: Pick<Page, 'next' | 'reason'>,
  cursor: Cursor | null,
  count: number,
  limit: number | null,
): Pick<Page, 'next' | 'reason'> => {
  if (next === null || limit === null) return { next, reason }
  const had = hadOf(cursor) + count
  return had >= limit ? { next: null, reason: 'limited' } : { next: note(next, 'had', had), reason }
}

const hadOf = (cursor: Cursor | null): number => {
  const had = noted(cursor, 'had')
  return typeof had === 'number' ? had : 0
}
