import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '../core/clock.ts'
import { instant } from '../core/instant.ts'
import type { Json } from '../core/json.ts'
import { ENCODINGS, unpack } from './body.ts'
import { exchange } from './exchange.ts'
import { failure, redirected } from './failure.ts'
import type { Http, HttpAnswer, HttpRequest } from './http.ts'
import { decode } from './json.ts'
import { version } from './package.ts'
import { NO_PROXIES, openWays, type Proxies, type ProxyAddress } from './proxies.ts'
import type { Redactor } from './redact.ts'

export interface HttpOptions {
  readonly redactor: Redactor
  /** Dates the answers. */
  readonly clock: Clock
  /** Of one answer, on the wire and decoded; 32 MiB unless said. */
  readonly maxBytes?: number
  /** From sending to the last byte where a request does not say; 30 s unless said. */
  readonly deadlineMs?: number
  /** Connections kept per host; 64 unless said. */
  readonly connections?: number
  /** None unless said. */
  readonly proxies?: Proxies
}

const HEADERS = {
  accept: 'application/json',
  'accept-encoding': ENCODINGS,
  // YouTube packs answers only for an agent that says gzip (docs/networks/youtube.md §1).
  'user-agent': `socsync/${version} (gzip)`,
}

/**
 * The one way out. Redirects are not followed, TLS checks are never off. An answer's known secrets are replaced before
 * anybody sees it, except in `json()` of what a token request (one with a `grant_type`) is granted: so new tokens come in.
 */
export const openHttp = (options: HttpOptions): Http & { close(): Promise<void> } => {
  const { redactor, clock, maxBytes = 32 * 2 ** 20, deadlineMs = 30_000, connections = 64 } = options
  const { proxies = NO_PROXIES } = options
  for (const secret of [proxies.http, proxies.https].flatMap(proxy => proxy?.secrets ?? []))
    redactor.add(secret)
  // HTTP/1.1 only, and no limits of undici's own: the total deadline is the only clock.
  const ways = openWays({ connections, allowH2: false, headersTimeout: 0, bodyTimeout: 0 }, proxies)

  const send = async (request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> => {
    signal.throwIfAborted()
    learn(request, redactor)
    let proxy: ProxyAddress | null = null
    try {
      const way = ways.to(request.url)
      proxy = way.proxy
      const limits = { maxBytes: request.maxBytes ?? maxBytes, deadlineMs: request.deadlineMs ?? deadlineMs }
      const sent = { ...request, headers: { ...HEADERS, ...lowerCased(request.headers ?? {}) } }
      const { status, headers, body } = await exchange(way.dispatcher, sent, limits, signal)
      if (status >= 300 && status < 400 && status !== 304) throw redirected(status, headers.location ?? '?')
      const bytes = await unpack(body, headers['content-encoding'] ?? '', limits.maxBytes)
      return {
        status,
        headers: joined(headers),
        receivedAt: instant(clock.now()),
        ...(isTokenRequest(request) ? tokens : data)(bytes.toString(), redactor),
      }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw failure(error, request, redactor, proxy)
    }
  }
  return { send, close: ways.close }
}

/** Bodies of other requests may hold what somebody wrote (a caption for a transform): nothing is learnt from them. */
const learn = (request: HttpRequest, redactor: Redactor): void => {
  redactor.learnForm(request.url)
  redactor.learnHeaders(request.headers ?? {})
  if (isTokenRequest(request)) redactor.learnForm(request.body ?? '')
}

type Content = Pick<HttpAnswer, 'text' | 'json'>

const data = (body: string, redactor: Redactor): Content => {
  const text = redactor.values(body)
  return { text, json: once(() => decode(text)) }
}

/**
 * New tokens are known from here on, and `json()` alone has them: a token that did not change must not become "***".
 * A refusal has none, and may repeat what it was asked with.
 */
const tokens = (body: string, redactor: Redactor): Content => {
  redactor.learnJson(body)
  const text = redactor.text(body)
  return { text, json: once(() => decode(GRANTED.test(body) ? body : text, text)) }
}

/** RFC 6749 §5.1. Quotes within a text are escaped, so no message looks like it. */
const GRANTED = /"access_token"\s*:/

/** RFC 6749 §4: every request for a token names its grant. */
const isTokenRequest = ({ url, body = '' }: HttpRequest): boolean =>
  /(^|[?&])grant_type=/.test(`${url}&${body}`)

const once = (read: () => Json): (() => Json) => {
  let value: Json | undefined
  return () => {
    value ??= read()
    return value
  }
}

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const joined = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
