import type { Json } from '../../../src/core/json.ts'
import { APP, TOKENS } from '../../../src/networks/instagram/sandbox/tokens.ts'
import { YOUTUBE_ACCESS } from '../../../src/networks/youtube/sandbox/access.ts'
import { START } from '../../support/sandbox.ts'
import type { Expected, FaultRow } from './row.ts'
import { type Going, type NetworkName, SCENERY } from './scene.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Times are looked at to the second or so: the runs themselves take some of it. */
const about = (ms: number): readonly [number, number] => [ms - 2 * SECOND, ms + 5 * SECOND]

/** What a network says, in its own words or by status and header. */
interface Saying {
  readonly name: string
  readonly network: NetworkName
  readonly fault: string
  readonly value: Json
}

const tooMany = (header: string | null): Json => ({
  status: 429,
  ...(header !== null && { headers: { 'retry-after': header } }),
})
const everywhere = (name: string, value: Json): readonly Saying[] =>
  (Object.keys(SCENERY) as NetworkName[]).map(network => ({ name, network, fault: 'status', value }))
const own = (network: NetworkName, fault: string, ...values: readonly Json[]): readonly Saying[] =>
  values.map(value => ({ name: `${fault} ${String(value)}`, network, fault, value }))

const row = (
  { name, network, fault, value }: Saying,
  moment: string,
  rule: { readonly after?: number; readonly times?: number },
  expected: Expected,
  more: Pick<FaultRow, 'going' | 'now'> = {},
): FaultRow => ({
  name: `${name}, ${moment}`,
  networks: [network],
  rules: ({ api }) => [{ name: fault, network, value, match: api, ...rule }],
  expected: () => expected,
  ...more,
})

const passed = { exit: 0, error: null } as const
/** A call that is under way while another one is refused is refused as well. */
const FIRST = 2

/** Short waits: slept through; the lane slows down, and nothing is lost. */
const SLEPT: readonly FaultRow[] = [
  ...everywhere('43 Retry-After in seconds', tooMany('7')),
  ...everywhere('44 Retry-After as a date', tooMany(new Date(START + 30 * SECOND).toUTCString())),
  ...own(
    'youtube',
    'error',
    'quotaExceededPerMinute',
    'rateLimitPerMinute',
    'rateLimitExceeded',
    'userRateLimitExceeded',
  ),
  ...own('tiktok', 'rate-limited', true, 30),
].map(saying => row(saying, 'once', { after: 1, times: 1 }, { ...passed, wasted: 1 }))

/** Waits beyond the patience: deferred, with the time to come back. */
const DEFERRED: readonly FaultRow[] = [
  ...everywhere('45 Retry-After of a year', tooMany('31536000')).map(saying => ({ saying, until: DAY })),
  ...everywhere('45 Retry-After 1e9', tooMany('1e9')).map(saying => ({ saying, until: DAY })),
  ...everywhere('43 Retry-After of ten minutes', tooMany('600')).map(saying => ({
    saying,
    until: 10 * MINUTE,
  })),
  // No header tells how long the app's pool rests (networks/instagram.md §9).
  ...[tooMany(null), tooMany('-5'), tooMany('soon')].map(value => ({
    saying: {
      name: `45 Retry-After ${JSON.stringify(value)}`,
      network: 'instagram',
      fault: 'status',
      value,
    } as const,
    until: HOUR,
  })),
  ...own(
    'instagram',
    'fault',
    'app-limit',
    'user-limit',
    'page-limit',
    'custom-limit',
    'account-limit',
    'application-limit',
  ).map(saying => ({ saying, until: HOUR })),
  ...own('instagram', 'fault', 'blocked').map(saying => ({ saying, until: 6 * HOUR })),
  ...own('tiktok', 'rate-limited', 300).map(saying => ({ saying, until: 5 * MINUTE })),
].map(({ saying, until }) =>
  row(
    saying,
    'for as long as it is asked',
    {},
    {
      exit: 75,
      error: 'rate_limited',
      all: true,
      notBefore: about(until),
      wasted: FIRST,
    },
  ),
)

