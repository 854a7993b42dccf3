import type { Json } from '../../../core/json.ts'

export interface ErrorForm {
  readonly status: number
  /** Null occurs (docs/networks/youtube.md §9). */
  readonly message: string | null
  readonly reason: string
  readonly domain: string
  readonly location?: string
  /** `parameter` unless said. */
  readonly locationType?: 'header' | 'other'
  readonly debugInfo?: string
  readonly rpcStatus?: string
  readonly details?: readonly Json[]
}

/** What a resource says of itself. */
const from = (
  domain: string,
  status: number,
  reason: string,
  message: string,
  location?: string,
): ErrorForm => ({ status, message, reason, domain, ...(location !== undefined && { location }) })

/** What the gateway says before any resource is asked. */
const gateway = (
  status: number,
  rpcStatus: string,
  reason: string,
  message: string | null,
  more: Partial<ErrorForm> = {},
): ErrorForm => ({ status, message, reason, domain: 'global', rpcStatus, ...more })

const because = (reason: string, metadata: Readonly<Record<string, string>> = {}): Json => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason,
  domain: 'googleapis.com',
  metadata: { service: 'youtube.googleapis.com', ...metadata },
})

const keyBlocked = (detail: string, message: string): ErrorForm =>
  gateway(403, 'PERMISSION_DENIED', 'forbidden', message, { details: [because(detail)] })

/** An allowance that is used up, as the gateway tells it: by the unit, a minute or a day. */
export const rateLimited = (
  metric: string,
  limit: string,
  unit: '1/d/{project}' | '1/min/{project}',
  value: number,
): ErrorForm => {
  const per = unit === '1/d/{project}' ? 'day' : 'minute'
  const message = `Quota exceeded for quota metric '${metric}' and limit '${metric} per ${per}' of service 'youtube.googleapis.com' for consumer 'project_number:1'.`
  const metadata = {
    consumer: 'projects/1',
    quota_metric: `youtube.googleapis.com/${metric}`,
    quota_limit: limit,
    quota_unit: unit,
    quota_limit_value: String(value),
    quota_location: 'global',
  }
  return gateway(429, 'RESOURCE_EXHAUSTED', 'rateLimitExceeded', message, {
    details: [because('RATE_LIMIT_EXCEEDED', metadata)],
  })
}

const parameter = (reason: string, message: string): ErrorForm =>
  from('youtube.parameter', 400, reason, message)
const threads = (status: number, reason: string, message: string, location?: string): ErrorForm =>
  from('youtube.commentThread', status, reason, message, location)
const unavailable = (status: number, reason: string): ErrorForm =>
  from('youtube.subscription', status, reason, `The account is not available: ${reason}.`)

