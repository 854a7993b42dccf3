import { amendPassing, FaultError } from '../../core/fault.ts'
import type { CallContext } from '../../core/stream.ts'
import type { Http, HttpAnswer } from '../../http/http.ts'
import type { OpenOptions } from '../contract.ts'
import { Reader } from '../reader.ts'
import { readFault } from './errors.ts'

/** What lets one call in. */
export interface Permit {
  readonly headers: Readonly<Record<string, string>>
  /** The permissions that go with it; null = not told, or not needed. */
  readonly permissions: ReadonlySet<string> | null
}

/** Where permits come from. */
export interface Gate {
  permit(ctx: CallContext): Promise<Permit>
  /** A new permit in place of one that was answered with 401; null = this gate has no other. */
  readonly renew: ((ctx: CallContext, refused: Permit) => Promise<Permit>) | null
}

/** The gate that a credential opens. */
export const openGate = ({ credential: { values }, baseUrl, http }: OpenOptions): Gate => {
  if (values.api_key !== undefined) return openKeyGate(values.api_key)
  return openOAuthGate(http, `${baseUrl ?? 'https://oauth2.googleapis.com'}/token`, {
    clientId: values.client_id ?? '',
    clientSecret: values.client_secret ?? '',
    refreshToken: values.refresh_token ?? '',
  })
}

/** A key, sent as a header so that no address holds it. */
const openKeyGate = (key: string): Gate => {
  const permit: Permit = { headers: { 'x-goog-api-key': key }, permissions: null }
  return { permit: async () => permit, renew: null }
}

export interface OAuthClient {
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
}

/** Renewed this long before its end, so that no call is refused for a token that has just lapsed. */
const EARLY_MS = 120_000

/**
 * Access tokens for a refresh token (docs/networks/youtube.md §1). All callers wait for one renewal; the refresh token stays
 * the same, so there is nothing to be written down.
 */
const openOAuthGate = (http: Http, tokenUrl: string, client: OAuthClient): Gate => {
  let current: { readonly permit: Permit; readonly until: number } | null = null
  let renewal: Promise<Permit> | null = null

  const renew = async (ctx: CallContext): Promise<Permit> => {
    const token = await fetchToken(ctx, http, tokenUrl, client)
    const permit: Permit = {
      headers: { authorization: `Bearer ${token.text}` },
      permissions: token.permissions,
    }
    current = { permit, until: ctx.now() + token.lifetimeMs - EARLY_MS }
    return permit
  }
  const permit = (ctx: CallContext): Promise<Permit> => {
    if (current !== null && ctx.now() < current.until) return Promise.resolve(current.permit)
    renewal ??= renew(ctx).finally(() => {
      renewal = null
    })
    return renewal
  }
  return {
    permit,
    renew: (ctx, refused) => {
      if (current?.permit === refused) current = null
      return permit(ctx)
    },
  }
}

interface AccessToken {
  readonly text: string
  readonly lifetimeMs: number
  readonly permissions: ReadonlySet<string> | null
}

const fetchToken = (ctx: CallContext, http: Http, url: string, client: OAuthClient): Promise<AccessToken> =>
  // No unit is spent here; the call goes through `ctx` for its retries.
  ctx.call({ pool: 'default', units: 0 }, signal =>
    askForToken(http, url, client, signal).catch(ofCredential),
  )

const askForToken = async (
  http: Http,
  url: string,
  client: OAuthClient,
  signal: AbortSignal,
): Promise<AccessToken> => {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: client.refreshToken,
    client_id: client.clientId,
    client_secret: client.clientSecret,
  })
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const answer = await http.send({ method: 'POST', url, headers, body: form.toString() }, signal)
  if (answer.status !== 200) throw readFault(answer, { method: 'token', pool: 'default', paged: false })
  return readToken(answer)
}

/** A renewal that fails is about the credential, whatever the words: for good, or for as long as it may last. */
const ofCredential = (error: unknown): never => {
  if (!(error instanceof FaultError)) throw error
  if (!LASTING.has(error.fault.kind)) throw amendPassing(error, () => ({ isAsker: true }))
  throw new FaultError({ kind: 'unauthorised', code: error.fault.code }, error.message, { cause: error })
}

const LASTING: ReadonlySet<string> = new Set(['rejected', 'forbidden', 'not-found', 'unreadable'])

const readToken = (answer: HttpAnswer): AccessToken => {
  const token = new Reader().object(answer.json(), '$')
  const text = token?.string('access_token') ?? null
  if (text === null) {
    throw new FaultError(
      { kind: 'unauthorised', code: 'no access_token' },
      'YouTube answered the renewal of a token without one',
    )
  }
  return {
    text,
    lifetimeMs: (token?.count('expires_in') ?? 3600) * 1000,
    permissions: readPermissions(token?.string('scope') ?? null),
  }
}

/** `https://www.googleapis.com/auth/youtube.force-ssl …` as its last steps. */
const readPermissions = (scope: string | null): ReadonlySet<string> | null =>
  scope === null
    ? null
    : new Set(scope.split(' ').map(address => address.slice(address.lastIndexOf('/') + 1)))
