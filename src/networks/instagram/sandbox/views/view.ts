import type { Json, JsonObject } from '../../../../core/json.ts'
import type { Call } from '../call.ts'
import { type GraphError, noSubfields, syntaxError, undocumentedField, unknownField } from '../errors.ts'
import type { Ask } from '../grammar.ts'

type Value = Json | undefined
/** One page of an edge as it goes over the wire. */
export type EdgeAnswer = JsonObject & { readonly data: readonly Json[] }

/** What is asked of an edge: by its own path, or nested in the fields of its node. */
export interface EdgeAsk {
  readonly fields: readonly Ask[] | null
  /** Asked inside of the fields of its node, and not by its own path. */
  readonly nested: boolean
  /** `limit`, `after`, `since` and the like; null where not given. */
  param(name: string): string | null
  /** The address of another page of this edge: absolute, on the serving host, with the token in it (docs/networks/instagram.md §8). */
  link(changes: Readonly<Record<string, string>>): string
}

export type Edge<T> = (item: T, ask: EdgeAsk, call: Call) => EdgeAnswer

/**
 * What a route shows of a thing. Tables by field name; a value of null or undefined is left out of the answer, as the
 * network leaves it out (docs/networks/instagram.md §3).
 */
export interface View<T> {
  /** What errors call it. */
  readonly type: string
  /** Read where no fields are asked for. */
  readonly defaults: readonly string[]
  readonly id: (item: T, call: Call) => string
  readonly fields: Readonly<Record<string, (item: T, call: Call) => Value>>
  /** Fields that make something of their modifiers or subfields. */
  readonly nested?: Readonly<Record<string, (item: T, ask: Ask, call: Call) => Value>>
  readonly edges?: Readonly<Record<string, Edge<T>>>
  /** True where the switch `discovery-refuses` has a say. */
  readonly fickle?: true
  /** Fields that are known and refused here. */
  readonly refused?: Readonly<Record<string, () => GraphError>>
}

/** An own value of a table: names come from outside, and `constructor` is no field. */
export const entry = <V>(table: Readonly<Record<string, V>> | undefined, name: string): V | undefined =>
  table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined

/** What is asked of a thing, in the order asked; `id` always comes, last where it was not asked for. */
export const read = <T>(view: View<T>, item: T, asks: readonly Ask[] | null, call: Call): JsonObject => {
  call.weigh(1)
  const answer: Record<string, Json> = {}
  if (asks !== null && !call.option('aliases')) refuseTwins(asks)
  for (const ask of asks ?? view.defaults.map(plain)) {
    const value = readField(view, item, ask, call)
    if (value !== undefined && value !== null) answer[ask.key] = value
  }
  answer.id ??= view.id(item, call)
  return answer
}

/** One field twice under two names. */
const refuseTwins = (asks: readonly Ask[]): void => {
  const names = new Set<string>()
  for (const { name, source } of asks) {
    if (names.has(name)) throw syntaxError(`Field ${name} specified more than once.`, 0, source)
    names.add(name)
  }
}

const plain = (name: string): Ask => ({ name, key: name, modifiers: new Map(), fields: null, source: '' })

const readField = <T>(view: View<T>, item: T, ask: Ask, call: Call): Value => {
  const { name } = ask
  if (view.fickle && call.refuses.has(name)) throw undocumentedField()
  if (name === 'id') return view.id(item, call)
  const field = entry(view.fields, name)
  if (field !== undefined) return pickFrom(field(item, call), ask)
  const nested = entry(view.nested, name)
  if (nested !== undefined) return nested(item, ask, call)
  const edge = entry(view.edges, name)
  if (edge !== undefined) return readEdge(edge, view.id(item, call), item, ask, call)
  throw entry(view.refused, name)?.() ?? unknownField(name, view.type)
}

/** `from{id}` of `{"id", "username"}`. */
const pickFrom = (value: Value, ask: Ask): Value => {
  if (ask.fields === null || value === undefined || value === null) return value
  if (typeof value !== 'object' || Array.isArray(value)) throw noSubfields(ask.name)
  const wanted = new Set(['id', ...ask.fields.map(field => field.name)])
  return Object.fromEntries(Object.entries(value).filter(([key]) => wanted.has(key)))
}

/** An edge inside of `fields`: its key is absent where it has nothing to say. */
const readEdge = <T>(edge: Edge<T>, id: string, item: T, ask: Ask, call: Call): Value => {
  const given = { ...Object.fromEntries(ask.modifiers), ...(ask.source !== '' && { fields: ask.source }) }
  const answer = edge(item, edgeAsk(call, `${id}/${ask.name}`, ask.fields, given, true), call)
  return answer.data.length === 0 && answer.paging === undefined ? undefined : answer
}

/** An edge by its own path: a list even where it is empty. */
export const readPath = <T>(
  edge: Edge<T>,
  path: string,
  item: T,
  asks: readonly Ask[] | null,
  call: Call,
): EdgeAnswer => edge(item, edgeAsk(call, path, asks, Object.fromEntries(call.params), false), call)

const edgeAsk = (
  call: Call,
  path: string,
  fields: readonly Ask[] | null,
  given: Readonly<Record<string, string>>,
  nested: boolean,
): EdgeAsk => ({
  fields,
  nested,
  param: name => entry(given, name) ?? null,
  link: changes => {
    const { after: _, before: __, as: ___, ...kept } = given
    const query = { ...kept, access_token: call.grant.text, ...changes }
    return `${call.base}/${path}?${new URLSearchParams(query)}`
  },
})
