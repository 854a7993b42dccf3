import { BadInput, SocsyncError, StoreBroken } from '../../core/errors.ts'

/** Whether a transaction met another one's, and may be run again: of two that wait for each other the server undoes one. */
export const isConflict = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error))

/** Whether a connection is gone or was not to be had, and another one may be: a server that is stopped, restarted, or out of reach. */
export const isLost = (error: unknown): boolean =>
  error instanceof ConnectionLost ||
  LOST.some(known => codeOf(error).startsWith(known)) ||
  (error instanceof Error && !hasCode(error) && LOST_MESSAGES.test(error.message)) ||
  (error instanceof SocsyncError && error.cause !== undefined && isLost(error.cause))

/** A connection that was given up here. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

const LOST: readonly string[] = [
  // Classes 08 and 57P: the connection, and a server that stops or starts; 25P03, 57P05 = it waited for us too long.
  ...['08', '57P01', '57P02', '57P03', '57P05', '25P03', '53300'],
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENETDOWN', 'EAI_AGAIN', 'ENOENT'],
]

/** What `pg` says without a code. */
const LOST_MESSAGES = /^Connection terminated|^timeout expired|not queryable|connection error/i

const hasCode = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'

/** The code of an error of the server or the system, '' = it has none. */
export const codeOf = (error: unknown): string =>
  hasCode(error)
    ? error.code
    : error instanceof SocsyncError && error.cause !== undefined
      ? codeOf(error.cause)
      : ''

/** What an error of PostgreSQL, or of the way to it, means to a user. Ours, conflicts and bugs pass through. `name` has no password. */
export const translateServerError = (name: string, error: unknown): unknown => {
  if (error instanceof SocsyncError || !(error instanceof Error)) return error
  const code = codeOf(error)
  const found = MEANINGS.find(({ codes }) => codes.some(known => code !== '' && code.startsWith(known)))
  if (found !== undefined) return found.means(name, error)
  if (isLost(error)) return away(name, error)
  if (TLS.test(code) || (code === '' && /SSL|TLS|certificate|SASL|SCRAM/i.test(error.message)))
    return /SASL|SCRAM/.test(error.message) ? noPassword(name, error) : untrusted(name, error)
  // Class XX is the server's own trouble, 58 its system's.
  if (/^(XX|58)/.test(code)) return new StoreBroken(`${name}: ${error.message}`, { cause: error })
  return error
}

/**
 * What passes through `translateServerError` and is no conflict is a bug of ours: names the statement that brought it, with the
 * places of its values and none of them. What PostgreSQL itself says stands before.
 */
export const nameStatement = (error: unknown, statement: string): unknown => {
  if (error instanceof SocsyncError || !hasCode(error) || isConflict(error)) return error
  const text = statement.replaceAll(/\s+/g, ' ').trim()
  const said = `${error.message}, in: ${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}`
  const { stack } = error
  if (stack !== undefined) error.stack = stack.replace(error.message, () => said)
  error.message = said
  return error
}

/** How much of a statement is told, in characters: whoever wrote it knows the rest. */
const LONGEST = 1_000

const TLS = /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH)/

const away = (name: string, cause: Error): SocsyncError =>
  new StoreBroken(`${name} cannot be reached: ${cause.message}`, {
    hint: 'what was committed is intact: see that the server runs and its host and port are right',
    cause,
  })

const untrusted = (name: string, cause: Error): SocsyncError =>
  new BadInput(`${name} cannot be trusted: ${cause.message}`, {
    hint: 'its certificate is verified: name its root with `sslrootcert=FILE`, or do without TLS with `sslmode=disable`',
    cause,
  })

const noPassword = (name: string, cause: Error): SocsyncError =>
  new BadInput(`${name} asks for a password`, {
    hint: 'put it into a file of mode 600 that PGPASSFILE names, into PGPASSWORD, or into the URL',
    cause,
  })

interface Meaning {
  /** Beginnings of SQLSTATEs, or of codes of the system. */
  readonly codes: readonly string[]
  means(name: string, cause: Error): SocsyncError
}

const MEANINGS: readonly Meaning[] = [
  {
    codes: ['28P01', '28000'],
    means: (name, cause) =>
      new BadInput(`${name} does not let this user in: ${cause.message}`, {
        hint: 'the password comes from the URL, PGPASSWORD or PGPASSFILE',
        cause,
      }),
  },
  {
    codes: ['3D000'],
    means: (name, cause) =>
      new BadInput(`there is no database ${name}`, {
        hint: 'make it with `createdb`, or name another one with --db',
        cause,
      }),
  },
  {
    codes: ['3F000'],
    means: (name, cause) =>
      new BadInput(`${name} has no schema to write to`, {
        hint: 'make the schema that the search_path of this user names',
        cause,
      }),
  },
  {
    codes: ['42501'],
    means: (name, cause) =>
      new BadInput(`${name} does not permit it: ${cause.message}`, {
        hint: 'the user needs CREATE and USAGE on the schema, and owns its tables: no superuser is needed',
        cause,
      }),
  },
  {
    codes: ['25006'],
    means: (name, cause) =>
      new BadInput(`${name} cannot be written: it is a replica, or read-only`, {
        hint: 'name the primary server with --db; what only reads may go on here',
        cause,
      }),
  },
  {
    codes: ['53100'],
    means: (name, cause) =>
      new StoreBroken(`no space left for ${name}`, {
        hint: 'all that was committed is intact: free some space, then `socsync resume --all`',
        cause,
      }),
  },
  {
    codes: ['53300'],
    means: (name, cause) =>
      new StoreBroken(`${name} has no connection left`, {
        hint: 'a run takes up to 15: raise max_connections, or run fewer at once',
        cause,
      }),
  },
  {
    codes: ['ENOTFOUND'],
    means: (name, cause) =>
      new BadInput(`there is no such host: ${name}`, { hint: 'see that its name is right', cause }),
  },
  {
    codes: ['57014', '55P03'],
    means: (name, cause) =>
      new SocsyncError(`${name} took too long: ${cause.message}`, 4, {
        hint: 'another one may have it locked: try again in a moment',
        cause,
      }),
  },
]
