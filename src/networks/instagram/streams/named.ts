import { FaultError } from '../../../core/fault.ts'
import type { PostRecord } from '../../../core/records.ts'
import {
  type Cursor,
  type FetchContext,
  type PageRequest,
  page,
  type RawPart,
  type Stream,
  type TaskRef,
} from '../../../core/stream.ts'
import type { Reason } from '../../../core/task.ts'
import { LOOKBACK_MS } from '../bounds.ts'
import { explain, isLost, isOfChild, readError } from '../errors.ts'
import type { Graph } from '../graph.ts'
import { mediumOf } from '../insight-sorts.ts'
import { BESIDE, type ReadBeside } from '../insights-beside.ts'
import { isListing } from '../insights-calls.ts'
import { MOST, openNamedReading } from '../named-reading.ts'
import { type ListedPost, postsOf, profileOf } from '../normalise.ts'
import type { Own } from '../own.ts'
import { noted } from '../paging.ts'
import type { PageReader } from '../read.ts'
import type { Turns } from '../turns.ts'
import { ownAccount } from './account.ts'
import { type Answer, readAnswer } from './answer.ts'
import { commentsUnder } from './comments.ts'
import { besideOf } from './insights.ts'
import { movable } from './media.ts'

/** So long what was told of an account is new enough to stand beside another of its posts. */
const TOLD_MS = 3_600_000

/** What the stream is made of. */
export interface NamedParts {
  readonly graph: Graph
  readonly own: Own
  readonly reader: PageReader
  readonly readBeside: ReadBeside
  readonly turns: Turns
}

/**
 * Own posts that the list names (docs/networks/instagram.md §21): each a call, with its comments; their insights 25 in a call,
 * and once an hour the account that they are of. What could not be had of a page after something of it came is the next page.
 */
export const namedStream = ({ graph, own, reader, readBeside, turns }: NamedParts): Stream => {
  const readNamed = openNamedReading(graph, reader, turns)
  const told = new Map<string, number>()

  /** A fault of it costs no post: it is asked for another time. */
  const readAccount = async (id: string, ctx: FetchContext): Promise<readonly RawPart[]> => {
    if (ctx.now() - (told.get(id) ?? Number.NEGATIVE_INFINITY) < TOLD_MS) return []
    try {
      const { parts } = await reader.read(ownAccount(graph, own, id), ctx)
      told.set(id, ctx.now())
      return parts
    } catch (error) {
      if (!(error instanceof FaultError) || ctx.signal.aborted) throw error
      return []
    }
  }

  const confirm = async (account: string, ctx: FetchContext): Promise<readonly RawPart[]> =>
    (await reader.read({ ...ownAccount(graph, own, account), target: 'list' }, ctx)).parts

  const readInsights = async (
    account: string,
    posts: readonly PostRecord[],
    { tasks, startedAt, params }: PageRequest,
    ctx: FetchContext,
  ): Promise<readonly RawPart[]> => {
    // Stories are in no list of posts.
    const listed = posts.filter(({ kind }) => kind !== 'story')
    const incremental = new Set(tasks.flatMap(({ from, externalId }) => (from === null ? [] : [externalId])))
    const seen = listed.filter(({ id }) => incremental.has(id))
    const moved = seen.length === 0 ? [] : await movable(seen, params.lookbackMs ?? LOOKBACK_MS, ctx)
    const due = [...listed.filter(({ id }) => !incremental.has(id)), ...moved].map(({ id }) => id)
    const media = listed.flatMap(post => mediumOf(post, startedAt) ?? [])
    const listing = { edge: 'media', user: account, apart: true } as const
    return readBeside({ listing, account, media, due: new Set(due) }, ctx)
  }

  return {
    name: 'named',
    kind: 'posts',
    // What waits to share a walk is read by whoever comes first; a post may be for one credential alone.
    get batch() {
      return turns.isShared() ? 1 : graph.side === 'facebook' ? MOST : BESIDE
    },
    // Who pays is known of those that came before.
    share: ({ profileId }) => profileId ?? 'unknown',
    named: true,
    newestFirst: false,
    lists: 'posts',

    async fetch(request, ctx) {
      const payer = request.tasks[0]?.profileId ?? own.id()
      const account = payer ?? 'own'
      const ids = askedIn(request)
      const stored = await ctx.counters(ids)
      const hidden = new Set(ids.filter(id => stored.get(id)?.likeCount === null))
      const answers = await readNamed({ ids, hidden, account, params: request.params }, ctx)
      // An Instagram Login token has one account, whatever an answer calls it.
      const isOfOne = graph.side === 'instagram' && payer !== null
      const parts = answers.map(part => ({
        ...part,
        request: {
          ...part.request,
          ...(isOfOne && { account }),
          ...(part.status !== 200 && !turns.isSure(idOf(part)) && { unsure: true }),
        },
      }))
      const { posts, refusals } = readPosts(parts, request)
      for (const { post } of posts) turns.given(post.id)
      for (const { id } of refusals) turns.refused(id)
      const beside: RawPart[] = []
      // Throttling looks the same (docs/networks/instagram.md §10): that all are gone is believed where their account is there.
      if (payer !== null && posts.length === 0 && refusals.some(({ reason }) => reason === 'not-found'))
        beside.push(...(await confirm(payer, ctx)))
      for (const [owner, of] of Map.groupBy(posts, ({ post }) => post.profileId)) {
        beside.push(...(await readAccount(owner, ctx)))
        const records = of.map(({ post }) => post)
        if (request.params.kinds.includes('posts'))
          beside.push(...(await readInsights(owner, records, request, ctx)))
      }
      return { parts: [...parts, ...beside] }
    },

    normalise(raw, request) {
      const { params, startedAt, tasks } = request
      const { posts, refusals, others, left, refusesComments, readers } = readPosts(raw.parts, request)
      const accounts = others.filter(isListing).map(part => readAnswer({ parts: [part] }))
      const profiles = accounts.flatMap(({ body, asked }) => (body && profileOf(body, asked)) ?? [])
      const records = posts.map(({ post }) => post)
      const insights = besideOf({ parts: others.filter(part => !isListing(part)) }, records, startedAt)
      const commented = posts.map(post => commentsUnder(post, post.answer.asked, refusesComments, params))
      const isThere = new Set([...records.map(({ id }) => id), ...refusals.map(({ id }) => id), ...left])
      return page({
        records: [
          ...profiles,
          ...posts.flatMap((post, at) => [...post.records, ...(commented[at]?.records ?? [])]),
        ],
        snapshots: insights.snapshots,
        children: [...commented.flatMap(({ children }) => children), ...insights.children],
        identities: records.map(({ id, profileId }) => {
          const entityId = tasks.find(task => task.externalId === id)?.entityId ?? id
          return { externalId: id, entityId, profileId }
        }),
        missing: [
          ...refusals.map(({ id, reason }) => ({ subject: 'post', id, reason }) as const),
          ...askedIn(request)
            .filter(id => !isThere.has(id))
            .map(id => ({ subject: 'post', id, reason: 'unavailable' }) as const),
        ],
        next: left.length === 0 ? null : { left },
        rejects: [
          ...[...readers, ...accounts.map(({ reader }) => reader)].flatMap(({ rejects }) => rejects),
          ...insights.rejects,
        ],
      })
    },
  }
}

