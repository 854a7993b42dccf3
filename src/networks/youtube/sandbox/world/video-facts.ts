import { between, chance, pick, sentence, unit } from '../../../seeded.ts'
import type { VideoForm } from './plan.ts'
import { countComments } from './threads.ts'
import { formOf, type Video } from './videos.ts'
import { BEGINNING, DAY, type World } from './world.ts'

/** What a video tells of itself on one day. Times are epoch milliseconds, counters null where the network is silent. */
export interface VideoFacts {
  readonly title: string
  readonly description: string
  readonly tags: readonly string[]
  readonly language: string | null
  readonly topics: readonly string[]
  readonly isPromotion: boolean
  readonly form: VideoForm
  /** Null while it is live or to come. */
  readonly seconds: number | null
  readonly broadcast: Broadcast | null
  readonly thumbnails: readonly Thumbnail[]
  readonly viewCount: number | null
  readonly likeCount: number | null
  readonly commentCount: number | null
  readonly hasStatistics: boolean
}

export interface Broadcast {
  readonly state: 'upcoming' | 'live' | 'none'
  readonly scheduledAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
}

export interface Thumbnail {
  readonly name: string
  readonly url: string
  readonly width: number
  readonly height: number
}

const TOPICS = ['Technology', 'Food', 'Music'] as const

export const factsOf = (world: World, video: Video): VideoFacts => {
  const { key, plan } = video
  const form = formOf(video)
  const broadcast = broadcastOf(world, video, form)
  const isOver = broadcast === null || broadcast.state === 'none'
  const views = isOver || broadcast.state === 'live' ? countViews(world, key) : 0
  const hasStatistics = plan.lacks !== 'statistics'
  const count = (name: typeof plan.lacks, value: number | null): number | null =>
    hasStatistics && plan.lacks !== name ? value : null
  return {
    title: titleOf(world, video),
    description: chance(0.1, key, 'says nothing') ? '' : sentence(8, 40, key, 'description'),
    tags: chance(0.8, key, 'tags') ? [pick(['harbour', 'bread', 'market'], key, 'tag'), 'two words'] : [],
    language: chance(0.6, key, 'language') ? pick(['en', 'de', 'th'], key, 'tongue') : null,
    topics: chance(0.8, key, 'topics') ? [`https://en.wikipedia.org/wiki/${pick(TOPICS, key, 'topic')}`] : [],
    isPromotion: chance(0.1, key, 'promotion'),
    form,
    seconds: isOver ? secondsOf(key, form) : null,
    broadcast,
    thumbnails: thumbnailsOf(video, form),
    viewCount: count('viewCount', views),
    likeCount: count('likeCount', Math.floor(views * (0.01 + 0.04 * unit(key, 'liked')))),
    commentCount: hasStatistics ? countComments(world, video) : null,
    hasStatistics,
  }
}

/** One title in twenty is edited one day. */
const titleOf = (world: World, { key, plan, settled, publishedAt }: Video): string => {
  const title = plan.title ?? sentence(2, 8, key, 'title')
  const editedAt = Math.max(BEGINNING, publishedAt) + between(1, 30, key, 'edited on') * DAY
  const isEdited = !settled && chance(0.05, key, 'edited') && editedAt <= world.moment
  return isEdited ? `${title} (corrected)` : title
}

const HOUR = 3_600_000
/** Of the two that are not over when the world begins: when they start and end. */
const TO_COME = {
  live: { starts: -HOUR, ends: 5 * HOUR },
  upcoming: { starts: 3 * DAY + 18 * HOUR, ends: 3 * DAY + 19 * HOUR },
} as const

const broadcastOf = (world: World, video: Video, form: VideoForm): Broadcast | null => {
  if (form === 'broadcast') {
    const endedAt = video.publishedAt + secondsOf(video.key, form) * 1000
    return { state: 'none', scheduledAt: video.publishedAt, startedAt: video.publishedAt, endedAt }
  }
  if (form !== 'live' && form !== 'upcoming') return null
  const { starts, ends } = TO_COME[form]
  const [startsAt, endsAt] = [BEGINNING + starts, BEGINNING + ends]
  const hasStarted = startsAt <= world.moment
  const hasEnded = endsAt <= world.moment
  return {
    state: hasEnded ? 'none' : hasStarted ? 'live' : 'upcoming',
    scheduledAt: startsAt,
    startedAt: hasStarted ? startsAt : null,
    endedAt: hasEnded ? endsAt : null,
  }
}

const LENGTHS: Readonly<Record<VideoForm, readonly [number, number]>> = {
  plain: [61, 3_599],
  sharp: [61, 7_200],
  short: [5, 60],
  'day-long': [93_784, 93_784],
  broadcast: [1_800, 3_600],
  live: [21_600, 21_600],
  upcoming: [3_600, 3_600],
}

const secondsOf = (key: number, form: VideoForm): number => between(...LENGTHS[form], key, 'seconds')

const countViews = (world: World, key: number): number =>
  Math.floor(10 ** (2 + 5 * unit(key, 'views'))) + world.day * between(0, 40, key, 'views a day')

const ALWAYS = [
  ['default', 'default', 120, 90],
  ['medium', 'mqdefault', 320, 180],
  ['high', 'hqdefault', 480, 360],
] as const
const LARGER = [
  ['standard', 'sddefault', 640, 480],
  ['maxres', 'maxresdefault', 1280, 720],
] as const
/** Since 11 September 2026 (docs/networks/youtube.md §5). */
const SHARP = [
  ['fhd', 'fhddefault', 1920, 1080],
  ['qhd', 'qhddefault', 2560, 1440],
  ['uhd', 'uhddefault', 3840, 2160],
] as const

/** Smallest first. */
const thumbnailsOf = ({ key, id }: Video, form: VideoForm): readonly Thumbnail[] =>
  [
    ...ALWAYS,
    ...(form === 'sharp' || chance(0.85, key, 'large picture') ? LARGER : []),
    ...(form === 'sharp' ? SHARP : []),
  ].map(([name, file, width, height]) => ({
    name,
    url: `https://i.ytimg.com/vi/${id}/${file}.jpg`,
    width,
    height,
  }))
