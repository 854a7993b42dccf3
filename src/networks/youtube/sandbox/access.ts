import type { SandboxRequest } from '../../sandbox.ts'
import { hash32 } from '../../seeded.ts'
import { type Refusal, refuse } from './errors.ts'

/** Invented, fixed, and worthless elsewhere. */
export const YOUTUBE_ACCESS = {
  apiKey: 'sandbox-youtube-key',
  /** Of the same project: shares its quota. */
  secondApiKey: 'sandbox-youtube-key-two',
  otherProjectApiKey: 'sandbox-youtube-key-other-project',
  /** Of a project where the API is not switched on. */
  disabledApiKey: 'sandbox-youtube-key-disabled',
  clientId: 'sandbox-client.apps.example',
  clientSecret: 'sandbox-youtube-client-secret',
  refreshToken: '1//sandbox-youtube-refresh',
  /** Gives access tokens that may read all but comments. */
  readonlyRefreshToken: '1//sandbox-youtube-refresh-readonly',
  revokedRefreshToken: '1//sandbox-youtube-refresh-revoked',
} as const

export const SCOPES = {
  'force-ssl': 'https://www.googleapis.com/auth/youtube.force-ssl',
  readonly: 'https://www.googleapis.com/auth/youtube.readonly',
} as const

export type Scope = keyof typeof SCOPES

const PROJECT = 'project-1'

const KEYS: ReadonlyMap<string, string> = new Map([
  [YOUTUBE_ACCESS.apiKey, PROJECT],
  [YOUTUBE_ACCESS.secondApiKey, PROJECT],
  [YOUTUBE_ACCESS.otherProjectApiKey, 'project-2'],
])

/** Who asks: whose quota is spent, and with which permission where a person stands behind it. */
export interface Caller {
  readonly project: string
  /** Null = an API key. */
  readonly scope: Scope | null
}

/** An access token that says by itself until when it is good, so that it outlives the process that gave it out. */
export const mintToken = (scope: Scope, expiresAt: number): string => {
  const claims = `${scope}.${Math.floor(expiresAt / 1000).toString(36)}`
  return `ya29.sandbox.${claims}.${hash32(claims, 'token').toString(36)}`
}

const readToken = (token: string): { readonly scope: Scope; readonly expiresAt: number } | null => {
  const [, , scope = '', seconds = ''] = token.split('.')
  const expiresAt = Number.parseInt(seconds, 36) * 1000
  return isScope(scope) && mintToken(scope, expiresAt) === token ? { scope, expiresAt } : null
}

const isScope = (name: string): name is Scope => Object.hasOwn(SCOPES, name)

/** A token counts before a key (docs/networks/youtube.md §1). */
export const identify = ({ query, headers }: SandboxRequest, now: number): Caller | Refusal => {
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]
  const token = bearer || query.get('access_token') || query.get('oauth_token')
  if (token) {
    const known = readToken(token)
    return known !== null && now < known.expiresAt
      ? { project: PROJECT, scope: known.scope }
      : refuse('authError')
  }
  const key = query.get('key') || headers['x-goog-api-key']
  if (!key) return refuse('unregistered')
  if (key === YOUTUBE_ACCESS.disabledApiKey) return refuse('accessNotConfigured')
  const project = KEYS.get(key)
  return project === undefined ? refuse('apiKeyInvalid') : { project, scope: null }
}
