import { type Instant, instant } from '../../../core/instant.ts'
import {
  type Child,
  type Page,
  type PageRequest,
  page,
  type RawPage,
  type RawPart,
  type Stream,
} from '../../../core/stream.ts'
import { type Fields, Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import type { SearchResult } from '../wire.ts'
import { isWithin, OVERLAP_MS, type Upload } from './bounds.ts'
import { detailsOf, fetchOrOwe, owedBy } from './details.ts'
import { taskOf } from './paging.ts'
import { idsAsked, readVideos, type VideoLookUp } from './videos.ts'

/** Moments of the API are whole seconds. */
const SECOND_MS = 1000

/**
 * Videos of a channel that lie beyond the end of its uploads playlist, by search: 50 a call, newest first, of a hundred calls a day
 * (docs/networks/youtube.md §8). Each call asks for what was published before the oldest that the one before brought, so that no query
 * comes near its 500 results and no page token has to live through a night. A search leaves some out: they are not found.
 */
export const openOlder = (api: Api, lookUp: VideoLookUp): Stream => ({
  name: 'older',
  kind: 'posts',
  batch: 1,
  newestFirst: false,

  async fetch(request, ctx) {
    const { since, limitPosts } = request.params
    const before = beforeOf(request)
    const hits = await api.list(ctx, 'search', () => ({
      part: 'snippet' satisfies keyof SearchResult,
      channelId: taskOf(request).externalId,
      type: 'video',
      order: 'date',
      maxResults: '50',
      ...(before !== null && { publishedBefore: before }),
      ...(since !== null && { publishedAfter: since }),
    }))
    const ids = readHits(new Reader(), hits, request).wanted.map(({ id }) => id)
    const known = await ctx.known(ids)
    const asked = ids.filter(id => !known.has(id))
    if (asked.length === 0) return { parts: [hits] }
    const details =
      limitPosts === null
        ? await fetchOrOwe(lookUp, ctx, asked, { areNew: true })
        : await lookUp.fetch(ctx, asked)
    return { parts: details === null ? [hits] : [hits, details] }
  },

  normalise: (raw, request) => readOlder(raw, request),
})

/** The search that goes on where the uploads playlist ended: what was uploaded earlier may have been published some time later. */
export const olderThan = (channelId: string, last: Instant | null): readonly Child[] => {
  if (last === null) return []
  const before = instant(Date.parse(last) + OVERLAP_MS)
  return [{ stream: 'older', externalId: channelId, profileId: channelId, next: { before } }]
}

const beforeOf = ({ cursor }: PageRequest): Instant | null =>
  new Reader().object(cursor, 'cursor')?.instant('before') ?? null

const readOlder = (raw: RawPage, request: PageRequest): Page => {
  const [part, details] = raw.parts
  if (part === undefined) return page({})
  const reader = new Reader()
  const { externalId: profileId } = taskOf(request)
  const { hits, wanted } = readHits(reader, part, request)
  const owed = details === undefined ? [] : owedBy(details)
  const answered = owed.length > 0 ? undefined : details
  const taken = new Set([...owed, ...(answered === undefined ? [] : idsAsked(answered))])
  const videos = answered && readVideos(reader, answered, { profileId, params: request.params })
  const listed = wanted.map(({ id }) => id).filter(id => !taken.has(id))
  const before = nextBefore(beforeOf(request), hits)
  return page({
    records: videos?.records ?? [],
    children: [...(videos?.children ?? []), ...detailsOf(owed, profileId)],
    listed,
    rejects: reader.rejects,
    next: before === null ? null : { before },
    window: before,
  })
}

/** The oldest moment that came, that second included, since others may bear it; null = nothing came. */
const nextBefore = (before: Instant | null, hits: readonly Upload[]): Instant | null => {
  const oldest = hits.flatMap(({ publishedAt }) => publishedAt ?? []).toSorted()[0]
  if (oldest === undefined) return null
  const next = instant(Date.parse(oldest) + SECOND_MS)
  return before === null || next < before ? next : oldest
}

const readHits = (reader: Reader, part: RawPart, { tasks: [task], params }: PageRequest) => {
  const items = reader.object(part.json, 'search')?.objects('items') ?? []
  const hits = items.flatMap(item => readHit(item, task?.externalId ?? '') ?? [])
  const unique = [...new Map(hits.map(hit => [hit.id, hit])).values()]
  return { hits, wanted: unique.filter(({ publishedAt }) => isWithin(publishedAt, params)) }
}

const readHit = (item: Fields, channelId: string): Upload | null => {
  const snippet = item.object('snippet')
  const id = item.object('id')?.id('videoId') ?? null
  const owner = snippet?.id('channelId') ?? null
  if (id === null || (owner !== null && owner !== channelId)) {
    item.reject(id === null ? 'no video id' : 'a video of another channel')
    return null
  }
  return { id, publishedAt: snippet?.instant('publishedAt') ?? null }
}
