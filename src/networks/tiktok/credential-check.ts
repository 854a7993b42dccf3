import { type Instant, readInstant } from '../../core/instant.ts'
import type { CallContext } from '../../core/stream.ts'
import type { CredentialCheck, CredentialValues, OpenOptions, TokenReport } from '../contract.ts'
import { Reader } from '../reader.ts'
import { apiOf, OWN, ownTokens, researchTokens } from './access.ts'
import { dataOf } from './part.ts'
import { canRenew, clientOf } from './tokens.ts'

/** docs/networks/tiktok.md §1 and §5. */
export const credentialCheck: CredentialCheck = {
  inspect: (options, ctx) =>
    options.credential.kind === OWN ? inspectOwn(options, ctx) : inspectClient(options, ctx),

  async refresh(options, ctx) {
    const { kind, values } = options.credential
    if (kind !== OWN || !canRenew(values)) return null
    const tokens = ownTokens(options)
    await tokens.renew(ctx, values.access_token ?? '')
    return reportOf(tokens.values(), null)
  },
}

/** A client that is given a token is let in; what it may do is told by no answer. */
const inspectClient = async (options: OpenOptions, ctx: CallContext): Promise<TokenReport> => {
  await researchTokens(options).current(ctx)
  const who = `client ${clientOf(options.credential.values).clientKey}`
  return { works: true, who, permissions: null, expiresAt: null, problem: null }
}

const DEADLINE_MS = 60_000

const inspectOwn = async (options: OpenOptions, ctx: CallContext): Promise<TokenReport> => {
  const tokens = ownTokens(options)
  const part = await apiOf(options, tokens).ask(
    {
      method: 'GET',
      path: '/v2/user/info/',
      pool: 'user.info',
      fields: ['open_id', 'display_name', 'username'],
      // Of a permission that the owner may have kept back.
      spare: [['username']],
      grants: true,
      deadlineMs: DEADLINE_MS,
    },
    ctx,
  )
  const user = dataOf(part, new Reader()).object('user')
  const name = user?.string('username') ?? null
  return reportOf(tokens.values(), name === null ? (user?.string('display_name') ?? null) : `@${name}`)
}

/** The refresh token's end counts where there is one: the access token's is then nobody's business. */
const reportOf = (values: CredentialValues, who: string | null): TokenReport => ({
  works: true,
  who: who ?? values.open_id ?? null,
  permissions: values.scope?.split(',') ?? null,
  expiresAt: endOf(canRenew(values) ? values.refresh_expires_at : values.expires_at),
  problem: null,
})

const endOf = (noted = ''): Instant | null => readInstant(noted)
