import type { Instant } from '../../core/instant.ts'
import type { Json, JsonObject } from '../../core/json.ts'
import type { Described } from '../../networks/contract.ts'
import type { Looked } from '../../networks/reader.ts'

/** The types of value that JSON has; a long row of digits may be a number that the decoder spared. */
export type ValueType = 'text' | 'digits' | 'number' | 'boolean' | 'list' | 'object' | 'null'

/** How often something was seen, and from when to when. */
export interface Sightings {
  readonly count: number
  readonly first_seen_at: Instant
  readonly last_seen_at: Instant
}

/** A field of a stream's answers by its path, indices folded: `$.items[].snippet.title`. */
export interface FieldLine extends Sightings {
  readonly path: string
  readonly types: Readonly<Partial<Record<ValueType, Sightings>>>
}

export interface UnknownField extends FieldLine {
  /** Where its values are: in `extra` of what was stored, or in the raw zone alone. */
  readonly kept: 'extra' | 'raw zone'
}

export interface VanishedField extends FieldLine {
  /** The first answer that should have had it and did not. */
  readonly missing_since: Instant
}

/** A page as it is counted. */
export interface Sighting {
  readonly run: number
  readonly time: Instant
  readonly json: Json
  /** Of its first answer nothing is said, of others what they are an answer to. */
  readonly root: string
  readonly looked: Looked
  readonly described: Described
}

interface Count {
  count: number
  first_seen_at: Instant
  last_seen_at: Instant
}

interface FieldPlace extends Count {
  readonly path: string
  readonly parent: FieldPlace | null
  /** Objects seen here. */
  objects: number
  run: number
  /** Objects of the parent that had been seen when this was seen last. */
  parentsThen: number
  missingSince: Instant | null
  known: boolean
  kept: boolean
  readonly types: Map<ValueType, Count>
  readonly children: Map<string, FieldPlace>
}

/** Keys of one object that are told apart: more are names of things, not of fields. */
const MOST_KEYS = 200
/** How unlikely it must be that a field is left out by chance before it is called gone. */
const CHANCE = 0.001

/** Counts the fields of one stream's answers. Its size depends on how many fields there are, not on how many answers. */
export class DriftTally {
  readonly #roots = new Map<string, FieldPlace>()

  add({ run, time: at, json, root, looked, described }: Sighting): void {
    const place = this.#roots.get(root) ?? newPlace(root, null, at)
    this.#roots.set(root, place)
    const seen = new Set<FieldPlace>()
    const visit = (value: Json, here: FieldPlace, as: Described | undefined): void => {
      see(here, typeOf(value), at, run)
      seen.add(here)
      if (isList(value)) {
        for (const item of value) visitItem(item, here, as)
      } else if (isObject(value)) {
        visitFields(value, here, as)
      }
    }
    const visitItem = (item: Json, here: FieldPlace, as: Described | undefined): void =>
      visit(item, childOf(here, '[]', at), as)
    const visitFields = (value: JsonObject, here: FieldPlace, as: Described | undefined): void => {
      here.objects++
      const read = looked.known.get(value)
      if (read === undefined && as === undefined) return
      for (const [key, inner] of Object.entries(value)) {
        const child = childOf(here, `.${nameOf(key, here)}`, at)
        const described =
          as === true ? true : as !== undefined && Object.hasOwn(as, key) ? as[key] : undefined
        if (read?.has(key) || described !== undefined) child.known = true
        else if (looked.kept.has(value)) child.kept = true
        // What nobody knows is named by its top alone; what is read as a whole has no fields of its own.
        if (child.known) visit(inner, child, described)
        else {
          see(child, typeOf(inner), at, run)
          seen.add(child)
        }
        child.parentsThen = here.objects
      }
    }
    visit(json, place, described)
    for (const here of seen) {
      for (const child of here.children.values()) {
        if (seen.has(child)) child.missingSince = null
        else child.missingSince ??= at
      }
    }
  }

  unknown(): UnknownField[] {
    return this.#all().flatMap(place =>
      place.known || place.parent === null
        ? []
        : [{ ...lineOf(place), kept: place.kept ? ('extra' as const) : ('raw zone' as const) }],
    )
  }

  /** Fields that came with so many answers of earlier runs that it is no chance that none of a later one has them. */
  vanished(): VanishedField[] {
    return this.#all().flatMap(place => {
      const { parent, missingSince } = place
      if (parent === null || missingSince === null || place.path.endsWith('[]')) return []
      const without = parent.objects - place.parentsThen
      // As if two more had come without it: one sighting makes no rule.
      const share = Math.min(1, place.count / (place.parentsThen + 2))
      if (parent.run <= place.run || without === 0 || (1 - share) ** without >= CHANCE) return []
      return [{ ...lineOf(place), missing_since: missingSince }]
    })
  }

  /** Fields that came as values of more than one type. Null is none, and digits go with both texts and numbers. */
  retyped(): FieldLine[] {
    return this.#all().flatMap(place => {
      const types = [...place.types.keys()].filter(type => type !== 'null' && type !== 'digits')
      return types.length > 1 ? [lineOf(place)] : []
    })
  }

  #all(): FieldPlace[] {
    const below = (place: FieldPlace): FieldPlace[] => [place, ...[...place.children.values()].flatMap(below)]
    return [...this.#roots.values()].flatMap(below)
  }
}

const newPlace = (path: string, parent: FieldPlace | null, at: Instant): FieldPlace => ({
  path,
  parent,
  count: 0,
  first_seen_at: at,
  last_seen_at: at,
  objects: 0,
  run: 0,
  parentsThen: 0,
  missingSince: null,
  known: parent === null || path.endsWith('[]'),
  kept: false,
  types: new Map(),
  children: new Map(),
})

const childOf = (place: FieldPlace, step: string, at: Instant): FieldPlace => {
  const known = place.children.get(step)
  if (known !== undefined) return known
  const made = newPlace(place.path + step, place, at)
  place.children.set(step, made)
  return made
}

const see = (place: FieldPlace, type: ValueType, at: Instant, run: number): void => {
  count(place, at)
  if (run > place.run) place.run = run
  const known = place.types.get(type)
  if (known === undefined) place.types.set(type, { count: 1, first_seen_at: at, last_seen_at: at })
  else count(known, at)
}

const count = (what: Count, at: Instant): void => {
  what.count++
  if (at < what.first_seen_at) what.first_seen_at = at
  if (at > what.last_seen_at) what.last_seen_at = at
}

const lineOf = ({ path, count, first_seen_at, last_seen_at, types }: FieldPlace): FieldLine => ({
  path,
  count,
  first_seen_at,
  last_seen_at,
  types: Object.fromEntries(types),
})

/** A key that could be somebody's name or number is not shown. */
const nameOf = (key: string, place: FieldPlace): string =>
  /^[A-Za-z_][\w-]{0,63}$/.test(key) &&
  !/\d{5}/.test(key) &&
  (place.children.size < MOST_KEYS || place.children.has(`.${key}`))
    ? key
    : '*'

const typeOf = (value: Json): ValueType => {
  if (value === null) return 'null'
  if (isList(value)) return 'list'
  if (typeof value === 'object') return 'object'
  if (typeof value === 'string') return /^-?\d{16,}$/.test(value) ? 'digits' : 'text'
  return typeof value === 'number' ? 'number' : 'boolean'
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !isList(value)
