import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, open, rm } from 'node:fs/promises'
import { BadInput } from '../../core/errors.ts'
import { readTextFile } from '../config/json-file.ts'

const BYTES = 32
const TEXT = /^[0-9a-f]{64}\s*$/

export interface Key {
  readonly file: string
  readonly bytes: Uint8Array
  /** Whether it was made now. */
  readonly isNew: boolean
}

/**
 * The key of pseudonyms in a file, 64 hexadecimal digits, which is made where there is none and `mayMake` is not false, readable by its owner
 * alone. Throws BadInput where others may read it, or it holds no key; what it holds is never shown.
 */
export const openKey = async (file: string, { mayMake = true } = {}): Promise<Key> => {
  const isNew = mayMake && (await makeKey(file))
  const text = await readTextFile(file, TITLE, async handle => {
    const { mode } = await handle.stat()
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new BadInput(`${TITLE} ${file} is open to other users`, { hint: `chmod 600 ${file}` })
  })
  if (!TEXT.test(text))
    throw new BadInput(`${TITLE} ${file} holds no key`, {
      hint: 'bring back the file as it was, or name another one with --pseudonym-key: other keys make other pseudonyms',
    })
  return { file, bytes: Buffer.from(text.trim(), 'hex'), isNew }
}

const TITLE = 'the key of pseudonyms'

/** What is said once, where a key was made. */
export const keyMadeText = (file: string): string =>
  `made ${TITLE} in ${file}: keep it, since without it the same people have other pseudonyms, and pass it on to nobody`

/** Whole or not at all: whoever finds the file finds a key in it. Whether there was none. */
const makeKey = async (file: string): Promise<boolean> => {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    if (existsSync(file)) return false
    {
      await using handle = await open(temporary, 'wx', 0o600)
      await handle.writeFile(`${randomBytes(BYTES).toString('hex')}\n`)
      await handle.sync()
    }
    await link(temporary, file)
    return true
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    // Another process was quicker: its key is the one.
    if (code === 'EEXIST') return false
    throw new BadInput(`${TITLE} ${file} cannot be made (${code})`, {
      cause,
      hint: 'name another file with --pseudonym-key',
    })
  } finally {
    await rm(temporary, { force: true })
  }
}
