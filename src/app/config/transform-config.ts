import { z } from 'zod'
import { BadInput } from '../../core/errors.ts'
import { POST_KINDS } from '../../core/records.ts'
import { ELEMENTS, type ElementFilter, type ElementName } from '../../core/transform.ts'
import type { TransformSettings } from '../../transforms/service.ts'
import { readBaseUrl } from './base-urls.ts'
import { readBound } from './bounds.ts'
import { fieldsOf, unknownKey } from './json-file.ts'
import { quote } from './quote.ts'
import { accept, length, type Rule, severalOf, whole } from './settings.ts'

export const TRANSFORM_NAME = /^[a-z][a-z0-9_-]{0,39}$/
const DAY = 86_400_000

const text = (allowed: string, pattern: RegExp): Rule<string> => ({
  allowed,
  schema: z.string().regex(pattern),
})
const between = (low: string, lowMs: number, high: string, highMs: number): Rule<number> => ({
  allowed: `a length of time from ${low} to ${high}`,
  schema: length.schema.refine(ms => ms >= lowMs && ms <= highMs),
})
const ADDRESS = text('the address of the service', /^./)
const VERSION = text(
  'a text of letters, digits, ".", "_" and "-", such as "2" or "2026-03"',
  /^[\w.-]{1,40}$/,
)
const VARIABLE = text('the name of an environment variable, not the token itself', /^[A-Z][A-Z0-9_]{0,99}$/)
const PER_SECOND: Rule<number> = {
  allowed: 'a number above 0, at most 1000',
  schema: z.number().positive().max(1_000),
}
const BATCH: Rule<number | null> = {
  allowed: 'a whole number from 1 to 500',
  schema: z.int().min(1).max(500),
}
/** Longer than any timer may run, a timeout would pass at once. */
const TIMEOUT = between('1s', 1_000, '10m', 600_000)
const DEADLINE = between('1m', 60_000, '365d', 365 * DAY)

const NAMES = Object.keys(ELEMENTS) as ElementName[]
/** What may stand in a transform of the config file, by its keys; `filter` beside them. */
export const TRANSFORM_RULES = {
  url: ADDRESS,
  elements: severalOf(NAMES, []),
  version: VERSION,
  concurrency: whole(1),
  per_second: PER_SECOND,
  batch: BATCH,
  deadline: DEADLINE,
  timeout: TIMEOUT,
  token_variable: VARIABLE,
} as const
const KEYS = [...Object.keys(TRANSFORM_RULES), 'filter']
/** What may stand in its filter, beside `networks`. */
export const FILTER_RULES = {
  kinds: severalOf(POST_KINDS, []),
  since: text('a date such as 2026-03-01', /^./),
} as const
const FILTERS = ['networks', ...Object.keys(FILTER_RULES)]

/**
 * The transforms of the config file by name, each with what it needs and nothing unknown. Throws BadInput that names
 * the key; values that could be a secret are not shown.
 */
export const readTransforms = (
  given: unknown,
  file: string,
  networks: readonly string[],
): readonly TransformSettings[] =>
  Object.entries(fieldsOf(given, `"transforms" in ${file}`)).map(([name, value]) => {
    if (!TRANSFORM_NAME.test(name)) {
      throw new BadInput(`the transform ${quote(name)} in ${file} has a name that cannot be`, {
        hint: 'allowed: a lower-case letter, then letters, digits, "-" and "_", at most 40',
      })
    }
    return readTransform(name, value, `transforms.${name} of ${file}`, networks)
  })

const readTransform = (
  transform: string,
  given: unknown,
  place: string,
  networks: readonly string[],
): TransformSettings => {
  const fields = known(given, place, KEYS)
  const read = <T>(key: keyof typeof TRANSFORM_RULES, rule: Rule<T>, otherwise?: T): T => {
    const value = fields[key]
    if (value === undefined && otherwise !== undefined) return otherwise
    if (value === undefined)
      throw new BadInput(`${place} has no "${key}"`, { hint: `it must be ${rule.allowed}` })
    return accept(rule, value, `"${key}" in ${place}`)
  }
  const rules = TRANSFORM_RULES
  return {
    transform,
    version: read('version', rules.version, '1'),
    url: readBaseUrl(read('url', rules.url), `"url" in ${place}`),
    elements: [...new Set(read('elements', rules.elements))],
    filter: readFilter(fields.filter ?? {}, `filter in ${place}`, networks),
    concurrency: read('concurrency', rules.concurrency, 4) ?? 4,
    perSecond: fields.per_second === undefined ? null : read('per_second', rules.per_second),
    batch: fields.batch === undefined ? null : read('batch', rules.batch),
    deadlineMs: read('deadline', rules.deadline, 7 * DAY),
    timeoutMs: read('timeout', rules.timeout, 30_000),
    tokenVariable: fields.token_variable === undefined ? null : read('token_variable', rules.token_variable),
  }
}

const readFilter = (given: unknown, place: string, networks: readonly string[]): ElementFilter => {
  const fields = known(given, place, FILTERS)
  const several = <const T extends string>(key: 'networks' | 'kinds', words: readonly T[]) =>
    fields[key] === undefined ? null : accept(severalOf(words, []), fields[key], `"${key}" in ${place}`)
  return {
    networks: several('networks', networks),
    kinds: several('kinds', POST_KINDS),
    since: fields.since === undefined ? null : readMoment(String(fields.since), `"since" in ${place}`),
  }
}

const readMoment = (given: string, place: string): string => {
  const bound = readBound(given, place)
  if ('instant' in bound) return bound.instant
  throw new BadInput(`${place} must be a date`, { hint: 'such as 2026-03-01' })
}

const known = (given: unknown, place: string, keys: readonly string[]): Readonly<Record<string, unknown>> => {
  const fields = fieldsOf(given, place)
  const stranger = Object.keys(fields).find(key => !keys.includes(key))
  if (stranger !== undefined) throw unknownKey(stranger, place, keys)
  return fields
}
