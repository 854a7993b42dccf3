import pRetry from 'p-retry'
import { FaultError } from '../core/fault.ts'
import { DISPOSITION } from './disposition.ts'

/** Tries of one call unless the fault says otherwise: the first and four more. */
const TRIES = 5
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000
/** The first rest for which the network named no end; it doubles, also where short ones that were named did not help. */
const REST_MS = 10_000

export interface RetryOptions {
  now(): number
  sleep(ms: number): Promise<void>
  random(): number
  /** No more tries than these, whatever a fault says; left out = as it says. */
  readonly mostTries?: number
  /** The longest that one call may wait for limits in all, ms. */
  readonly maxWaitMs: number
  /** Told of each failure, and how long is waited for the next try; null = there is none. */
  failed(error: FaultError, attempt: number, waitMs: number | null): void
}

/**
 * Makes a call until it succeeds, or until its fault is not to be tried again here: a transient one is tried a
 * few times and then is what its `then` says; a limit is waited for within the patience. Throws the last fault.
 */
export const attempt = <T>(
  send: (attempt: number) => Promise<T>,
  options: RetryOptions,
  signal: AbortSignal,
): Promise<T> => {
  let failures = 0
  let waited = 0
  let rests = 0
  return pRetry(send, {
    // How many tries and how long the pauses are depends on the fault, and pauses go by the run's clock.
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 0,
    signal,
    onFailedAttempt: async ({ error, attemptNumber }) => {
      if (!(error instanceof FaultError)) throw error
      if (error.fault.kind === 'transient') failures++
      const wait = pauseAfter(error, { failures, waited, rests }, options)
      options.failed(error, attemptNumber, wait)
      if (wait === null) throw outcome(error)
      if (DISPOSITION[error.fault.kind] === 'wait') {
        waited += wait
        rests++
      }
      await options.sleep(wait)
    },
  })
}

/** What a call has been through: failed tries, and rests for limits with their length in all, ms. */
interface Past {
  readonly failures: number
  readonly waited: number
  readonly rests: number
}

/** How long to wait before the next try in ms, or null: there is none. */
const pauseAfter = (
  { fault }: FaultError,
  { failures, waited, rests }: Past,
  options: RetryOptions,
): number | null => {
  if (fault.kind === 'transient') {
    const most = options.mostTries ?? Number.POSITIVE_INFINITY
    if (failures >= Math.min(fault.tries ?? TRIES, most - (fault.spare ?? 0))) return null
    const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1))
    return fault.waitMs ?? (ceiling + options.random() * ceiling) / 2
  }
  if (fault.kind === 'rate-limited') {
    const told = fault.until === null ? 0 : Math.max(1_000, fault.until - options.now())
    const wait = rests === 0 && told > 0 ? told : Math.max(told, REST_MS * 2 ** rests)
    return waited + wait <= options.maxWaitMs ? wait : null
  }
  return null
}

/** Whether a fault is one that may pass, or what such a one was taken for once its tries were used up. */
export const mayPass = ({ fault, cause }: FaultError): boolean =>
  fault.kind === 'transient' || (cause instanceof FaultError && cause.fault.kind === 'transient')

/** What a fault is once the tries are used up. */
const outcome = (error: FaultError): FaultError =>
  error.fault.kind === 'transient' && error.fault.then !== undefined
    ? new FaultError(error.fault.then, error.message, { cause: error })
    : error
