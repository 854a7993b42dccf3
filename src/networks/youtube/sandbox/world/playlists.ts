import { between, chance, hash32, sentence, unit } from '../../../seeded.ts'
import { type Channel, findChannel, isByChance, numberByChance } from './channels.ts'
import { madePlaylistId, readMadePlaylistId } from './ids.ts'
import type { PlaylistPlan } from './plan.ts'
import { SPECIAL_PLAYLISTS } from './special-playlists.ts'
import { makeVideo, type Standing, standingOf, type Video } from './videos.ts'
import { BEGINNING, DAY, type World, wholeSecond } from './world.ts'

/** A playlist that the people of a channel made. It stays as it is; what its videos are, the day decides. */
export interface Playlist {
  readonly id: string
  readonly channel: Channel
  readonly title: string
  readonly description: string
  readonly createdAt: number
  readonly standing: 'public' | 'private' | 'gone'
  readonly entries: readonly Entry[]
}

export interface Entry {
  /** Within its playlist: 16 hex digits. */
  readonly id: string
  readonly video: Video
  readonly standing: Standing
  readonly addedAt: number
}

/** A channel made by chance has so many at most. */
const MOST = 3

/** All of a channel, those that nobody else sees included. */
export const listMadePlaylists = (world: World, channel: Channel): readonly Playlist[] =>
  plansOf(world, channel).map((plan, number) => makePlaylist(world, channel, number, plan))

export const findMadePlaylist = (world: World, id: string): Playlist | null => {
  const [channelNumber, number = -1] = readMadePlaylistId(id) ?? []
  const channel = findChannel(world, channelNumber ?? null)
  const plan = channel && plansOf(world, channel)[number]
  return plan ? makePlaylist(world, channel, number, plan) : null
}

const plansOf = (world: World, channel: Channel): readonly PlaylistPlan[] => {
  if (!isByChance(channel)) return SPECIAL_PLAYLISTS.get(channel.number) ?? []
  const count = between(0, MOST, channel.key, 'playlists')
  return Array.from({ length: count }, (_, number) => planByChance(world, channel, number))
}

/** Most are of the channel's own videos. */
const planByChance = (world: World, channel: Channel, playlist: number): PlaylistPlan => {
  const key = hash32(channel.key, 'playlist', playlist)
  const size = between(1, 60, key, 'size')
  return {
    entries: Array.from({ length: size }, (_, index) => {
      const isOwn = chance(0.8, key, 'own', index)
      const number = isOwn ? channel.number : numberByChance(world, hash32(key, 'whose', index))
      const { plan } = findChannel(world, number) ?? channel
      return [number, between(0, plan.uploads - 1, key, 'video', index)] as const
    }),
  }
}

const makePlaylist = (world: World, channel: Channel, number: number, plan: PlaylistPlan): Playlist => {
  const key = hash32(channel.key, 'playlist', number)
  const age = unit(key, 'age') * (BEGINNING - channel.createdAt)
  const createdAt = wholeSecond(BEGINNING - age)
  return {
    id: madePlaylistId(channel.number, number),
    channel,
    title: sentence(1, 5, key, 'title'),
    description: chance(0.5, key, 'says nothing') ? '' : sentence(5, 20, key, 'description'),
    createdAt,
    standing: plan.standing ?? 'public',
    entries: plan.entries.flatMap(([whose, numberOfVideo], index) => {
      const owner = findChannel(world, whose)
      return owner === null ? [] : makeEntry(world, key, index, makeVideo(owner, numberOfVideo), createdAt)
    }),
  }
}

/** Put into it after it was made and, where that was before the beginning, after the video was uploaded. */
const makeEntry = (world: World, key: number, index: number, video: Video, createdAt: number): Entry => {
  const from = Math.min(BEGINNING, Math.max(createdAt, video.uploadedAt))
  const word = (name: string): string => hash32(key, name, index).toString(16).padStart(8, '0')
  return {
    id: (word('entry') + word('of list')).toUpperCase(),
    video,
    standing: standingOf(world, video),
    addedAt: wholeSecond(Math.min(BEGINNING, from + unit(key, 'added', index) * 30 * DAY)),
  }
}
