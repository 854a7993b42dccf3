import { decode } from '../http/json.ts'
import { Refused } from './problems.ts'

/** A place in a list, as a client keeps it: not to be read, only to be given back. */
export const writeCursor = (place: readonly (string | number)[] | null): string | null =>
  place === null ? null : Buffer.from(JSON.stringify(place)).toString('base64url')

/** What is said of a cursor that is none of ours, or of another list. */
export const wrongCursor = (): Refused =>
  new Refused('bad-request', {
    errors: [{ place: 'query.cursor', message: 'must be the `next` of a page of this list' }],
  })

/** Refused as a bad request where it is none of ours, or of another list: `length` values are in a place. */
export const readCursor = (cursor: string | undefined, length: number): (string | number)[] | null => {
  if (cursor === undefined) return null
  try {
    const place = decode(Buffer.from(cursor, 'base64url').toString('utf8'))
    const isPlace = (value: unknown): value is string | number =>
      typeof value === 'string' || Number.isSafeInteger(value)
    if (Array.isArray(place) && place.length === length && place.every(isPlace)) return place
  } catch {
    throw wrongCursor()
  }
  throw wrongCursor()
}

/** The place in a list that is ordered by number. */
export const readNumber = (cursor: string | undefined): number | null => {
  const [after] = readCursor(cursor, 1) ?? []
  if (after === undefined) return null
  if (typeof after === 'number') return after
  throw wrongCursor()
}

/** The place in a list that is ordered by texts alone. */
export const readTexts = (cursor: string | undefined, length: number): string[] | null => {
  const place = readCursor(cursor, length)
  if (place === null) return null
  return place.map(value => {
    if (typeof value === 'string') return value
    throw wrongCursor()
  })
}

/** A page of a list that is ordered by number, from one row more than was asked for. */
export const slicePage = <Row extends { readonly id: number }, View>(
  found: readonly Row[],
  limit: number,
  view: (row: Row) => View,
): { readonly items: View[]; readonly next: string | null } => {
  const rows = found.slice(0, limit)
  const last = found.length > limit ? rows.at(-1) : undefined
  return { items: rows.map(view), next: writeCursor(last === undefined ? null : [last.id]) }
}
