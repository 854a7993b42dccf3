import type { Json } from '../../../src/core/json.ts'
import { APP, TOKENS } from '../../../src/networks/instagram/sandbox/tokens.ts'
import { YOUTUBE_ACCESS } from '../../../src/networks/youtube/sandbox/access.ts'
import type { Expected, FaultRow } from './row.ts'
import { FIRST, own, passed, row, tooMany } from './saying.ts'
import type { Going, NetworkName } from './scene.ts'

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
/** A set-up that keeps the network from answering. */
const wrong: Expected = { ...dead, error: 'misconfigured' }
const fine: Expected = { ...passed, wasted: 1 }

/** docs/design.md §5.7, FAULTS 51 and 52: several credentials, and tokens that die. */
export const CREDENTIALS: readonly FaultRow[] = [
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
    instagramTokens(TOKENS.expired, TOKENS.revoked, 'EAAJnobodyKnowsThisOne'),
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
  withCredentials(
    '52 all keys wrong',
    'youtube',
    youtubeKeys(disabledApiKey, 'AIzaNobodyKnowsThisOne'),
    null,
    { ...dead, error: ['unauthorised', 'misconfigured'] },
  ),
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
    'docs/design.md §5.7 two keys, each with half of what is needed',
    'youtube',
    youtubeKeys(apiKey, otherProjectApiKey),
    { name: 'default-allowance', value: 7 },
    { ...fine, wasted: 3 },
  ),
  withCredentials(
    '52 the first of two clients is wrong',
    'tiktok',
    tiktokSecrets('a-secret-that-nobody-knows', TIKTOK_SECRET),
    null,
    fine,
  ),
  withCredentials(
    '52 the client is wrong',
    'tiktok',
    tiktokSecrets('a-secret-that-nobody-knows'),
    null,
    dead,
  ),
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
  ...own('youtube', 'error', 'apiKeyInvalid', 'keyInvalid', 'authError', 'loginRequired').map(saying =>
    row(saying, 'in the middle', { after: 3 }, { ...dead, all: false, wasted: 2 * FIRST }),
  ),
  ...own(
    'youtube',
    'error',
    'unregistered',
    'dailyLimitExceededUnreg',
    'accessNotConfigured',
    'ipRefererBlocked',
    'apiKeyReferrerBlocked',
    'apiKeyIpBlocked',
    'apiKeyServiceBlocked',
  ).map(saying => row(saying, 'in the middle', { after: 3 }, { ...wrong, all: false, wasted: 2 * FIRST })),
]
