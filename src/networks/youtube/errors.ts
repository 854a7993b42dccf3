import { type Fault, FaultError } from '../../core/fault.ts'
import type { Reason } from '../../core/task.ts'
import type { HttpAnswer } from '../../http/http.ts'
import { ADVICE } from './advice.ts'
import { type Refusal, readRefusal } from './refusal.ts'

/** What was asked, as far as it decides what a refusal means. */
export interface Asked {
  readonly method: string
  readonly pool: string
  /** True where the request carried a page token. */
  readonly paged: boolean
}

type Verdict = (code: string, refusal: Refusal, asked: Asked) => Fault

const dead: Verdict = code => ({ kind: 'unauthorised', code })
const wrong: Verdict = code => ({ kind: 'rejected', code })
const expired: Verdict = code => ({ kind: 'cursor-expired', code })
/** Four attempts (docs/networks/youtube.md §9), each charged. */
const flaky: Verdict = (code, { waitMs }) => ({
  kind: 'transient',
  code,
  tries: 4,
  ...(waitMs !== null && { waitMs }),
})
const hidden =
  (reason: Reason): Verdict =>
  code => ({ kind: 'forbidden', code, reason })
/** On a first page alone: what was there a page ago has not gone, its list is sick (docs/networks/youtube.md §9). */
const gone =
  (reason: Reason): Verdict =>
  (code, _, { paged }) =>
    paged ? { kind: 'transient', code, tries: 3 } : { kind: 'not-found', code, reason }
/** The project or the key is set up wrong: nothing is let through, and a new key alone would not help. */
const misset =
  (what: keyof typeof ADVICE): Verdict =>
  code => ({ kind: 'misconfigured', code, advice: ADVICE[what] })

/**
 * The day's end has two wire forms, and both reasons were seen for the minute's: the answer's own words go first. The
 * day ends when its pool does, whatever `Retry-After` says (docs/networks/youtube.md §8, docs/networks/youtube.md §9).
 */
const spent =
  (assumed: 'day' | 'minute'): Verdict =>
  (code, refusal, asked) => {
    const pool = POOL_OF_METRIC.get(refusal.metric) ?? asked.pool
    return (refusal.period ?? assumed) === 'day'
      ? { kind: 'quota-exhausted', code, pool, until: null }
      : { kind: 'rate-limited', code, pool, until: refusal.retryAt }
  }

/** A token that lacks `youtube.force-ssl` still reads all but comments (docs/networks/youtube.md §1): the credential lives on. */
const unpermitted: Verdict = (code, refusal, asked) =>
  (NEEDS_FORCE_SSL.has(asked.method) ? hidden('refused') : misset('permission'))(code, refusal, asked)

/** Bad luck, or a deep page that no longer works: page one again then. Never an answer about what was asked (docs/networks/youtube.md §9). */
const processing: Verdict = (code, _, { paged }) => ({
  kind: 'transient',
  code,
  tries: 3,
  ...(paged && { then: { kind: 'cursor-expired', code } }),
})

/** A playlist of uploads that is there, or there would be no videos: the first page of an empty one is no fault (`Api.list`). */
const vanished: Verdict = code => ({ kind: 'transient', code, tries: 3 })

/** Only comments are kept from us one video at a time, as those for members; all else may as well be about who asks. */
const refused: Verdict = (code, { ofResource }, { method }) => ({
  kind: 'forbidden',
  code,
  reason: 'refused',
  ...(!(ofResource && NEEDS_FORCE_SSL.has(method)) && { askerAdvice: ADVICE.refused }),
})

const POOL_OF_METRIC: ReadonlyMap<string, string> = new Map([
  ['youtube.googleapis.com/default', 'default'],
  ['youtube.googleapis.com/search_list', 'search'],
])

/** The methods that only take a token with the permission `youtube.force-ssl`; an API key will do (docs/networks/youtube.md §1). */
export const NEEDS_FORCE_SSL: ReadonlySet<string> = new Set(['commentThreads', 'comments'])

