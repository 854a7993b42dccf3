import { amendPassing, type Fault, FaultError } from '../../core/fault.ts'
import { instant, readInstant } from '../../core/instant.ts'
import type { CallContext } from '../../core/stream.ts'
import type { Http } from '../../http/http.ts'
import type { CredentialValues, OpenOptions } from '../contract.ts'
import { type Fields, Reader } from '../reader.ts'

/** Where the bearer token of a call comes from. */
export interface Tokens {
  current(ctx: CallContext): Promise<string>
  /** Another token in place of one that was refused. Many callers, one renewal. */
  renew(ctx: CallContext, refused: string): Promise<string>
}

export interface Client {
  readonly clientKey: string
  readonly clientSecret: string
}

/** POST /v2/oauth/token/: asks with a form, gives the flat answer. */
export type AskToken = (form: Readonly<Record<string, string>>) => Promise<Fields>

interface Grant {
  readonly token: string
  /** Epoch milliseconds; infinite where nobody said. */
  readonly until: number
}

/** Renewed this long before its end, so that no call is refused for a token that has just lapsed. */
const EARLY_MS = 120_000

/** Client tokens: there is no refresh token, a new one is just asked for (docs/networks/tiktok.md §1). */
export const openClientTokens = (ask: AskToken, client: Client): Tokens =>
  singleFlight('main', null, async now =>
    readGrant(await ask({ ...formOf(client), grant_type: 'client_credentials' }), now),
  )

/** What a renewal of a user's token notes beside it. */
export const NOTES = ['expires_at', 'refresh_expires_at', 'scope'] as const

export interface UserTokens extends Tokens {
  /** The credential's values as they stand, renewed ones included. */
  readonly values: () => CredentialValues
}

/** Whether a user's token can be renewed: it takes a refresh token and the client that it was made for. */
export const canRenew = (values: CredentialValues): boolean =>
  ['refresh_token', 'client_key', 'client_secret'].every(key => values[key])

/**
 * A user's token. A renewal may kill the old refresh token at once (docs/networks/tiktok.md §5), so the new pair is kept
 * before it is used, and processes take turns. Without what renews it, the token is used until it dies.
 */
export const openUserTokens = (
  ask: AskToken,
  first: CredentialValues,
  renew: OpenOptions['renew'],
): UserTokens => {
  let values = first
  const tokens = singleFlight('user.info', grantOf(values), async now => {
    if (!canRenew(values)) {
      throw new FaultError(
        { kind: 'unauthorised', code: 'access_token_invalid' },
        'TikTok refused the access token; to renew it takes a refresh token, the client key and the client secret',
      )
    }
    values = await renew(values, async current => {
      const { refresh_token = '' } = current
      const answer = await ask({ ...formOf(clientOf(current)), grant_type: 'refresh_token', refresh_token })
      return readPair(answer, refresh_token, now)
    })
    return grantOf(values)
  })
  return { ...tokens, values: () => values }
}

/** The pair as it is kept. A lifetime that nobody told is "unknown", so that an older one does not stand in for it. */
const readPair = (answer: Fields, refreshToken: string, now: number): CredentialValues => {
  const told = { open_id: answer.string('open_id'), scope: answer.string('scope') }
  const endOf = (key: string): string => {
    const seconds = answer.count(key)
    return seconds === null ? 'unknown' : instant(now + seconds * 1000)
  }
  return {
    access_token: answer.string('access_token') ?? '',
    refresh_token: answer.string('refresh_token') ?? refreshToken,
    expires_at: endOf('expires_in'),
    refresh_expires_at: endOf('refresh_expires_in'),
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)),
  }
}

/** The access token in a credential's values, until shortly before its noted end. */
const grantOf = (values: CredentialValues): Grant => {
  const end = readInstant(values.expires_at ?? '')
  const isKept = end !== null && canRenew(values)
  return {
    token: values.access_token ?? '',
    until: isKept ? Date.parse(end) - EARLY_MS : Number.POSITIVE_INFINITY,
  }
}

/**
 * All callers wait for one renewal; where the one who began it is cut off, the next one begins it again. It goes
 * through a pool for its retries and costs no unit: whether it counts against the day is unconfirmed (docs/networks/tiktok.md §1).
 */
const singleFlight = (pool: string, first: Grant | null, obtain: (now: number) => Promise<Grant>): Tokens => {
  let grant = first
  let flight: Promise<void> | null = null

  const current = async (ctx: CallContext): Promise<string> => {
    while (grant === null || grant.until <= ctx.now()) {
      const mine = flight === null
      flight ??= ctx
        .call({ pool, units: 0 }, async () => {
          try {
            grant = await obtain(ctx.now())
          } catch (error) {
            throw amendPassing(error, () => ({ isAsker: true }))
          }
        })
        .finally(() => {
          flight = null
        })
      try {
        await flight
      } catch (error) {
        if (mine || error instanceof FaultError) throw error
      }
    }
    return grant.token
  }
  return {
    current,
    renew(ctx, refused) {
      if (grant?.token === refused) grant = null
      return current(ctx)
    },
  }
}

/** Refusals that a person must mend; any other is told as its status says (docs/networks/tiktok.md §1). */
const DEAD: ReadonlySet<string> = new Set([
  'access_denied',
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_type',
])

export const openAskToken =
  (http: Http, origin: string): AskToken =>
  async form => {
    const request = {
      method: 'POST',
      url: `${origin}/v2/oauth/token/`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'cache-control': 'no-cache' },
      body: new URLSearchParams(form).toString(),
    } as const
    // Heard to its end even where its caller is gone: a rotated refresh token that nobody heard of is lost for good.
    const answer = await http.send(request, new AbortController().signal)
    const body = new Reader().object(answer.json(), '$')
    if (body?.has('access_token')) return body
    // Checked after a 2xx too: the status of a refusal is unconfirmed.
    const code = body?.string('error') ?? `http-${answer.status}`
    const said = body?.string('error_description') ?? 'no reason given'
    throw new FaultError(refusalOf(code, answer.status), `TikTok refused a token with ${code}: ${said}`)
  }

const refusalOf = (code: string, status: number): Fault => {
  if (DEAD.has(code)) return { kind: 'unauthorised', code }
  return status >= 400 && status < 500 && status !== 429
    ? { kind: 'unauthorised', code }
    : { kind: 'transient', code }
}

export const clientOf = (values: CredentialValues): Client => ({
  clientKey: values.client_key ?? '',
  clientSecret: values.client_secret ?? '',
})

const formOf = ({ clientKey, clientSecret }: Client) => ({
  client_key: clientKey,
  client_secret: clientSecret,
})

const readGrant = (answer: Fields, now: number): Grant => {
  const seconds = answer.count('expires_in')
  return {
    token: answer.string('access_token') ?? '',
    until: seconds === null ? Number.POSITIVE_INFINITY : now + seconds * 1000 - EARLY_MS,
  }
}
