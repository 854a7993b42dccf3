import type { Instant } from './instant.ts'
import type { Json } from './json.ts'

/** Error types that say something of the credential that was asked with. */
const ABOUT_CREDENTIALS: readonly string[] = ['unauthorised', 'misconfigured']

/** A credential that the network refused when it was last asked with. */
export interface RefusedCredential {
  readonly credential: string
  readonly errorType: string
  readonly message: string
  /** When a run first met it. */
  readonly since: Instant
}

const PREFIX = 'refused/'

/** What a run keeps in the memory of a network of how one of its credentials ended: key and value; null = nothing changes. */
export const noteOf = (
  credential: string,
  { stopped, answered }: Ending,
  memory: ReadonlyMap<string, Json>,
  now: Instant,
): readonly [key: string, value: Json] | null => {
  const key = PREFIX + credential
  const known = memory.get(key) ?? null
  if (stopped !== null && ABOUT_CREDENTIALS.includes(stopped.errorType)) {
    const { errorType: error_type, message } = stopped
    return isSame(known, error_type) ? null : [key, { error_type, message, since: now }]
  }
  // It was asked with, and nothing was said against it.
  return answered && stopped === null && known !== null ? [key, null] : null
}

interface Ending {
  readonly stopped: { readonly errorType: string; readonly message: string } | null
  /** Whether a call of it was answered. */
  readonly answered: boolean
}

const isSame = (known: Json, errorType: string): boolean => readNote(known)?.errorType === errorType

/** The credentials of a network that are refused, by what its memory holds. */
export const refusedIn = (memory: ReadonlyMap<string, Json>): readonly RefusedCredential[] =>
  [...memory].flatMap(([key, value]) => {
    const note = key.startsWith(PREFIX) ? readNote(value) : null
    return note === null ? [] : [{ credential: key.slice(PREFIX.length), ...note }]
  })

const readNote = (value: Json): Omit<RefusedCredential, 'credential'> | null => {
  if (typeof value !== 'object' || value === null || !('error_type' in value)) return null
  const { error_type: errorType, message, since } = value
  if (typeof errorType !== 'string' || typeof message !== 'string' || typeof since !== 'string') return null
  return { errorType, message, since }
}
