import { FaultError } from '../../../core/fault.ts'
import type { Params } from '../../../core/params.ts'
import type { CollectionRecord, ItemRecord } from '../../../core/records.ts'
import {
  type CallContext,
  type Cursor,
  type Page,
  type PageRequest,
  page,
  type RawPage,
  type Stream,
} from '../../../core/stream.ts'
import { type Fields, Reader } from '../../reader.ts'
import { refuse } from '../errors.ts'
import type { Graph } from '../graph.ts'
import type { Hashtags } from '../hashtags.ts'
import { LADDERS } from '../ladder.ts'
import { HASHTAG_MEDIA } from '../nodes.ts'
import { note, noted, placeOf, roomOf, within } from '../paging.ts'
import type { ReadPage } from '../read.ts'
import { onlyTask, readAnswer } from './answer.ts'
import { furtherOf } from './comments.ts'
import { noAsker } from './discovery.ts'

/** Pages of recent hits that are read at most, 10,000 hits: no page says which of them is the last but by ending. */
export const MOST_RECENT_PAGES = 200

/**
 * What a hashtag has: a page of its top hits, then those of the last 24 hours, from the second night on until a page holds
 * only such as were read the night before (docs/networks/instagram.md §22). Whose a hit is is never told, so that it is an item of the
 * collection and no post: it could not be said whose.
 */
export const tagStream = (graph: Graph, read: ReadPage, hashtags: Hashtags): Stream => {
  const look = async (name: string, userId: string, ctx: CallContext): Promise<string> => {
    const { part, refusal } = await graph.get(
      {
        path: 'ig_hashtag_search',
        query: { user_id: userId, q: name },
        target: 'discovery',
        account: null,
        paged: false,
        holds: 'list',
      },
      ctx,
    )
    if (refusal !== null) throw refuse(refusal)
    const id = new Reader().object(part.json, '$')?.objects('data')[0]?.id('id') ?? null
    if (id === null) throw noHashtag(name)
    hashtags.learn(name, id)
    return id
  }

  /** The top hits first; all further pages are of the recent ones. */
  const readHits = (id: string, userId: string, request: PageRequest, ctx: CallContext): Promise<RawPage> => {
    const edge = request.cursor === null ? 'top_media' : 'recent_media'
    return read(
      {
        route: edge,
        of: 'hashtags',
        id,
        single: false,
        path: `${encodeURIComponent(id)}/${edge}`,
        target: 'object',
        account: null,
        paged: placeOf(request.cursor).after !== undefined,
        holds: 'list',
        ladder: LADDERS.otherMedia,
        room: null,
        query: ({ limit }) => ({ user_id: userId, limit: `${limit}`, ...placeOf(request.cursor) }),
        fields: () => HASHTAG_MEDIA,
      },
      ctx,
    )
  }

  return {
    name: 'tag',
    kind: 'posts',
    batch: 1,
    newestFirst: false,
    lists: 'posts',
    fetch: async (request, ctx) => {
      const { externalId: name, from } = onlyTask(request)
      const { cursor, startedAt } = request
      const { userId } = graph
      if (userId === null) throw noAsker()
      // Nothing is asked where the page before held nothing new.
      if (cursor !== null && from !== null && hashtags.isCaughtUp(name, startedAt)) return { parts: [] }
      await hashtags.name(name, ctx)
      try {
        const raw = await readHits(
          hashtags.idOf(name) ?? (await look(name, userId, ctx)),
          userId,
          request,
          ctx,
        )
        if (cursor !== null) hashtags.saw(name, startedAt, idsIn(raw))
        return raw
      } catch (error) {
        throw hashtags.limitIn(name, error, ctx.now())
      }
    },
    normalise: (raw, request) => {
      if (raw.parts.length === 0) return page({})
      const { reader, body, tooDeep } = readAnswer(raw)
      if (tooDeep) return page({ reason: 'capped' })
      const { cursor, params } = request
      const hits = (body?.objects('data') ?? []).filter(hit => isWithin(hit, params))
      const room = params.limitPosts === null ? null : roomOf(request, params.limitPosts)
      const items = hits.slice(0, room ?? hits.length).flatMap(hit => itemOf(hit, request) ?? [])
      return page({
        records: [...(cursor === null ? [collectionOf(request)] : []), ...items],
        ...within(onwardOf(body, cursor), cursor, items.length, params.limitPosts),
        rejects: reader.rejects,
      })
    },
  }
}

/** A whole answer without an id in it: as a hashtag that is not there. */
const noHashtag = (name: string): FaultError =>
  new FaultError(
    { kind: 'not-found', code: 'no-hashtag', reason: 'not-found' },
    `Instagram knows no hashtag ${name}`,
  )

const idsIn = (raw: RawPage): readonly string[] =>
  readAnswer(raw)
    .body?.objects('data')
    .flatMap(hit => hit.id('id') ?? []) ?? []

/** After the top hits the recent ones begin. Their cursor may be the same on every page (docs/networks/instagram.md §8): what is counted tells them apart. */
const onwardOf = (body: Fields | null, cursor: Cursor | null): Pick<Page, 'next' | 'reason'> => {
  if (cursor === null) return { next: { page: 1 }, reason: null }
  const { next, reason } = furtherOf(body)
  if (next === null) return { next, reason }
  const at = Number(noted(cursor, 'page'))
  return at < MOST_RECENT_PAGES
    ? { next: note(next, 'page', at + 1), reason }
    : { next: null, reason: 'capped' }
}

const isWithin = (hit: Fields, { since, until }: Params): boolean => {
  const at = hit.instant('timestamp')
  return at === null || ((since === null || at >= since) && (until === null || at < until))
}

const collectionOf = (request: PageRequest): CollectionRecord => {
  const { entityId, externalId } = onlyTask(request)
  return { type: 'collection', id: entityId, kind: 'tag', title: `#${externalId}` }
}

const itemOf = (hit: Fields, request: PageRequest): ItemRecord | null => {
  const postId = hit.id('id')
  if (postId !== null) return { type: 'item', collectionId: onlyTask(request).entityId, postId }
  hit.reject('a hit without an id')
  return null
}
