import { type Fault, FaultError } from '../../core/fault.ts'
import type { Reason } from '../../core/task.ts'
import type { HttpAnswer } from '../../http/http.ts'
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
const gone =
  (reason: Reason): Verdict =>
  code => ({ kind: 'not-found', code, reason })

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
  NEEDS_FORCE_SSL.has(asked.method) ? hidden('refused')(code, refusal, asked) : dead(code, refusal, asked)

/** Bad luck or a deep page that no longer works: four attempts, then page one again, and from there no further (docs/networks/youtube.md §9). */
const processing: Verdict = (code, _, { paged }) => ({
  kind: 'transient',
  code,
  tries: 4,
  then: paged ? { kind: 'cursor-expired', code } : { kind: 'forbidden', code, reason: 'refused' },
})

/** On its first page the uploads of a channel without public videos, on a later one a channel that went away meanwhile. */
const vanished: Verdict = (code, _, { paged }) => ({
  kind: 'not-found',
  code,
  reason: paged ? 'unavailable' : 'none',
})

const refused: Verdict = (code, refusal, asked) =>
  (refusal.ofResource ? hidden('refused') : dead)(code, refusal, asked)

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
  ['API_KEY_HTTP_REFERRER_BLOCKED', dead],
  ['API_KEY_IP_ADDRESS_BLOCKED', dead],
  ['API_KEY_SERVICE_BLOCKED', dead],
  ['keyInvalid', dead],
  ['dailyLimitExceededUnreg', dead],
  ['accessNotConfigured', dead],
  ['SERVICE_DISABLED', dead],
  ['ipRefererBlocked', dead],
  ['authError', dead],
  ['required', dead],
  ['CREDENTIALS_MISSING', dead],
  ['insufficientPermissions', unpermitted],
  ['ACCESS_TOKEN_SCOPE_INSUFFICIENT', unpermitted],
  ['invalid_grant', dead],
  ['invalid_client', dead],
  ['unauthorized_client', dead],

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

/** What an answer that is no success means. The message is the API's own, without its HTML. */
export const readFault = (answer: HttpAnswer, asked: Asked): FaultError => {
  const refusal = readRefusal(answer)
  const known = refusal.reasons.find(reason => BY_REASON.has(reason))
  const code = known ?? refusal.reasons[0] ?? String(refusal.status)
  const verdict =
    (known === undefined ? undefined : BY_REASON.get(known)) ??
    BY_STATUS.get(refusal.status) ??
    (refusal.status >= 500 ? flaky : /\btransient\b/i.test(refusal.message) ? processing : wrong)
  const said = refusal.message === '' ? '' : `: ${refusal.message}`
  return new FaultError(
    verdict(code, refusal, asked),
    `YouTube answered ${asked.method} with ${refusal.status} ${code}${said}`,
  )
}
