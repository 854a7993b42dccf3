import { type FileHandle, open } from 'node:fs/promises'
import { BadInput } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import { quote } from './quote.ts'

const LARGEST = 2 ** 20

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder',
  EACCES: 'may not be read by this user',
}

/** Reads a small text file that the user named. `title` is what messages call it: `the config file`. Throws BadInput. */
export const readTextFile = async (
  file: string,
  title: string,
  check: (handle: FileHandle) => Promise<void> = async () => {},
): Promise<string> => {
  try {
    await using handle = await open(file)
    await check(handle)
    const { size } = await handle.stat()
    if (size > LARGEST) throw new BadInput(`${title} ${file} is larger than ${LARGEST} bytes`)
    return (await handle.readFile('utf8')).replace(/^\ufeff/, '')
  } catch (cause) {
    if (cause instanceof BadInput) throw cause
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    throw new BadInput(`${title} ${file} ${UNREADABLE[code] ?? `cannot be read (${code})`}`, { cause })
  }
}

/** The JSON of a text. Where it is broken, BadInput says line and column and shows nothing: there may be a secret. */
export const parseJson = (text: string, name: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // The error of JSON.parse quotes what stands around the place, and does not always say where it is.
    const before = text.slice(0, faultIn(text) ?? 0).split('\n')
    const column = (before.at(-1)?.length ?? 0) + 1
    throw new BadInput(`${name} is not JSON from line ${before.length}, column ${column} on`)
  }
}

/** The keys of a JSON object; BadInput where it is none. */
export const fieldsOf = (value: unknown, place: string): Readonly<Record<string, unknown>> => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new BadInput(`${place} must be an object { … }`)
}

/** The refusal of a key that nobody reads: somebody believes that it does something. */
export const unknownKey = (key: string, place: string, known: readonly string[]): BadInput => {
  const meant = nearest(key, known)
  return new BadInput(`${quote(key)} in ${place} is not known`, {
    hint: meant === null ? `known are ${known.join(', ')}` : `did you mean "${meant}"?`,
  })
}

const SPACE = /[ \t\r\n]*/y
const STRING = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy
const SCALAR = new RegExp(
  `true|false|null|-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|${STRING.source}`,
  'uy',
)

/** Where the first token stands that JSON does not allow there, or null where the text is whole. */
export const faultIn = (text: string): number | null => {
  let at = 0
  const take = (token: RegExp): boolean => {
    token.lastIndex = at
    if (!token.test(text)) return false
    at = token.lastIndex
    return true
  }
  const mark = (character: string): boolean => {
    take(SPACE)
    if (text[at] !== character) return false
    at += 1
    take(SPACE)
    return true
  }
  const list = (item: () => boolean, end: string): boolean => {
    if (mark(end)) return true
    do if (!item()) return false
    while (mark(','))
    return mark(end)
  }
  const member = (): boolean => take(STRING) && mark(':') && value()
  const value = (): boolean => (mark('[') ? list(value, ']') : mark('{') ? list(member, '}') : take(SCALAR))
  take(SPACE)
  const whole = value()
  take(SPACE)
  return whole && at === text.length ? null : at
}
