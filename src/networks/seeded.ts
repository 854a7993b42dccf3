/**
 * Numbers and text that a seed decides, for the sandboxes. Every value is a function of its key alone, so a
 * world of a million comments is generated where it is looked at, and costs no memory.
 */

/** 32 bits from any key: FNV-1a, then two rounds of mixing. */
export const hash32 = (...key: readonly (string | number)[]): number => {
  let h = 0x811c9dc5
  for (const part of key) {
    const text = `${part}|`
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** 0 ≤ x < 1. */
export const unit = (...key: readonly (string | number)[]): number => hash32(...key) / 2 ** 32

/** A whole number, low ≤ n ≤ high. */
export const between = (low: number, high: number, ...key: readonly (string | number)[]): number =>
  low + Math.floor(unit(...key) * (high - low + 1))

/** True with this probability. */
export const chance = (probability: number, ...key: readonly (string | number)[]): boolean =>
  unit(...key) < probability

export const pick = <T>(from: readonly [T, ...T[]], ...key: readonly (string | number)[]): T =>
  from[hash32(...key) % from.length] ?? from[0]

/** `length` characters of an alphabet. */
export const letters = (alphabet: string, length: number, ...key: readonly (string | number)[]): string => {
  let text = ''
  for (let i = 0; i < length; i++) text += alphabet.charAt(hash32(...key, i) % alphabet.length)
  return text
}

/** `length` decimal digits, the first not 0. */
export const digits = (length: number, ...key: readonly (string | number)[]): string =>
  letters('123456789', 1, ...key, 'first') + letters('0123456789', length - 1, ...key)

const WORDS = (
  'morning light harbour bread rain street market coffee north pier garden river winter summer city night ' +
  'train window song story paper blue small quiet open early new first long way home friend table water stone ' +
  'sun field road bridge letter question answer again today together slowly perhaps almost'
).split(' ') as [string, ...string[]]

const FLOURISHES: readonly [string, ...string[]] = [
  '🌊',
  '☕️ ',
  '👩‍👩‍👧‍👦',
  'שלום עולם',
  'مرحبا بالعالم',
  '日本の朝',
  '#morning',
  '@north.pier',
  'é ü ñ',
  '"quoted, with commas"',
  'line\nbreak',
]

/** A sentence of `low` to `high` words; now and then with an emoji, right-to-left text, quotes or a line break. */
export const sentence = (low: number, high: number, ...key: readonly (string | number)[]): string => {
  const words: string[] = []
  const count = between(low, high, ...key, 'words')
  for (let i = 0; i < count; i++) words.push(pick(WORDS, ...key, i))
  if (chance(0.3, ...key, 'flourish')) words.push(pick(FLOURISHES, ...key, 'which'))
  return words.join(' ')
}

/** A name in lower case: `north.pier42`. */
export const handle = (...key: readonly (string | number)[]): string =>
  `${pick(WORDS, ...key, 'a')}.${pick(WORDS, ...key, 'b')}${between(1, 999, ...key, 'n')}`
