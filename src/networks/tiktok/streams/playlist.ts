import type { CollectionRecord, ItemRecord } from '../../../core/records.ts'
import {
  type CallContext,
  type Child,
  type PageRequest,
  page,
  type RawPage,
  type Stream,
  type TaskRef,
} from '../../../core/stream.ts'
import { type Fields, Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { readRefusal } from '../errors.ts'
import { parseVideo } from '../ids.ts'
import { dataOf, firstPart } from '../part.ts'
import { readOnward } from './paging.ts'

/** Ids of a page. */
export const PLAYLIST_PAGE = 100

/** Where a playlist goes on, as TikTok said, and how many places of it have come. */
type PlaylistPosition = { readonly place: string | number; readonly seen: number }

/**
 * A playlist that the list names, with its first hundred places (docs/networks/tiktok.md §3.6): who keeps it TikTok does
 * not tell. Its videos are searched for by their ids (`named.ts`).
 */
export const playlist = (api: Api): Stream => ({
  name: 'playlist',
  kind: 'profile',
  batch: 1,
  newestFirst: false,
  fetch: (request, ctx) => ask(api, request, ctx),

  normalise(raw, request) {
    const task = taskOf(request)
    const part = firstPart(raw)
    if (readRefusal(part)?.sense === 'no-video')
      return page({ missing: [{ subject: 'collection', id: task.entityId, reason: 'not-found' }] })
    const reader = new Reader()
    const data = dataOf(part, reader)
    const collection = collectionOf(data, task)
    const { itemsCount: declared = null } = collection
    if (!request.params.kinds.includes('posts'))
      return page({ records: [collection], rejects: reader.rejects })
    const { items, videos, next, reason } = readPlaces(data, request, 0)
    const rest = { stream: 'playlist-items', externalId: task.externalId, declared, begun: true } as const
    return page({
      records: [collection, ...items],
      children: [
        ...videos,
        next === null ? { ...rest, next, reason: reason ?? 'inline' } : { ...rest, next },
      ],
      rejects: reader.rejects,
    })
  },
})

/** The further places of a playlist. It is read whole each time: what then does not come was taken out. */
export const playlistItems = (api: Api): Stream => ({
  name: 'playlist-items',
  kind: 'posts',
  batch: 1,
  newestFirst: false,
  lists: 'posts',
  fetch: (request, ctx) => ask(api, request, ctx),

  normalise(raw, request) {
    const reader = new Reader()
    const seen = placeOf(request)?.seen ?? 0
    const { items, videos, next, reason } = readPlaces(dataOf(firstPart(raw), reader), request, seen)
    return page({
      records: items,
      children: videos,
      rejects: reader.rejects,
      next,
      reason,
      // The videos come by tasks of their own: pages without them are no sign of a loop.
      window: String(seen),
    })
  },
})

const ask = async (api: Api, request: PageRequest, ctx: CallContext): Promise<RawPage> => {
  const cursor = placeOf(request)?.place
  const part = await api.ask(
    {
      method: 'POST',
      path: '/v2/research/playlist/info/',
      pool: 'main',
      fields: [],
      body: {
        playlist_id: taskOf(request).externalId,
        max_count: PLAYLIST_PAGE,
        ...(cursor !== undefined && { cursor }),
      },
      deadlineMs: 60_000,
      accepts: ({ sense }) => cursor === undefined && sense === 'no-video',
    },
    ctx,
  )
  return { parts: [part] }
}

const taskOf = ({ tasks: [task] }: PageRequest): TaskRef => {
  if (task === undefined) throw new Error('a playlist is one task')
  return task
}

const collectionOf = (data: Fields, { entityId }: TaskRef): CollectionRecord => ({
  type: 'collection',
  id: entityId,
  kind: 'playlist',
  title: data.string('playlist_name'),
  itemsCount: data.count('playlist_item_total'),
  extra: data.rest(COLUMNS),
})

const COLUMNS: ReadonlySet<string> = new Set([
  'playlist_id',
  'playlist_name',
  'playlist_item_total',
  'playlist_video_ids',
  'cursor',
  'has_more',
])

const readPlaces = (data: Fields, request: PageRequest, seen: number) => {
  const { entityId: collectionId } = taskOf(request)
  const told = data.texts('playlist_video_ids') ?? []
  const ids = told.filter(id => parseVideo(id) !== null)
  if (ids.length < told.length) data.reject('a place without the id of a video')
  const { place, reason } = readOnward(data)
  const most = request.params.limitPosts ?? Number.POSITIVE_INFINITY
  const items = ids.map(
    (postId, at): ItemRecord => ({ type: 'item', collectionId, postId, position: seen + at }),
  )
  const videos = ids
    .slice(0, Math.max(0, most - seen))
    .map((externalId): Child => ({ stream: 'collected', externalId, next: 'start', declared: null }))
  const next: PlaylistPosition | null = place === null ? null : { place, seen: seen + told.length }
  return { items, videos, next, reason }
}

/** The one place where a stored cursor becomes ours again. */
const placeOf = ({ cursor }: PageRequest): PlaylistPosition | null => cursor as PlaylistPosition | null
