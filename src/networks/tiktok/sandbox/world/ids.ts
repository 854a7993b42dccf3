/**
 * Ids that look like the network's (docs/networks/tiktok.md §2: a time in the upper half, noise in the lower) and
 * yet name what they stand for, so that a lone id is looked up without a search. The lower 32 bits are the
 * item's place in the world, scrambled by a reversible mix; the salt of videos is chosen so that place 0 gives
 * `7391112223334445557`.
 */

/** Upper bounds of the places: creators, videos of one creator, comments of one video. */
export const ROOM = { creators: 2 ** 14, videos: 2 ** 11, comments: 2 ** 13 } as const

/** A video by its creator's index and its own, oldest = 0. */
export interface VideoPlace {
  readonly creator: number
  readonly index: number
}

/** A comment by its video and its index, oldest = 0. */
export interface CommentPlace extends VideoPlace {
  readonly comment: number
}

const SALT = { video: 0x46e5b1f5, comment: 0x51ed270b, playlist: 0x2c1b3c6d } as const

const FORTH = [0x9e3779b1, 0x85ebca6b] as const

/** The number that undoes a multiplication modulo 2^32 (Newton's iteration doubles the right bits each round). */
const inverse = (odd: number): number => {
  let x = odd
  for (let round = 0; round < 5; round++) x = Math.imul(x, 2 - Math.imul(odd, x))
  return x
}
const BACK = [inverse(FORTH[0]), inverse(FORTH[1])] as const

const scramble = (place: number, salt: number): number => {
  let x = Math.imul(place, FORTH[0])
  x = Math.imul(x ^ (x >>> 16), FORTH[1])
  return (x ^ (x >>> 16) ^ salt) >>> 0
}

const unscramble = (low: number, salt: number): number => {
  let x = low ^ salt
  x = Math.imul(x ^ (x >>> 16), BACK[1])
  return Math.imul(x ^ (x >>> 16), BACK[0]) >>> 0
}

const join = (seconds: number, low: number): bigint => (BigInt(seconds) << 32n) | BigInt(low)
const lowOf = (id: bigint): number => Number(id & 0xffffffffn)

/** Epoch seconds in the upper half of an id. */
export const idTime = (id: bigint): number => Number(id >> 32n)

/** `seconds` = epoch seconds of the upper half. */
export const videoId = (place: VideoPlace, seconds: number): bigint =>
  join(seconds, scramble(place.creator * ROOM.videos + place.index, SALT.video))

/** Where a video with this id would be; whether it is there, only its own id tells. */
export const videoPlace = (id: bigint): VideoPlace => splitVideo(unscramble(lowOf(id), SALT.video))

const splitVideo = (place: number): VideoPlace => ({
  creator: Math.floor(place / ROOM.videos),
  index: place % ROOM.videos,
})

/** A place of 38 bits: the six that the lower half has no room for are the last of the time, 18 to 81 s before `created`. */
export const commentId = (place: CommentPlace, created: number): bigint => {
  const video = place.creator * ROOM.videos + place.index
  const latest = created - 18
  const seconds = latest - ((((latest - place.comment) % 64) + 64) % 64)
  return join(seconds, scramble(video * 128 + Math.floor(place.comment / 64), SALT.comment))
}

/** Where a comment with this id would be. */
export const commentPlace = (id: bigint): CommentPlace => {
  const place = unscramble(lowOf(id), SALT.comment)
  return { ...splitVideo(Math.floor(place / 128)), comment: (place % 128) * 64 + (idTime(id) % 64) }
}

/** A creator has at most one playlist. */
export const playlistId = (creator: number, seconds: number): bigint =>
  join(seconds, scramble(creator, SALT.playlist))

/** The creator whose playlist this would be. */
export const playlistPlace = (id: bigint): number => unscramble(lowOf(id), SALT.playlist)

/** A search id: the second of the search, and what the search was. */
export const searchId = (seconds: number, query: number): bigint => join(seconds, query)

/** What was searched: the lower half of a search id. */
export const searchQuery = lowOf

/** An id from text, or null where it is no whole number of 64 bits. */
export const readId = (text: string): bigint | null => {
  if (!/^\d{1,19}$/.test(text)) return null
  const id = BigInt(text)
  return id < 2n ** 63n ? id : null
}
