import { types } from 'pg'

/** What a value is to PostgreSQL, by what it is in JavaScript; null = nothing of its own. */
export type Cast = 'text' | 'bigint' | 'float8' | 'boolean' | 'bytea' | 'text[]' | 'bigint[]' | 'float8[]'

/** A list that is empty is one of texts; its spelling may say otherwise. */
export const castOf = (value: unknown): Cast | null => {
  switch (typeof value) {
    case 'string':
      return 'text'
    case 'number':
      return Number.isSafeInteger(value) ? 'bigint' : 'float8'
    case 'bigint':
      return 'bigint'
    case 'boolean':
      return 'boolean'
  }
  if (value === null || value === undefined) return null
  if (value instanceof Uint8Array) return 'bytea'
  if (Array.isArray(value)) {
    const casts = new Set(value.map(castOf))
    return casts.has('float8') ? 'float8[]' : casts.has('bigint') ? 'bigint[]' : 'text[]'
  }
  throw new TypeError(`PostgreSQL gets no ${Object.prototype.toString.call(value)}`)
}

/** One cast for all values of a column; null = all of them are null. */
export const castOfAll = (values: readonly unknown[]): Cast | null => {
  let found: Cast | null = null
  for (const value of values) {
    const cast = castOf(value)
    if (cast === null || cast === found) continue
    if (found === null) found = cast
    else if (isNumber(cast) && isNumber(found)) found = 'float8'
    else throw new TypeError(`a column has both ${found} and ${cast}`)
  }
  return found
}

const isNumber = (cast: Cast): boolean => cast === 'bigint' || cast === 'float8'

/** What a value of PostgreSQL is in JavaScript: the same as one of SQLite, for one client and nobody else. */
export const TYPES = {
  getTypeParser: (oid: number, format?: string) => {
    if (format === 'binary') return types.getTypeParser(oid, 'binary')
    if (WHOLE.has(oid)) return whole
    if (oid === types.builtins.NUMERIC) return Number
    if (AS_TEXT.has(oid)) return asText
    return types.getTypeParser(oid, 'text')
  },
} as unknown as typeof types

const WHOLE: ReadonlySet<number> = new Set([types.builtins.INT8])
/** JSON is text to us, and an instant is no `Date`. */
const AS_TEXT: ReadonlySet<number> = new Set([
  types.builtins.JSON,
  types.builtins.JSONB,
  types.builtins.TIMESTAMP,
  types.builtins.TIMESTAMPTZ,
  types.builtins.DATE,
])

const asText = (text: string): string => text

/** Ids are texts: a number that JavaScript cannot hold is none of ours, and must not be rounded. */
const whole = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is no number that is held exactly`)
  return value
}
