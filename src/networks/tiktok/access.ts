import { createHash } from 'node:crypto'
import { type EntityKind, idOfEntity, kindOfEntity } from '../../core/entity.ts'
import type { Params } from '../../core/params.ts'
import type { IncrementalPolicy, Limits, Opening, Pool, Source } from '../../core/stream.ts'
import type { TaskKind } from '../../core/task.ts'
import type { CredentialKind, CredentialValues, OpenOptions } from '../contract.ts'
import { openEvidence } from '../evidence.ts'
import { type Api, openApi, type Question } from './api.ts'
import { isOpenId, ME } from './ids.ts'
import { isAlive, openOwnAccount } from './own-account.ts'
import { ownPricing, researchPricing } from './price.ts'
import { openByComment } from './streams/by-comment.ts'
import { openKnownGaps } from './streams/known-gaps.ts'
import { openLaterPages } from './streams/later-pages.ts'
import { ownStreams, researchStreams } from './streams.ts'
import {
  clientOf,
  NOTES,
  openAskToken,
  openClientTokens,
  openUserTokens,
  type Tokens,
  type UserTokens,
} from './tokens.ts'

export const RESEARCH = 'research client'
export const OWN = 'user token'

const ORIGIN = 'https://open.tiktokapis.com'

const client = (required: boolean): CredentialKind['fields'] => [
  { key: 'client_key', variable: 'SOCSYNC_TIKTOK_CLIENT_KEY', required, secret: false },
  { key: 'client_secret', variable: 'SOCSYNC_TIKTOK_CLIENT_SECRET', required, secret: true },
]

/**
 * An access token can be renewed only with all the rest, so a client beside one is the token's and no researcher's;
 * `open_id` spares asking whose token it is.
 */
export const CREDENTIALS: readonly CredentialKind[] = [
  {
    name: OWN,
    quota: '600 calls a minute',
    fields: [
      { key: 'access_token', variable: 'SOCSYNC_TIKTOK_ACCESS_TOKEN', required: true, secret: true },
      { key: 'refresh_token', variable: 'SOCSYNC_TIKTOK_REFRESH_TOKEN', required: false, secret: true },
      { key: 'open_id', variable: 'SOCSYNC_TIKTOK_OPEN_ID', required: false, secret: false },
      ...client(false),
    ],
    notes: NOTES,
  },
  { name: RESEARCH, quota: '1,000 calls a day', fields: client(true) },
]

/** Ten a second is the default of TikTok's own wrapper; the short-term limit is undocumented (docs/networks/tiktok.md §4). */
const PACE = { concurrency: { start: 4, most: 10 }, perSecond: 10, order: 'breadth-first' } as const

const day = (name: string, allowance: number): Pool => ({
  name,
  allowance,
  // Asking while the day is used up was seen to prolong the refusal past midnight (docs/networks/tiktok.md §4).
  window: { kind: 'day', zone: 'UTC', marginMs: 300_000 },
})

const minute = (name: string): Pool => ({ name, allowance: 600, window: { kind: 'rolling', ms: 60_000 } })

const RESEARCH_LIMITS: Limits = {
  ...PACE,
  pools: [day('main', 1000), { ...day('follow', 20_000), isOfSome: true }],
}
const OWN_LIMITS: Limits = { ...PACE, pools: ['user.info', 'video.list', 'video.query'].map(minute) }

const DAY_MS = 86_400_000
/** Absence from one search proves nothing: 1 in 8 videos is missing at times (docs/networks/tiktok.md §4, §7). */
const ABSENCE = { walks: 3, overMs: 7 * DAY_MS }

/** Searches are two days late, and counters settle within fourteen (docs/networks/tiktok.md §7). */
const RESEARCH_POLICY: IncrementalPolicy = {
  overlapMs: 12 * DAY_MS,
  lookbackMs: 3 * DAY_MS,
  lagMs: 2 * DAY_MS,
  absence: ABSENCE,
}
const OWN_POLICY: IncrementalPolicy = {
  overlapMs: 7 * DAY_MS,
  lookbackMs: 3 * DAY_MS,
  lagMs: 0,
  absence: ABSENCE,
}

/** With which stream a job begins that is of no profile. */
const BY_KIND: Readonly<Partial<Record<EntityKind, string>>> = {
  post: 'named',
  playlist: 'playlist',
  tag: 'found',
  search: 'found',
}

