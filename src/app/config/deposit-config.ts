import { z } from 'zod'
import { fieldsOf, unknownKey } from './json-file.ts'
import { accept, type Rule } from './settings.ts'

/** What the user says of a dataset that is to be deposited; null = nothing. */
export interface DepositSettings {
  readonly title: string | null
  readonly description: string | null
  /** An identifier of SPDX, or an address. */
  readonly licence: string | null
  readonly version: string | null
  readonly url: string | null
  readonly keywords: readonly string[]
  readonly creators: readonly CreatorSettings[]
}

export interface CreatorSettings {
  readonly name: string
  /** Without its address: `0000-0002-1825-0097`. */
  readonly orcid: string | null
  readonly affiliation: string | null
}

const words = (allowed: string, longest: number): Rule<string> => ({
  allowed,
  schema: z.string().max(longest).regex(/\S/),
})

/** The last character of an ORCID shows that the others are right (ISO 7064, 11-2). */
const isOrcid = (text: string): boolean => {
  const digits = text.replaceAll('-', '')
  let sum = 0
  for (const digit of digits.slice(0, -1)) sum = (sum + Number(digit)) * 2
  const check = (12 - (sum % 11)) % 11
  return digits.at(-1) === (check === 10 ? 'X' : String(check))
}

/** What may stand in `deposit` of the config file, by its keys; `creators` beside them. */
export const DEPOSIT_RULES = {
  title: words('a text of at most 300 characters', 300),
  description: words('a text of at most 10,000 characters', 10_000),
  licence: words('an identifier of SPDX such as CC-BY-4.0, or the address of a licence', 300),
  version: {
    allowed: 'a version such as 1.0.0',
    schema: z.string().regex(/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/),
  },
  url: {
    allowed: 'an address that begins with https:// or http://',
    schema: z.url({ protocol: /^https?$/ }),
  },
  keywords: {
    allowed: 'a list of words',
    schema: z.array(z.string().regex(/\S/)).min(1),
  },
} as const satisfies Record<string, Rule<unknown>>

/** What may stand in each of its `creators`. */
export const CREATOR_RULES = {
  name: words('a name', 300),
  orcid: {
    allowed: 'an ORCID such as 0000-0002-1825-0097, with the right last digit',
    schema: z
      .string()
      .regex(/^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$/)
      .refine(isOrcid),
  },
  affiliation: words('the name of an organisation', 300),
} as const satisfies Record<string, Rule<unknown>>

const KEYS = [...Object.keys(DEPOSIT_RULES), 'creators']

export const NO_DEPOSIT: DepositSettings = {
  title: null,
  description: null,
  licence: null,
  version: null,
  url: null,
  keywords: [],
  creators: [],
}

/** The section `deposit` of a config file. Throws BadInput that names the key. */
export const readDeposit = (given: unknown, file: string): DepositSettings => {
  const place = `deposit of ${file}`
  const { creators = [], ...rest } = fieldsOf(given, place)
  for (const key of Object.keys(rest)) if (!KEYS.includes(key)) throw unknownKey(key, place, KEYS)
  const read = <T>(key: keyof typeof DEPOSIT_RULES, rule: Rule<T>): T | null =>
    rest[key] === undefined ? null : accept(rule, rest[key], `deposit.${key} of ${file}`)
  const list = accept(LIST, creators, `deposit.creators of ${file}`)
  return {
    title: read('title', DEPOSIT_RULES.title),
    description: read('description', DEPOSIT_RULES.description),
    licence: read('licence', DEPOSIT_RULES.licence),
    version: read('version', DEPOSIT_RULES.version),
    url: read('url', DEPOSIT_RULES.url),
    keywords: read('keywords', DEPOSIT_RULES.keywords) ?? [],
    creators: list.map((creator, at) => readCreator(creator, `deposit.creators[${at}] of ${file}`)),
  }
}

const LIST: Rule<readonly unknown[]> = { allowed: 'a list', schema: z.array(z.unknown()) }

const readCreator = (given: unknown, place: string): CreatorSettings => {
  const fields = fieldsOf(given, place)
  const known = Object.keys(CREATOR_RULES)
  for (const key of Object.keys(fields)) if (!known.includes(key)) throw unknownKey(key, place, known)
  const optional = (key: 'orcid' | 'affiliation'): string | null =>
    fields[key] === undefined ? null : accept(CREATOR_RULES[key], fields[key], `${key} of ${place}`)
  return {
    name: accept(CREATOR_RULES.name, fields.name, `name of ${place}`),
    orcid: optional('orcid'),
    affiliation: optional('affiliation'),
  }
}
