import type { JsonObject } from '../../../../core/json.ts'
import { entriesShown } from '../distort.ts'
import { refuse } from '../errors.ts'
import type { Call, Envelope, Method } from '../method.ts'
import { CLASSIC } from '../page-tokens.ts'
import { cutPage } from '../pages.ts'
import { listSchema } from '../schemas.ts'
import { channelThumbnails } from '../wire/channel.ts'
import { makeResource, rfc3339 } from '../wire/resource.ts'
import { makeThumbnails } from '../wire/video.ts'
import { type Channel, findChannel, findChannelById } from '../world/channels.ts'
import { readPlaylistId, uploadsId } from '../world/ids.ts'
import { findMadePlaylist, listMadePlaylists, type Playlist } from '../world/playlists.ts'
import { factsOf } from '../world/video-facts.ts'
import { listUploads, makeVideo, type Video } from '../world/videos.ts'
import type { World } from '../world/world.ts'
import { readMoments } from './moments.ts'

const PAGE_SIZE = { least: 0, most: 50, usual: 5 } as const

/** `activities.list`: uploads are all that channels here do. */
export const activities: Method = {
  path: 'activities',
  pool: 'default',
  parts: ['contentDetails', 'id', 'snippet'],
  filters: ['channelId', 'mine'],
  parameters: ['publishedAfter', 'publishedBefore', 'regionCode', 'maxResults', 'pageToken'],
  pageSize: PAGE_SIZE,
  schema: listSchema('activity'),
  answer(call) {
    const channel = readChannel(call)
    const isWithin = readMoments(call)
    const uploads =
      channel === null ? [] : listUploads(call.world, channel).map(number => makeVideo(channel, number))
    const found = uploads.filter(video => isWithin(video.publishedAt))
    return listAnswer('activity', call, found, video => makeActivity(call, video))
  },
}

/**
 * `playlists.list`: those that somebody made and shows, by their channel or by id; of those that the site makes only all uploads,
 * by id. Which of a channel are not shown any more, the switch `unlisted-playlists` names.
 */
export const playlists: Method = {
  path: 'playlists',
  pool: 'default',
  parts: ['contentDetails', 'id', 'localizations', 'player', 'snippet', 'status'],
  filters: ['channelId', 'id', 'mine'],
  parameters: ['hl', 'maxResults', 'pageToken'],
  pageSize: PAGE_SIZE,
  schema: listSchema('playlist'),
  answer(call) {
    const found =
      call.filter === 'id' ? call.values.flatMap(id => findShown(call, id) ?? []) : listShown(call)
    return listAnswer('playlist', call, found, shown => makePlaylist(call, shown))
  },
}

/** `subscriptions.list`: everyone's are private. */
export const subscriptions: Method = {
  path: 'subscriptions',
  pool: 'default',
  parts: ['contentDetails', 'id', 'snippet', 'subscriberSnippet'],
  filters: ['channelId', 'id', 'mine', 'mySubscribers', 'myRecentSubscribers'],
  parameters: ['forChannelId', 'order', 'maxResults', 'pageToken'],
  pageSize: PAGE_SIZE,
  schema: listSchema('subscription'),
  answer(call) {
    if (call.filter === 'channelId') {
      throw refuse(
        findChannelById(call.world, call.value) === null ? 'subscriberNotFound' : 'subscriptionForbidden',
      )
    }
    return listAnswer('subscription', call, [], () => ({}))
  },
}

/** The channel asked for; null = the caller's own, which none has. */
const readChannel = ({ world, filter, value }: Call): Channel | null => {
  if (filter !== 'channelId') return null
  const channel = findChannelById(world, value)
  if (channel === null) throw refuse('channelNotFound', { domain: 'youtube.playlist' })
  return channel
}

const listAnswer = <T>(
  kind: string,
  call: Call,
  found: readonly T[],
  show: (item: T) => JsonObject,
): Envelope => {
  const cut = cutPage(call, found, CLASSIC, '')
  return {
    kind: `youtube#${kind}ListResponse`,
    ...cut.next,
    ...cut.previous,
    pageInfo: { totalResults: found.length, resultsPerPage: call.pageSize },
    items: cut.items.map(show),
  }
}

const makeActivity = ({ world, parts }: Call, video: Video): JsonObject => {
  const { title, description, thumbnails } = factsOf(world, video)
  return makeResource(
    'activity',
    Buffer.from(`upload.${video.id}`).toString('base64url'),
    {
      snippet: () => ({
        publishedAt: rfc3339(video.publishedAt),
        channelId: video.channel.id,
        title,
        description,
        thumbnails: makeThumbnails(thumbnails),
        channelTitle: video.channel.title,
        type: 'upload',
      }),
      contentDetails: () => ({ upload: { videoId: video.id } }),
    },
    parts,
  )
}

/** A playlist as `playlists.list` shows it. */
type Shown = Pick<Playlist, 'id' | 'channel' | 'title' | 'description' | 'createdAt'> & {
  readonly itemCount: number
}

const findShown = (call: Call, id: string): Shown | null => {
  const made = findMadePlaylist(call.world, id)
  if (made !== null) return made.standing === 'public' ? showMade(call, made) : null
  const place = readPlaylistId(id)
  const channel = place?.kind === 'UU' ? findChannel(call.world, place.channel) : null
  return channel && showUploads(call.world, channel)
}

const listShown = (call: Call): readonly Shown[] => {
  const channel = readChannel(call)
  const made = channel === null ? [] : listMadePlaylists(call.world, channel)
  const unlisted = call.switches.peek('unlisted-playlists')
  const isShown = ({ id, standing }: Playlist): boolean =>
    standing === 'public' && !(Array.isArray(unlisted) && unlisted.includes(id))
  return made.filter(isShown).map(playlist => showMade(call, playlist))
}

/** Its number counts what is private or deleted in. */
const showMade = ({ switches }: Call, playlist: Playlist): Shown => ({
  ...playlist,
  itemCount: entriesShown(playlist, switches).length,
})

const showUploads = (world: World, channel: Channel): Shown => ({
  id: uploadsId(channel.id),
  channel,
  title: `Uploads from ${channel.title}`,
  description: '',
  createdAt: channel.createdAt,
  itemCount: listUploads(world, channel).length,
})

const makePlaylist = ({ parts }: Call, shown: Shown): JsonObject =>
  makeResource(
    'playlist',
    shown.id,
    {
      snippet: () => ({
        publishedAt: rfc3339(shown.createdAt),
        channelId: shown.channel.id,
        title: shown.title,
        description: shown.description,
        thumbnails: channelThumbnails(shown.channel.key),
        channelTitle: shown.channel.title,
      }),
      status: () => ({ privacyStatus: 'public' }),
      contentDetails: () => ({ itemCount: shown.itemCount }),
    },
    parts,
  )
