import { idOfEntity, kindOfEntity } from '../../core/entity.ts'
import type { Params } from '../../core/params.ts'
import type { IncrementalPolicy, Limits, Opening } from '../../core/stream.ts'
import type { Reason, TaskKind } from '../../core/task.ts'
import type { CredentialKind, Network } from '../contract.ts'
import { openEvidence } from '../evidence.ts'
import { abilitiesOf } from './abilities.ts'
import { type Access, accessOf, accountOf, ownerOf, type Side } from './access.ts'
import { askAlive } from './alive.ts'
import { LOOKBACK_MS } from './bounds.ts'
import { credentialCheck } from './credential-check.ts'
import { describe } from './describe.ts'
import { GIVES, TERMS } from './gives.ts'
import { openGraph } from './graph.ts'
import { hashtagPool, openHashtags } from './hashtags.ts'
import { explainId, explainPost, isOwnId, PROFILE_ADDRESS, parseId, parsePost, parseTag } from './ids.ts'
import { choiceOf, INSIGHTS } from './insight-sorts.ts'
import { openInsightsKnown } from './insights-known.ts'
import { ME, type Own, openOwn } from './own.ts'
import { instagramPricing } from './price.ts'
import { NOTES, openTokens } from './renewal.ts'
import { openStreams } from './streams.ts'
import { openTurns, type Turns } from './turns.ts'
import { APP_POOL, accountPool } from './usage.ts'

const TOKEN: CredentialKind = {
  name: 'user token',
  quota:
    'what Meta allows the app in an hour, and each own account in a day, by the number of people: it is not told',
  fields: [
    { key: 'access_token', variable: 'SOCSYNC_INSTAGRAM_ACCESS_TOKEN', required: true, secret: true },
    { key: 'user_id', variable: 'SOCSYNC_INSTAGRAM_USER_ID', required: false, secret: false },
    { key: 'app_id', variable: 'SOCSYNC_INSTAGRAM_APP_ID', required: false, secret: false },
    { key: 'app_secret', variable: 'SOCSYNC_INSTAGRAM_APP_SECRET', required: false, secret: true },
  ],
  notes: NOTES,
}

const HOUR = 3_600_000

/** The app's pool pays for reading others, each own account's for itself; how large they are is not told (docs/networks/instagram.md §9). */
const limitsOf = ({ side, userId }: Access): Limits => ({
  concurrency: { start: 4, most: 16 },
  perSecond: null,
  order: 'by-entity',
  pools: [
    { name: APP_POOL, allowance: null, window: { kind: 'rolling', ms: HOUR } },
    ...(side === 'facebook' && userId !== null ? [hashtagPool(userId)] : []),
    { name: accountPool(userId ?? 'own'), allowance: null, window: { kind: 'rolling', ms: 24 * HOUR } },
  ],
})

/** Posts appear at once and at the head of their list; nothing tells which older one has changed (docs/networks/instagram.md §11). */
const POLICY: IncrementalPolicy = {
  overlapMs: 7 * 24 * HOUR,
  lookbackMs: LOOKBACK_MS,
  lagMs: 0,
  absence: { walks: 1, overMs: 0 },
}

/**
 * An own account can be read by the token that manages it alone; the Instagram side's token manages exactly one, and
 * reads nobody else. On the Facebook side others are read through an own account; where none is named, their first call
 * says so.
 */
const open = ({ side, userId }: Access, own: Own, entityId: string, { kinds }: Params): Opening | null => {
  const skip = skipOf(kinds)
  const ownId = isOwnId(entityId) ? entityId : own.isNamed(entityId) ? idOf(side, own) : null
  if (ownId !== null) {
    const task = { stream: 'account', externalId: ownId }
    const others = side === 'instagram' && userId !== null && userId !== ownId
    return others ? null : { tasks: [task], skipped: skip('likes'), exclusive: true }
  }
  if (side === 'instagram') return { tasks: [], skipped: skip(...kinds), exclusive: false }
  const task = { stream: 'discovery', externalId: entityId }
  return { tasks: [task], skipped: skip('comments', 'likes'), exclusive: false }
}

