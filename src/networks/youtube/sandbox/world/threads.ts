import { between, chance, hash32, unit } from '../../../seeded.ts'
import { eraOf, readThreadId, threadId } from './ids.ts'
import { MOST_INLINED, MOST_REPLIES, type ThreadPlan } from './plan.ts'
import { commentsClosed, findVideo, type Video } from './videos.ts'
import {
  type Arrivals,
  arrivalTime,
  BEGINNING,
  countArrivals,
  crowded,
  DAY,
  type World,
  wholeSecond,
} from './world.ts'

/** What is known of a thread without writing out its texts. */
export interface Thread {
  readonly video: Video
  /** Counted from the video's oldest. */
  readonly number: number
  readonly key: number
  readonly plan: ThreadPlan
  readonly createdAt: number
  /** Replies from before the beginning; after them come the late ones. */
  readonly early: number
  readonly late: Arrivals
  /** Replies that can be fetched, numbered from the oldest. */
  readonly replies: number
  /** `totalReplyCount`: may be more. */
  readonly declared: number
}

/** Numbers of a video's threads that can be seen: a pinned one, then newest first (docs/networks/youtube.md §0.7). */
export const listThreads = (world: World, video: Video): readonly number[] =>
  world.threads.get(video.id, () => {
    const numbers: number[] = []
    for (let number = countThreads(world, video) - 1; number >= 0; number--) {
      if (!isRemoved(world, video, number)) numbers.push(number)
    }
    const pinned = video.plan.threads?.findIndex(plan => plan.pinned) ?? -1
    return pinned < 0 ? numbers : [pinned, ...numbers.filter(number => number !== pinned)]
  })

/** The thread if it can be seen now; comments for members are found, whether they are shown is the caller's matter. */
export const findThread = (world: World, id: string): Thread | null => {
  const place = readThreadId(id)?.place
  const video = place && findVideo(world, place[0], place[1])
  if (!place || !video) return null
  const number = place[2]
  if (number >= countThreads(world, video) || isRemoved(world, video, number)) return null
  const thread = makeThread(world, video, number)
  return idOf(thread) === id ? thread : null
}

export const idOf = ({ video, number, createdAt }: Thread): string =>
  threadId([video.channel.number, video.number, number], eraOf(createdAt))

export const makeThread = (world: World, video: Video, number: number): Thread => {
  const key = hash32(video.key, 'thread', number)
  const plan = video.plan.threads?.[number] ?? {}
  const createdAt = threadTime(video, number)
  const isEarly = number < countEarly(video)
  const early = plan.replies ?? (isEarly && !video.settled ? earlyReplies(key) : 0)
  const late = lateReplies(video, key, isEarly, createdAt)
  const all = early + countArrivals(late, world.moment)
  const phantom = plan.phantom ?? (!video.settled && early > 0 && chance(0.03, key, 'phantom') ? 1 : 0)
  return {
    video,
    number,
    key,
    plan,
    createdAt,
    early,
    late,
    replies: Math.min(MOST_REPLIES, all),
    declared: all + phantom,
  }
}

/** Numbers of the replies that stand in the thread itself, as they stand there: at times fewer than could (docs/networks/youtube.md §0.8). */
export const inlinedReplies = ({ video, key, plan, replies }: Thread): readonly number[] => {
  const most = Math.min(MOST_INLINED, replies)
  const isScant = !video.settled && chance(0.1, key, 'scant')
  const count = plan.inlined ?? (isScant ? between(0, most, key, 'scant count') : most)
  const newest =
    video.plan.inlined === undefined ? chance(0.5, video.key, 'inlined') : video.plan.inlined === 'newest'
  return Array.from({ length: count }, (_, index) => (newest ? replies - 1 - index : index))
}

export const replyTime = ({ key, createdAt, early, late }: Thread, reply: number): number =>
  reply < early
    ? crowded(createdAt, BEGINNING, reply, early, unit(key, 'reply', reply))
    : wholeSecond(arrivalTime(late, reply - early))

/** `statistics.commentCount`: replies are in it, and so are some that are held back (docs/networks/youtube.md §5); null = comments are off. */
export const countComments = (world: World, video: Video): number | null => {
  if (commentsClosed(video) === 'disabled') return null
  if (video.settled) return countPlanned(video.plan.threads ?? [])
  let count = chance(0.1, video.key, 'held') ? between(1, 3, video.key, 'held count') : 0
  for (const number of listThreads(world, video)) count += 1 + makeThread(world, video, number).declared
  return count
}

const countPlanned = (plans: readonly ThreadPlan[]): number =>
  plans.reduce((count, { replies = 0, phantom = 0 }) => count + 1 + replies + phantom, 0)

const countThreads = (world: World, video: Video): number => {
  if (commentsClosed(video) === 'disabled') return 0
  return countEarly(video) + (video.settled ? 0 : countArrivals(newThreads(video), world.moment))
}

/** How many there were at the beginning. */
const countEarly = ({ key, plan, settled, publishedAt }: Video): number => {
  if (settled || publishedAt >= BEGINNING) return plan.threads?.length ?? 0
  const size = unit(key, 'talk')
  if (size < 0.45) return 0
  return size < 0.98 ? between(1, 40, key, 'threads') : between(80, 240, key, 'threads')
}

/** What comes after the beginning: much where the video is new, little or nothing where it is not. */
const newThreads = ({ key, publishedAt }: Video): Arrivals => {
  const isNew = publishedAt >= BEGINNING
  const perDay = isNew
    ? 0.3 + 3 * unit(key, 'pace')
    : chance(0.12, key, 'still talked about')
      ? unit(key, 'pace')
      : 0
  return {
    from: Math.max(publishedAt, BEGINNING),
    perDay,
    most: between(10, 60, key, 'most'),
    phase: unit(key, 'phase'),
  }
}

const threadTime = (video: Video, number: number): number => {
  const early = countEarly(video)
  return number < early
    ? crowded(video.publishedAt, BEGINNING, number, early, unit(video.key, 'thread time', number))
    : wholeSecond(arrivalTime(newThreads(video), number - early))
}

const earlyReplies = (key: number): number => {
  const size = unit(key, 'replies')
  if (size < 0.8) return 0
  if (size < 0.96) return between(1, 5, key, 'few')
  return size < 0.995 ? between(6, 20, key, 'some') : between(21, 130, key, 'many')
}

const lateReplies = ({ settled }: Video, key: number, isEarly: boolean, createdAt: number): Arrivals => ({
  from: Math.max(createdAt, BEGINNING),
  perDay: !settled && chance(isEarly ? 0.04 : 0.3, key, 'answered late') ? 0.02 + 0.3 * unit(key, 'pace') : 0,
  most: between(1, 6, key, 'late most'),
  phase: unit(key, 'phase'),
})

/** One thread in a hundred is deleted one day, with its replies. */
const isRemoved = (world: World, video: Video, number: number): boolean => {
  if (video.settled || !chance(0.01, video.key, 'removed', number)) return false
  const from = Math.max(BEGINNING, threadTime(video, number))
  return from + between(1, 40, video.key, 'removed on', number) * DAY <= world.moment
}
