import { between, chance, hash32, pick, sentence, unit } from '../../../seeded.ts'
import { type Creator, DAY } from './creators.ts'
import { videoId } from './ids.ts'
import { timeOf } from './schedule.ts'

/** A video, and all that does not change about it. */
export interface Video {
  readonly creator: Creator
  readonly index: number
  /** Decides all that is the video's. */
  readonly key: number
  readonly id: bigint
  /** Epoch seconds. */
  readonly created: number
  /** Epoch seconds; Infinity = never. */
  readonly deleted: number
}

/** Video `index` of a creator, oldest = 0, posted yet or not. */
export const videoOf = (creator: Creator, index: number): Video => {
  const key = hash32(creator.key, 'video', index)
  const created = timeOf(creator.videos, index)
  const place = { creator: creator.index, index }
  return {
    creator,
    index,
    key,
    id: videoId(place, created - idLag(creator, index, key)),
    created,
    deleted: deletionOf(creator, index, key, created),
  }
}

/** Mostly 18-90 s, now and then 135 s or two and a half days: so ids and times have different orders (docs/networks/tiktok.md §2). */
const idLag = (creator: Creator, index: number, key: number): number => {
  if (creator.index === 0 && index === 0) return 30
  const roll = between(0, 133, key, 'lag')
  if (roll === 0) return 219_361
  return roll === 1 ? 135 : between(18, 90, key, 'seconds')
}

const deletionOf = (creator: Creator, index: number, key: number, created: number): number => {
  const swept = creator.part.swept
  if (swept !== undefined) {
    return index >= swept[0] && index <= swept[1]
      ? timeOf(creator.videos, swept[1]) + 600
      : Number.POSITIVE_INFINITY
  }
  const kept = index === 0 || index === creator.part.talkedOf?.video || !chance(0.05, key, 'deleted')
  return kept ? Number.POSITIVE_INFINITY : created + between(DAY, 200 * DAY, key, 'deleted at')
}

/** The video's page on the network. */
export const addressOf = ({ creator, id }: Video): string =>
  `https://www.tiktok.com/@${creator.username}/video/${id}`

/** Whether the public sees it: posted, not deleted, its creator not hidden. */
export const isUp = (video: Video, at: number): boolean =>
  video.created <= at && at < video.deleted && isPublic(video.creator)

/** Whether an account's videos can be seen at all. */
export const isPublic = (creator: Creator): boolean =>
  creator.standing === 'open' || creator.standing === 'gone'

const HASHTAGS: readonly [string, ...string[]] = [
  'bread',
  'harbour',
  'night_train',
  'garten',
  'قهوة',
  'パン',
  'storytime',
  'fyp',
]

/** Without `#`; often none. */
export const hashtagsOf = (video: Video): readonly string[] => {
  const tags: string[] = []
  for (let n = between(0, 3, video.key, 'tags'); n > 0; n--) tags.push(pick(HASHTAGS, video.key, 'tag', n))
  return [...new Set(tags)]
}

/** Ends in a blank as often as not; some are edited once, some empty, a few hold NUL. */
export const captionOf = (video: Video, at: number): string => {
  const { key, creator } = video
  if (chance(0.03, key, 'wordless')) return ''
  const edited = chance(0.08, key, 'edited') && at >= video.created + between(3600, 400 * DAY, key, 'edit')
  const tags = hashtagsOf(video).map(tag => `#${tag}`)
  const nul = creator.part.nul === true || chance(0.01, key, 'nul') ? '\u0000' : ''
  const words = [sentence(2, 10, key, edited ? 'second text' : 'text') + nul, ...tags].join(' ')
  return chance(0.5, key, 'blank') ? `${words} ` : words
}

/** Seconds. */
export const durationOf = (video: Video): number =>
  pick(
    [between(5, 14, video.key, 's'), between(15, 60, video.key, 's'), between(61, 400, video.key, 's')],
    video.key,
  )

/** A video that nobody has met with anything yet: no likes, no comments, no shares. */
export const isUnnoticed = (video: Video): boolean =>
  video.creator.part.talkedOf?.video !== video.index && chance(0.04, video.key, 'unnoticed')

/** 0 ≤ x < 1, most often small: how far a video went. */
export const reachOf = (video: Video): number => unit(video.key, 'reach') ** 4
