import { type Fault, FaultError } from '../../core/fault.ts'
import type { Json } from '../../core/json.ts'
import type { Reason } from '../../core/task.ts'
import { describeBody, plainText } from '../plain-text.ts'
import { Reader } from '../reader.ts'

/** What was asked, as far as it decides what a refusal means. */
export interface Asked {
  /** The path, for messages. */
  readonly path: string
  readonly pool: string
  /** True for the lists that a profile may keep to itself: liked, pinned, reposted. */
  readonly shareable?: boolean
  /** True where a list may have reached TikTok's cap, so that a place it calls invalid stays so. */
  readonly deep?: boolean
  /** Epoch milliseconds from when a header allows the next call. */
  readonly regainAt?: number | null
  /** Tries of what may pass, where the usual number is too many. */
  readonly tries?: number
}

/** What a refusal says, whatever its status and its words. */
export type Sense =
  | 'search-id'
  | 'place'
  | 'no-user'
  | 'no-video'
  | 'refused'
  | 'private'
  | 'request'
  | 'fields'
  | 'permission'
  | 'closed'
  | 'token'
  | 'too-fast'
  | 'quota'
  | 'outage'
  | 'empty'
  | 'foreign'
  | 'barred'

export interface Refusal {
  readonly sense: Sense
  /** The network's own word, `invalid_params`, or `http-504` where it gave none. */
  readonly code: string
  readonly message: string
  readonly status: number
}

/** The status of what stands in the place of an answer that did not come: its words are not TikTok's. */
export const UNANSWERED = 0

/** An answer as far as it is judged. `json` is null where the body is no JSON; `text` is the body where people are told of it. */
export interface Answered {
  readonly status: number
  readonly json: Json
  readonly text?: string
}

interface Rule {
  readonly codes: readonly string[] | 'any'
  readonly text?: RegExp
  readonly sense: Sense
}

const INVALID = ['invalid_params', 'invalid_param', 'invalid_request'] as const

