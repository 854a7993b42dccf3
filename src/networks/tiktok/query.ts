import { z } from 'zod'
import type { Json } from '../../core/json.ts'
import type { SearchQuery } from './wire.ts'

/** A query as people write it, checked before anything is sent (docs/networks/tiktok.md §3.2), or what is wrong with it, the first mistake alone. */
export type ReadQuery = { readonly query: SearchQuery } | { readonly problem: string }

export const readQuery = (given: Json): ReadQuery => {
  const read = QUERY.safeParse(given)
  if (read.success) return { query: withoutEmpty(read.data) }
  const [issue] = read.error.issues
  return { problem: issue === undefined ? 'it cannot be read' : problemOf(issue, given) }
}

const withoutEmpty = (groups: { readonly [group in keyof SearchQuery]?: SearchQuery[group] | undefined }) =>
  Object.fromEntries(Object.entries(groups).filter(([, list]) => (list?.length ?? 0) > 0)) as SearchQuery

const OPERATIONS = ['EQ', 'IN', 'GT', 'GTE', 'LT', 'LTE'] as const
const COMPARING: ReadonlySet<string> = new Set(['GT', 'GTE', 'LT', 'LTE'])

/** What a value of a field may be. */
interface Rule {
  readonly allowed: string
  readonly pattern: RegExp
  /** Whether it can be compared, and not only be equal. */
  readonly ordered?: true
}

const ID: Rule = { allowed: 'an id, in digits', pattern: /^\d{1,20}$/ }
const COUNT: Rule = { allowed: 'a whole number', pattern: /^\d{1,18}$/, ordered: true }

/** By `field_name`. */
const FIELDS = {
  create_date: {
    allowed: 'a day such as 20260301',
    pattern: /^20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/,
    ordered: true,
  },
  username: { allowed: 'a name without @', pattern: /^[^@\s]+$/ },
  region_code: { allowed: 'a country in two letters, such as US', pattern: /^[A-Za-z]{2}$/ },
  video_id: ID,
  hashtag_name: { allowed: 'a hashtag without #', pattern: /^[^#\s]+$/ },
  keyword: { allowed: 'a text', pattern: /\S/ },
  music_id: ID,
  effect_id: ID,
  video_length: { allowed: 'SHORT, MID, LONG or EXTRA_LONG', pattern: /^(SHORT|MID|LONG|EXTRA_LONG)$/ },
  view_count: COUNT,
  comment_count: COUNT,
} as const satisfies Record<string, Rule>

type FieldName = keyof typeof FIELDS
const FIELD_NAMES = Object.keys(FIELDS) as FieldName[]
const ruleOf = (name: FieldName): Rule => FIELDS[name]

const allowed = (names: readonly string[]): string => `allowed are ${names.join(', ')}`

const CONDITION_KEYS = ['operation', 'field_name', 'field_values'] as const
const A_CONDITION = `allowed is an object with ${CONDITION_KEYS.join(', ')}`
const VALUES = 'allowed is a list of texts, such as ["bread"]'

const CONDITION = z
  .strictObject(
    {
      operation: z.enum(OPERATIONS, allowed(OPERATIONS)),
      field_name: z.enum(FIELD_NAMES, allowed(FIELD_NAMES)),
      field_values: z.array(z.string('allowed is a text, in quotes'), VALUES).min(1, VALUES),
    },
    { error: issue => (issue.code === 'unrecognized_keys' ? allowed(CONDITION_KEYS) : A_CONDITION) },
  )
  .superRefine(({ operation, field_name: name, field_values: values }, context) => {
    const rule = ruleOf(name)
    const refuse = (path: PropertyKey[], message: string): void =>
      context.addIssue({ code: 'custom', path, message })
    if (COMPARING.has(operation) && rule.ordered !== true)
      refuse(['operation'], `of ${name} ${allowed(['EQ', 'IN'])}`)
    if (operation !== 'IN' && values.length > 1)
      refuse(['field_values'], `${operation} takes one value, IN several`)
    for (const [index, value] of values.entries())
      if (!rule.pattern.test(value)) refuse(['field_values', index], `allowed is ${rule.allowed}`)
  })

const GROUPS = ['and', 'or', 'not'] as const
const GROUP = z.array(CONDITION, 'allowed is a list of conditions').optional()
const AT_LEAST_ONE = 'at least one condition must stand in and, or, or not'

const QUERY = z
  .strictObject(
    { and: GROUP, or: GROUP, not: GROUP },
    {
      error: issue =>
        issue.code === 'unrecognized_keys'
          ? allowed(GROUPS)
          : `allowed is an object with lists of conditions: ${GROUPS.join(', ')}`,
    },
  )
  .refine(query => GROUPS.some(group => (query[group]?.length ?? 0) > 0), AT_LEAST_ONE)

/** `and[1].operation: "LIKE"; allowed are EQ, IN, …` */
const problemOf = (issue: z.core.$ZodIssue, given: Json): string => {
  const strange = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const path = [...issue.path, ...strange]
  const place = path.map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  const value = issue.message === AT_LEAST_ONE ? undefined : valueAt(given, path)
  const told = value === undefined ? 'missing' : short(JSON.stringify(value))
  if (issue.message === AT_LEAST_ONE) return AT_LEAST_ONE
  if (place === '') return `${told}; ${issue.message}`
  return `${place.replace(/^\./, '')}: ${told}; ${issue.message}`
}

const valueAt = (given: Json, [step, ...rest]: readonly PropertyKey[]): Json | undefined => {
  if (step === undefined) return given
  if (typeof given !== 'object' || given === null) return undefined
  const inside = (given as Readonly<Record<PropertyKey, Json>>)[step]
  return inside === undefined ? undefined : valueAt(inside, rest)
}

const short = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text)
