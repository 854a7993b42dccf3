import { FaultError } from '../../core/fault.ts'
import { type Instant, readInstant } from '../../core/instant.ts'
import type { CallContext } from '../../core/stream.ts'
import type { CredentialCheck, CredentialValues, OpenOptions, TokenReport } from '../contract.ts'
import { apiOf, OWN, ownerOf, ownTokens, researchTokens, SOMEBODY } from './access.ts'
import type { Refusal } from './errors.ts'
import { namesIn, WHO } from './own-account.ts'
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

/**
 * Any client that exists is given a token; whether it has Research approval shows with the first question, about an
 * account that everybody knows (a unit of the day). Where the day is used up it cannot be known.
 */
const inspectClient = async (options: OpenOptions, ctx: CallContext): Promise<TokenReport> => {
  const { clientKey } = clientOf(options.credential.values)
  const tokens = researchTokens(options)
  await tokens.current(ctx)
  const isAsked = await apiOf(options, tokens, clientKey)
    .ask({ ...SOMEBODY, accepts: isAboutThem }, ctx)
    .then(() => true, notToday)
  const who = `client ${clientKey}${isAsked ? '' : UNKNOWN}`
  return { works: true, who, permissions: null, expiresAt: null, problem: null }
}

const UNKNOWN = ", whose Research approval cannot be asked about before the day's quota is there again"

/** What is said of an account is said to a client that is let in. */
const isAboutThem = ({ sense }: Refusal): boolean =>
  ['no-user', 'refused', 'private', 'empty'].includes(sense)

const notToday = (error: unknown): false => {
  if (error instanceof FaultError && error.fault.kind === 'quota-exhausted') return false
  throw error
}

const inspectOwn = async (options: OpenOptions, ctx: CallContext): Promise<TokenReport> => {
  const tokens = ownTokens(options)
  const part = await apiOf(options, tokens, ownerOf(options.credential.values)).ask(WHO, ctx)
  const { openId, username, name } = namesIn(part)
  const report = reportOf(tokens.values(), username === null ? name : `@${username}`)
  return openId === null ? report : { ...report, ownId: openId }
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