/** Limits without an end: rests that grow, then deferred. */
const ENDLESS: readonly FaultRow[] = [
  ...everywhere('43 Retry-After in seconds', tooMany('7')),
  ...everywhere('45 no Retry-After', tooMany(null)).filter(({ network }) => network !== 'instagram'),
  ...everywhere('45 Retry-After in words', tooMany('soon')).filter(({ network }) => network !== 'instagram'),
  ...own('youtube', 'error', 'rateLimitPerMinute', 'userRateLimitExceeded'),
  ...own('tiktok', 'rate-limited', true, 30),
].map(saying =>
  row(
    saying,
    'without an end',
    {},
    {
      exit: 75,
      error: 'rate_limited',
      all: true,
      notBefore: [SECOND, 20 * MINUTE],
      wasted: 9 * FIRST,
    },
  ),
)

/** The day's allowance: gone by what the network says, or by our own ledger. */
const midnight = (network: NetworkName): readonly [number, number] =>
  network === 'youtube' ? about(19 * HOUR + MINUTE) : about(12 * HOUR + 5 * MINUTE)
const SPENT: readonly FaultRow[] = [
  ...own('youtube', 'error', 'quotaExceeded', 'dailyLimitExceeded', 'rateLimitPerDay'),
  ...own('tiktok', 'main-allowance', 0),
].flatMap(saying => [
  row(
    saying,
    'from the first call on',
    {},
    {
      exit: 75,
      error: 'quota_exhausted',
      all: true,
      notBefore: midnight(saying.network),
      wasted: FIRST,
    },
  ),
  ...(saying.fault === 'error'
    ? [
        row(
          saying,
          'in the middle',
          { after: 4 },
          {
            exit: 75,
            error: 'quota_exhausted',
            notBefore: midnight(saying.network),
            // The list of videos without their details is asked for again.
            wasted: 2 * FIRST,
          },
        ),
      ]
    : []),
])

/** networks/youtube.md §8: the day turns at midnight in California, also on the days of 23 and 25 hours. */
const CHANGES: readonly FaultRow[] = (
  [
    ['the last half hour of a summer day', '2026-11-01T06:30Z', '2026-11-01T07:01Z'],
    ['the day of 25 hours, before the change', '2026-11-01T07:30Z', '2026-11-02T08:01Z'],
    ['the day of 25 hours, after the change', '2026-11-01T12:00Z', '2026-11-02T08:01Z'],
    ['the day of 23 hours, before the change', '2027-03-14T08:30Z', '2027-03-15T07:01Z'],
    ['the day of 23 hours, after the change', '2027-03-14T12:00Z', '2027-03-15T07:01Z'],
  ] as const
).map(([name, from, to]) => {
  const now = Date.parse(from)
  const expected = {
    exit: 75,
    error: 'quota_exhausted',
    all: true,
    notBefore: about(Date.parse(to) - now),
    wasted: FIRST,
  }
  return row(
    { name: `53 ${name}`, network: 'youtube', fault: 'error', value: 'quotaExceeded' },
    'spent',
    {},
    expected,
    { now },
  )
})

/** `--budget` and `--max-wait`: ceilings of the user's own. */
const CEILINGS: readonly FaultRow[] = [
  ...[0, 1, 4, 6].map(
    (budget): FaultRow => ({
      name: `§5.7 --budget ${budget}`,
      rules: () => [],
      going: { budget },
      expected: ({ callsPerPage }) => ({ exit: 3, error: 'budget', wasted: FIRST * (callsPerPage - 1) }),
    }),
  ),
  ...everywhere('§5.7 --max-wait 0', tooMany('5')).map(saying =>
    row(
      saying,
      'a limit of five seconds',
      {},
      { exit: 75, error: 'rate_limited', all: true, notBefore: about(5 * SECOND), wasted: FIRST },
      { going: { maxWaitMs: 0 } },
    ),
  ),
  ...everywhere('§5.7 --max-wait 10m', tooMany('300')).map(saying =>
    row(
      saying,
      'a limit of five minutes',
      { after: 2, times: 1 },
      { ...passed, wasted: 1 },
      { going: { maxWaitMs: 10 * MINUTE } },
    ),
  ),
]

