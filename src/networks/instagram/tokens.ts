import { FaultError } from '../../core/fault.ts'
import { type Instant, instant } from '../../core/instant.ts'
import type { Http, HttpAnswer } from '../../http/http.ts'
import { type Fields, Reader } from '../reader.ts'
import { type Access, authorisation, VERSION } from './access.ts'
import { explain, explainStatus, readError, refuse } from './errors.ts'

/** What a token is and how long it lives (docs/networks/instagram.md §1). */
export interface TokenState {
  readonly valid: boolean
  /** `USER`, `SYSTEM_USER`, `PAGE`; null on the Instagram side, which has no inspection. */
  readonly type: string | null
  readonly appId: string | null
  /** The person's or system user's id; on the Instagram side the account's. */
  readonly userId: string | null
  /** Told by the Instagram side alone. */
  readonly username: string | null
  readonly issuedAt: Instant | null
  /** `never` is told by the network; null = it does not say. */
  readonly expiresAt: Instant | 'never' | null
  /** Access to data ends here even where the token lives on. */
  readonly dataAccessExpiresAt: Instant | 'never' | null
  /** The permissions; null = it does not say. */
  readonly scopes: readonly string[] | null
  /** Why it is not valid, for people. */
  readonly problem: string | null
}

export interface RenewedToken {
  readonly token: string
  readonly expiresAt: Instant | null
}

/** Asks what a token is: `debug_token` on the Facebook side, the account itself on the Instagram side. */
export const inspect = async (access: Access, http: Http, signal: AbortSignal): Promise<TokenState> =>
  access.side === 'facebook' ? debug(access, http, signal) : ask(access, http, signal)

/**
 * A longer life for a token: an exchange with the app's id and secret on the Facebook side, a refresh of a token that
 * is at least 24 h old and still alive on the Instagram side. Throws a FaultError where the network refuses, and
 * where the app is not known. A system user's token may come back as it was.
 */
export const refresh = async (access: Access, http: Http, signal: AbortSignal): Promise<RenewedToken> => {
  const answer = await send(access, http, signal, ...renewal(access))
  const body = new Reader().object(answer.json(), '$')
  const token = body?.string('access_token') ?? null
  if (token === null)
    throw new FaultError({ kind: 'unreadable', code: 'no-token' }, 'Instagram answered without a token')
  const seconds = body?.count('expires_in') ?? null
  return {
    token,
    expiresAt: seconds === null ? null : instant(Date.parse(answer.receivedAt) + seconds * 1000),
  }
}

const renewal = ({
  side,
  token,
  appId,
  appSecret,
}: Access): [path: string, query: Record<string, string>] => {
  if (side === 'instagram')
    return ['/refresh_access_token', { grant_type: 'ig_refresh_token', access_token: token }]
  if (appId === null || appSecret === null)
    throw new FaultError(
      { kind: 'unauthorised', code: 'no-app' },
      'a Facebook Login token is exchanged with the id and the secret of its app: both must be set',
    )
  return [
    `/${VERSION}/oauth/access_token`,
    {
      grant_type: 'fb_exchange_token',
      client_id: appId,
      client_secret: appSecret,
      fb_exchange_token: token,
    },
  ]
}

/** With the app's own token where the app is known, else with the token itself. */
const debug = async (access: Access, http: Http, signal: AbortSignal): Promise<TokenState> => {
  const { token, appId, appSecret } = access
  const inspector = appId !== null && appSecret !== null ? `${appId}|${appSecret}` : token
  const query = { input_token: token, access_token: inspector }
  const answer = await send(access, http, signal, `/${VERSION}/debug_token`, query)
  const data = new Reader().object(answer.json(), '$')?.object('data') ?? null
  const scopes = data?.raw.scopes
  return {
    valid: data?.boolean('is_valid') ?? false,
    type: data?.string('type') ?? null,
    appId: data?.id('app_id') ?? null,
    userId: data?.id('user_id') ?? null,
    username: null,
    issuedAt: data?.epochSeconds('issued_at') ?? null,
    expiresAt: endOf(data, 'expires_at'),
    dataAccessExpiresAt: endOf(data, 'data_access_expires_at'),
    scopes: Array.isArray(scopes) ? scopes.filter(scope => typeof scope === 'string') : null,
    problem: data?.object('error')?.string('message') ?? null,
  }
}

/** 0 = never (docs/networks/instagram.md §1). */
const endOf = (data: Fields | null, key: string): Instant | 'never' | null =>
  data?.count(key) === 0 ? 'never' : (data?.epochSeconds(key) ?? null)

const ask = async (access: Access, http: Http, signal: AbortSignal): Promise<TokenState> => {
  const state = (valid: boolean, account: Fields | null, problem: string | null): TokenState => ({
    valid,
    type: null,
    appId: access.appId,
    userId: account?.id('user_id') ?? null,
    username: account?.string('username') ?? null,
    issuedAt: null,
    expiresAt: null,
    dataAccessExpiresAt: null,
    scopes: null,
    problem,
  })
  try {
    const answer = await send(
      access,
      http,
      signal,
      `/${VERSION}/me`,
      { fields: 'user_id,username' },
      access.token,
    )
    return state(true, new Reader().object(answer.json(), '$'), null)
  } catch (error) {
    if (!(error instanceof FaultError)) throw error
    const { fault, message } = error
    if (fault.kind === 'unauthorised') return state(false, null, message)
    if (fault.kind === 'misconfigured') return state(false, null, `${message}; ${fault.advice}`)
    throw error
  }
}

/** One call outside of any walk: nothing is charged, since tokens have no pool. */
const send = async (
  { baseUrl }: Access,
  http: Http,
  signal: AbortSignal,
  path: string,
  query: Readonly<Record<string, string>>,
  bearer: string | null = null,
): Promise<HttpAnswer> => {
  const url = `${baseUrl}${path}?${new URLSearchParams(query)}`
  const answer = await http.send(
    { method: 'GET', url, headers: bearer === null ? {} : authorisation(bearer) },
    signal,
  )
  const now = Date.parse(answer.receivedAt)
  const situation = { target: 'self', pool: 'app', paged: false, now, regainAt: null } as const
  const error = readError(answer.json())
  if (error !== null) throw refuse(explain(error, answer.status, situation))
  if (answer.status !== 200) throw refuse(explainStatus(answer.status, answer.text, situation))
  return answer
}
