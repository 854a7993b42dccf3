import type { CredentialCheck } from '../contract.ts'
import { Reader } from '../reader.ts'
import { openApi, originOf } from './api.ts'
import { openGate } from './tokens.ts'

/** Whether it is there does not matter: the answer says whether the key is let in. */
const ANY_CHANNEL = 'UCLA_DiR1FfKNvjuUpBHmylQ'

/**
 * docs/networks/youtube.md §1. Nothing but a call that costs a unit tells whether a key works. A refresh token's end is
 * told by nobody, and it stays as it is: what is renewed is the access token, by each process for itself.
 */
export const credentialCheck: CredentialCheck = {
  async inspect(options, ctx) {
    const isKey = options.credential.values.api_key !== undefined
    const gate = openGate(options)
    const { permissions } = await gate.permit(ctx)
    const query = isKey ? { part: 'id', id: ANY_CHANNEL } : { part: 'snippet', mine: 'true' }
    const { json } = await openApi(options.http, originOf(options), gate).list(ctx, 'channels', () => query)
    const [channel] = new Reader().object(json, '$')?.objects('items') ?? []
    return {
      works: true,
      who: isKey ? null : (channel?.object('snippet')?.string('title') ?? null),
      permissions: permissions === null ? null : [...permissions],
      expiresAt: isKey ? 'never' : null,
      problem: null,
    }
  },

  async refresh(options, ctx) {
    if (options.credential.values.api_key !== undefined) return null
    const { permissions } = await openGate(options).permit(ctx)
    const told = permissions === null ? null : [...permissions]
    return { works: true, who: null, permissions: told, expiresAt: null, problem: null }
  },
}
