import type { JsonObject } from '../../../../core/json.ts'
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
import { factsOf } from '../world/video-facts.ts'
import { listUploads, makeVideo, type Video } from '../world/videos.ts'
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

/** `playlists.list`: nobody made one; those that the site makes are found by id. */
export const playlists: Method = {
  path: 'playlists',
  pool: 'default',
  parts: ['contentDetails', 'id', 'localizations', 'player', 'snippet', 'status'],
  filters: ['channelId', 'id', 'mine'],
  parameters: ['hl', 'maxResults', 'pageToken'],
  pageSize: PAGE_SIZE,
  schema: listSchema('playlist'),
  answer(call) {
    if (call.filter !== 'id') readChannel(call)
    const found = call.filter === 'id' ? call.values.flatMap(id => findUploads(call, id) ?? []) : []
    return listAnswer('playlist', call, found, channel => makePlaylist(call, channel))
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

const findUploads = ({ world }: Call, id: string): Channel | null => {
  const place = readPlaylistId(id)
  return place?.kind === 'UU' ? findChannel(world, place.channel) : null
}

const makePlaylist = ({ world, parts }: Call, channel: Channel): JsonObject =>
  makeResource(
    'playlist',
    uploadsId(channel.id),
    {
      snippet: () => ({
        publishedAt: rfc3339(channel.createdAt),
        channelId: channel.id,
        title: `Uploads from ${channel.title}`,
        description: '',
        thumbnails: channelThumbnails(channel.key),
        channelTitle: channel.title,
      }),
      status: () => ({ privacyStatus: 'public' }),
      contentDetails: () => ({ itemCount: listUploads(world, channel).length }),
    },
    parts,
  )