/** What a hashtag has is told to the Facebook side alone (docs/networks/instagram.md §2), and no comments of it. */
const openTag = (side: Side, name: string, { kinds }: Params): Opening =>
  side === 'facebook'
    ? {
        tasks: [{ stream: 'tag', externalId: name }],
        skipped: skipOf(kinds)('comments', 'likes'),
        exclusive: false,
      }
    : { tasks: [], skipped: skipOf(kinds)(...kinds), exclusive: false }

/** A post of an own account. Where several credentials may have it, one asks, and all that follows from it is for that one too. */
const openPost = (turns: Turns, id: string, { kinds }: Params): Opening | null =>
  turns.isNext(id)
    ? {
        tasks: [{ stream: 'named', externalId: id }],
        skipped: skipOf(kinds)('likes'),
        exclusive: turns.isShared(),
      }
    : null

const skipOf =
  (kinds: Params['kinds']) =>
  (...unsupported: readonly TaskKind[]) =>
    kinds
      .filter(kind => unsupported.includes(kind))
      .map(kind => ({ kind, reason: 'unsupported-by-network' satisfies Reason }) as const)

/** An Instagram Login token answers to `me` for its account; one of Facebook Login is a person's. */
const idOf = (side: Side, own: Own): string | null => own.id() ?? (side === 'instagram' ? ME : null)

export const instagram: Network = {
  name: 'instagram',
  title: 'Instagram',
  hosts: ['instagram.com'],
  parseId,
  explainId,
  others: {
    post: {
      parse: parsePost,
      explain: explainPost,
      forms: 'the numeric id of a media of an own account, as `export posts` and the API tell it',
    },
    tag: {
      parse: parseTag,
      forms: 'a hashtag with # or without, or its address (https://www.instagram.com/explore/tags/…)',
    },
  },
  idForms: 'a username, @username or profile address; for an own account its numeric id, or `me`',
  profileAddress: PROFILE_ADDRESS,
  credentials: [TOKEN],
  baseUrlVariable: 'SOCSYNC_INSTAGRAM_BASE_URL',
  abilities: abilitiesOf(TOKEN.name),
  lists: { tagged: 'who tags an own account, and in which posts' },
  insights: INSIGHTS,
  gives: GIVES,
  terms: TERMS,
  open: options => {
    const { credential, baseUrl, http, clock, memory } = options
    const now = (): number => clock.now()
    const access = accessOf(credential, baseUrl)
    const graph = openGraph(access, openTokens(options), http)
    const own = openOwn(access, graph, memory, now)
    const choice = choiceOf(access.side, options.insights)
    const turns = openTurns(accountOf(access), memory, now)
    const hashtags = openHashtags(accountOf(access), memory, now)
    return {
      network: 'instagram',
      credential: credential.name,
      owner: ownerOf(access),
      account: accountOf(access),
      limits: limitsOf(access),
      incremental: POLICY,
      pricing: instagramPricing(
        access.side,
        own,
        openInsightsKnown(choice, openEvidence(memory, now), memory, now),
        turns,
        hashtags,
      ),
      streams: openStreams(graph, own, turns, hashtags, choice, memory, now),
      opening: (entityId, params) => {
        const [kind, id] = [kindOfEntity(entityId), idOfEntity(entityId)]
        if (kind === 'post') return openPost(turns, id, params)
        return kind === 'tag' ? openTag(access.side, id, params) : open(access, own, entityId, params)
      },
      // A Facebook Login token is a person's: where no account is named that asks, there is none to learn about.
      ...((access.side === 'instagram' || access.userId !== null) && { introduce: own.introduce }),
      alive: ctx => askAlive(graph, ctx),
    }
  },
  describe,
  tokens: credentialCheck,
  loadSandbox: async () => (await import('./sandbox.ts')).openInstagramSandbox,
}
