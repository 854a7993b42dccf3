import type { SandboxOptions } from '../../../sandbox.ts'
import type { ChannelThreads } from './channel-threads.ts'
import type { Channel } from './channels.ts'
import { Memo } from './memo.ts'

/** The first moment: what is frozen stays here. */
export const BEGINNING = Date.UTC(2026, 9, 1)
export const DAY = 86_400_000

/**
 * The world on one day. It moves at midnight UTC, a whole day at a time: what has happened by then is a function of
 * the key and the day, so a day can be left, skipped and come back to.
 */
export interface World {
  readonly seed: number
  readonly size: SandboxOptions['size']
  /** Days since the beginning. */
  readonly day: number
  /** Epoch milliseconds: what lies later has not happened. */
  readonly moment: number
  readonly channels: Memo<number, Channel>
  /** Numbers of the videos that can be seen, by channel; newest upload first. */
  readonly uploads: Memo<number, readonly number[]>
  /** Numbers of the threads of a video, by its id; newest first. */
  readonly threads: Memo<string, readonly number[]>
  /** All threads of a channel, by its number. */
  readonly channelThreads: Memo<number, ChannelThreads>
}

const makeWorld = (seed: number, size: World['size'], day: number): World => ({
  seed,
  size,
  day,
  moment: BEGINNING + day * DAY,
  channels: new Memo(2_000),
  uploads: new Memo(2_000),
  threads: new Memo(500),
  channelThreads: new Memo(20),
})

/** The world at this moment, by the sandbox's own clock; one that does not move stays at its beginning. */
export const openWorld = ({ seed, size, moving, now }: SandboxOptions): (() => World) => {
  let world = makeWorld(seed, size, 0)
  return () => {
    const day = moving ? Math.max(0, Math.floor((now() - BEGINNING) / DAY)) : 0
    if (day !== world.day) world = makeWorld(seed, size, day)
    return world
  }
}

/** Things that come one after another from a moment on, so many per day, until there are enough. */
export interface Arrivals {
  readonly from: number
  readonly perDay: number
  readonly most: number
  /** 0 to 1: how far the first one is on its way at the start. */
  readonly phase: number
}

/** How many have come by then. */
export const countArrivals = ({ from, perDay, most, phase }: Arrivals, moment: number): number =>
  moment < from ? 0 : Math.min(most, Math.floor(perDay * ((moment - from) / DAY) + phase))

/** When the n-th came, counted from 0. */
export const arrivalTime = ({ from, perDay, phase }: Arrivals, n: number): number =>
  from + Math.max(0, ((n + 1 - phase) / perDay) * DAY)

/** The n-th of `count` moments between two, in order, crowded towards the first. Whole seconds. */
export const crowded = (first: number, last: number, n: number, count: number, jitter: number): number =>
  wholeSecond(first + ((n + jitter) / count) ** 2 * (last - first))

export const wholeSecond = (ms: number): number => Math.floor(ms / 1000) * 1000
