import type { JsonObject } from '../../../../core/json.ts'
import { entriesShown, withheldIn } from '../distort.ts'
import { refuse } from '../errors.ts'
import type { Call, Envelope, Method } from '../method.ts'
import { PLAYLIST_ITEMS } from '../page-tokens.ts'
import { cutPage } from '../pages.ts'
import { listSchema } from '../schemas.ts'
import { makeEntry, makePlaylistItem } from '../wire/playlist-item.ts'
import { type Channel, findChannel } from '../world/channels.ts'
import { type DerivedPlaylist, readPlaylistId, readPlaylistItemId, readVideoId } from '../world/ids.ts'
import { MOST_UPLOADS } from '../world/plan.ts'
import { findMadePlaylist, type Playlist } from '../world/playlists.ts'
import { formOf, listUploads, makeVideo, type Video } from '../world/videos.ts'
import type { World } from '../world/world.ts'

/**
 * `playlistItems.list`, of the playlists that the site makes from uploads and of those that somebody made. The switch
 * `taken-out`: ids of videos that are in none of the latter any more.
 */
export const playlistItems: Method = {
  path: 'playlistItems',
  pool: 'default',
  parts: ['contentDetails', 'id', 'snippet', 'status'],
  filters: ['playlistId', 'id'],
  parameters: ['maxResults', 'pageToken', 'videoId', 'onBehalfOfContentOwner'],
  pageSize: { least: 0, most: 50, usual: 5 },
  schema: listSchema('playlistItem'),
  answer: call => (call.filter === 'id' ? lookUp(call) : list(call)),
}

const list = (call: Call): Envelope => {
  const { world, value: playlistId } = call
  refusePrivate(playlistId)
  const made = findMadePlaylist(world, playlistId)
  return made === null ? listDerived(call) : listMade(call, made)
}

/** An empty one is a list without items (unconfirmed). */
const listMade = (call: Call, playlist: Playlist): Envelope => {
  const { world, parts, value: playlistId, pageSize } = call
  if (playlist.standing === 'gone') throw refuse('playlistNotFound')
  if (playlist.standing === 'private') throw refuse('playlistItemsNotAccessible')
  const wanted = call.one('videoId')
  const places = [...entriesShown(playlist, call.switches).entries()].filter(
    ([, { video }]) => wanted === null || video.id === wanted,
  )
  const cut = cutPage(call, places, PLAYLIST_ITEMS, `${playlistId} ${wanted ?? ''}`)
  return {
    kind: 'youtube#playlistItemListResponse',
    ...cut.next,
    ...cut.previous,
    items: cut.items.map(([place, entry]) => makeEntry(world, playlist, place, entry, parts)),
    pageInfo: { totalResults: places.length, resultsPerPage: pageSize },
  }
}

/** An empty playlist is not found, and that of a channel that is gone neither (docs/networks/youtube.md §9). */
const listDerived = (call: Call): Envelope => {
  const { world, value: playlistId, pageSize } = call
  const playlist = findPlaylist(world, playlistId)
  if (playlist === null || playlist.numbers.length === 0) throw refuse('playlistNotFound')
  const wanted = call.one('videoId')
  const withheld = withheldIn(call.switches)
  const shown =
    withheld.size === 0
      ? playlist.numbers
      : playlist.numbers.filter(number => !withheld.has(makeVideo(playlist.channel, number).id))
  const numbers = wanted === null ? shown : shown.filter(number => number === readVideoId(wanted)?.[1])
  const cut = cutPage(call, numbers.slice(0, MOST_UPLOADS), PLAYLIST_ITEMS, `${playlistId} ${wanted ?? ''}`)
  return {
    kind: 'youtube#playlistItemListResponse',
    ...cut.next,
    ...cut.previous,
    items: cut.items.map((number, index) => {
      const video = makeVideo(playlist.channel, number)
      return makePlaylistItem(world, playlistId, cut.offset + index, video, call.parts)
    }),
    pageInfo: { totalResults: numbers.length, resultsPerPage: pageSize },
  }
}

const lookUp = (call: Call): Envelope => {
  const items = call.values.map(id => findItem(call, id)).filter(item => item !== null)
  return {
    kind: 'youtube#playlistItemListResponse',
    items,
    pageInfo: { totalResults: items.length, resultsPerPage: call.pageSize },
  }
}

const findItem = ({ world, parts, switches }: Call, id: string): JsonObject | null => {
  const place = readPlaylistItemId(id)
  if (place === null) return null
  const made = findMadePlaylist(world, place.playlist)
  if (made !== null) {
    const entries = made.standing === 'public' ? entriesShown(made, switches) : []
    const position = entries.findIndex(entry => entry.id === place.entry)
    const entry = entries[position]
    return entry === undefined ? null : makeEntry(world, made, position, entry, parts)
  }
  const number = readVideoId(place.entry)?.[1]
  const playlist = findPlaylist(world, place.playlist)
  const position = playlist?.numbers.indexOf(number ?? -1) ?? -1
  if (!playlist || number === undefined || position < 0) return null
  return makePlaylistItem(world, place.playlist, position, makeVideo(playlist.channel, number), parts)
}

const PRIVATE = {
  LL: 'playlistItemsNotAccessible',
  HL: 'watchHistoryNotAccessible',
  WL: 'watchLaterNotAccessible',
} as const

const refusePrivate = (playlistId: string): void => {
  const reason = PRIVATE[playlistId as keyof typeof PRIVATE]
  if (reason !== undefined) throw refuse(reason)
}

const MEMBERS: Readonly<Record<DerivedPlaylist, (video: Video) => boolean>> = {
  UU: () => true,
  UULF: video => formOf(video) === 'plain' || formOf(video) === 'sharp' || formOf(video) === 'day-long',
  UUSH: video => formOf(video) === 'short',
  UULV: video => ['broadcast', 'live', 'upcoming'].includes(formOf(video)),
}

/** The playlist and the numbers of its videos, newest upload first. */
const findPlaylist = (
  world: World,
  id: string,
): { readonly channel: Channel; readonly numbers: readonly number[] } | null => {
  const place = readPlaylistId(id)
  const channel = place && findChannel(world, place.channel)
  if (!place || !channel) return null
  const uploads = listUploads(world, channel)
  const belongs = MEMBERS[place.kind]
  return {
    channel,
    numbers: place.kind === 'UU' ? uploads : uploads.filter(number => belongs(makeVideo(channel, number))),
  }
}
