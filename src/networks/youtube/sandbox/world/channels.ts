import { between, chance, handle, hash32, pick, sentence, unit } from '../../../seeded.ts'
import { channelId, readChannelId } from './ids.ts'
import type { ChannelPlan } from './plan.ts'
import { listedSpecials, numberOf, SPECIAL_PLANS } from './specials.ts'
import { BEGINNING, DAY, type World, wholeSecond } from './world.ts'

export interface Channel {
  readonly number: number
  /** Where the chances of everything in the channel begin. */
  readonly key: number
  readonly id: string
  readonly plan: ChannelPlan
  /** Lower case, without `@`. */
  readonly handle: string
  readonly username: string | null
  readonly title: string
  readonly description: string
  readonly country: string | null
  readonly language: string | null
  readonly createdAt: number
  readonly viewCount: number
  /** Rounded down to three digits, as everyone sees it; null = hidden. */
  readonly subscriberCount: number | null
}

/** Channels that chance makes are numbered from here. */
const FIRST = 100
const COUNT = { small: 130, medium: 1_000, large: 5_000 } as const

/** Numbers of the channels that a list of profiles holds, those made by chance first. */
export const listChannelNumbers = (world: World): readonly number[] => [
  ...Array.from({ length: COUNT[world.size] }, (_, index) => FIRST + index),
  ...listedSpecials(world.size),
]

/** The first so many of them. */
export const listChannels = (world: World, most: number): readonly Channel[] =>
  listChannelNumbers(world)
    .slice(0, most)
    .map(number => makeChannel(world, number))

export const isByChance = ({ number }: Channel): boolean => number >= FIRST

/** Of one that chance makes, by any whole number. */
export const numberByChance = ({ size }: World, roll: number): number => FIRST + (roll % COUNT[size])

/** The channel of this number, or null: never was, or terminated. */
export const findChannel = (world: World, number: number | null): Channel | null => {
  if (number === null || !isThere(world, number)) return null
  return makeChannel(world, number)
}

export const findChannelById = (world: World, id: string): Channel | null =>
  findChannel(world, readChannelId(id))

/** By handle in any case, with or without `@` (docs/networks/youtube.md §2). */
export const findChannelByHandle = (world: World, text: string): Channel | null => {
  const wanted = text.replace(/^@/, '').toLowerCase()
  const planned = SPECIAL_PLANS.findIndex(plan => plan.handle === wanted)
  const number = planned >= 0 ? planned : Number(/\.(\d+)$/.exec(wanted)?.[1] ?? -1)
  const channel = findChannel(world, number)
  return channel?.handle === wanted ? channel : null
}

/** By the name from before about 2014, which only some have. */
export const findChannelByUsername = (world: World, name: string): Channel | null => {
  const planned = SPECIAL_PLANS.findIndex(plan => plan.username === name)
  const channel = findChannel(world, planned >= 0 ? planned : Number(/(\d+)$/.exec(name)?.[1] ?? -1))
  return channel?.username === name ? channel : null
}

const isThere = (world: World, number: number): boolean =>
  number < FIRST
    ? number === numberOf('empty') || listedSpecials(world.size).includes(number)
    : number < FIRST + COUNT[world.size]

const makeChannel = (world: World, number: number): Channel =>
  world.channels.get(number, () => decideChannel(world, number))

const decideChannel = (world: World, number: number): Channel => {
  const key = hash32(world.seed, 'channel', number)
  const plan = SPECIAL_PLANS[number] ?? planByChance(key)
  const isOld = chance(0.08, key, 'old')
  const firstUpload = BEGINNING - plan.uploads * plan.everyDays * DAY
  return {
    number,
    key,
    id: channelId(number),
    plan,
    handle: plan.handle ?? `${handle(key)}.${number}`,
    username: plan.username ?? (isOld && SPECIAL_PLANS[number] === undefined ? `user${number}` : null),
    title: sentence(1, 4, key, 'title'),
    description: describe(world, key),
    country: chance(0.7, key, 'country') ? pick(['US', 'DE', 'BR', 'JP', 'IN', 'TH'], key, 'which') : null,
    language: chance(0.4, key, 'language') ? pick(['en', 'de', 'pt', 'ja', 'th'], key, 'tongue') : null,
    createdAt: wholeSecond(firstUpload - between(1, 900, key, 'created') * DAY),
    viewCount:
      Math.floor(10 ** (4 + 6 * unit(key, 'views'))) + world.day * between(10, 5_000, key, 'views a day'),
    subscriberCount: plan.subscribers === undefined ? countSubscribers(world, key) : null,
  }
}

const planByChance = (key: number): ChannelPlan => ({
  uploads: between(10, 80, key, 'uploads'),
  everyDays: between(1, 40, key, 'every'),
  ...(chance(0.04, key, 'hidden') && { subscribers: chance(0.5, key, 'how') ? 'missing' : 'zero' }),
})

/** A tenth of the descriptions are rewritten one day. */
const describe = (world: World, key: number): string => {
  if (chance(0.05, key, 'says nothing')) return ''
  const isRewritten = chance(0.1, key, 'rewritten') && world.day >= between(1, 40, key, 'rewritten on')
  return sentence(5, 30, key, isRewritten ? 'new description' : 'description')
}

const countSubscribers = (world: World, key: number): number => {
  const exact =
    Math.floor(10 ** (1 + 6 * unit(key, 'subscribers'))) + world.day * between(0, 300, key, 'gained')
  const step = 10 ** Math.max(0, String(exact).length - 3)
  return Math.floor(exact / step) * step
}
