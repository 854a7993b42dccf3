import { type Comment, commentsOf } from './comments.ts'
import { type Creator, Creators } from './creators.ts'
import { commentPlace, playlistPlace, type VideoPlace, videoPlace } from './ids.ts'
import { type Playlist, playlistWith } from './relations.ts'
import { type Video, videoOf } from './videos.ts'

/** Creators by size of world. */
const SIZES = { small: 72, medium: 600, large: 6_000 } as const

/** A world of creators; all else is a function of its key. */
export interface World {
  readonly seed: number
  readonly creators: Creators
}

/** Nothing is made before it is looked at. */
export const makeWorld = (seed: number, size: keyof typeof SIZES): World => ({
  seed,
  creators: new Creators(seed, SIZES[size]),
})

const videoAt = (world: World, place: VideoPlace): Video | null => {
  if (place.creator >= world.creators.count) return null
  const creator = world.creators.at(place.creator)
  return place.index < creator.videos.most ? videoOf(creator, place.index) : null
}

/** The video with this id, posted yet or not, deleted or not; null = no such video. */
export const findVideo = (world: World, id: bigint): Video | null => {
  const video = videoAt(world, videoPlace(id))
  return video?.id === id ? video : null
}

/** The comment with this id, where it can be seen at this moment. */
export const findComment = (world: World, id: bigint, at: number): Comment | null => {
  const place = commentPlace(id)
  const video = videoAt(world, place)
  if (video === null) return null
  return commentsOf(video, at).find(comment => comment.id === id) ?? null
}

/** The playlist with this id, or null. */
export const findPlaylist = (
  world: World,
  id: bigint,
  at: number,
): (Playlist & { creator: Creator }) | null => {
  const index = playlistPlace(id)
  if (index >= world.creators.count) return null
  const creator = world.creators.at(index)
  const playlist = playlistWith(id, creator, at)
  return playlist === null ? null : { ...playlist, creator }
}
