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
  const find = finderOf([...names.keys()])
  return {
    secrets: wanted.length,
    longest: Math.max(200, ...[...names.keys()].map(form => form.length)),
    in: text => {
      const minted = Object.entries(MINTED).filter(([, pattern]) => pattern.test(text))
      return [
        ...new Set([...[...find(text)].map(form => names.get(form) ?? ''), ...minted.map(([name]) => name)]),
      ]
    },
  }
}

/**
 * Finds any of some texts in another one, by Wu and Manber: two characters tell how far the next place is at which
 * one of them may end. 500 MB/s for some 400 forms, of which a regular expression reads 60.
 */
const finderOf = (forms: readonly string[]): ((text: string) => ReadonlySet<string>) => {
  const last = Math.min(...forms.map(form => form.length)) - 2
  const pairAt = (text: string, at: number): number =>
    ((text.charCodeAt(at) & 0xff) << 8) | (text.charCodeAt(at + 1) & 0xff)
  const skips = new Uint8Array(2 ** 16).fill(Math.min(last + 1, 255))
  const endings = new Map<number, string[]>()
  for (const form of forms) {
    for (let at = 0; at <= last; at++) {
      const pair = pairAt(form, at)
      skips[pair] = Math.min(skips[pair] ?? 0, last - at)
    }
    const pair = pairAt(form, last)
    endings.set(pair, [...(endings.get(pair) ?? []), form])
  }
  return text => {
    const found = new Set<string>()
    for (let at = last; at < text.length - 1; ) {
      const pair = pairAt(text, at)
      const skip = skips[pair] ?? 0
      if (skip === 0) {
        for (const form of endings.get(pair) ?? []) if (text.startsWith(form, at - last)) found.add(form)
      }
      at += skip || 1
    }
    return found
  }
}
