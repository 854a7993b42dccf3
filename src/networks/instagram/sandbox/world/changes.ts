import { between, chance } from '../../../seeded.ts'
import type { World } from './world.ts'

/**
 * What a moving world does to things, each a function of the thing's key and the day. Nothing of it happens
 * on the world's first day, so a frozen world never has it.
 */

/** The day on which something happens to a thing: up to 180 days after it was made, or after the first day. */
const someDay = (what: string, key: string, createdAt: number, world: World): number =>
  Math.max(0, world.dayOf(createdAt)) + between(1, 180, key, what)

/** Whether a thing is deleted; half of the deleted come back after some days. */
export const isDeleted = (share: number, key: string, createdAt: number, world: World): boolean => {
  if (world.day < 1 || !chance(share, key, 'deleted')) return false
  const from = someDay('deleted on', key, createdAt, world)
  if (world.day < from) return false
  return chance(0.5, key, 'for good') || world.day < from + between(2, 30, key, 'restored after')
}

/** Whether one of the things that a share of all suffers has happened: an edit, likes hidden. */
const hasHappened = (what: string, share: number, key: string, createdAt: number, world: World): boolean =>
  world.day >= 1 && chance(share, key, what) && world.day >= someDay(`${what} on`, key, createdAt, world)

/** Which edition of its text a thing has: 0, or 1 after it was edited. */
export const edition = (key: string, createdAt: number, world: World): 0 | 1 =>
  hasHappened('edited', 0.1, key, createdAt, world) ? 1 : 0

/** Whether the owner has hidden the likes of a post meanwhile. */
export const likesHiddenLater = (key: string, createdAt: number, world: World): boolean =>
  hasHappened('likes hidden', 0.08, key, createdAt, world)
