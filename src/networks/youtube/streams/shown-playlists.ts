import { type Child, page, type Stream } from '../../../core/stream.ts'
import { Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { normalisePlaylist } from '../normalise.ts'
import { readList, readPlace, taskOf, tokenOf } from './paging.ts'
import { PLAYLIST_PARTS } from './playlists.ts'

/**
 * The playlists that a channel shows, 50 a call (docs/networks/youtube.md §3), each opened to its items; one that declares none has none. A
 * channel that was told of just before and is not found here shows none (docs/networks/youtube.md §9).
 */
export const openShownPlaylists = (api: Api): Stream => ({
  name: 'playlists',
  kind: 'profile',
  batch: 1,
  newestFirst: false,
  lists: 'playlists',

  async fetch(request, ctx) {
    const place = readPlace(request.cursor)
    const { externalId: channelId } = taskOf(request)
    const query = { part: PLAYLIST_PARTS, channelId, maxResults: '50', ...tokenOf(place) }
    const tolerated = place === null ? ['channelNotFound'] : []
    return { parts: [await api.list(ctx, 'playlists', () => query, { tolerated })] }
  },

  normalise({ parts: [part] }, request) {
    if (part === undefined || part.status === 404) return page({})
    const reader = new Reader()
    const { items, next, seen } = readList(reader, 'playlists', part, readPlace(request.cursor))
    const { externalId: profileId } = taskOf(request)
    const records = items.flatMap(playlist => {
      const record = normalisePlaylist(playlist)
      return record === null ? [] : { ...record, profileId }
    })
    return page({
      records,
      children: request.params.kinds.includes('posts')
        ? records.map(({ id, itemsCount = null }) => itemsOf(id, profileId, itemsCount))
        : [],
      rejects: reader.rejects,
      next,
      // It brings no profile: that is no sign of a loop.
      window: String(seen),
    })
  },
})

const itemsOf = (id: string, profileId: string, declared: number | null): Child => {
  const of = { stream: 'shown-items', externalId: id, profileId, declared }
  return declared === 0 ? { ...of, next: null, reason: 'none' } : { ...of, next: 'start' }
}
