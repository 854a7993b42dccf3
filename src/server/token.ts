import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { BadInput } from '../core/errors.ts'

/** What lets a client in, and where it is from. */
export interface Token {
  readonly value: string
  /** The file that holds it where socsync made it; null = the user's own. */
  readonly file: string | null
}

const SHORTEST = 32

/**
 * The token of SOCSYNC_SERVE_TOKEN, or of the file that SOCSYNC_SERVE_TOKEN_FILE names; else the one that the first
 * start made and kept, readable by its owner alone. BadInput where one of your own is too short to be safe.
 */
export const findToken = (env: NodeJS.ProcessEnv): Token => {
  const own = readOwn(env)
  if (own !== null) {
    if (own.length >= SHORTEST && /^[\x21-\x7e]+$/.test(own)) return { value: own, file: null }
    throw new BadInput(
      `the token of SOCSYNC_SERVE_TOKEN must have ${SHORTEST} characters or more, without spaces`,
      { hint: 'such as `openssl rand -hex 32` makes' },
    )
  }
  const file = join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'socsync', 'serve-token')
  return { value: readKept(file) ?? make(file), file }
}

const readOwn = (env: NodeJS.ProcessEnv): string | null => {
  const direct = env.SOCSYNC_SERVE_TOKEN || null
  const file = env.SOCSYNC_SERVE_TOKEN_FILE || null
  if (direct !== null && file !== null) {
    throw new BadInput('SOCSYNC_SERVE_TOKEN and SOCSYNC_SERVE_TOKEN_FILE are both set', {
      hint: 'unset one of them',
    })
  }
  return file === null ? direct : read(file, 'SOCSYNC_SERVE_TOKEN_FILE')
}

const read = (file: string, place: string): string => {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new BadInput(`${place}: ${file} cannot be read`, { cause })
  }
}

const readKept = (file: string): string | null => {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) return null
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    throw new BadInput(`the token in ${file} is open to other users`, {
      hint: `delete the file: the next start makes another token`,
    })
  }
  const token = read(file, 'the token')
  if (token.length >= SHORTEST) return token
  throw new BadInput(`${file} holds no token`, { hint: 'delete the file: the next start makes another one' })
}

const make = (file: string): string => {
  const token = randomBytes(32).toString('base64url')
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, `${token}\n`, { mode: 0o600, flag: 'wx' })
  return token
}

/** Whether an Authorization header carries the token; takes the same time for every wrong one of a length. */
export const tokenCheck = ({ value }: Token): ((header: string | undefined) => boolean) => {
  const expected = digest(value)
  return header => {
    const [, given = ''] = /^bearer +(\S+) *$/i.exec(header ?? '') ?? []
    return timingSafeEqual(digest(given), expected)
  }
}

/** Digests are of one length, which `timingSafeEqual` needs. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
