import type { Json } from '../../../../core/json.ts'
import { hash32 } from '../../../seeded.ts'
import type { Knobs } from '../switches.ts'
import { invalid } from '../wire/reply.ts'
import { type Body, isObject } from '../wire/request.ts'
import { DAY } from '../world/creators.ts'
import { type Condition, FIELDS, type FieldName, isOrdered, OPERATIONS } from './conditions.ts'

/** What is searched: the same on every page of one search. */
export interface Query {
  readonly and: readonly Condition[]
  readonly or: readonly Condition[]
  readonly not: readonly Condition[]
  /** Epoch seconds, the first of `start_date` and the last of `end_date`. */
  readonly from: number
  readonly to: number
}

/** Days that `end_date` may lie after `start_date`. */
const SPAN = 30

/** The search that a body asks for; throws 400 `invalid_params` where it breaks a rule of docs/networks/tiktok.md §3.2. */
export const readQuery = (body: Body, knobs: Knobs): Query => {
  const query = body.get('query')
  if (!isObject(query)) throw invalid('query is required')
  const list = (name: string): readonly Condition[] =>
    readConditions(query[name] ?? [], `query.${name}`, knobs)
  const [and, or, not] = [list('and'), list('or'), list('not')]
  if (and.length + or.length + not.length === 0) throw invalid('query must have at least one condition')
  const from = readDate(body, 'start_date')
  const end = readDate(body, 'end_date')
  if (end < from) throw invalid('end_date must not be before start_date')
  if (end - from > SPAN * DAY) throw invalid(`end_date must be at most ${SPAN} days after start_date`)
  return { and, or, not, from, to: end + DAY - 1 }
}

/** 32 bits that stand for a query, the lower half of its search ids. */
export const fingerprint = (seed: number, query: Query): number => hash32(seed, JSON.stringify(query))

const readDate = (body: Body, key: string): number => {
  const raw = body.get(key)
  const seconds = readDay(String(raw ?? ''))
  if (Number.isNaN(seconds)) throw invalid(`${key} must be a date of the form YYYYMMDD`)
  return seconds
}

/** Epoch seconds of the first moment of a day, `YYYYMMDD`; NaN where it is none. */
export const readDay = (text: string): number => {
  if (!/^\d{8}$/.test(text)) return Number.NaN
  const iso = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`
  const ms = Date.parse(iso)
  return new Date(ms || 0).toISOString().startsWith(iso) ? ms / 1_000 : Number.NaN
}

const readConditions = (list: Json, path: string, knobs: Knobs): readonly Condition[] => {
  if (!Array.isArray(list)) throw invalid(`${path} must be a list`)
  return list.map((item: Json) => readCondition(item, path, knobs))
}

const readCondition = (item: Json, path: string, knobs: Knobs): Condition => {
  if (!isObject(item)) throw invalid(`${path} must hold objects`)
  const operation = OPERATIONS.find(name => name === item.operation)
  if (operation === undefined) throw invalid(`${path}: unknown operation ${item.operation}`)
  const name = item.field_name
  if (typeof name !== 'string' || !isFieldName(name)) throw invalid(`${path}: unknown field_name ${name}`)
  const values = item.field_values
  if (!Array.isArray(values) || values.length === 0 || !values.every(value => typeof value === 'string')) {
    throw invalid(`${path}: field_values must be a list of strings`)
  }
  if (operation !== 'IN' && values.length > 1) throw invalid(`${path}: ${operation} takes one value`)
  if (operation !== 'IN' && operation !== 'EQ' && !isOrdered(name)) {
    throw invalid(`${path}: ${operation} is not supported for ${name}`)
  }
  const most = knobs.number('in-limit')
  if (most !== null && values.length > most)
    throw invalid(`${path}: field_values holds more than ${most} values`)
  return { operation, field: name, values: values.map((value: string) => value.toLowerCase()) }
}

const isFieldName = (name: string): name is FieldName => Object.hasOwn(FIELDS, name)
