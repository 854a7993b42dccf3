import { DAY, OPENING } from './creators.ts'

/** What "now" means for the world's content, all in epoch seconds. */
export interface Moment {
  /** What has happened by now: accounts, comments, deletions. */
  readonly at: number
  /** Videos posted after this are not in the search yet. */
  readonly indexed: number
  /** The midnight at which archived counters were taken. */
  readonly counted: number
  /** Seconds from posting to the search. */
  readonly indexDelay: number
}

/** Seconds (docs/networks/tiktok.md §4): videos reach the search up to 48 h late, its counters are up to 10 days old. */
const DELAYS = { index: 2 * DAY, stats: 10 * DAY } as const

/** In a still world time stands at its opening, and nothing is late unless a delay is given. */
export const momentAt = (
  seconds: number,
  world: { readonly moving: boolean; readonly indexDelay: number | null; readonly statsDelay: number | null },
): Moment => {
  const at = world.moving ? seconds : OPENING
  const indexDelay = world.indexDelay ?? (world.moving ? DELAYS.index : 0)
  const statsDelay = world.statsDelay ?? (world.moving ? DELAYS.stats : 0)
  return {
    at,
    indexed: at - indexDelay,
    counted: Math.floor((at - statsDelay) / DAY) * DAY,
    indexDelay,
  }
}
