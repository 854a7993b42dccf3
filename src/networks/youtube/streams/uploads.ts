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
import { detailsOf, fetchOrOwe, owedBy } from './details.ts'
import { olderThan } from './older.ts'
import { isCapped, readList, readPlace, taskOf, tokenOf } from './paging.ts'
import { idsAsked, readVideos, type VideoLookUp } from './videos.ts'

/** The playlist ends at about its newest entries so many, whatever it says of its size (docs/networks/youtube.md §6). */
const CAP = 20_000

/**
 * Posts of a channel through its uploads playlist, 50 a page, each page with the details of its videos: two units; an
 * incremental walk asks for those of new videos alone, since `videos` brings the others 50 channels together. Newest
 * first by the time of upload: a video published later stands below newer ones (docs/networks/youtube.md §0.5). Details
 * that cannot be had become a task of their own, unless the user wants so many posts and no more: those are counted.
 */
export const openUploads = (api: Api, lookUp: VideoLookUp): Stream => ({
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
      // A channel that exists and declares no video has no such playlist (docs/networks/youtube.md §9).
      { tolerated: place === null && taskOf(request).declared === 0 ? ['playlistNotFound'] : [] },
    )
    const { ids } = readEntries(new Reader(), entries, request)
    const known = taskOf(request).from === null ? null : await ctx.known(ids)
    const asked = ids.filter(id => !known?.has(id))
    if (asked.length === 0) return { parts: [entries] }
    const isCounted = request.params.limitPosts !== null
    const details = isCounted
      ? await lookUp.fetch(ctx, asked)
      : await fetchOrOwe(lookUp, ctx, asked, { areNew: known !== null })
    return { parts: details === null ? [entries] : [entries, details] }
  },

  normalise: (raw, request) => readUploads(raw, request),
})

const readUploads = (raw: RawPage, request: PageRequest): Page => {
  const [part, details] = raw.parts
  if (part === undefined || part.status === 404) return page({})
  const reader = new Reader()
  const { ids, uploads, list, below, past } = readEntries(reader, part, request)
  const { externalId: profileId } = taskOf(request)
  const owed = details === undefined ? [] : owedBy(details)
  const answered = owed.length > 0 ? undefined : details
  const taken = new Set([...owed, ...(answered === undefined ? [] : idsAsked(answered))])
  const videos = answered && readVideos(reader, answered, { profileId, params: request.params })
  const listed = ids.filter(id => !taken.has(id))
  const last = uploads.at(-1)?.publishedAt ?? null
  const next = past || list.next === null ? null : { ...list.next, below }
  const capped = isCapped(list, CAP, list.size)
  const { lists, limitPosts } = request.params
  const wantsOlder = capped && lists.includes('older') && limitPosts === null
  return page({
    ...videos,
    children: [
      ...(videos?.children ?? []),
      ...detailsOf(owed, profileId),
      ...(wantsOlder ? olderThan(profileId, last) : []),
    ],
    listed,
    // Where something is owed the page is not known whole, and the list goes on behind it.
    tail: owed.length > 0 && next !== null ? null : last,
    rejects: reader.rejects,
    next,
    // Pages that hold only what the user does not want, or what is owed, are no sign of a loop.
    window: answered === undefined && listed.length === 0 ? last : null,
    reason: capped ? 'capped' : null,
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
