import { type Fault, FaultError } from '../core/fault.ts'
import type { HttpRequest } from './http.ts'
import type { ProxyAddress } from './proxies.ts'
import type { Redactor } from './redact.ts'

/** The connection is fine, the certificate or the protocol is not: trying again does not mend it. */
const TLS =
  /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO|UND_ERR_PRX_TLS)/
/** Our own request cannot be sent at all. */
const UNSENDABLE = /^(UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED|ERR_INVALID_)/
/** The other side closed in order, but the answer was not whole. */
const CUT = new Set(['UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'HPE_INVALID_EOF_STATE'])

/**
 * What ended a call, as a {@link FaultError} that names the call and holds no secret, in its causes neither. `proxy` =
 * the one that such calls go through; null = none.
 */
export const failure = (
  error: unknown,
  { method, url }: HttpRequest,
  redactor: Redactor,
  proxy: ProxyAddress | null = null,
): FaultError => {
  const cause = redactor.error(error)
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
  const [place = ''] = url.split('?', 1)
  const call = `${method} ${redactor.url(place)}: `
  const refused = proxy === null ? null : refusedBy(cause.message, proxy, new URL(url).host)
  if (refused !== null) return new FaultError(refused.fault, call + refused.message, { cause })

  const fault = error instanceof FaultError ? error.fault : faultOf(code)
  const more = proxy === null || error instanceof FaultError ? '' : ` (${proxy.variable} is ${proxy.shown})`
  return new FaultError(fault, call + (cause.message || code) + more, { cause })
}

/** What to look at where TLS fails, by the code of it: the first that fits. */
const TLS_ADVICE: readonly (readonly [code: RegExp, advice: string])[] = [
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)/,
    "its certificate does not hold at this machine's time: set the clock right; where it is right, the other side has to mend it",
  ],
  [
    /ALTNAME|HOSTNAME/,
    'another host answers in its place: look at the base URL, at a proxy, and at what the name leads to',
  ],
  [
    /^(UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|CERT_|CRL_|UND_ERR_PRX_TLS)/,
    'nobody here vouches for its certificate: where a proxy signs with an authority of its own, name that file in NODE_EXTRA_CA_CERTS',
  ],
  [/./, 'what answers there does not speak TLS as it should: look at the base URL and at a proxy'],
]

/** undici says no more than this of a proxy that did not open a tunnel. */
const NO_TUNNEL = /^Proxy response \((\d+)\) !== 200/

/** What it means that a proxy opened no tunnel: nothing was sent to the network. Null = it is about something else. */
const refusedBy = (
  text: string,
  { variable, shown }: ProxyAddress,
  host: string,
): { readonly fault: Fault; readonly message: string } | null => {
  const status = Number(NO_TUNNEL.exec(text)?.[1] ?? Number.NaN)
  if (Number.isNaN(status)) return null
  const message = `the proxy ${shown} of ${variable} answered ${status}`
  if (status >= 500 || status === 429) return { fault: { kind: 'transient', code: NO_PROXY_WAY }, message }
  const advice =
    status === 407
      ? `put user and password into ${variable}: http://user:password@host:port`
      : `have the proxy let ${host} through, or name it in NO_PROXY`
  return { fault: { kind: 'misconfigured', code: `proxy/${status}`, advice }, message }
}

/** undici's own word for a proxy that gives no connection. */
const NO_PROXY_WAY = 'UND_ERR_PRX_CONN'

const faultOf = (code: string): Fault => {
  if (TLS.test(code)) {
    const [, advice = ''] = TLS_ADVICE.find(([of]) => of.test(code)) ?? []
    return { kind: 'misconfigured', code, advice }
  }
  if (UNSENDABLE.test(code)) return { kind: 'rejected', code }
  return { kind: 'transient', code: CUT.has(code) ? 'truncated' : code }
}

/** The total deadline passed before the last byte had come. */
export const timedOut = (deadlineMs: number): FaultError =>
  new FaultError({ kind: 'transient', code: 'timeout' }, `No whole answer within ${deadlineMs / 1000} s.`)

/** A redirect is never followed: the token must not reach another host (FAULTS 41). */
export const redirected = (status: number, location: string): FaultError =>
  new FaultError({ kind: 'rejected', code: 'redirect' }, `The answer redirects (${status}) to ${location}.`)
