import {
  type Page,
  type PageRequest,
  page,
  type RawPage,
  type RawPart,
  type Stream,
} from '../../../core/stream.ts'
import { type Fields, Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { uploadsPlaylist } from '../ids.ts'
import type { PlaylistItem } from '../wire.ts'
import { cut, type Upload } from './bounds.ts'
import { isCapped, readList, readPlace, taskOf, tokenOf } from './paging.ts'
import { fetchVideos, idsAsked, readVideos } from './videos.ts'

/** The playlist ends at about its newest entries so many, whatever it says of its size (docs/networks/youtube.md §6). */
const CAP = 20_000

/**
 * Posts of a channel through its uploads playlist, 50 a page, each page with the details of its videos: two units; an
 * incremental walk asks for those of new videos alone, since `videos` brings the others 50 channels together. Newest
 * first by the time of upload: a video published later stands below newer ones (docs/networks/youtube.md §0.5).
 */
export const openUploads = (api: Api): Stream => ({
  name: 'uploads',
  kind: 'posts',
  batch: 1,
  newestFirst: true,
  lists: 'posts',

  async fetch(request, ctx) {
    const place = readPlace(request.cursor)
    const entries = await api.list(
      ctx,
      'playlistItems',
      () => ({
        part: 'contentDetails' satisfies keyof PlaylistItem,
        playlistId: uploadsPlaylist(taskOf(request).externalId),
        maxResults: '50',
        ...tokenOf(place),
      }),
      // A channel that exists and has no public videos has no such playlist (docs/networks/youtube.md §9).
      place === null ? 'playlistNotFound' : undefined,
    )
    const { ids } = readEntries(new Reader(), entries, request)
    const known = taskOf(request).from === null ? null : await ctx.known(ids)
    const asked = ids.filter(id => !known?.has(id))
    return { parts: asked.length === 0 ? [entries] : [entries, await fetchVideos(api, ctx, asked)] }
  },

  normalise: (raw, request) => readUploads(raw, request),
})

const readUploads = (raw: RawPage, request: PageRequest): Page => {
  const [part, details] = raw.parts
  if (part === undefined || part.status === 404) return page({})
  const reader = new Reader()
  const { ids, uploads, list, below, past } = readEntries(reader, part, request)
  const asked = details === undefined ? [] : idsAsked(details)
  const { externalId: profileId } = taskOf(request)
  return page({
    ...(details !== undefined && readVideos(reader, details, { profileId, params: request.params })),
    listed: ids.filter(id => !asked.includes(id)),
    tail: uploads.at(-1)?.publishedAt ?? null,
    rejects: reader.rejects,
    next: past || list.next === null ? null : { ...list.next, below },
    // Pages that hold only what the user does not want are no sign of a loop.
    window: ids.length === 0 ? (uploads.at(-1)?.publishedAt ?? null) : null,
    reason: isCapped(list, CAP, list.size) ? 'capped' : null,
  })
}

const readEntries = (reader: Reader, part: RawPart, { cursor, params }: PageRequest) => {
  const place = readPlace(cursor)
  const list = readList(reader, 'playlistItems', part, place)
  const uploads = list.items.flatMap(item => readUpload(item) ?? [])
  const { wanted, below, past } = cut(uploads, place?.below ?? false, params)
  return { ids: [...new Set(wanted.map(({ id }) => id))], uploads, list, below, past }
}

const readUpload = (item: Fields): Upload | null => {
  const details = item.object('contentDetails')
  const id = details?.id('videoId') ?? null
  if (id === null) item.reject('no video id')
  return id === null ? null : { id, publishedAt: details?.instant('videoPublishedAt') ?? null }
}
