import { type Instant, readInstant } from '../core/instant.ts'
import type { Json, JsonObject } from '../core/json.ts'
import { unlessEmpty } from '../core/marks.ts'
import type { Reject } from '../core/stream.ts'

/** Which fields of an answer were looked at: what a network's reading knows of. */
export interface Looked {
  /** By object: the fields that were read, or that are left out on purpose. */
  readonly known: Map<JsonObject, Set<string>>
  /** Objects of which all other fields are kept. */
  readonly kept: Set<JsonObject>
}

let watching: Looked | null = null

/** Does `work`, which must not wait, and tells which fields it looked at. */
export const watchLooks = <T>(work: () => T): { readonly result: T; readonly looked: Looked } => {
  const looked: Looked = { known: new Map(), kept: new Set() }
  watching = looked
  try {
    return { result: work(), looked }
  } finally {
    watching = null
  }
}

/**
 * Reads wire objects without trusting them (docs/design.md §5.10): a field that is absent or null is null; a field of
 * another type than expected is null too and is noted as a reject with its path; nothing throws.
 */
export class Reader {
  readonly rejects: Reject[] = []

  /** The object at this place, or null. Lists and plain values are noted. */
  object(value: Json | undefined, path: string): Fields | null {
    if (value === undefined || value === null) return null
    if (isObject(value)) return new Fields(value, path, this)
    this.reject(path, 'expected an object', value)
    return null
  }

  /** The objects of a list; an absent list is empty, an element that is no object is noted and left out. */
  objects(value: Json | undefined, path: string): Fields[] {
    if (value === undefined || value === null) return []
    if (!isList(value)) {
      this.reject(path, 'expected a list', value)
      return []
    }
    return value.flatMap((item, index) => this.object(item, `${path}[${index}]`) ?? [])
  }

  reject(path: string, reason: string, value: Json, item = false): void {
    this.rejects.push({ path, reason, value, item })
  }
}

/** The fields of one wire object. Every getter gives null for absent, null, or wrong (noted). */
export class Fields {
  readonly raw: JsonObject
  readonly path: string
  readonly #reader: Reader

  constructor(raw: JsonObject, path: string, reader: Reader) {
    this.raw = raw
    this.path = path
    this.#reader = reader
  }

  has(key: string): boolean {
    const value = this.value(key)
    return value !== undefined && value !== null
  }

  /** As it came. */
  value(key: string): Json | undefined {
    if (watching !== null) this.#note(watching, key)
    return this.raw[key]
  }

  string(key: string): string | null {
    return this.#read(key, 'a string', value => (typeof value === 'string' ? value : undefined))
  }

  boolean(key: string): boolean | null {
    return this.#read(key, 'true or false', value => (typeof value === 'boolean' ? value : undefined))
  }

  /** A counter: a whole number ≥ 0, as JSON number or as digits. */
  count(key: string): number | null {
    return this.#read(key, 'a whole number', value => {
      const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
      return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined
    })
  }

  /** An id as text, whether the wire has a string or a whole number. */
  id(key: string): string | null {
    return this.#read(key, 'an id', value => {
      if (typeof value === 'string' && value !== '') return value
      return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined
    })
  }

  /** A date text of any of the networks' forms. */
  instant(key: string): Instant | null {
    return this.#read(key, 'a date', value =>
      typeof value === 'string' ? (readInstant(value) ?? undefined) : undefined,
    )
  }

  /** Epoch seconds, as JSON number or digits. */
  epochSeconds(key: string): Instant | null {
    const seconds = this.count(key)
    if (seconds === null) return null
    if (seconds <= 253_402_300_799) return new Date(seconds * 1000).toISOString()
    this.#reader.reject(`${this.path}.${key}`, 'expected epoch seconds', seconds)
    return null
  }

  object(key: string): Fields | null {
    return this.#reader.object(this.value(key), `${this.path}.${key}`)
  }

  objects(key: string): Fields[] {
    return this.#reader.objects(this.value(key), `${this.path}.${key}`)
  }

  /** A list of texts or ids, each as text; null where it is empty. An element that is neither is noted and left out. */
  texts(key: string): readonly string[] | null {
    const list = this.#read(key, 'a list', value => (isList(value) ? value : undefined)) ?? []
    const texts = list.flatMap((item, index) => {
      if (typeof item === 'string') return item
      if (typeof item === 'number' && Number.isSafeInteger(item)) return String(item)
      this.#reader.reject(`${this.path}.${key}[${index}]`, 'expected a text', item)
      return []
    })
    return unlessEmpty(texts)
  }

  /** What is left when the fields that have a column are taken away, or null where nothing is. */
  rest(known: ReadonlySet<string>): JsonObject | null {
    if (watching !== null) {
      watching.kept.add(this.raw)
      for (const key of known) this.#note(watching, key)
    }
    const left = Object.entries(this.raw).filter(([key]) => !known.has(key))
    return left.length === 0 ? null : Object.fromEntries(left)
  }

  /** Notes the whole object as unreadable. */
  reject(reason: string): void {
    this.#reader.reject(this.path, reason, this.raw, true)
  }

  #note({ known }: Looked, key: string): void {
    const keys = known.get(this.raw)
    if (keys === undefined) known.set(this.raw, new Set([key]))
    else keys.add(key)
  }

  #read<T>(key: string, expected: string, accept: (value: Json) => T | undefined): T | null {
    const value = this.value(key)
    if (value === undefined || value === null) return null
    const accepted = accept(value)
    if (accepted !== undefined) return accepted
    this.#reader.reject(`${this.path}.${key}`, `expected ${expected}`, value)
    return null
  }
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !isList(value)
