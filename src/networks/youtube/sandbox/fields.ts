import type { Json, JsonObject } from '../../../core/json.ts'

/** A tree of names; null = everything below. `*` stands for any name. */
export type Selection = ReadonlyMap<string, Selection | null>

/**
 * Reads the selector of `fields`: `nextPageToken,items(id,snippet(title),statistics/viewCount)` (networks/youtube.md
 * docs/networks/youtube.md §1). Null where it is no selector.
 */
export const readFields = (text: string): Selection | null => {
  const tokens = text.match(/[^,/()]+|[,/()]/g) ?? []
  let at = 0
  const accept = (sign: string): boolean => tokens[at] === sign && ++at > 0

  const readPath = (into: Map<string, Selection | null>): boolean => {
    const name = tokens[at++]
    if (name === undefined || !/^[\w*-]+$/.test(name)) return false
    let below: Map<string, Selection | null> | null = null
    if (accept('/')) {
      below = new Map()
      if (!readPath(below)) return false
    } else if (accept('(')) {
      below = new Map()
      if (!readList(below) || !accept(')')) return false
    }
    const known = into.get(name)
    into.set(name, known === undefined ? below : merge(known, below))
    return true
  }
  const readList = (into: Map<string, Selection | null>): boolean => {
    do {
      if (!readPath(into)) return false
    } while (accept(','))
    return true
  }

  const selection = new Map<string, Selection | null>()
  return readList(selection) && at === tokens.length ? selection : null
}

/** What either of two selections of the same member takes. */
const merge = (a: Selection | null, b: Selection | null): Selection | null => {
  if (a === null || b === null) return null
  const merged = new Map(a)
  for (const [name, below] of b) {
    const known = merged.get(name)
    merged.set(name, known === undefined ? below : merge(known, below))
  }
  return merged
}

/** The first name that no answer of this schema can have, or null. */
export const findUnknown = (selection: Selection, schema: Selection): string | null => {
  for (const [name, below] of selection) {
    if (name === '*') continue
    if (!schema.has(name) && !schema.has('*')) return name
    if (below === null) continue
    const known = schema.get(name) ?? null
    const unknown = known === null ? null : findUnknown(below, known)
    if (unknown !== null) return unknown
  }
  return null
}

/** What is left of an answer. */
export const selectFields = (value: JsonObject, selection: Selection): JsonObject => {
  const left: Record<string, Json> = {}
  const everything = selection.get('*')
  for (const [name, member] of Object.entries(value)) {
    const below = selection.has(name) ? selection.get(name) : everything
    if (below !== undefined) left[name] = below === null ? member : selectBelow(member, below)
  }
  return left
}

const selectBelow = (value: Json, selection: Selection): Json => {
  if (isList(value)) return value.map(item => selectBelow(item, selection))
  return typeof value === 'object' && value !== null ? selectFields(value as JsonObject, selection) : value
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
