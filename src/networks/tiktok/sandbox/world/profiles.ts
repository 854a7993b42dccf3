import { between, chance, letters, pick, sentence, unit } from '../../../seeded.ts'
import { type Creator, DAY, OPENING } from './creators.ts'
import { countUntil } from './schedule.ts'
import { isUp, videoOf } from './videos.ts'

/** What user/info tells: live, not archived. */
export interface Profile {
  readonly displayName: string
  /** May be empty. */
  readonly bio: string
  readonly website: string | null
  readonly verified: boolean
  readonly followers: number
  readonly following: number
  readonly likes: number
  /** A hint only: a few hold videos that the search never shows. */
  readonly videos: number
}

/** A creator's profile at a moment, epoch seconds. */
export const profileOf = (creator: Creator, at: number): Profile => {
  const { key, part } = creator
  const followers = followersOf(creator, at)
  return {
    displayName: sentence(1, 3, key, 'name') + (part.nul === true ? '\u0000\u00007' : ''),
    bio: chance(0.15, key, 'no bio') ? '' : sentence(2, 12, key, 'bio', bioEdition(creator, at)),
    website: chance(0.3, key, 'site') ? `https://${letters('abcdefghijk', 9, key, 'site')}.example/` : null,
    verified: part.famous === true || chance(0.1, key, 'verified'),
    followers,
    following: followingOf(creator),
    likes: Math.floor(followers * (part.famous === true ? 60 : 3 + 30 * unit(key, 'hearts'))),
    videos: countUp(creator, at) + (chance(0.2, key, 'unlisted') ? between(1, 3, key, 'unlisted') : 0),
  }
}

/** One in three rewrites its bio now and then. */
const bioEdition = (creator: Creator, at: number): number =>
  chance(0.33, creator.key, 'restless') ? Math.floor((at + (creator.key % (40 * DAY))) / (40 * DAY)) : 0

/** Grows a thousandth a day, with a little to and fro. */
export const followersOf = (creator: Creator, at: number): number => {
  const base = creator.part.famous === true ? 80_000_000 : 10 ** (1 + 5 * unit(creator.key, 'followers'))
  const days = Math.floor((at - OPENING) / DAY)
  return Math.max(
    0,
    Math.floor(base * (1 + 0.001 * days)) + pick([0, 0, 1, 2, -1], creator.key, 'drift', days),
  )
}

/** How many the creator follows. */
export const followingOf = (creator: Creator): number => between(0, 900, creator.key, 'following')

const countUp = (creator: Creator, at: number): number => {
  let up = 0
  for (let index = countUntil(creator.videos, at) - 1; index >= 0; index--) {
    if (isUp(videoOf(creator, index), at)) up++
  }
  return up
}
