import { MOST_INLINED, type ThreadPlan, type VideoPlan } from './plan.ts'

/** `videos` videos alike: each with so many threads, of which some, evenly spread, have so many replies. */
export interface Shape {
  readonly videos: number
  readonly threads: number
  readonly replies: readonly number[]
}

/** The big channel: exactly 1,000 videos, 900 with comments, and 50,000 comments. Replies are inlined five at a time, never fewer. */
export const BIG: readonly Shape[] = [
  { videos: 100, threads: 0, replies: [] },
  { videos: 700, threads: 30, replies: [4, 6] },
  { videos: 195, threads: 60, replies: [8, 8, 8, 8, 8] },
  { videos: 5, threads: 250, replies: [101, 100, 49] },
]

/** The giant: 25,000 uploads, of which the playlist gives the newest 20,000, with a million comments. */
export const GIANT: readonly Shape[] = [{ videos: 25_000, threads: 40, replies: [4, 6] }]

const sum = <T>(items: readonly T[], count: (item: T) => number): number =>
  items.reduce((total, item) => total + count(item), 0)

export const videosOf = (shapes: readonly Shape[]): number => sum(shapes, ({ videos }) => videos)

/** Threads and replies together. */
export const commentsOf = (shapes: readonly Shape[]): number =>
  sum(shapes, ({ videos, threads, replies }) => videos * (threads + sum(replies, count => count)))

/** What a first whole sync of such a channel costs by the call plan of docs/networks/youtube.md §10, comments read per video. */
export const callsFor = (shapes: readonly Shape[]): number => {
  const listing = Math.ceil(videosOf(shapes) / 50)
  const pages = (count: number): number => Math.ceil(count / 100)
  return (
    1 +
    2 * listing +
    sum(shapes, ({ videos, threads, replies }) => {
      const walked = replies.filter(count => count > MOST_INLINED)
      return videos * (pages(threads) + sum(walked, pages))
    })
  )
}

/** What shape a video has: the kinds are mixed by a step that shares no factor with the number of videos. */
export const planShapes = (shapes: readonly Shape[]): ((video: number) => VideoPlan | undefined) => {
  const total = videosOf(shapes)
  const plans = shapes.map(shape => ({
    upTo: shape.videos,
    plan: { form: 'plain', threads: spread(shape) } as const,
  }))
  return video => {
    let rank = (video * STEP) % total
    return plans.find(({ upTo }) => {
      rank -= upTo
      return rank < 0
    })?.plan
  }
}

const STEP = 7919

const spread = ({ threads, replies }: Shape): readonly ThreadPlan[] => {
  const plans: ThreadPlan[] = new Array(threads).fill({})
  replies.forEach((count, index) => {
    plans[Math.floor(((index + 1) * threads) / (replies.length + 1))] = { replies: count }
  })
  return plans
}
