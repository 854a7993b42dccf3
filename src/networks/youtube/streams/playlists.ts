import type { CollectionRecord } from '../../../core/records.ts'
import {
  type Child,
  type FetchContext,
  type Page,
  page,
  type RawPart,
  type Stream,
  type TaskRef,
} from '../../../core/stream.ts'
import type { Reason } from '../../../core/task.ts'
import { Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { channelOfPlaylist } from '../ids.ts'
import { namePlaylist, normalisePlaylist } from '../normalise.ts'
import type { Playlist } from '../wire.ts'
import { idsIn } from '../witness.ts'
import { isOfOneCall } from './details.ts'

/** What is asked of each. */
export const PLAYLIST_PARTS = (['snippet', 'contentDetails', 'status'] satisfies (keyof Playlist)[]).join(',')

/** Refusals of a playlist that say whether it is there. */
const GONE = 'playlistNotFound'
const NOT_OURS = ['playlistItemsNotAccessible', 'playlistForbidden']

/**
 * Playlists that the list names, 50 in a call. One that the answer leaves out is private or gone, or made by the site and
 * only listed: its items tell, a call for each (docs/networks/youtube.md §10).
 */
export const openPlaylists = (api: Api): Stream => ({
  name: 'playlist',
  kind: 'profile',
  batch: 50,
  share: () => 'all',
  newestFirst: false,

  async fetch({ tasks }, ctx) {
    const ids = tasks.map(task => task.externalId)
    const query = { part: PLAYLIST_PARTS, id: ids.join(','), maxResults: '50' }
    const told = await api.list(ctx, 'playlists', () => query, { tolerated: [GONE, ...NOT_OURS] })
    const came = new Set(idsIn(told))
    const parts = [told]
    for (const id of ids.filter(id => !came.has(id))) {
      const sign = await askItems(api, ctx, id)
      if (sign !== null) parts.push(sign)
    }
    return { parts }
  },

  normalise({ parts: [told, ...signs] }, { tasks, params }) {
    const reader = new Reader()
    const items = reader.object(told?.json, 'playlists')?.objects('items') ?? []
    const records = items.flatMap(playlist => normalisePlaylist(playlist) ?? [])
    const byId = new Map(records.map(record => [record.id, record]))
    const signOf = new Map(signs.map(sign => [playlistAsked(sign), sign]))
    const read = tasks.map(task => {
      const sign = signOf.get(task.externalId)
      const listed = sign?.status === 200 ? readListed(reader, task.externalId, sign) : null
      return { task, sign, record: byId.get(task.entityId) ?? listed }
    })
    const wantsItems = params.kinds.includes('posts')
    return page({
      records: read.flatMap(({ record }) => record ?? []),
      children: read.flatMap(({ task, record }) =>
        record !== null && wantsItems ? itemsOf(task, record.itemsCount ?? null) : [],
      ),
      missing: read.flatMap(({ task, record, sign }): Page['missing'] =>
        record === null ? [{ subject: 'collection', id: task.entityId, reason: whyNot(task, sign) }] : [],
      ),
      rejects: reader.rejects,
    })
  },
})

/** What the items of a playlist say of it; null = they cannot be asked just now, which keeps nobody waiting. */
const askItems = async (api: Api, ctx: FetchContext, id: string): Promise<RawPart | null> => {
  const query = { part: 'id', playlistId: id, maxResults: '1' }
  try {
    return await api.list(ctx, 'playlistItems', () => query, { tolerated: [GONE, ...NOT_OURS] })
  } catch (error) {
    if (!isOfOneCall(error)) throw error
    return null
  }
}

const playlistAsked = ({ request }: RawPart): string | null =>
  new Reader().object(request, 'request')?.object('query')?.string('playlistId') ?? null

/** Of one that is only listed: what stands in its place, with the number of its items. */
const readListed = (reader: Reader, id: string, sign: RawPart): CollectionRecord => ({
  ...namePlaylist(id),
  itemsCount: reader.object(sign.json, 'playlistItems')?.object('pageInfo')?.count('totalResults') ?? null,
})

/** A list that the site makes is at times not found though it holds something (docs/networks/youtube.md §2). */
const whyNot = ({ externalId }: TaskRef, sign: RawPart | undefined): Reason => {
  if (sign?.status === 403) return 'private'
  return sign?.status === 404 && channelOfPlaylist(externalId) === null ? 'not-found' : 'unavailable'
}

const itemsOf = ({ externalId, entityId }: TaskRef, declared: number | null): readonly Child[] => [
  { stream: 'playlist-items', externalId, entityId, next: 'start', declared },
]
