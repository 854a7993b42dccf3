import { createHash } from 'node:crypto'
import type { SandboxAnswer, SandboxRequest } from '../../../sandbox.ts'
import { letters } from '../../../seeded.ts'
import type { Knobs } from '../switches.ts'
import { jsonAnswer, logId } from '../wire/reply.ts'
import type { World } from '../world/world.ts'
import { DISPLAY, DISPLAY_CREATOR, RESEARCH } from './credentials.ts'
import { type Tokens, USER_SCOPES, type UserScope } from './tokens.ts'

const CLIENT_LIFE = 7_200
const CODE_LIFE = 600

/** Seconds: as documented until 2026, and on the pages of November 2026 (docs/networks/tiktok.md §5). */
const LIVES = {
  long: { access: 86_400, refresh: 31_536_000 },
  short: { access: 7_200, refresh: 180 * 86_400 },
} as const

/** Statuses that a stand-in may use (docs/networks/tiktok.md §1); 400 for the rest. */
const STATUS: Readonly<Record<string, number>> = {
  invalid_client: 401,
  temporarily_unavailable: 503,
  server_error: 500,
}

class OauthError extends Error {
  override readonly name = 'OauthError'
  readonly word: string
  constructor(word: string, description: string) {
    super(description)
    this.word = word
  }
}

interface Desk {
  readonly world: World
  readonly tokens: Tokens
  readonly knobs: Knobs
  /** Epoch seconds. */
  readonly now: number
}

/** `/v2/oauth/token/` and `/v2/oauth/revoke/`: form in, a flat object out, without envelope. */
export const answerOauth = (
  action: 'token' | 'revoke',
  request: SandboxRequest,
  desk: Desk,
): SandboxAnswer => {
  const form = new URLSearchParams(request.body)
  try {
    const ordered = desk.knobs.take('oauth-error', request)
    if (ordered !== undefined) {
      throw new OauthError(
        typeof ordered === 'string' ? ordered : 'temporarily_unavailable',
        'Please try again later.',
      )
    }
    requireClient(form)
    if (action === 'revoke') {
      desk.tokens.revoke(required(form, 'token'))
      return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: '' }
    }
    const grant = GRANTS.get(required(form, 'grant_type'))
    if (grant === undefined)
      throw new OauthError('unsupported_grant_type', 'This grant_type is not supported.')
    return jsonAnswer(200, grant(form, desk), 0)
  } catch (error) {
    if (!(error instanceof OauthError)) throw error
    const status = desk.knobs.number('oauth-error-status') ?? STATUS[error.word] ?? 400
    const description = error.message
    const log_id = logId(desk.now, desk.world.seed, 'oauth', error.word)
    return jsonAnswer(status, { error: error.word, error_description: description, log_id }, 0)
  }
}

type Flat = Readonly<Record<string, string | number>>

const GRANTS: ReadonlyMap<string, (form: URLSearchParams, desk: Desk) => Flat> = new Map(
  Object.entries({
    client_credentials: (_form: URLSearchParams, { tokens, knobs, now }: Desk): Flat => {
      if (knobs.is('one-client-token', true)) tokens.revokeClientTokens()
      const expires = now + CLIENT_LIFE
      const access_token = tokens.issue({ kind: 'client', creator: null, scopes: [], expires })
      return { access_token, expires_in: CLIENT_LIFE, token_type: 'Bearer' }
    },
    authorization_code: (form: URLSearchParams, desk: Desk): Flat => {
      const code = desk.tokens.redeem(required(form, 'code'), desk.now)
      if (code === null)
        throw new OauthError('invalid_grant', 'The authorization code is invalid or expired.')
      if (code.redirectUri !== required(form, 'redirect_uri')) {
        throw new OauthError('invalid_grant', 'The redirect_uri differs from the one of the authorization.')
      }
      if (code.challenge !== null && code.challenge !== sha256(required(form, 'code_verifier'))) {
        throw new OauthError('invalid_grant', 'The code_verifier does not fit the code_challenge.')
      }
      return issueUserTokens(code, null, desk)
    },
    refresh_token: (form: URLSearchParams, desk: Desk): Flat => {
      const token = required(form, 'refresh_token')
      const grant = desk.tokens.find(token, desk.now)
      if (grant?.kind !== 'refresh' || grant.creator === null) {
        throw new OauthError('invalid_grant', 'The refresh token is invalid or expired.')
      }
      const rotate = !desk.knobs.is('refresh-rotation', false)
      if (rotate) desk.tokens.revoke(token)
      const kept = rotate ? null : { token, seconds: grant.expires - desk.now }
      return issueUserTokens({ creator: grant.creator, scopes: grant.scopes }, kept, desk)
    },
  }),
)

