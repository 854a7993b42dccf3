import { FaultError } from '../../core/fault.ts'
import type { CredentialCheck } from '../contract.ts'
import { openApi, originOf, WELL_KNOWN } from './api.ts'
import { askWho } from './own.ts'
import { openGate } from './tokens.ts'

/**
 * docs/networks/youtube.md §1. What is set up wrong is reported with what to set. Nothing but a call that costs a unit tells whether a key works. A refresh token's end is
 * told by nobody, and it stays as it is: what is renewed is the access token, by each process for itself.
 */
export const credentialCheck: CredentialCheck = {
  async inspect(options, ctx) {
    const isKey = options.credential.values.api_key !== undefined
    const gate = openGate(options)
    const { permissions } = await gate.permit(ctx)
    const told = {
      permissions: permissions === null ? null : [...permissions],
      expiresAt: isKey ? 'never' : null,
    } as const
    const api = openApi(options.http, originOf(options), gate)
    try {
      if (isKey) {
        // Whether it is there does not matter: the answer says whether the key is let in.
        await api.list(ctx, 'channels', () => ({ part: 'id', id: WELL_KNOWN.channels }))
        return { works: true, who: null, ...told, problem: null }
      }
      const own = await askWho(api, ctx)
      return { works: true, who: own?.title ?? null, ...(own && { ownId: own.id }), ...told, problem: null }
    } catch (error) {
      if (!(error instanceof FaultError) || error.fault.kind !== 'misconfigured') throw error
      const problem = `${error.message}; ${error.fault.advice}`
      return { works: false, who: null, ...told, problem }
    }
  },

  async refresh(options, ctx) {
    if (options.credential.values.api_key !== undefined) return null
    const { permissions } = await openGate(options).permit(ctx)
    const told = permissions === null ? null : [...permissions]
    return { works: true, who: null, permissions: told, expiresAt: null, problem: null }
  },
}
