import { BadInput } from '../core/errors.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { SandboxAnswer } from '../networks/sandbox.ts'

export const WAYS = ['5xx', '4xx', 'cut', 'empty'] as const
export type Way = (typeof WAYS)[number]

/** The value of the switch `break`: a call that is to fail, and how. */
export interface Break {
  /** Refused with 5xx or 4xx, cut off in the middle of the answer, or answered well without any content. */
  readonly way: Way
  /** Of a refusal: 500 and 400 unless said. */
  readonly status?: number
  /** Of a refusal: in the network's own form; else one that is nobody's. */
  readonly body?: JsonObject
}

const FIELDS: Readonly<Record<keyof Break, (value: unknown) => boolean>> = {
  way: value => WAYS.some(way => way === value),
  status: value => Number.isSafeInteger(value) && Number(value) >= 400 && Number(value) < 600,
  body: value => typeof value === 'object' && value !== null && !Array.isArray(value),
}

/** The value as given from outside. Throws {@link BadInput} that names the field. */
export const readBreak = (value: Json | undefined): Break => {
  const fields = Object.entries(typeof value === 'object' && value !== null ? value : {})
  if (!fields.some(([name]) => name === 'way'))
    throw new BadInput(`The value of the switch "break" has a way: ${WAYS.join(', ')}.`)
  for (const [name, given] of fields) {
    if (!isField(name)) {
      throw new BadInput(
        `The value of the switch "break" has no field "${name}"; it has ${Object.keys(FIELDS).join(', ')}.`,
      )
    }
    if (!FIELDS[name](given))
      throw new BadInput(`The field "${name}" of the switch "break" cannot be ${JSON.stringify(given)}.`)
  }
  return value as unknown as Break
}

const isField = (name: string): name is keyof Break => Object.hasOwn(FIELDS, name)

/** What a broken call is refused with. */
export const refusalOf = ({ way, status = way === '5xx' ? 500 : 400, body }: Break): SandboxAnswer => ({
  status,
  body: JSON.stringify(body ?? { error: { message: 'This call is broken.' } }),
})

/** The same success without its content: lists are empty, what says that all is well is left. A refusal stays as it is. */
export const emptied = (answer: SandboxAnswer): SandboxAnswer =>
  answer.status === 200
    ? { ...answer, body: JSON.stringify(withoutContent(JSON.parse(answer.body))) }
    : answer

/** Fields that speak of the answer, not of what was asked for: the kind of a list of YouTube, TikTok's error, which is `ok`. */
const ENVELOPE: ReadonlySet<string> = new Set(['kind', 'etag', 'error'])
/** TikTok's envelope always holds it. */
const ALWAYS_THERE = 'data'

const withoutContent = (body: Json): JsonObject =>
  Object.fromEntries(
    Object.entries(typeof body === 'object' && body !== null ? body : {}).flatMap(([name, value]) => {
      if (ENVELOPE.has(name)) return [[name, value]]
      if (Array.isArray(value)) return [[name, []]]
      if (name === 'has_more') return [[name, false]]
      if (typeof value !== 'object' || value === null) return []
      const rest = withoutContent(value)
      return name === ALWAYS_THERE || Object.keys(rest).length > 0 ? [[name, rest]] : []
    }),
  )
