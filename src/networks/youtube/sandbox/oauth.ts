import type { SandboxAnswer, SandboxRequest, Switches } from '../../sandbox.ts'
import { mintToken, SCOPES, type Scope, YOUTUBE_ACCESS } from './access.ts'

/** Seconds that an access token is good for, as the real endpoint says it. */
const LIFETIME = 3_599

const REFRESH: ReadonlyMap<string, Scope> = new Map([
  [YOUTUBE_ACCESS.refreshToken, 'force-ssl'],
  [YOUTUBE_ACCESS.readonlyRefreshToken, 'readonly'],
])

const REFUSALS = {
  invalid_grant: [400, 'Token has been expired or revoked.'],
  invalid_client: [401, 'The OAuth client was not found.'],
  invalid_request: [400, 'Required parameter is missing.'],
  unsupported_grant_type: [400, 'Invalid grant_type.'],
  internal_failure: [500, 'Internal failure.'],
} as const

type OauthError = keyof typeof REFUSALS

/**
 * `POST /token` (docs/networks/youtube.md §1): a refresh token for an access token. Switches: `token-error` with the name
 * of a refusal, `token-lifetime` in seconds.
 */
export const answerToken = (request: SandboxRequest, now: number, switches: Switches): SandboxAnswer => {
  const form = new URLSearchParams(request.body)
  const forced = switches.take('token-error', request)
  const grant = isOauthError(forced) ? forced : readGrant(request, form)
  if (isOauthError(grant)) {
    const [status, error_description] = REFUSALS[grant]
    return json(status, { error: grant, error_description })
  }
  const moved = switches.peek('token-lifetime')
  const expires_in = typeof moved === 'number' ? moved : LIFETIME
  return json(200, {
    access_token: mintToken(grant, now + expires_in * 1000),
    expires_in,
    scope: SCOPES[grant],
    token_type: 'Bearer',
  })
}

/** What the refresh token permits, or why it is refused. */
const readGrant = ({ method }: SandboxRequest, form: URLSearchParams): Scope | OauthError => {
  const { clientId, clientSecret } = YOUTUBE_ACCESS
  if (method !== 'POST' || !form.has('client_id')) return 'invalid_request'
  if (form.get('grant_type') !== 'refresh_token') return 'unsupported_grant_type'
  if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret)
    return 'invalid_client'
  return REFRESH.get(form.get('refresh_token') ?? '') ?? 'invalid_grant'
}

const isOauthError = (name: unknown): name is OauthError =>
  typeof name === 'string' && Object.hasOwn(REFUSALS, name)

const json = (status: number, body: object): SandboxAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache, no-store' },
  body: JSON.stringify(body, null, 2),
})
