import type { JsonObject } from '../../../core/json.ts'
import * as errors from './errors.ts'
import { APP, type Grant, RENEWED, scopesOf, type Tokens, YOUNGEST } from './tokens.ts'
import { userId } from './world/ids.ts'

type TokenRoute = (params: URLSearchParams, tokens: Tokens, now: number) => JsonObject

const seconds = (at: number): number => Math.floor(at / 1000)

const require = (params: URLSearchParams, name: string): string => {
  const value = params.get(name)
  if (value === null || value === '') throw errors.badParameter(`The parameter ${name} is required`)
  return value
}

const grantType = (params: URLSearchParams, ...allowed: readonly string[]): string => {
  const given = require(params, 'grant_type')
  if (!allowed.includes(given))
    throw errors.badParameter(`Param grant_type must be one of ${allowed.join(', ')}`)
  return given
}

const checkSecret = (params: URLSearchParams): void => {
  if (require(params, 'client_secret') !== APP.secret) throw errors.wrongSecret()
}

const renewed = (grant: Grant, tokens: Tokens, now: number): JsonObject => ({
  access_token: tokens.renew(grant, now),
  token_type: 'bearer',
  expires_in: seconds(RENEWED),
})

/** The life of tokens (docs/networks/instagram.md §1). None of these costs a call of a pool. */
export const TOKEN_ROUTES: Readonly<Record<string, TokenRoute>> = {
  debug_token: (params, tokens, now) => {
    const asking = params.get('access_token')
    if (asking === null) throw errors.noToken()
    if (tokens.read(asking) === null) throw errors.unreadableToken()
    return { data: inspect(tokens.read(require(params, 'input_token')), now) }
  },
  'oauth/access_token': (params, tokens, now) => {
    const given = grantType(params, 'fb_exchange_token', 'client_credentials')
    checkSecret(params)
    if (given === 'client_credentials')
      return { access_token: `${APP.id}|${APP.secret}`, token_type: 'bearer' }
    return renewed(tokens.check(require(params, 'fb_exchange_token'), 'facebook', now), tokens, now)
  },
  access_token: (params, tokens, now) => {
    grantType(params, 'ig_exchange_token')
    checkSecret(params)
    return renewed(tokens.check(require(params, 'access_token'), 'instagram', now), tokens, now)
  },
  refresh_access_token: (params, tokens, now) => {
    grantType(params, 'ig_refresh_token')
    const grant = tokens.check(require(params, 'access_token'), 'instagram', now)
    if (now - grant.issuedAt < YOUNGEST) throw errors.badParameter('The access token is not yet 24 hours old')
    return renewed(grant, tokens, now)
  },
}

const inspect = (grant: Grant | null, now: number): JsonObject => {
  if (grant === null) {
    return { is_valid: false, scopes: [], error: { code: 190, message: 'Invalid OAuth access token data.' } }
  }
  const { type, subject, issuedAt, expiresAt, revoked, accounts } = grant
  const ended = expiresAt !== null && expiresAt <= now
  const scopes = scopesOf(grant)
  return {
    app_id: APP.id,
    type,
    application: 'North Pier Sync',
    is_valid: !ended && !revoked,
    issued_at: seconds(issuedAt),
    expires_at: expiresAt === null ? 0 : seconds(expiresAt),
    data_access_expires_at: expiresAt === null ? 0 : seconds(issuedAt + 1.5 * RENEWED),
    scopes,
    granular_scopes: scopes.map(scope => ({ scope, target_ids: accounts.map(userId) })),
    user_id: type === 'INSTAGRAM' ? userId(0) : subject,
    ...((ended || revoked) && {
      error: {
        code: 190,
        message: ended
          ? 'Error validating access token: Session has expired.'
          : 'The session was invalidated.',
        subcode: ended ? 463 : 467,
      },
    }),
  }
}