/** The table of docs/networks/youtube.md §9. Reasons come from `errors[]` and from `details[]`; the first that is known counts. */
const BY_REASON: ReadonlyMap<string, Verdict> = new Map([
  ['quotaExceeded', spent('day')],
  ['dailyLimitExceeded', spent('day')],
  ['rateLimitExceeded', spent('minute')],
  ['userRateLimitExceeded', spent('minute')],
  ['RATE_LIMIT_EXCEEDED', spent('minute')],

  ['API_KEY_INVALID', dead],
  ['keyInvalid', dead],
  ['authError', dead],
  ['required', dead],
  ['CREDENTIALS_MISSING', dead],
  ['invalid_grant', dead],
  ['invalid_client', dead],
  ['unauthorized_client', dead],

  ['accessNotConfigured', misset('disabled')],
  ['SERVICE_DISABLED', misset('disabled')],
  ['API_KEY_SERVICE_BLOCKED', misset('service')],
  ['API_KEY_HTTP_REFERRER_BLOCKED', misset('referrer')],
  ['API_KEY_IP_ADDRESS_BLOCKED', misset('address')],
  ['API_KEY_ANDROID_APP_BLOCKED', misset('application')],
  ['API_KEY_IOS_APP_BLOCKED', misset('application')],
  ['ipRefererBlocked', misset('application')],
  ['dailyLimitExceededUnreg', misset('unregistered')],
  ['insufficientPermissions', unpermitted],
  ['ACCESS_TOKEN_SCOPE_INSUFFICIENT', unpermitted],

  ['commentsDisabled', hidden('comments-disabled')],
  ['playlistItemsNotAccessible', hidden('private')],
  ['watchHistoryNotAccessible', hidden('private')],
  ['watchLaterNotAccessible', hidden('private')],
  ['playlistForbidden', hidden('private')],
  ['subscriptionForbidden', hidden('private')],
  ['videoNotFound', gone('unavailable')],
  ['channelNotFound', gone('not-found')],
  ['playlistNotFound', vanished],
  ['commentNotFound', gone('deleted')],
  ['commentThreadNotFound', gone('deleted')],
  ['subscriberNotFound', gone('not-found')],
  ['channelClosed', gone('unavailable')],
  ['channelSuspended', gone('unavailable')],
  ['accountClosed', gone('unavailable')],
  ['accountSuspended', gone('unavailable')],

  ['invalidPageToken', expired],
  ['processingFailure', processing],
  ['accountDelegationForbidden', flaky],
  ['SERVICE_UNAVAILABLE', flaky],
  ['ABORTED', flaky],
  ['backendError', flaky],
  ['internalError', flaky],
])

/** Where no reason is known. Anything else below 500 means that we asked wrongly; a 404 without a reason, that this is not the API. */
const BY_STATUS: ReadonlyMap<number, Verdict> = new Map([
  [204, flaky],
  [401, dead],
  [403, refused],
  [408, flaky],
  [409, flaky],
  [429, spent('minute')],
])

/** What the gateway means by a plain `forbidden`: only its words tell (docs/networks/youtube.md §9). */
const BY_WORDS: readonly (readonly [RegExp, Verdict])[] = [
  [/\brefer?rer\b.*\bblocked\b/i, misset('referrer')],
  [/\bIP address\b/i, misset('address')],
  [/\bunregistered callers\b|\bmissing a valid API key\b/i, misset('unregistered')],
  [/\bhas not been used in project\b|\bAccess Not Configured\b/i, misset('disabled')],
  [/\brequests to this (API|service)\b.*\bblocked\b/i, misset('service')],
]

/** What an answer that is no success means. The message is its own, as a person reads it. */
export const readFault = (answer: HttpAnswer, asked: Asked): FaultError => {
  const refusal = readRefusal(answer)
  const known = refusal.reasons.find(reason => BY_REASON.has(reason))
  const code = known ?? refusal.reasons[0] ?? String(refusal.status)
  const verdict = (known === undefined ? undefined : BY_REASON.get(known)) ?? unknownReason(refusal)
  const what = code === String(refusal.status) ? code : `${refusal.status} ${code}`
  const said = refusal.message === '' ? '' : `: ${refusal.message}`
  return new FaultError(verdict(code, refusal, asked), `YouTube answered ${asked.method} with ${what}${said}`)
}

const unknownReason = (refusal: Refusal): Verdict => {
  const { status, message, ofApi, ofResource } = refusal
  if (status === 403 && !ofApi) return misset('html')
  const worded = status === 403 && !ofResource ? BY_WORDS.find(([words]) => words.test(message)) : undefined
  if (worded !== undefined) return worded[1]
  if (status >= 500) return flaky
  return BY_STATUS.get(status) ?? (/\btransient\b/i.test(message) ? processing : wrong)
}
