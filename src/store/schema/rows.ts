import type { Json } from '../../core/json.ts'
import { type Params, paramsOf } from '../../core/params.ts'

/** How a value of a record becomes a value of a column. */
export type Encoding = 'id' | 'text' | 'counter' | 'flag' | 'json'

export type SqlValue = string | number | null

/**
 * A record's value as a column's. Null stays null. Ids must be strings: 12 bound into TEXT would become "12.0".
 * Text is made portable (FAULTS rows 65 and 66), so that SQLite and PostgreSQL hold the same.
 */
export const encode = (value: unknown, encoding: Encoding): SqlValue => {
  if (value === null || value === undefined) return null
  switch (encoding) {
    case 'id':
    case 'text':
      if (typeof value !== 'string') throw new TypeError(`expected text, got ${typeof value}`)
      return portable(value)
    case 'counter':
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
        throw new TypeError(`expected a whole number, got ${String(value)}`)
      }
      return value
    case 'flag':
      return value === true ? 1 : 0
    case 'json':
      return encodeJson(inKeyOrder(value as Json))
  }
}

/** Lone surrogates and NUL become U+FFFD. */
export const portable = (text: string): string => {
  const clean = text.isWellFormed() ? text : text.toWellFormed()
  return clean.includes('\0') ? clean.replaceAll('\0', '\u{fffd}') : clean
}

/** JSON text whose strings are portable. */
export const encodeJson = (value: Json): string => {
  const text = JSON.stringify(value)
  return text.includes('\\u0000') || text.includes('\\ud') ? JSON.stringify(portableDeep(value)) : text
}

/** JSON text of our own writing, read back. */
export const decodeJson = <T>(text: string): T => JSON.parse(text) as T

/** The same value with the keys of its objects in order: some networks shuffle them, which is no change. */
const inKeyOrder = (value: Json): Json => {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(inKeyOrder)
  const entries = Object.entries(value).map(([key, inner]): [string, Json] => [key, inKeyOrder(inner)])
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

const portableDeep = (value: Json): Json => {
  if (typeof value === 'string') return portable(value)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(portableDeep)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [portable(key), portableDeep(inner)]))
}

/** Returns a `decodeJson` that reads equal texts once: a hundred thousand jobs have the same parameters. */
export const openDecoder = (): typeof decodeJson => {
  const known = new Map<string, unknown>()
  return <T>(text: string): T => {
    const value = known.get(text) ?? decodeJson<T>(text)
    known.set(text, value)
    return value as T
  }
}

/** Returns what reads the parameters of jobs, whichever version wrote them; equal ones are one object. */
export const openParams = (): ((text: string) => Params) => {
  const known = new Map<string, Params>()
  return text => {
    const params = known.get(text) ?? paramsOf<Params>(decodeJson(text))
    known.set(text, params)
    return params
  }
}
