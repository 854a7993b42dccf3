import type { Fault, FaultError } from '../core/fault.ts'

/** What the engine does about a fault. */
export type Disposition = 'retry' | 'wait' | 'defer' | 'stop-credential' | 'skip' | 'restart-walk' | 'fail'

/**
 * The whole error policy. A fault without a line does not compile.
 *
 *   retry            the same call again, with growing pauses, then the fault's `then`, else the task fails
 *   wait             the pool rests; longer than the user's patience: defer
 *   defer            the walk goes on after a moment, in another process
 *   stop-credential  no more calls with this credential; others go on
 *   skip             the task ends with the fault's reason: nothing is to be had
 *   restart-walk     once from the first page, then the task fails
 *   fail             the task fails, its cursor stays; the rest goes on
 */
export const DISPOSITION: Readonly<Record<Fault['kind'], Disposition>> = {
  transient: 'retry',
  'rate-limited': 'wait',
  'quota-exhausted': 'defer',
  unauthorised: 'stop-credential',
  misconfigured: 'stop-credential',
  forbidden: 'skip',
  'not-found': 'skip',
  unsupported: 'skip',
  'cursor-expired': 'restart-walk',
  rejected: 'fail',
  unreadable: 'fail',
}

/** The words of `error_type` that users see (docs/reasons.md). */
export const ERROR_TYPE: Readonly<Record<Fault['kind'], string>> = {
  transient: 'network_error',
  'rate-limited': 'rate_limited',
  'quota-exhausted': 'quota_exhausted',
  unauthorised: 'unauthorised',
  misconfigured: 'misconfigured',
  forbidden: 'forbidden',
  'not-found': 'not_found',
  unsupported: 'unsupported',
  'cursor-expired': 'cursor_expired',
  rejected: 'rejected',
  unreadable: 'unreadable',
}

/** Codes of a transient fault that say the network cannot be reached at all: more tasks would fare no better. */
export const UNREACHABLE: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
  // A proxy gave no connection to it.
  'UND_ERR_PRX_CONN',
])

/** After this long an unreachable network is tried again. */
export const UNREACHABLE_MS = 5 * 60_000

/** Why a credential makes no more calls until a person acts. */
interface CredentialStop {
  readonly errorType: string
  readonly message: string
  readonly until: null
}

/** A set-up that is wrong: the network's words, and what to set. */
export const wrongSetUp = (message: string, advice: string): CredentialStop => ({
  errorType: ERROR_TYPE.misconfigured,
  message: `${message}; ${advice}`,
  until: null,
})

/** Why a fault lets a credential make no more calls; null = it does not. */
export const stopOf = ({ fault, message }: FaultError): CredentialStop | null => {
  if (fault.kind === 'misconfigured') return wrongSetUp(message, fault.advice)
  const stops = DISPOSITION[fault.kind] === 'stop-credential'
  return stops ? { errorType: ERROR_TYPE[fault.kind], message, until: null } : null
}
