import { type Fault, FaultError } from '../../core/fault.ts'
import type { Json } from '../../core/json.ts'
import type { Reason } from '../../core/task.ts'
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
  | 'permission'
  | 'token'
  | 'too-fast'
  | 'quota'
  | 'outage'
  | 'foreign'
  | 'barred'

export interface Refusal {
  readonly sense: Sense
  /** The network's own word, `invalid_params`, or `http-504` where it gave none. */
  readonly code: string
  readonly message: string
  readonly status: number
}

/** An answer as far as it is judged. `json` is null where the body is no JSON. */
export interface Answered {
  readonly status: number
  readonly json: Json
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
  { codes: 'any', text: /cannot find the (video|comment)/i, sense: 'no-video' },
  { codes: 'any', text: /cannot return this user's information/i, sense: 'refused' },
  { codes: 'any', text: /is private|information cannot be returned/i, sense: 'private' },
  { codes: INVALID, sense: 'request' },
  { codes: ['access_token_invalid', 'invalid_token'], sense: 'token' },
  { codes: ['scope_not_authorized', 'scope_permission_missed'], sense: 'permission' },
  { codes: ['daily_quota_limit_exceeded'], sense: 'quota' },
  { codes: ['rate_limit_exceeded'], sense: 'too-fast' },
  { codes: ['internal_error', 'timeout'], sense: 'outage' },
]

/** What a status means where no rule knows the code: 4xx for good, 5xx for now. */
const BY_STATUS: Readonly<Record<number, Sense>> = { 401: 'token', 403: 'refused', 429: 'too-fast' }

/**
 * Null = success. The body is read before the status: a 500 that carries good data is a success, a 200 with
 * another code than `ok` is not (docs/networks/tiktok.md §6).
 */
export const readRefusal = ({ status, json }: Answered): Refusal | null => {
  const reader = new Reader()
  const body = reader.object(json, '$')
  const data = body?.object('data')?.raw
  const error = body?.object('error')
  const code = error?.string('code') ?? null
  const message = error?.string('message') ?? ''
  if (data !== undefined && code === 'ok') return null
  const silent = message === '' && (status >= 500 || (code === null && status < 400))
  if (data !== undefined && silent && Object.keys(data).length > 0) return null
  if (code === null || code === 'ok') {
    return { sense: foreign(status), code: `http-${status}`, message, status }
  }
  const rule = RULES.find(
    ({ codes, text }) =>
      (codes === 'any' || codes.includes(code)) && (text === undefined || text.test(message)),
  )
  return { sense: rule?.sense ?? senseOf(status), code, message, status }
}

/** An answer without TikTok's envelope is a proxy's word: nothing that TikTok says of a user or a field. */
const foreign = (status: number): Sense => {
  const sense = senseOf(status)
  return sense === 'refused' ? 'barred' : sense === 'request' ? 'foreign' : sense
}

const senseOf = (status: number): Sense =>
  BY_STATUS[status] ?? (status >= 400 && status < 500 ? 'request' : 'outage')

type Verdict = (refusal: Refusal, asked: Asked) => Fault

const unauthorised: Verdict = ({ code }) => ({ kind: 'unauthorised', code })

/** A list that is not ours to see is a choice of its owner, whatever the refusal says (docs/networks/tiktok.md §3.4). */
const hidden =
  (reason: Reason): Verdict =>
  ({ code }, { shareable }) => ({ kind: 'forbidden', code, reason: shareable ? 'not-shared' : reason })

const VERDICTS: Readonly<Record<Sense, Verdict>> = {
  // A fresh one is often refused for some seconds; waits of 5 to 10 s, up to 20 of them, were seen to help.
  'search-id': ({ code }) => ({
    kind: 'transient',
    code,
    tries: 10,
    waitMs: 6000,
    then: { kind: 'cursor-expired', code },
  }),
  place: ({ code }, { deep }) =>
    deep
      ? { kind: 'rejected', code }
      : { kind: 'transient', code, tries: 5, waitMs: 6000, then: { kind: 'rejected', code } },
  'no-user': ({ code }) => ({ kind: 'not-found', code, reason: 'not-found' }),
  'no-video': ({ code }) => ({ kind: 'not-found', code, reason: 'deleted' }),
  refused: hidden('refused'),
  private: hidden('private'),
  request: ({ code }) => ({ kind: 'rejected', code }),
  foreign: ({ code }) => ({ kind: 'rejected', code }),
  // Or a list that is not shared, which some saw refused without an envelope (docs/networks/tiktok.md §3.4).
  barred: ({ code }, { shareable }) =>
    shareable ? { kind: 'forbidden', code, reason: 'not-shared' } : { kind: 'unauthorised', code },
  permission: unauthorised,
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
  outage: ({ code, status }) =>
    status > 500
      ? { kind: 'transient', code, tries: 3, waitMs: 120_000 }
      : { kind: 'transient', code, tries: 5, waitMs: 30_000 },
}

/** The fault that a refusal is. The message is TikTok's own and names the log id that its support asks for. */
export const faultOf = (refusal: Refusal, asked: Asked, json: Json): FaultError => {
  const logId = new Reader().object(json, '$')?.object('error')?.string('log_id') ?? null
  const said = refusal.message === '' ? '' : `: ${refusal.message.slice(0, 300)}`
  const trace = logId === null ? '' : ` (log_id ${logId})`
  return new FaultError(
    VERDICTS[refusal.sense](refusal, asked),
    `TikTok answered ${asked.path} with ${refusal.status} ${refusal.code}${said}${trace}`,
  )
}