/** The Research API: the quota is the laboratory's, known by its client key. */
export const openResearch = (options: OpenOptions): Source => {
  const { values, name } = options.credential
  const owner = clientOf(values).clientKey
  const api = apiOf(options, researchTokens(options), owner)
  const now = (): number => options.clock.now()
  const learned = {
    gaps: openKnownGaps(options.memory, now),
    foundGaps: openKnownGaps(options.memory, now, '-to-queries'),
    laterPages: openLaterPages(options.memory, now),
    byComment: openByComment(openEvidence(options.memory, now), owner),
  }
  return {
    network: 'tiktok',
    credential: name,
    owner,
    limits: RESEARCH_LIMITS,
    incremental: RESEARCH_POLICY,
    pricing: researchPricing,
    streams: researchStreams(api, learned),
    opening: (entityId, params) => {
      const stream = BY_KIND[kindOfEntity(entityId)]
      if (stream !== undefined) return openingOf(stream, idOfEntity(entityId), false, ['likes'], params)
      return isOpenId(entityId) || entityId === ME
        ? null
        : openingOf('user', entityId, false, params.lists.includes('liked') ? [] : ['likes'], params)
    },
    alive: ctx => isAlive(() => api.ask(SOMEBODY, ctx)),
  }
}

/**
 * The Display API: one account, whose `open_id` may be known beforehand. Its short-term limit is that of its token, and a
 * refresh token is dead as soon as it was used (docs/networks/tiktok.md §5): one process at a time uses it.
 */
export const openOwn = (options: OpenOptions): Source => {
  const { values, name } = options.credential
  const owner = ownerOf(values)
  const api = apiOf(options, ownTokens(options), owner)
  const account = openOwnAccount(api, options.memory, owner, values.open_id ?? null)
  return {
    network: 'tiktok',
    credential: name,
    owner,
    account: owner,
    limits: OWN_LIMITS,
    incremental: OWN_POLICY,
    pricing: ownPricing,
    streams: ownStreams(api, account),
    opening: (entityId, params) => {
      const isPost = kindOfEntity(entityId) === 'post'
      // Whose a video is shows when it is asked for.
      if (!isPost && !account.isOwn(entityId)) return null
      return isPost
        ? openingOf('own-named', idOfEntity(entityId), false, ['comments', 'likes'], params)
        : openingOf('own-profile', account.keyOf(entityId), true, ['comments', 'likes'], params)
    },
    introduce: account.introduce,
    alive: ctx => isAlive(() => account.ask(ctx)),
  }
}

/** By whose quota a user's token is told from others. */
export const ownerOf = ({ open_id: openId, access_token: accessToken = '' }: CredentialValues): string =>
  openId ?? createHash('sha256').update(accessToken).digest('hex').slice(0, 16)

/** The cheapest question to the Research API: one field of an account that is there for as long as TikTok is. */
export const SOMEBODY: Question = {
  method: 'POST',
  path: '/v2/research/user/info/',
  pool: 'main',
  fields: ['display_name'],
  body: { username: 'tiktok' },
  deadlineMs: 60_000,
  tries: 1,
}

const openingOf = (
  stream: string,
  externalId: string,
  exclusive: boolean,
  lacks: readonly TaskKind[],
  { kinds }: Params,
): Opening => ({
  tasks: [{ stream, externalId }],
  skipped: lacks
    .filter(kind => kinds.includes(kind))
    .map(kind => ({ kind, reason: 'unsupported-by-network' as const })),
  exclusive,
})

const originOf = ({ baseUrl }: OpenOptions): string => baseUrl ?? ORIGIN

const askOf = (options: OpenOptions) => openAskToken(options.http, originOf(options))

export const researchTokens = (options: OpenOptions): Tokens =>
  openClientTokens(askOf(options), clientOf(options.credential.values))

export const ownTokens = (options: OpenOptions): UserTokens =>
  openUserTokens(askOf(options), options.credential.values, options.renew)

export const apiOf = (options: OpenOptions, tokens: Tokens, account: string): Api =>
  openApi({
    http: options.http,
    origin: originOf(options),
    tokens,
    evidence: openEvidence(options.memory, () => options.clock.now()),
    account,
  })