const issueUserTokens = (
  user: { readonly creator: number; readonly scopes: readonly UserScope[] },
  kept: { readonly token: string; readonly seconds: number } | null,
  { world, tokens, knobs, now }: Desk,
): Flat => {
  const life = LIVES[knobs.is('short-tokens', true) ? 'short' : 'long']
  const { creator, scopes } = user
  const refresh = kept ?? {
    token: tokens.issue({ kind: 'refresh', creator, scopes, expires: now + life.refresh }),
    seconds: life.refresh,
  }
  return {
    open_id: openIdOf(world, creator),
    scope: scopes.join(','),
    access_token: tokens.issue({ kind: 'access', creator, scopes, expires: now + life.access }),
    expires_in: life.access,
    refresh_token: refresh.token,
    refresh_expires_in: refresh.seconds,
    token_type: 'Bearer',
  }
}

/** `/v2/auth/authorize/`: the user agrees at once, and is sent back with a code. */
export const answerAuthorize = (request: SandboxRequest, { tokens, now }: Desk): SandboxAnswer => {
  const { query } = request
  const back = query.get('redirect_uri')
  if (
    back === null ||
    !URL.canParse(back) ||
    query.get('client_key') !== RESEARCH.SOCSYNC_TIKTOK_CLIENT_KEY
  ) {
    return {
      status: 400,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: 'invalid client or redirect_uri',
    }
  }
  const asked = (query.get('scope') ?? '').split(',')
  const scopes = USER_SCOPES.filter(scope => asked.includes(scope))
  const target = new URL(back)
  if (scopes.length < asked.length) {
    target.searchParams.set('error', 'invalid_scope')
    target.searchParams.set('error_description', 'A scope is not approved for this application.')
  } else {
    const challenge = query.get('code_challenge')
    const code = { creator: DISPLAY_CREATOR, scopes, redirectUri: back, challenge, expires: now + CODE_LIFE }
    target.searchParams.set('code', tokens.issueCode(code))
    target.searchParams.set('scopes', scopes.join(','))
  }
  target.searchParams.set('state', query.get('state') ?? '')
  return { status: 302, headers: { location: target.href }, body: '' }
}

/** Lets in the user whose tokens were given before the sandbox was opened: {@link DISPLAY}. */
export const admitUser = (tokens: Tokens, now: number): void => {
  const user = { creator: DISPLAY_CREATOR, scopes: USER_SCOPES }
  const { SOCSYNC_TIKTOK_ACCESS_TOKEN: access, SOCSYNC_TIKTOK_REFRESH_TOKEN: refresh } = DISPLAY
  tokens.admit(access, { kind: 'access', ...user, expires: now + LIVES.long.access })
  tokens.admit(refresh, { kind: 'refresh', ...user, expires: now + LIVES.long.refresh })
}

/** A user's id within this application. */
export const openIdOf = (world: World, creator: number): string =>
  `-000${letters('abcdefghijklmnopqrstuvwxyz0123456789-', 32, world.seed, 'open id', creator)}`

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const required = (form: URLSearchParams, field: string): string => {
  const value = form.get(field)
  if (value === null || value === '')
    throw new OauthError('invalid_request', `The parameter ${field} is missing.`)
  return value
}

const requireClient = (form: URLSearchParams): void => {
  const key = required(form, 'client_key')
  const secret = required(form, 'client_secret')
  if (key === RESEARCH.SOCSYNC_TIKTOK_CLIENT_KEY && secret === RESEARCH.SOCSYNC_TIKTOK_CLIENT_SECRET) return
  throw new OauthError('invalid_client', 'The client_key or client_secret is wrong.')
}
