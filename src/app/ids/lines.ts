import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { BadInput } from '../../core/errors.ts'

/** A line of an id list is at most this long, in characters: what is longer is no id list. */
const LONGEST_LINE = 10_000

/** Where lines come from, and what to call it in a message. */
export interface LineSource {
  readonly name: string
  readonly readable: Readable
}

export const openFile = (file: string, name = file): LineSource => ({
  name,
  readable: createReadStream(file),
})

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
}

/**
 * The lines of a UTF-8 text, without their ends and without a byte-order mark, in arrays of as many as one chunk
 * held: 10 million lines take the memory of one chunk. Throws BadInput where the text cannot be read, is UTF-16,
 * holds a NUL, or has a line that is too long.
 */
export async function* readLines({ name, readable }: LineSource): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder()
  let line = 1
  let rest = ''
  for await (const chunk of chunksOf(name, readable)) {
    if (line === 1 && rest === '' && isUtf16(chunk)) throw notText(`${name} is UTF-16`)
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = pieces.pop() ?? ''
    check(name, line, [...pieces, rest])
    yield pieces.map(withoutReturn)
    line += pieces.length
  }
  rest += decoder.decode()
  if (rest !== '') yield [withoutReturn(rest)]
}

async function* chunksOf(name: string, readable: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of readable) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    throw new BadInput(`${name} ${UNREADABLE[code] ?? `cannot be read (${code})`}`, {
      cause,
      hint: 'give a text file with one id per line, or - for standard input',
    })
  }
}

const check = (name: string, first: number, lines: readonly string[]): void => {
  for (const [index, text] of lines.entries()) {
    const place = `${name}, line ${first + index}`
    if (text.length > LONGEST_LINE) throw notText(`${place} is longer than ${LONGEST_LINE} characters`)
    if (text.includes('\0')) throw notText(`${place} holds a NUL byte: a binary file, or UTF-16`)
  }
}

const notText = (message: string): BadInput =>
  new BadInput(message, { hint: 'save the list as UTF-8 text with one id per line' })

const isUtf16 = (chunk: Uint8Array): boolean =>
  (chunk[0] === 0xff && chunk[1] === 0xfe) || (chunk[0] === 0xfe && chunk[1] === 0xff)

const withoutReturn = (text: string): string => (text.endsWith('\r') ? text.slice(0, -1) : text)
