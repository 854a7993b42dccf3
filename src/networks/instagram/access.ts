import { createHash, createHmac } from 'node:crypto'
import type { Credential } from '../contract.ts'

/** Open until after mid-2028 (docs/networks/instagram.md §1). Always sent: a call without one gets the app's default. */
export const VERSION = 'v26.0'

/** Facebook Login reads other accounts too; Instagram Login reads exactly its own (docs/networks/instagram.md §1). */
export type Side = 'facebook' | 'instagram'

const HOSTS: Readonly<Record<Side, string>> = {
  facebook: 'https://graph.facebook.com',
  instagram: 'https://graph.instagram.com',
}

/** One credential, ready for use. */
export interface Access {
  readonly side: Side
  readonly token: string
  /** The own account that asks about others. */
  readonly userId: string | null
  readonly appId: string | null
  readonly appSecret: string | null
  /** Without a slash at the end. */
  readonly baseUrl: string
}

/** Instagram User tokens start with `IG`, those of Facebook Login with `EAA` (docs/networks/instagram.md §1). `baseUrl` null = the real hosts. */
export const accessOf = ({ values }: Credential, baseUrl: string | null): Access => {
  const token = values.access_token ?? ''
  const side = token.startsWith('IG') ? 'instagram' : 'facebook'
  return {
    side,
    token,
    userId: values.user_id ?? null,
    appId: values.app_id ?? null,
    appSecret: values.app_secret ?? null,
    baseUrl: baseUrl ?? HOSTS[side],
  }
}

/** Whose quota is spent, without a secret: the app, or a fingerprint of the token where the app is not named. */
export const ownerOf = ({ appId, token }: Access): string => appId ?? `token-${fingerprint(token)}`

/**
 * Who is counted beside the app: business use cases by app and account, the platform by the person behind a user's token,
 * over all apps; and how much is used is told to who calls alone (docs/networks/instagram.md §9). Where no account is named, it
 * is the token's.
 */
export const accountOf = ({ userId, token }: Access): string => userId ?? `token-${fingerprint(token)}`

const fingerprint = (token: string): string => createHash('sha256').update(token).digest('hex').slice(0, 12)

export const authorisation = (token: string): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${token}`,
})

/** `appsecret_proof`: lower-case hex HMAC-SHA256 of the token under the app's secret, of the Facebook side alone (docs/networks/instagram.md §1). */
export const proofOf = ({ side, token, appSecret }: Access): Readonly<Record<string, string>> =>
  appSecret === null || side === 'instagram'
    ? {}
    : { appsecret_proof: createHmac('sha256', appSecret).update(token).digest('hex') }