const instagramTokens = (...tokens: readonly string[]): Going['env'] => {
  const each = (value: string): string => tokens.map(() => value).join()
  return {
    SOCSYNC_INSTAGRAM_ACCESS_TOKEN: tokens.join(),
    SOCSYNC_INSTAGRAM_USER_ID: each('17841273339442756'),
    SOCSYNC_INSTAGRAM_APP_ID: each(APP.id),
    SOCSYNC_INSTAGRAM_APP_SECRET: each(APP.secret),
  }
}
const {
  apiKey,
  otherProjectApiKey,
  disabledApiKey,
  clientId,
  clientSecret,
  refreshToken,
  revokedRefreshToken,
} = YOUTUBE_ACCESS
const youtubeKeys = (...keys: readonly string[]): Going['env'] => ({ SOCSYNC_YOUTUBE_API_KEY: keys.join() })
const youtubeOauth = (token: string): Going['env'] => ({
  SOCSYNC_YOUTUBE_API_KEY: '',
  SOCSYNC_YOUTUBE_CLIENT_ID: clientId,
  SOCSYNC_YOUTUBE_CLIENT_SECRET: clientSecret,
  SOCSYNC_YOUTUBE_REFRESH_TOKEN: token,
})
const tiktokSecrets = (...secrets: readonly string[]): Going['env'] => ({
  SOCSYNC_TIKTOK_CLIENT_KEY: secrets.map(() => 'sbawsandboxkey00').join(),
  SOCSYNC_TIKTOK_CLIENT_SECRET: secrets.join(),
})
const TIKTOK_SECRET = 'sandbox-client-secret-of-the-research-client'

const withCredentials = (
  name: string,
  network: NetworkName,
  env: Going['env'],
  rule: {
    readonly name: string
    readonly value: Json
    readonly after?: number
    readonly times?: number
  } | null,
  expected: Expected,
): FaultRow => ({
  name,
  networks: [network],
  rules: () => (rule === null ? [] : [{ network, ...rule }]),
  going: { concurrency: 3, ...(env && { env }) },
  expected: () => expected,
})

const dead: Expected = { exit: 5, error: 'unauthorised', all: true, wasted: 3 }
const fine: Expected = { ...passed, wasted: 1 }

