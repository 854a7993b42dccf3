import type { JsonObject } from '../../core/json.ts'
import type { Described, Network } from '../contract.ts'
import { type Field, parseFields } from './fields.ts'

/** The Graph API gives the fields that a request names, and `id` (docs/networks/instagram.md §3); of insights it names none (docs/networks/instagram.md §7). */
export const describe: Network['describe'] = ({ query }) => {
  const fields = textOf(query, 'fields')
  if (fields !== null) return { ...node(parseFields(fields)), error: true }
  if (textOf(query, 'metric') !== null) return { data: INSIGHT, paging: true, error: true }
  return { error: true }
}

const INSIGHT: Described = {
  name: true,
  period: true,
  values: true,
  total_value: true,
  title: true,
  description: true,
  id: true,
}

const PAGING: Described = { cursors: { before: true, after: true }, next: true, previous: true }

/** A node is sent as it is, as the one thing of an answer or of a field; an edge as a list of nodes with its paging. */
const node = (fields: readonly Field[]): Readonly<Record<string, Described>> => {
  const named: Record<string, Described> = { id: true }
  for (const field of fields) named[keyOf(field)] = field.fields.length === 0 ? true : node(field.fields)
  return { ...named, data: named, paging: PAGING }
}

/** What it is called in the answer: its name, or the one that it was asked under. */
const keyOf = ({ name, modifiers }: Field): string => /\.as\((\w+)\)/.exec(modifiers)?.[1] ?? name

const textOf = (query: JsonObject[string] | undefined, name: string): string | null => {
  if (typeof query !== 'object' || query === null || Array.isArray(query)) return null
  const value = (query as JsonObject)[name]
  return typeof value === 'string' ? value : null
}
