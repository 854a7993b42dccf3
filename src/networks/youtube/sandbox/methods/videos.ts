import type { JsonObject } from '../../../../core/json.ts'
import { withheldIn } from '../distort.ts'
import { refuse } from '../errors.ts'
import type { Call, Envelope, Method } from '../method.ts'
import { CLASSIC } from '../page-tokens.ts'
import { cutPage } from '../pages.ts'
import { listSchema } from '../schemas.ts'
import { makeVideoResource, makeVideoStats } from '../wire/video.ts'
import { listChannels } from '../world/channels.ts'
import { numberOf } from '../world/specials.ts'
import { findVideo, findVideoById, listUploads, makeVideo, type Video } from '../world/videos.ts'
import type { World } from '../world/world.ts'
import { inAnyOrder } from './any-order.ts'

/** `videos.list`: ids that are not there are left out in silence (docs/networks/youtube.md §0.6). */
export const videos: Method = {
  path: 'videos',
  pool: 'default',
  parts: [
    'brandPartner',
    'contentDetails',
    'id',
    'liveStreamingDetails',
    'localizations',
    'paidProductPlacementDetails',
    'player',
    'recordingDetails',
    'snippet',
    'statistics',
    'status',
    'topicDetails',
  ],
  ownerParts: ['fileDetails', 'processingDetails', 'suggestions'],
  filters: ['id', 'chart', 'myRating'],
  parameters: [
    'hl',
    'maxHeight',
    'maxWidth',
    'regionCode',
    'videoCategoryId',
    'maxResults',
    'pageToken',
    'onBehalfOfContentOwner',
  ],
  pageSize: { least: 1, most: 50, usual: 5 },
  schema: listSchema('video'),
  answer(call) {
    const room = { maxHeight: readSize(call, 'maxHeight'), maxWidth: readSize(call, 'maxWidth') }
    const show = (found: readonly Video[]): readonly JsonObject[] =>
      found.map(video => makeVideoResource(call.world, video, call.parts, room))
    return call.filter === 'id' ? answerIds(call, show) : answerChart(call, show)
  },
}

/** `videos.batchGetStats`; the switch `batch-failures` n lets so many of the ids fail that exist. */
export const batchGetStats: Method = {
  path: 'videos:batchGetStats',
  pool: 'batch-stats',
  parts: ['contentDetails', 'id', 'snippet', 'statistics'],
  filters: ['id'],
  parameters: ['onBehalfOfContentOwner'],
  pageSize: null,
  schema: listSchema('videoStats'),
  answer({ world, values, parts, switches, request }) {
    const failing = switches.take('batch-failures', request)
    const found = inAnyOrder(findAll(world, values)).slice(typeof failing === 'number' ? failing : 0)
    const failedVideoIds = values.filter(id => !found.some(video => video.id === id))
    return {
      kind: 'youtube#batchGetStatsResponse',
      items: found.map(video => makeVideoStats(world, video, parts)),
      summary: {
        requestedVideoCount: values.length,
        succeededVideoCount: found.length,
        failedVideoCount: failedVideoIds.length,
        failedVideoIds,
      },
    }
  },
}

type Show = (found: readonly Video[]) => readonly JsonObject[]

/** Known to be there by everybody, under an id that is none of this world's. */
const WELL_KNOWN = 'jNQXAC9IVRw'

const findAll = (world: World, ids: readonly string[]): readonly Video[] =>
  ids.map(id => findAny(world, id)).filter(video => video !== null)

const findAny = (world: World, id: string): Video | null => {
  if (id !== WELL_KNOWN) return findVideoById(world, id)
  const like = findVideo(world, numberOf('hidden'), 0)
  return like && { ...like, id }
}

/**
 * `maxResults` goes with ids in one client and does nothing; `pageToken` has no meaning there. The switch
 * `id-lookup-forgets` n leaves out so many of the videos that exist.
 */
const answerIds = ({ world, values, ...call }: Call, show: Show): Envelope => {
  if (call.one('pageToken') !== null) {
    throw refuse('incompatibleParameters', { location: 'pageToken' })
  }
  const forgotten = call.switches.take('id-lookup-forgets', call.request)
  const withheld = withheldIn(call.switches)
  const found = findAll(world, values)
    .filter(({ id }) => !withheld.has(id))
    .slice(typeof forgotten === 'number' ? forgotten : 0)
  const items = show(inAnyOrder(found))
  return {
    kind: 'youtube#videoListResponse',
    items,
    pageInfo: { totalResults: items.length, resultsPerPage: items.length },
  }
}

/** The newest video of each channel; the people behind the tokens have rated nothing. */
const answerChart = (call: Call, show: Show): Envelope => {
  const cut = cutPage(call, call.filter === 'chart' ? chart(call.world) : [], CLASSIC, 'chart')
  return {
    kind: 'youtube#videoListResponse',
    ...cut.next,
    ...cut.previous,
    items: show(cut.items),
    pageInfo: { totalResults: cut.items.length, resultsPerPage: call.pageSize },
  }
}

const MOST_POPULAR = 200

const chart = (world: World): readonly Video[] =>
  listChannels(world, MOST_POPULAR).flatMap(channel =>
    listUploads(world, channel)
      .slice(0, 1)
      .map(number => makeVideo(channel, number)),
  )

const readSize = (call: Call, name: string): number | null => {
  const text = call.one(name)
  if (text === null) return null
  const size = Number(text)
  if (size >= 72 && size <= 8192) return size
  throw refuse('invalidParameter', {
    message: `Invalid value '${text}'. Values must be within the range: [72, 8192]`,
    location: name,
  })
}
