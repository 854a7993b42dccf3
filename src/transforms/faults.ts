import { type Fault, FaultError } from '../core/fault.ts'
import type { HttpAnswer } from '../http/http.ts'
import { retryAfter } from '../http/retry-after.ts'

/** The one pool of calls that a service has. */
export const POOL = 'calls'

/** What was asked: a 404 means another thing of an address than of a job. */
export type Asked = 'submit' | 'poll'

const LOST: Fault = {
  kind: 'cursor-expired',
  code: 'job-lost',
  then: { kind: 'not-found', code: 'job-lost', reason: 'not-found' },
}

/** What a status other than success says. */
const faultOf = ({ status, headers }: HttpAnswer, asked: Asked, now: number): Fault => {
  const code = `http-${status}`
  const until = retryAfter(headers['retry-after'], now)
  if (status === 429 || (status === 503 && until !== null))
    return { kind: 'rate-limited', code, pool: POOL, until }
  if (status >= 500 || status === 408 || status === 425) return { kind: 'transient', code }
  if (status === 401 || status === 403) return { kind: 'unauthorised', code }
  if (status === 404 || status === 410) return asked === 'poll' ? LOST : { ...ELSEWHERE, code }
  if (status === 405 || status < 400) return { ...ELSEWHERE, code }
  return { kind: 'rejected', code }
}

/** What answers at the address is no transform service: no element of it is to blame. */
const ELSEWHERE = { kind: 'unsupported', reason: 'unsupported-by-network' } as const

/** Returns an answer of success. Throws what another one means. */
export const accept = (answer: HttpAnswer, asked: Asked, now: number): HttpAnswer => {
  const { status, text } = answer
  if (status === 200 || status === 201 || status === 202) return answer
  const fault = faultOf(answer, asked, now)
  if (fault === LOST) throw new FaultError(fault, 'the service does not know the job any more')
  const said = text.slice(0, 200).replaceAll(/\s+/g, ' ').trim()
  throw new FaultError(fault, `the service answered ${status}${said === '' ? '' : `: ${said}`}`)
}

/** A certificate, a redirect, an address that cannot be called: wrong for every element alike. */
export const blameService = (error: unknown): never => {
  if (!(error instanceof FaultError) || error.fault.kind !== 'rejected') throw error
  throw new FaultError({ ...ELSEWHERE, code: error.fault.code }, error.message, { cause: error })
}
