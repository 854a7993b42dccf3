import type { Instant } from '../../core/instant.ts'
import type { CredentialCheck } from '../contract.ts'
import { type Access, accessOf } from './access.ts'
import { canRenew, FREE, notedEnd, renew } from './renewal.ts'
import { inspect, type TokenState } from './tokens.ts'
import { accountPool } from './usage.ts'

/** docs/networks/instagram.md §1. The Instagram side has no inspection but a read of the account, which its pool pays. */
export const credentialCheck: CredentialCheck = {
  async inspect({ credential, baseUrl, http }, ctx) {
    const access = accessOf(credential, baseUrl)
    const state = await ctx.call(priceOf(access), signal => inspect(access, http, signal))
    return {
      works: state.valid,
      who: whoIs(state),
      permissions: state.scopes,
      expiresAt: endOf(state) ?? notedEnd(credential.values),
      problem: state.problem,
    }
  },

  async refresh(options, ctx) {
    const { credential, baseUrl, http } = options
    const access = accessOf(credential, baseUrl)
    if (!canRenew(access)) return null
    if (access.side === 'facebook') {
      // A system user's token that never ends is not to be exchanged for one that does.
      const { valid, expiresAt } = await ctx.call(FREE, signal => inspect(access, http, signal))
      if (valid && expiresAt === 'never') return null
    }
    const renewed = await ctx.call(FREE, () => renew(credential.values, options))
    return { works: true, who: null, permissions: null, expiresAt: notedEnd(renewed), problem: null }
  },
}

const priceOf = ({ side, userId }: Access) =>
  side === 'facebook' ? FREE : { pool: accountPool(userId ?? 'own'), units: 1 }

/** `@north.pier`, `system user 122100000000000555`. */
const whoIs = ({ type, userId, username }: TokenState): string | null => {
  if (username !== null) return `@${username}`
  return [type?.toLowerCase().replaceAll('_', ' '), userId].filter(Boolean).join(' ') || null
}

/** Access to data may end before the token does. */
const endOf = ({ expiresAt, dataAccessExpiresAt }: TokenState): Instant | 'never' | null => {
  const ends = [expiresAt, dataAccessExpiresAt].filter(end => end !== null)
  return ends.filter(end => end !== 'never').sort()[0] ?? ends[0] ?? null
}