/** What a page asks for: on the first all that the walk serves, later what was not answered before. */
const askedIn = ({ tasks, cursor }: Pick<PageRequest, 'tasks' | 'cursor'>): readonly string[] => {
  const ids = tasks.map(({ externalId }) => externalId)
  return cursor === null ? ids : ids.filter(id => leftBy(cursor).includes(id))
}

const leftBy = (cursor: Cursor): readonly unknown[] => {
  const left = noted(cursor, 'left')
  return Array.isArray(left) ? left : []
}

/** What stands last in its path: of a post, and of an account, its id. */
const idOf = ({ request: { path } }: RawPart): string => String(path).replace(/^.*\//, '')

interface NamedPost extends ListedPost {
  readonly answer: Answer
}

/** What the answers to a page say of each that it asked for. */
const readPosts = (parts: readonly RawPart[], request: Pick<PageRequest, 'tasks' | 'cursor'>) => {
  const ids = askedIn(request)
  const taskOf = new Map(request.tasks.map(task => [task.externalId, task]))
  const byId = Map.groupBy(parts, idOf)
  const posts: NamedPost[] = []
  const refusals: { readonly id: string; readonly reason: Reason }[] = []
  /** What cannot be read of an answer is known once all of it was read. */
  const readers: Answer['reader'][] = []
  for (const id of ids) {
    const part = byId.get(id)?.at(-1)
    if (part === undefined) continue
    const reason = reasonOf(part, taskOf.get(id))
    if (reason !== null) {
      refusals.push({ id, reason })
      continue
    }
    const answer = readAnswer({ parts: [part] })
    const { reader, body, asked } = answer
    const profileId = ownerOf(part, answer)
    if (profileId === null) body?.reject('no owner')
    else if (body !== null)
      posts.push(...postsOf([body], asked, profileId).map(post => ({ ...post, answer })))
    readers.push(reader)
  }
  return {
    posts,
    refusals,
    readers,
    others: [...byId].flatMap(([id, of]) => (ids.includes(id) ? [] : of)),
    left: ids.filter(id => !byId.has(id)),
    refusesComments: ids.some(id => (byId.get(id)?.length ?? 0) > 1),
  }
}

/** Why a post was refused, or null. One that was read before was ours, and is there no more. */
const reasonOf = ({ request, json, status, text }: RawPart, task: TaskRef | undefined): Reason | null => {
  const error = readError(json)
  if (error === null) return status === 200 ? null : 'refused'
  if (isOfChild(text)) return 'unsupported-by-network'
  const refusal = explain(error, status, { target: 'object', pool: '', paged: false, now: 0, regainAt: null })
  const wasOurs = task !== undefined && (task.profileId !== null || task.from !== null)
  return isLost(refusal) && wasOurs && request.unsure !== true ? 'not-found' : 'refused'
}

const ownerOf = ({ request: { account } }: RawPart, { body }: Answer): string | null =>
  typeof account === 'string' ? account : (body?.object('owner')?.id('id') ?? null)
