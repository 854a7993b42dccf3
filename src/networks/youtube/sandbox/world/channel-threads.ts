import type { Channel } from './channels.ts'
import { listThreads, makeThread } from './threads.ts'
import { commentsClosed, listUploads, makeVideo } from './videos.ts'
import type { World } from './world.ts'

/** Where a thread stands in a channel: video and thread number. */
interface ThreadPlace {
  readonly video: number
  readonly thread: number
}

/**
 * All threads that the public can see in a channel, newest first. Moment and rank are packed into one number (31 and
 * 21 bits), so that a million of them are sorted in a fraction of a second and take 8 bytes each.
 */
export interface ChannelThreads {
  readonly length: number
  at(index: number): ThreadPlace
}

const RANKS = 2 ** 21

export const listChannelThreads = (world: World, channel: Channel): ChannelThreads =>
  world.channelThreads.get(channel.number, () => sortThreads(world, channel))

const sortThreads = (world: World, channel: Channel): ChannelThreads => {
  const videos = listUploads(world, channel).filter(
    number => commentsClosed(makeVideo(channel, number)) === undefined,
  )
  const places: number[] = []
  const moments: number[] = []
  for (const number of videos) {
    const video = makeVideo(channel, number)
    for (const thread of listThreads(world, video)) {
      moments.push(makeThread(world, video, thread).createdAt / 1000)
      places.push(number * RANKS + thread)
    }
  }
  const order = Float64Array.from(moments, (moment, rank) => moment * RANKS + rank).sort()
  return {
    length: order.length,
    at(index) {
      const place = places[(order[order.length - 1 - index] ?? 0) % RANKS] ?? 0
      return { video: Math.floor(place / RANKS), thread: place % RANKS }
    },
  }
}