/** §5.7, FAULTS 51 and 52: several credentials, and tokens that die. */
const CREDENTIALS: readonly FaultRow[] = [
  withCredentials(
    '52 the first of three tokens expired',
    'instagram',
    instagramTokens(TOKENS.expired, TOKENS.system, TOKENS.user),
    null,
    fine,
  ),
  withCredentials(
    '52 the last of three tokens revoked',
    'instagram',
    instagramTokens(TOKENS.user, TOKENS.system, TOKENS.revoked),
    null,
    fine,
  ),
  withCredentials(
    '52 all three tokens dead',
    'instagram',
    instagramTokens(TOKENS.expired, TOKENS.revoked, 'EAAnonsense'),
    null,
    dead,
  ),
  withCredentials(
    '52 the first of three keys of a project without the API',
    'youtube',
    youtubeKeys(disabledApiKey, apiKey, otherProjectApiKey),
    null,
    fine,
  ),
  withCredentials('52 all keys wrong', 'youtube', youtubeKeys(disabledApiKey, 'wrong-key'), null, dead),
  withCredentials(
    '53 one of two keys exhausted at the first call',
    'youtube',
    youtubeKeys(apiKey, otherProjectApiKey),
    { name: 'error', value: 'quotaExceeded', times: 1 },
    fine,
  ),
  withCredentials(
    '53 one of two keys exhausted in the middle',
    'youtube',
    youtubeKeys(apiKey, otherProjectApiKey),
    { name: 'error', value: 'quotaExceeded', after: 3, times: 1 },
    { ...fine, wasted: 2 },
  ),
  withCredentials(
    '43 one of two keys limited for five minutes',
    'youtube',
    youtubeKeys(apiKey, otherProjectApiKey),
    { name: 'status', value: tooMany('300'), after: 3, times: 1 },
    { ...fine, wasted: 2 },
  ),
  withCredentials(
    '§5.7 two keys, each with half of what is needed',
    'youtube',
    youtubeKeys(apiKey, otherProjectApiKey),
    { name: 'default-allowance', value: 7 },
    { ...fine, wasted: 3 },
  ),
  withCredentials(
    '52 the first of two clients is wrong',
    'tiktok',
    tiktokSecrets('nonsense', TIKTOK_SECRET),
    null,
    fine,
  ),
  withCredentials('52 the client is wrong', 'tiktok', tiktokSecrets('nonsense'), null, dead),
  withCredentials(
    '51 the token ends in the middle, and is renewed',
    'tiktok',
    {},
    { name: 'token-dead', value: true, after: 3, times: 1 },
    fine,
  ),
  withCredentials(
    '51 the token ends at every call',
    'tiktok',
    {},
    { name: 'token-dead', value: true },
    { ...dead, wasted: 6 },
  ),
  withCredentials(
    '51 tokens that live for a second',
    'youtube',
    youtubeOauth(refreshToken),
    { name: 'token-lifetime', value: 1 },
    { ...fine, wasted: 11 },
  ),
  withCredentials(
    '51 the token ends in the middle, and is renewed',
    'youtube',
    youtubeOauth(refreshToken),
    { name: 'error', value: 'authError', after: 3, times: 1 },
    { ...fine, wasted: 4 },
  ),
  withCredentials('51 the refresh token is revoked', 'youtube', youtubeOauth(revokedRefreshToken), null, {
    ...dead,
    wasted: 4,
  }),
  ...own('instagram', 'fault', 'expired', 'revoked', 'checkpoint', 'session').flatMap(saying => [
    row(saying, 'at once', {}, { ...dead, wasted: FIRST }),
    row(saying, 'in the middle', { after: 3 }, { ...dead, all: false, wasted: FIRST }),
  ]),
  ...own(
    'youtube',
    'error',
    'apiKeyInvalid',
    'keyInvalid',
    'unregistered',
    'dailyLimitExceededUnreg',
    'accessNotConfigured',
    'ipRefererBlocked',
    'apiKeyReferrerBlocked',
    'apiKeyIpBlocked',
    'apiKeyServiceBlocked',
    'authError',
    'loginRequired',
  ).map(saying => row(saying, 'in the middle', { after: 3 }, { ...dead, all: false, wasted: 2 * FIRST })),
]

/** The network is not there at all: nothing is asked for, all is deferred. */
const away = (name: string, baseUrl: string): FaultRow => ({
  name,
  rules: () => [],
  going: { baseUrl },
  expected: () => ({
    exit: 75,
    error: 'unreachable',
    all: true,
    notBefore: [5 * MINUTE, 7 * MINUTE],
    wasted: 0,
  }),
})
const AWAY: readonly FaultRow[] = [
  away('28 name not found', 'http://nowhere.invalid'),
  // A port that was free a moment ago, and is never given out.
  away('29 connection refused', 'http://127.0.0.1:9'),
]

/** FAULTS 28, 29, 43 to 45, 51 to 53 and DESIGN §5.7. */
export const LIMITS: readonly FaultRow[] = [
  ...AWAY,
  ...SLEPT,
  ...DEFERRED,
  ...ENDLESS,
  ...SPENT,
  ...CHANGES,
  ...CEILINGS,
  ...CREDENTIALS,
]
