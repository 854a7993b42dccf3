import { BIG, callsFor, commentsOf, GIANT, planShapes, videosOf } from './big.ts'
import { channelId, videoId } from './ids.ts'
import type { ChannelPlan, ThreadPlan, VideoPlan } from './plan.ts'

const HTML = `<b>not bold</b> & "quoted", it's\n0:45 #morning https://example.com/?a=1&b=2`
const RIGHT_TO_LEFT = 'שלום עולם — مرحبا بالعالم'
const EMOJI = '👩‍👩‍👧‍👦 ☕️ 🇪🇺 e\u0301'

/** One of each, and the order of the channel's uploads: the name says what is odd about it. */
const FORMS = {
  noLikes: { lacks: 'likeCount' },
  noViews: { lacks: 'viewCount' },
  noStatistics: { lacks: 'statistics' },
  gone: { gone: true },
  /** Lower in the uploads list than videos that were published before it. */
  scheduled: { lateDays: 9 },
  short: { form: 'short' },
  sharp: { form: 'sharp' },
  dayLong: { form: 'day-long' },
  oddTitle: { title: `${EMOJI} "A" & 'B' ${RIGHT_TO_LEFT}` },
  broadcast: { form: 'broadcast' },
  upcoming: { form: 'upcoming' },
  live: { form: 'live' },
} as const satisfies Readonly<Record<string, VideoPlan>>

const alike = (count: number, plan: ThreadPlan = {}): readonly ThreadPlan[] =>
  new Array<ThreadPlan>(count).fill(plan)

const THREADS = {
  replies: { inlined: 'oldest', threads: [0, 5, 6, 101, 500].map(replies => ({ replies })) },
  fewerInlined: {
    threads: [
      { replies: 1, inlined: 0 },
      { replies: 3, inlined: 2 },
      { replies: 12, inlined: 3 },
      { replies: 126, inlined: 4 },
    ],
  },
  newestInlined: { inlined: 'newest', threads: alike(3, { replies: 7 }) },
  oldestInlined: { inlined: 'oldest', threads: alike(3, { replies: 7 }) },
  /** Two pages of 100; the fourth oldest thread leads the first. */
  pinned: { threads: [...alike(3), { pinned: true, replies: 2 }, ...alike(146)] },
  /** `totalReplyCount` larger than what can be fetched. */
  overcounted: {
    threads: [
      { replies: 4, phantom: 3 },
      { replies: 500, phantom: 250, closed: true },
    ],
  },
  edited: { threads: [{ edited: true }, {}] },
  anonymous: { threads: [{ anonymous: true }, {}] },
  texts: {
    threads: [EMOJI, RIGHT_TO_LEFT, HTML, 'nothing \u0000 here', 'half a pair \ud83d here'].map(text => ({
      text,
    })),
  },
  fullPage: { threads: alike(100) },
  fullPageAndOne: { threads: alike(101) },
} as const satisfies Readonly<Record<string, VideoPlan>>

const inOrder = (plans: Readonly<Record<string, VideoPlan>>): Pick<ChannelPlan, 'uploads' | 'videos'> => {
  const list = Object.values(plans)
  return { uploads: list.length, videos: video => list[video] }
}

const SMALL = { uploads: 12, everyDays: 20, exact: true } as const

/** Channels made by hand, numbered in this order from 0. */
const PLANS = {
  /** {@link BIG}. */
  big: { uploads: videosOf(BIG), everyDays: 3, exact: true, videos: planShapes(BIG) },
  /** {@link GIANT}; only in the large world. */
  giant: { uploads: videosOf(GIANT), everyDays: 0.15, exact: true, videos: planShapes(GIANT) },
  /** Its uploads are 404 `playlistNotFound`. */
  empty: { ...SMALL, uploads: 0 },
  /** 200 without items. */
  terminated: { ...SMALL, terminated: true },
  commentsDisabled: { ...SMALL, videos: () => ({ comments: 'disabled' }) },
  /** One video, the fourth, is for members only: 403 `forbidden` on its threads. */
  members: {
    ...SMALL,
    videos: video => ({ threads: alike(2), ...(video === 3 && { comments: 'members-only' }) }),
  },
  forms: { everyDays: 2, exact: true, ...inOrder(FORMS) },
  threads: { everyDays: 30, exact: true, ...inOrder(THREADS) },
  /** `subscriberCount` is missing. */
  hidden: { ...SMALL, subscribers: 'missing' },
  /** `subscriberCount` is `"0"`, and hidden all the same. */
  hiddenAsZero: { ...SMALL, subscribers: 'zero' },
  /** Three pages of uploads. */
  prolific: { uploads: 137, everyDays: 5 },
  /** Has a username, a `customUrl` without `@`, and comments with ids of all three ages. */
  old: {
    ...SMALL,
    uploads: 40,
    everyDays: 120,
    username: 'northpier',
    bareCustomUrl: true,
    videos: () => ({ threads: alike(12, { replies: 1 }) }),
  },
  /** A handle in another script. */
  thai: { ...SMALL, handle: 'ตลาดเช้า' },
} as const satisfies Readonly<Record<string, ChannelPlan>>

type SpecialName = keyof typeof PLANS

const NAMES = Object.keys(PLANS) as SpecialName[]

export const SPECIAL_PLANS: readonly ChannelPlan[] = Object.values(PLANS)

/** Numbers of special channels that a list of profiles holds, in a world of this size. */
export const listedSpecials = (size: string): readonly number[] =>
  NAMES.flatMap((name, number) =>
    name === 'terminated' || (name === 'giant' && size !== 'large') ? [] : [number],
  )

export const numberOf = (name: SpecialName): number => NAMES.indexOf(name)

const idsOf = <T extends object>(
  plans: T,
  id: (number: number) => string,
): Readonly<Record<keyof T, string>> =>
  Object.fromEntries(Object.keys(plans).map((name, number) => [name, id(number)])) as Record<keyof T, string>

/** Where to find what is odd in the world of YouTube: ids, the same for every seed. */
export const YOUTUBE_SPECIALS = {
  channels: idsOf(PLANS, channelId),
  /** Videos of the channel `forms`. */
  forms: idsOf(FORMS, number => videoId(numberOf('forms'), number)),
  /** Videos of the channel `threads`, by what their threads are like. */
  threads: idsOf(THREADS, number => videoId(numberOf('threads'), number)),
  /** Of the person behind the tokens. */
  ownChannel: channelId(numberOf('thai')),
  membersOnlyVideo: videoId(numberOf('members'), 3),
  /** The channel `big`, counted by its plan; `calls` is the price of a first whole sync (docs/networks/youtube.md §10). */
  big: { shapes: BIG, videos: videosOf(BIG), comments: commentsOf(BIG), calls: callsFor(BIG) },
} as const