/** Every refusal of docs/networks/youtube.md §9, by the name that the switch `error` takes. */
export const ERROR_FORMS = {
  quotaExceeded: {
    ...from(
      'youtube.quota',
      403,
      'quotaExceeded',
      'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started#quota">quota</a>.',
    ),
    debugInfo: 'Code: 8; Description: INSUFFICIENT_TOKENS',
  },
  quotaExceededPerMinute: from(
    'youtube.quota',
    403,
    'quotaExceeded',
    'Quota exceeded: too many queries per minute.',
  ),
  dailyLimitExceeded: from('usageLimits', 403, 'dailyLimitExceeded', 'Daily Limit Exceeded'),
  rateLimitPerDay: rateLimited('default', 'defaultPerDayPerProject', '1/d/{project}', 10_000),
  rateLimitPerMinute: rateLimited('default', 'defaultPerMinutePerProject', '1/min/{project}', 1_800_000),
  rateLimitExceeded: from('usageLimits', 403, 'rateLimitExceeded', 'Rate Limit Exceeded'),
  userRateLimitExceeded: from('usageLimits', 403, 'userRateLimitExceeded', 'User Rate Limit Exceeded'),
  apiKeyInvalid: gateway(
    400,
    'INVALID_ARGUMENT',
    'badRequest',
    'API key not valid. Please pass a valid API key.',
    {
      details: [
        because('API_KEY_INVALID'),
        {
          '@type': 'type.googleapis.com/google.rpc.LocalizedMessage',
          locale: 'en-US',
          message: 'API key not valid. Please pass a valid API key.',
        },
      ],
    },
  ),
  keyInvalid: from('usageLimits', 400, 'keyInvalid', 'Bad Request'),
  unregistered: gateway(
    403,
    'PERMISSION_DENIED',
    'forbidden',
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
  ),
  dailyLimitExceededUnreg: from(
    'usageLimits',
    403,
    'dailyLimitExceededUnreg',
    'Daily Limit for Unauthenticated Use Exceeded.',
  ),
  accessNotConfigured: gateway(
    403,
    'PERMISSION_DENIED',
    'accessNotConfigured',
    'YouTube Data API v3 has not been used in project 3 before or it is disabled.',
    {
      domain: 'usageLimits',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.Help',
          links: [{ description: 'Google developers console API activation' }],
        },
        because('SERVICE_DISABLED', { consumer: 'projects/3' }),
      ],
    },
  ),
  ipRefererBlocked: from(
    'usageLimits',
    403,
    'ipRefererBlocked',
    'The request did not come from an allowed address.',
  ),
  apiKeyReferrerBlocked: keyBlocked(
    'API_KEY_HTTP_REFERRER_BLOCKED',
    'Requests from referer <empty> are blocked.',
  ),
  apiKeyIpBlocked: keyBlocked(
    'API_KEY_IP_ADDRESS_BLOCKED',
    'The provided API key has an IP address restriction.',
  ),
  apiKeyServiceBlocked: keyBlocked('API_KEY_SERVICE_BLOCKED', 'Requests to this API are blocked.'),
  authError: gateway(401, 'UNAUTHENTICATED', 'authError', 'Request had invalid authentication credentials.', {
    location: 'Authorization',
    locationType: 'header',
  }),
  loginRequired: gateway(401, 'UNAUTHENTICATED', 'required', 'Login Required.', {
    location: 'Authorization',
    locationType: 'header',
    details: [because('CREDENTIALS_MISSING')],
  }),
  insufficientPermissions: gateway(
    403,
    'PERMISSION_DENIED',
    'insufficientPermissions',
    'Request had insufficient authentication scopes.',
    { details: [because('ACCESS_TOKEN_SCOPE_INSUFFICIENT')] },
  ),
  accountDelegationForbidden: from(
    'global',
    403,
    'accountDelegationForbidden',
    'The authenticated user cannot act for this account.',
  ),
  commentsDisabled: threads(
    403,
    'commentsDisabled',
    'The video identified by the <code><a href="/youtube/v3/docs/commentThreads/list#videoId">videoId</a></code> parameter has disabled comments.',
    'videoId',
  ),
  forbidden: threads(
    403,
    'forbidden',
    'One or more of the requested comment threads cannot be retrieved due to insufficient permissions.',
  ),
  videoNotFound: threads(
    404,
    'videoNotFound',
    'The video identified by the <code><a href="/youtube/v3/docs/commentThreads/list#videoId">videoId</a></code> parameter could not be found.',
    'videoId',
  ),
  channelNotFound: threads(
    404,
    'channelNotFound',
    'The channel identified by the <code>channelId</code> parameter could not be found.',
    'channelId',
  ),
  playlistNotFound: from(
    'youtube.playlistItem',
    404,
    'playlistNotFound',
    'The playlist identified with the request\'s <code><a href="/youtube/v3/docs/playlistItems/list#playlistId">playlistId</a></code> parameter cannot be found.',
    'playlistId',
  ),
  commentNotFound: from(
    'youtube.comment',
    404,
    'commentNotFound',
    'The specified comment could not be found.',
    'parentId',
  ),
  commentThreadNotFound: threads(
    404,
    'commentThreadNotFound',
    'The specified comment thread could not be found.',
    'id',
  ),
  playlistItemsNotAccessible: from(
    'youtube.playlistItem',
    403,
    'playlistItemsNotAccessible',
    'The request is not properly authorized to retrieve the specified playlist.',
  ),
  watchHistoryNotAccessible: from(
    'youtube.playlistItem',
    403,
    'watchHistoryNotAccessible',
    'Watch history data cannot be retrieved through the API.',
  ),
  watchLaterNotAccessible: from(
    'youtube.playlistItem',
    403,
    'watchLaterNotAccessible',
    'Items in "watch later" playlists cannot be retrieved through the API.',
  ),
  playlistForbidden: from('youtube.playlistItem', 403, 'playlistForbidden', 'The playlist is private.'),
  channelClosed: unavailable(403, 'channelClosed'),
  channelSuspended: unavailable(403, 'channelSuspended'),
  accountClosed: unavailable(403, 'accountClosed'),
  accountSuspended: unavailable(403, 'accountSuspended'),
  subscriptionForbidden: unavailable(403, 'subscriptionForbidden'),
  subscriberNotFound: unavailable(404, 'subscriberNotFound'),
  invalidPageToken: {
    ...parameter('invalidPageToken', 'The request specifies an invalid page token.'),
    location: 'pageToken',
  },
  processingFailure: threads(
    400,
    'processingFailure',
    "The API server failed to successfully process the request. While this can be a transient error, it usually indicates that the request's input is invalid.",
  ),
  missingRequiredParameter: parameter('missingRequiredParameter', 'No filter selected.'),
  incompatibleParameters: parameter(
    'incompatibleParameters',
    'Incompatible parameters specified in the request.',
  ),
  invalidFilters: parameter(
    'invalidFilters',
    'The request contains an invalid combination of filters and parameters.',
  ),
  unexpectedParameter: parameter('unexpectedParameter', 'The request has a parameter that is not expected.'),
  unknownPart: from('youtube.part', 400, 'unknownPart', "'unknown'", 'part'),
  invalidParameter: from('global', 400, 'invalidParameter', 'Invalid value.'),
  badRequest: gateway(400, 'INVALID_ARGUMENT', 'badRequest', 'Request contains an invalid argument.'),
  serviceUnavailable: {
    ...from('youtube.CoreErrorDomain', 409, 'SERVICE_UNAVAILABLE', 'The operation was aborted.'),
    rpcStatus: 'ABORTED',
  },
  serviceUnavailableAsDenied: {
    ...from('youtube.CoreErrorDomain', 403, 'SERVICE_UNAVAILABLE', 'The service is currently unavailable.'),
    rpcStatus: 'PERMISSION_DENIED',
  },
  backendError: gateway(503, 'UNAVAILABLE', 'backendError', 'Backend Error'),
  backendErrorWithoutMessage: gateway(503, 'UNAVAILABLE', 'backendError', null),
  internalError: gateway(500, 'INTERNAL', 'internalError', 'Internal error encountered.'),
  notImplemented: gateway(501, 'UNIMPLEMENTED', 'notImplemented', 'Operation is not implemented.'),
  notFound: gateway(404, 'NOT_FOUND', 'notFound', 'Not Found'),
} as const satisfies Readonly<Record<string, ErrorForm>>

export type ErrorName = keyof typeof ERROR_FORMS
