import { between, chance, hash32, unit } from '../../../seeded.ts'
import { type Channel, findChannel } from './channels.ts'
import { readVideoId, videoId } from './ids.ts'
import type { VideoForm, VideoPlan } from './plan.ts'
import { BEGINNING, DAY, type World, wholeSecond } from './world.ts'

export interface Video {
  readonly channel: Channel
  /** Counted from the channel's oldest upload. */
  readonly number: number
  readonly key: number
  readonly id: string
  /** True: all of it is as planned and stays so, but for its counters. */
  readonly settled: boolean
  readonly plan: VideoPlan
  readonly uploadedAt: number
  readonly publishedAt: number
}

/** What the public can see of a channel, as numbers; newest upload first, whenever published (docs/networks/youtube.md §0.5). */
export const listUploads = (world: World, channel: Channel): readonly number[] =>
  world.uploads.get(channel.number, () => {
    const { uploads, everyDays } = channel.plan
    const numbers: number[] = []
    for (let number = uploads + Math.ceil(world.day / everyDays); number >= 0; number--) {
      if (isVisible(world, makeVideo(channel, number))) numbers.push(number)
    }
    return numbers
  })

/** The video if the public can see it now. */
export const findVideo = (world: World, channelNumber: number, number: number): Video | null => {
  const channel = findChannel(world, channelNumber)
  const video = channel && makeVideo(channel, number)
  return video && isVisible(world, video) ? video : null
}

export const findVideoById = (world: World, id: string): Video | null => {
  const place = readVideoId(id)
  return place && findVideo(world, ...place)
}

export const makeVideo = (channel: Channel, number: number): Video => {
  const key = hash32(channel.key, 'video', number)
  const settled = channel.plan.exact === true && number < channel.plan.uploads
  const plan = (settled ? channel.plan.videos?.(number) : undefined) ?? {}
  const period = channel.plan.everyDays * DAY
  const start = BEGINNING + (number - channel.plan.uploads) * period
  const uploadedAt = wholeSecond(start + unit(key, 'moment') * period)
  const lateDays =
    plan.lateDays ?? (!settled && chance(0.04, key, 'late') ? between(1, 30, key, 'how late') : 0)
  return {
    channel,
    number,
    key,
    id: videoId(channel.number, number),
    settled,
    plan,
    uploadedAt,
    publishedAt: uploadedAt + lateDays * DAY,
  }
}

/** Whether the comments are closed to us, and how. */
export const commentsClosed = ({ plan, settled, key }: Video): VideoPlan['comments'] =>
  plan.comments ?? (!settled && chance(0.03, key, 'comments') ? 'disabled' : undefined)

export const formOf = ({ key, plan, settled }: Video): VideoForm => {
  if (plan.form !== undefined || settled) return plan.form ?? 'plain'
  const roll = unit(key, 'form')
  return roll < 0.15 ? 'short' : roll < 0.25 ? 'sharp' : roll < 0.28 ? 'broadcast' : 'plain'
}

/** Whether the public can see a video, and if not, why. */
export type Standing = 'there' | 'private' | 'deleted'

export const standingOf = (world: World, video: Video): Standing => {
  if (video.publishedAt >= world.moment) return 'private'
  if (video.plan.gone === true) return 'deleted'
  if (video.settled) return 'there'
  if (chance(0.015, video.key, 'gone')) return 'deleted'
  return isAway(world, video) ? 'private' : 'there'
}

const isVisible = (world: World, video: Video): boolean => standingOf(world, video) === 'there'

/** Made private since the beginning, one in two for some days only. */
const isAway = (world: World, { key, publishedAt }: Video): boolean => {
  if (!chance(0.05, key, 'away')) return false
  const from = Math.max(publishedAt, BEGINNING) + between(1, 40, key, 'away from') * DAY
  const back = chance(0.5, key, 'comes back')
    ? from + between(2, 10, key, 'away for') * DAY
    : Number.POSITIVE_INFINITY
  return world.moment >= from && world.moment < back
}
