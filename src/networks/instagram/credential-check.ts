import { FaultError } from '../../core/fault.ts'
import { type Instant, instant } from '../../core/instant.ts'
import type { CallContext } from '../../core/stream.ts'
import type { CredentialCheck, OpenOptions } from '../contract.ts'
import { Reader } from '../reader.ts'
import { type Access, accessOf } from './access.ts'
import { openGraph } from './graph.ts'
import { openOwn } from './own.ts'
import { canRenew, FREE, notedEnd, openTokens, renew } from './renewal.ts'
import { inspect, type TokenState } from './tokens.ts'
import { accountPool } from './usage.ts'

/**
 * docs/networks/instagram.md §1. The Instagram side has no inspection but a read of the account, which its pool pays. On the
 * Facebook side such a read tells in addition whether the account that asks is one, and which it is where none is named.
 */
export const credentialCheck: CredentialCheck = {
  async inspect(options, ctx) {
    const { credential, baseUrl, http } = options
    const access = accessOf(credential, baseUrl)
    const state = await ctx.call(priceOf(access), signal => inspect(access, http, signal))
    const refused = state.valid
      ? whyNot(state, access, ctx.now())
      : (state.problem ?? 'the network calls it invalid')
    const { accounts, problem } = refused === null ? await findOwn(access, state, options, ctx) : NOT_ASKED
    const [own] = accounts
    return {
      works: refused === null && problem === null,
      who: whoIs(state, accounts),
      ...(own !== undefined && { ownId: own.id }),
      ...(accounts.length > 1 && { ownIds: accounts.map(({ id }) => id) }),
      permissions: state.scopes,
      expiresAt: endOf(state) ?? notedEnd(credential.values),
      problem: refused ?? problem,
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

/** What every read needs, and what reading others through an own account needs beside it (docs/networks/instagram.md §1, §5). */
const NEEDED = ['instagram_basic', 'pages_read_engagement']
const NEEDED_FOR_OTHERS = ['instagram_manage_insights']

/** Why a token that lives is of no use; null = nothing is known against it. */
const whyNot = (
  { dataAccessExpiresAt: end, scopes }: TokenState,
  access: Access,
  now: number,
): string | null => {
  if (end !== null && end !== 'never' && end <= instant(now))
    return `access to the data of its accounts ended on ${end.slice(0, 10)}: their owner has to log in to the app again`
  if (access.side === 'instagram' || scopes === null) return null
  const needed = access.userId === null ? NEEDED : [...NEEDED, ...NEEDED_FOR_OTHERS]
  const missing = needed.filter(scope => !scopes.includes(scope))
  return missing.length === 0 ? null : `it has no permission for ${missing.join(', ')}`
}

interface OwnAccount {
  readonly id: string
  readonly username: string | null
}

interface Found {
  readonly accounts: readonly OwnAccount[]
  /** Why the account that is named cannot ask. */
  readonly problem: string | null
}

const NOT_ASKED: Found = { accounts: [], problem: null }

/** The account behind the token: the one that is named, looked at; else those of its Pages. */
const findOwn = async (
  access: Access,
  state: TokenState,
  options: OpenOptions,
  ctx: CallContext,
): Promise<Found> => {
  if (access.side === 'instagram') {
    const { userId: id, username } = state
    return { accounts: id === null ? [] : [{ id, username }], problem: null }
  }
  const graph = openGraph(access, openTokens(options), options.http)
  try {
    if (access.userId === null) return { accounts: await accountsOfPages(graph, ctx), problem: null }
    await openOwn(access, graph, options.memory, () => ctx.now()).introduce(ctx)
    return { accounts: [{ id: access.userId, username: null }], problem: null }
  } catch (error) {
    if (!(error instanceof FaultError)) throw error
    const { fault, message } = error
    // Anything else says nothing of the token.
    return fault.kind === 'misconfigured'
      ? { accounts: [], problem: `${message}; ${fault.advice}` }
      : NOT_ASKED
  }
}

const accountsOfPages = async (
  graph: ReturnType<typeof openGraph>,
  ctx: CallContext,
): Promise<readonly OwnAccount[]> => {
  const query = { fields: 'instagram_business_account{id,username}', limit: '100' }
  const call = { path: 'me/accounts', query, target: 'self', account: null, paged: false } as const
  const { part } = await graph.get(call, ctx)
  const pages = new Reader().object(part.json, '$')?.objects('data') ?? []
  return pages.flatMap(page => {
    const account = page.object('instagram_business_account')
    const id = account?.id('id') ?? null
    return id === null ? [] : [{ id, username: account?.string('username') ?? null }]
  })
}

/** `@north.pier`, `system user 122100000000000555`; where there are several accounts to choose from, those too. */
const whoIs = ({ type, userId, username }: TokenState, accounts: readonly OwnAccount[]): string | null => {
  if (username !== null) return `@${username}`
  const who = [type?.toLowerCase().replaceAll('_', ' '), userId].filter(Boolean).join(' ')
  const choice = accounts.length < 2 ? [] : accounts.map(({ id, username: name }) => `@${name ?? '?'} ${id}`)
  return [who, choice.join(', ')].filter(Boolean).join(': ') || null
}

/** Access to data may end before the token does. */
const endOf = ({ expiresAt, dataAccessExpiresAt }: TokenState): Instant | 'never' | null => {
  const ends = [expiresAt, dataAccessExpiresAt].filter(end => end !== null)
  return ends.filter(end => end !== 'never').sort()[0] ?? ends[0] ?? null
}
