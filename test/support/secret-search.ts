import { MINTED, type Secrets } from './secrets.ts'

/** Shorter ones stand in ordinary words. */
const SHORTEST = 12

/** The ways in which a text is written elsewhere. */
export const formsOf = (text: string): readonly string[] => {
  const once = encodeURIComponent(text)
  const json = JSON.stringify(text).slice(1, -1)
  return [
    ...new Set([
      text,
      once,
      once.toLowerCase(),
      encodeURIComponent(once),
      new URLSearchParams({ x: text }).toString().slice(2),
      json,
      json.replaceAll('/', '\\/'),
      JSON.stringify(json).slice(1, -1),
      ...(['base64', 'base64url'] as const).flatMap(alphabet =>
        ['', 'x', 'xx'].map(before => withinBase64(before, text, alphabet)),
      ),
    ]),
  ]
}

/** What is the same of a text in Base64, whatever stands behind it, and before it as long as that is as long. */
const withinBase64 = (before: string, text: string, alphabet: 'base64' | 'base64url'): string => {
  const bits = (part: string): number => Buffer.byteLength(part) * 8
  const encoded = Buffer.from(before + text).toString(alphabet)
  return encoded.slice(Math.ceil(bits(before) / 6), Math.floor(bits(before + text) / 6))
}

export interface Search {
  /** How many secrets are searched for by value. */
  readonly secrets: number
  /** The longest form of any of them, in characters. */
  readonly longest: number
  /** The names of the secrets that a text holds, in any form. */
  readonly in: (text: string) => readonly string[]
}

/** Searches for secrets in all their forms at once, and for tokens that the sandbox gave out. */
export const searchFor = (secrets: Secrets): Search => {
  const wanted = [...secrets].filter(([value]) => value.length >= SHORTEST)
  const names = new Map(wanted.flatMap(([value, name]) => formsOf(value).map(form => [form, name] as const)))
  const forms = [...names.keys()].sort((a, b) => b.length - a.length)
  const literal = forms.map(form => form.replaceAll(/\W/g, character => `\\${character}`))
  // One expression for all: 130 MB/s, where a search for each would be 370 of them.
  const any = new RegExp([...literal, ...Object.values(MINTED)].join('|'), 'g')
  const nameOf = (found: string): string =>
    names.get(found) ??
    Object.entries(MINTED).find(([, pattern]) => new RegExp(`^(?:${pattern})$`).test(found))?.[0] ??
    'a secret'
  return {
    secrets: wanted.length,
    longest: Math.max(200, ...forms.map(form => form.length)),
    in: text => [...new Set((text.match(any) ?? []).map(nameOf))],
  }
}
