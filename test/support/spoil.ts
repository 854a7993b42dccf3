import type { Json, JsonObject } from '../../src/core/json.ts'
import { hash32 } from '../../src/networks/seeded.ts'

/** Where a value stands in a JSON value: keys and indices from the top. */
type Path = readonly (string | number)[]

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every place in a value but the top, parents before children. */
function* places(value: Json, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path
  const entries = Array.isArray(value) ? value.entries() : isObject(value) ? Object.entries(value) : []
  for (const [key, child] of entries) yield* places(child, [...path, key])
}

const replace = (value: Json, [key, ...rest]: Path, change: (value: Json) => Json): Json => {
  if (key === undefined) return change(value)
  if (Array.isArray(value)) {
    return value.map((child, index) => (index === key ? replace(child, rest, change) : child))
  }
  return Object.fromEntries(
    Object.entries(isObject(value) ? value : {}).map(([name, child]) => [
      name,
      name === key ? replace(child, rest, change) : child,
    ]),
  )
}

/** The same with a field that nobody knows in every object. */
export const withUnknownFields = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(withUnknownFields)
  if (!isObject(value)) return value
  const known = Object.entries(value).map(([key, child]) => [key, withUnknownFields(child)])
  return { ...Object.fromEntries(known), brand_new_field: { since: 'tomorrow' } }
}

/** Up to `count` copies in each of which one value, a seed says which, has another type than before. */
export function* withRetypedField(value: Json, count: number): Generator<{ path: string; json: Json }> {
  const all = [...places(value)]
  const wanted = Math.min(count, all.length)
  for (let n = 0; n < wanted; n++) {
    const path = all[hash32(n, 'place') % all.length] ?? []
    const json = replace(value, path, was => (typeof was === 'object' ? 'retyped' : { retyped: true }))
    yield { path: path.join('.'), json }
  }
}

/** Frozen all the way down: writing to it throws. */
export const freezeDeep = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const child of Object.values(value)) freezeDeep(child)
  }
  return value
}