/** docs/networks/tiktok.md §6, first match. Several codes are unconfirmed, so their words decide. */
const RULES: readonly Rule[] = [
  { codes: 'any', text: /search.?id .*(invalid|expired)/i, sense: 'search-id' },
  { codes: 'any', text: /invalid count or cursor/i, sense: 'place' },
  { codes: 'any', text: /cannot find the user/i, sense: 'no-user' },
  { codes: 'any', text: /cannot find the (video|comment|playlist)/i, sense: 'no-video' },
  { codes: 'any', text: /cannot return this user's information/i, sense: 'refused' },
  { codes: 'any', text: /is private|information cannot be returned/i, sense: 'private' },
  { codes: INVALID, sense: 'request' },
  { codes: ['access_token_invalid', 'invalid_token'], sense: 'token' },
  { codes: ['scope_permission_missed'], sense: 'fields' },
  { codes: ['scope_not_authorized'], sense: 'permission' },
  { codes: ['daily_quota_limit_exceeded'], sense: 'quota' },
  { codes: ['rate_limit_exceeded'], sense: 'too-fast' },
  { codes: ['internal_error', 'timeout'], sense: 'outage' },
]

/** What a status means where no rule knows the code: 4xx for good, 5xx for now. */
const BY_STATUS: Readonly<Record<number, Sense>> = { 401: 'token', 403: 'closed', 429: 'too-fast' }

/**
 * Null = success. The body is read before the status: a 500 that carries good data is a success, a 200 with
 * another code than `ok` is not (docs/networks/tiktok.md §6), nor is one whose `data` holds nothing at all, unless
 * `mayBeBare`: even an empty list says that there is no more of it.
 */
export const readRefusal = (
  { status, json }: Answered,
  { mayBeBare = false }: { readonly mayBeBare?: boolean } = {},
): Refusal | null => {
  const reader = new Reader()
  const body = reader.object(json, '$')
  const data = body?.object('data')?.raw
  const error = body?.object('error')
  const code = error?.string('code') ?? null
  const message = error?.string('message') ?? ''
  if (data !== undefined && code === 'ok') {
    const isBare = Object.keys(data).length === 0 && !mayBeBare
    return isBare ? { sense: 'empty', code: 'empty', message: 'nothing but an empty answer', status } : null
  }
  const silent = message === '' && (status >= 500 || (code === null && status < 400))
  if (data !== undefined && silent && Object.keys(data).length > 0) return null
  if (code === null || code === 'ok') {
    return { sense: foreign(status), code: `http-${status}`, message, status }
  }
  if (status === UNANSWERED) return { sense: 'outage', code, message, status }
  const rule = RULES.find(
    ({ codes, text }) =>
      (codes === 'any' || codes.includes(code)) && (text === undefined || text.test(message)),
  )
  return { sense: rule?.sense ?? senseOf(status), code, message, status }
}

/** An answer without TikTok's envelope is a proxy's word: nothing that TikTok says of a user or a field. */
const foreign = (status: number): Sense => {
  const sense = senseOf(status)
  return sense === 'closed' ? 'barred' : sense === 'request' ? 'foreign' : sense
}

const senseOf = (status: number): Sense =>
  BY_STATUS[status] ?? (status >= 400 && status < 500 ? 'request' : 'outage')

type Verdict = (refusal: Refusal, asked: Asked) => Fault

const unauthorised: Verdict = ({ code }) => ({ kind: 'unauthorised', code })

/** A list that is not ours to see is a choice of its owner, whatever the refusal says (docs/networks/tiktok.md §3.4). */
const hidden =
  (reason: Reason): Verdict =>
  ({ code }, { shareable }) => ({ kind: 'forbidden', code, reason: shareable ? 'not-shared' : reason })

/** What to set where the client or the token is not let in, by the API that was asked. */
const adviceOn = (path: string): string => {
  if (path.startsWith('/v2/research/')) {
    return 'this client has no Research approval: apply for it at developers.tiktok.com, or set SOCSYNC_TIKTOK_CLIENT_KEY and SOCSYNC_TIKTOK_CLIENT_SECRET to those of the client that was approved'
  }
  const scope = path.startsWith('/v2/video/') ? 'video.list' : 'user.info.basic'
  return `this token lacks the permission ${scope}: let its owner authorise the application again, with ${scope} among the scopes`
}

const VERDICTS: Readonly<Record<Sense, Verdict>> = {
  // A fresh one is often refused for some seconds; waits of 5 to 10 s, up to 20 of them, were seen to help.
  'search-id': ({ code }) => ({
    kind: 'transient',
    code,
    tries: 10,
    waitMs: 6000,
    then: { kind: 'cursor-expired', code },
  }),
  place: ({ code }, { deep, tries = 5 }) =>
    deep
      ? { kind: 'rejected', code }
      : { kind: 'transient', code, tries, waitMs: 6000, then: { kind: 'rejected', code } },
  'no-user': ({ code }) => ({ kind: 'not-found', code, reason: 'not-found' }),
  'no-video': ({ code }) => ({ kind: 'not-found', code, reason: 'deleted' }),
  refused: hidden('refused'),
  private: hidden('private'),
  request: ({ code }) => ({ kind: 'rejected', code }),
  foreign: ({ code }) => ({ kind: 'rejected', code }),
  // Words that say nothing of a user: the client may be what is refused.
  closed: ({ code }, { shareable, path }) =>
    shareable
      ? { kind: 'forbidden', code, reason: 'not-shared' }
      : { kind: 'forbidden', code, reason: 'refused', askerAdvice: adviceOn(path) },
  // Or a list that is not shared, which some saw refused without an envelope (docs/networks/tiktok.md §3.4).
  barred: ({ code }, { shareable }) =>
    shareable ? { kind: 'forbidden', code, reason: 'not-shared' } : { kind: 'unauthorised', code },
  permission: ({ code }, { path }) => ({ kind: 'misconfigured', code, advice: adviceOn(path) }),
  fields: ({ code }, { path }) => ({ kind: 'misconfigured', code, advice: adviceOn(path) }),
  token: unauthorised,
  'too-fast': ({ code }, { pool, regainAt = null }) => ({
    kind: 'rate-limited',
    code,
    pool,
    until: regainAt,
  }),
  // Until the end of the pool's own day: TikTok names none.
  quota: ({ code }, { pool }) => ({ kind: 'quota-exhausted', code, pool, until: null }),
  // Each try is charged. A gateway gives up after about four minutes, and wants minutes of rest.
  outage: ({ code, status }, { tries }) =>
    status > 500
      ? { kind: 'transient', code, tries: tries ?? 3, waitMs: 120_000 }
      : { kind: 'transient', code, tries: tries ?? 5, waitMs: 30_000 },
  // What is known of the thing is not overwritten by nothing.
  empty: ({ code }, { tries = 3 }) => ({
    kind: 'transient',
    code,
    tries,
    waitMs: 10_000,
    then: { kind: 'not-found', code, reason: 'unavailable' },
  }),
}

/** The fault that a refusal is. The message is TikTok's own and names the log id that its support asks for. */
export const faultOf = (
  refusal: Refusal,
  asked: Asked,
  { json, text = '' }: Omit<Answered, 'status'>,
): FaultError => {
  const fault = VERDICTS[refusal.sense](refusal, asked)
  if (refusal.status === UNANSWERED) return new FaultError(fault, refusal.message)
  const logId = new Reader().object(json, '$')?.object('error')?.string('log_id') ?? null
  const words = plainText(refusal.message) || (json === null ? describeBody(text) : '')
  const said = words === '' ? '' : `: ${words}`
  const trace = logId === null ? '' : ` (log_id ${logId})`
  const { status, code } = refusal
  return new FaultError(fault, `TikTok answered ${asked.path} with ${status} ${code}${said}${trace}`)
}
