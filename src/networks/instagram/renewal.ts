import { createHash } from 'node:crypto'
import { SocsyncError } from '../../core/errors.ts'
import { FaultError } from '../../core/fault.ts'
import { type Instant, instant, readInstant } from '../../core/instant.ts'
import type { CallContext } from '../../core/stream.ts'
import type { CredentialValues, OpenOptions } from '../contract.ts'
import { type Access, accessOf } from './access.ts'
import { refresh } from './tokens.ts'
import { APP_POOL } from './usage.ts'

/** The credential as it stands: renewed early, so that no run meets its end. */
export interface Tokens {
  current(ctx: CallContext): Promise<Access>
}

/** What a renewal notes beside the token. */
export const NOTES = ['expires_at'] as const

/** Calls about tokens cost nothing (docs/networks/instagram.md §1); they go through a pool for their tries. */
export const FREE = { pool: APP_POOL, units: 0 } as const

const DAY = 86_400_000
/** A quarter of the sixty days that a long-lived token lives (docs/networks/instagram.md §1). */
const EARLY_MS = 15 * DAY

/** When the token ends, as its renewal noted it; null = not known. */
export const notedEnd = (values: CredentialValues): Instant | null => readInstant(values.expires_at ?? '')

/** Whether the network would take the token for a longer-lived one: the Facebook side wants the app's secret too (docs/networks/instagram.md §1). */
export const canRenew = ({ side, appId, appSecret }: Access): boolean =>
  side === 'instagram' || (appId !== null && appSecret !== null)

/** A token with a longer life, kept before it is used. Heard to its end even where the caller is gone. */
export const renew = (values: CredentialValues, { credential, baseUrl, http, renew }: OpenOptions) =>
  renew(values, async current => {
    const access = accessOf({ ...credential, values: current }, baseUrl)
    const { token, expiresAt } = await refresh(access, http, new AbortController().signal)
    return { access_token: token, expires_at: expiresAt ?? 'unknown' }
  })

/**
 * Looks once, before the first call, whether the token should be renewed: where its end is near, and on the Instagram
 * side also where it is not known, since nothing there tells it but a renewal. A refusal (the token may be less than a
 * day old) leaves the old one in use, and is not asked for again within a day.
 */
export const openTokens = (options: OpenOptions): Tokens => {
  const { credential, baseUrl, memory } = options
  let { values } = credential
  let look: Promise<void> | null = null

  const lookAhead = async (ctx: CallContext): Promise<void> => {
    const access = accessOf({ ...credential, values }, baseUrl)
    const asked = `token asked ${createHash('sha256').update(access.token).digest('hex').slice(0, 12)}`
    const before = memory.get(asked)
    const rested = typeof before !== 'string' || Date.parse(before) + DAY <= ctx.now()
    if (!rested || !canRenew(access) || !isDue(access, notedEnd(values), ctx.now())) return
    memory.set(asked, instant(ctx.now()))
    try {
      values = await ctx.call(FREE, () => renew(values, options).catch(explain))
    } catch (error) {
      if (!(error instanceof FaultError)) throw error
    }
  }
  return {
    async current(ctx) {
      look ??= lookAhead(ctx)
      await look
      return accessOf({ ...credential, values }, baseUrl)
    },
  }
}

/** One that has ended cannot be renewed. */
const isDue = ({ side }: Access, end: Instant | null, now: number): boolean => {
  if (end === null) return side === 'instagram'
  const left = Date.parse(end) - now
  return 0 < left && left < EARLY_MS
}

/** A credentials file that cannot be written is no reason to end a run whose token still lives: it is logged. */
const explain = (error: unknown): never => {
  if (!(error instanceof SocsyncError)) throw error
  const message = `the token was not renewed: ${error.message}`
  throw new FaultError({ kind: 'rejected', code: 'not-kept' }, message, { cause: error })
}
