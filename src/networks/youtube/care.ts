import { Reader } from '../reader.ts'
import type { OpenOptions, TokenCare } from '../contract.ts'
import { openApi } from './api.ts'
import { openGate } from './tokens.ts'

/**
 * networks/youtube.md §1. Nothing but a call that costs a unit tells whether a key works. A refresh token says nothing
 * of its end, and stays as it is: what is renewed is the access token, by every process for itself.
 */
export const tokenCare: TokenCare = {
  async inspect(options, ctx) {
    const isKey = options.credential.values.api_key !== undefined
    const gate = openGate(options)
    const { permissions } = await gate.permit(ctx)
    const query = isKey ? { part: 'id', id: ANY_CHANNEL } : { part: 'snippet', mine: 'true' }
    const { json } = await openApi(options.http, originOf(options), gate).list(ctx, 'channels', () => query)
    const [channel] = new Reader().object(json, '$')?.objects('items') ?? []
    return {
      works: true,
      who: (isKey ? null : (channel?.object('snippet')?.string('title') ?? null)),
      permissions: permissions === null ? null : [...permissions],
      expiresAt: isKey ? 'never' : null,
      problem: null,
    }
  },
}
