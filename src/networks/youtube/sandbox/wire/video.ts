import type { Json, JsonObject } from '../../../../core/json.ts'
import { chance } from '../../../seeded.ts'
import { type Broadcast, factsOf, type Thumbnail, type VideoFacts } from '../world/video-facts.ts'
import type { Video } from '../world/videos.ts'
import type { World } from '../world/world.ts'
import { makeResource, rfc3339 } from './resource.ts'

/** The largest sizes that `player` may have, as asked for. */
interface PlayerRoom {
  readonly maxHeight: number | null
  readonly maxWidth: number | null
}

export const makeVideoResource = (
  world: World,
  video: Video,
  wanted: ReadonlySet<string>,
  room: PlayerRoom = { maxHeight: null, maxWidth: null },
): JsonObject => {
  const { id, key, channel, publishedAt } = video
  const facts = factsOf(world, video)
  const { title, description, language, tags, broadcast } = facts
  return makeResource(
    'video',
    id,
    {
      snippet: () => ({
        publishedAt: rfc3339(publishedAt),
        channelId: channel.id,
        title,
        description,
        thumbnails: makeThumbnails(facts.thumbnails),
        channelTitle: channel.title,
        ...(tags.length > 0 && { tags }),
        categoryId: '28',
        liveBroadcastContent: broadcast?.state ?? 'none',
        ...(language !== null && { defaultLanguage: language, defaultAudioLanguage: language }),
        localized: { title, description },
      }),
      contentDetails: () => ({
        duration: isoDuration(facts.seconds),
        dimension: '2d',
        definition: facts.form === 'sharp' ? 'hd' : 'sd',
        caption: String(chance(0.3, key, 'caption')),
        licensedContent: chance(0.2, key, 'licensed'),
        ...(chance(0.05, key, 'region') && { regionRestriction: { blocked: ['DE', 'TH'] } }),
        contentRating: {},
        projection: 'rectangular',
      }),
      status: () => ({
        uploadStatus: broadcast?.state === 'upcoming' ? 'uploaded' : 'processed',
        privacyStatus: 'public',
        license: 'youtube',
        embeddable: true,
        publicStatsViewable: true,
        madeForKids: false,
      }),
      statistics: () => (facts.hasStatistics ? makeCounters(facts, { favoriteCount: '0' }) : undefined),
      liveStreamingDetails: () => (broadcast === null ? undefined : makeBroadcast(key, broadcast)),
      player: () => makePlayer(id, facts, room),
      topicDetails: () => (facts.topics.length === 0 ? undefined : { topicCategories: facts.topics }),
      recordingDetails: () => ({}),
      paidProductPlacementDetails: () => ({ hasPaidProductPlacement: facts.isPromotion }),
      localizations: () => (language === null ? undefined : { [language]: { title, description } }),
    },
    wanted,
  )
}

/** `videos:batchGetStats`: other names and another form of duration (docs/networks/youtube.md §5). */
export const makeVideoStats = (world: World, video: Video, wanted: ReadonlySet<string>): JsonObject => {
  const facts = factsOf(world, video)
  const seconds = facts.seconds ?? 0
  return makeResource(
    'videoStats',
    video.id,
    {
      snippet: () => ({ publishTime: rfc3339(video.publishedAt) }),
      contentDetails: () => ({ duration: `${seconds}s`, durationMillis: String(seconds * 1000) }),
      statistics: () => (facts.hasStatistics ? makeCounters(facts, {}) : undefined),
    },
    wanted,
  )
}

export const makeThumbnails = (thumbnails: readonly Thumbnail[]): JsonObject =>
  Object.fromEntries(thumbnails.map(({ name, url, width, height }) => [name, { url, width, height }]))

/** Strings; what is null is left out. */
const makeCounters = (
  { viewCount, likeCount, commentCount }: VideoFacts,
  more: Readonly<Record<string, Json>>,
): JsonObject => ({
  ...(viewCount !== null && { viewCount: String(viewCount) }),
  ...(likeCount !== null && { likeCount: String(likeCount) }),
  ...more,
  ...(commentCount !== null && { commentCount: String(commentCount) }),
})

const makeBroadcast = (key: number, { state, scheduledAt, startedAt, endedAt }: Broadcast): JsonObject => ({
  ...(startedAt !== null && { actualStartTime: rfc3339(startedAt) }),
  ...(endedAt !== null && { actualEndTime: rfc3339(endedAt) }),
  scheduledStartTime: rfc3339(scheduledAt),
  ...(chance(0.5, key, 'planned end') && { scheduledEndTime: rfc3339(scheduledAt + 3_600_000) }),
  ...(state === 'live' && { concurrentViewers: '12' }),
})

/** A Short stands upright; sizes are told only where a room was given. */
const makePlayer = (id: string, { form }: VideoFacts, { maxHeight, maxWidth }: PlayerRoom): JsonObject => {
  const embedHtml = `<iframe src="//www.youtube.com/embed/${id}" frameborder="0" allowfullscreen></iframe>`
  const ratio = form === 'short' ? 9 / 16 : 16 / 9
  const height = Math.min(
    maxHeight ?? Number.POSITIVE_INFINITY,
    (maxWidth ?? Number.POSITIVE_INFINITY) / ratio,
  )
  if (!Number.isFinite(height)) return { embedHtml }
  return {
    embedHtml,
    embedHeight: String(Math.round(height)),
    embedWidth: String(Math.round(height * ratio)),
  }
}

/** `PT1H2M3S`, `P1DT2H`; `P0D` while there is no length. */
const isoDuration = (seconds: number | null): string => {
  if (seconds === null) return 'P0D'
  const days = Math.floor(seconds / 86_400)
  const time = [
    [Math.floor(seconds / 3_600) % 24, 'H'],
    [Math.floor(seconds / 60) % 60, 'M'],
    [seconds % 60, 'S'],
  ]
    .filter(([count]) => count !== 0)
    .map(([count, name]) => `${count}${name}`)
    .join('')
  return `P${days === 0 ? '' : `${days}D`}${time === '' ? '' : `T${time}`}`
}
