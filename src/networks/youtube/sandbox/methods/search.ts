import type { JsonObject } from '../../../../core/json.ts'
import { refuse } from '../errors.ts'
import type { Call, Method } from '../method.ts'
import { CLASSIC } from '../page-tokens.ts'
import { cutPage } from '../pages.ts'
import { listSchema } from '../schemas.ts'
import { escapeHtml } from '../wire/html.ts'
import { makeResource, rfc3339 } from '../wire/resource.ts'
import { makeThumbnails } from '../wire/video.ts'
import { type Channel, findChannelById, listChannels } from '../world/channels.ts'
import { factsOf } from '../world/video-facts.ts'
import { listUploads, makeVideo, type Video } from '../world/videos.ts'
import type { World } from '../world/world.ts'
import { readMoments } from './moments.ts'

/** A query gives so many results at most (docs/networks/youtube.md §6). */
const MOST_RESULTS = 500
const CHANNELS_SEARCHED = 50

/** `search.list`, over videos alone: all of one channel, or the newest of some. A full page always has a next token, so the last may be empty. */
export const search: Method = {
  path: 'search',
  pool: 'search',
  parts: ['id', 'snippet'],
  filters: ['forMine', 'forContentOwner', 'forDeveloper'],
  filterOptional: true,
  parameters: [
    'q',
    'channelId',
    'type',
    'order',
    'publishedAfter',
    'publishedBefore',
    'maxResults',
    'pageToken',
    'regionCode',
    'safeSearch',
    'relevanceLanguage',
  ],
  pageSize: { least: 0, most: 50, usual: 5 },
  schema: listSchema('searchResult'),
  answer(call) {
    const hits = call.filter === null ? sortHits(call, findHits(call)).slice(0, MOST_RESULTS) : []
    const cut = cutPage(call, hits, CLASSIC, '')
    const end = cut.offset + cut.items.length
    const isFull = cut.items.length > 0 && cut.items.length === call.pageSize
    return {
      kind: 'youtube#searchListResponse',
      ...(isFull && { nextPageToken: CLASSIC.write({ offset: end, backward: false, turn: 0 }, '') }),
      ...cut.next,
      ...cut.previous,
      ...(call.filter === null && { regionCode: call.one('regionCode') ?? 'US' }),
      pageInfo: { totalResults: hits.length, resultsPerPage: cut.items.length },
      items: cut.items.map(video => makeHit(call, video)),
    }
  },
}

const findHits = (call: Call): readonly Video[] => {
  const words = call.one('q')?.toLowerCase()
  const types = call.one('type')?.split(',') ?? ['video']
  if (!types.includes('video')) return []
  const isWithin = readMoments(call)
  return searched(call)
    .filter(video => isWithin(video.publishedAt))
    .filter(video => words === undefined || factsOf(call.world, video).title.toLowerCase().includes(words))
}

const searched = (call: Call): readonly Video[] => {
  const { world } = call
  const channelId = call.one('channelId')
  if (channelId === null) {
    return listChannels(world, CHANNELS_SEARCHED).flatMap(channel => uploadsOf(world, channel).slice(0, 20))
  }
  if (!channelId.startsWith('UC')) throw refuse('badRequest')
  const channel = findChannelById(world, channelId)
  return channel === null ? [] : uploadsOf(world, channel)
}

const uploadsOf = (world: World, channel: Channel): readonly Video[] =>
  listUploads(world, channel).map(number => makeVideo(channel, number))

/** What a list is sorted by, highest first. */
const RANKS: Readonly<Record<string, (world: World, video: Video) => number>> = {
  relevance: (_, { key }) => key,
  date: (_, { publishedAt }) => publishedAt,
  viewCount: (world, video) => factsOf(world, video).viewCount ?? 0,
  rating: (world, video) => factsOf(world, video).likeCount ?? 0,
  title: (world, video) => -(factsOf(world, video).title.codePointAt(0) ?? 0),
  videoCount: () => 0,
}

const sortHits = (call: Call, hits: readonly Video[]): readonly Video[] => {
  const order = call.one('order') ?? 'relevance'
  const rank = RANKS[order]
  if (rank === undefined)
    throw refuse('invalidParameter', { message: `Invalid value '${order}'.`, location: 'order' })
  return hits
    .map(video => ({ video, rank: rank(call.world, video) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ video }) => video)
}

/** Titles are escaped, descriptions are cut and are not (docs/networks/youtube.md §5). */
const makeHit = ({ world, parts }: Call, video: Video): JsonObject => {
  const { title, description, thumbnails, broadcast } = factsOf(world, video)
  const publishedAt = rfc3339(video.publishedAt)
  return makeResource(
    'searchResult',
    { kind: 'youtube#video', videoId: video.id },
    {
      snippet: () => ({
        publishedAt,
        channelId: video.channel.id,
        title: escapeHtml(title),
        description: description.length > 120 ? `${description.slice(0, 120)} ...` : description,
        thumbnails: makeThumbnails(thumbnails.slice(0, 3)),
        channelTitle: video.channel.title,
        liveBroadcastContent: broadcast?.state ?? 'none',
        publishTime: publishedAt,
      }),
    },
    parts,
  )
}
