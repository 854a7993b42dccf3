import type { Instant } from '../../core/instant.ts'
import type { Params } from '../../core/params.ts'
import { type ProfileFacts, pages, plus, type Range, through } from '../../core/price.ts'
import { MOST } from './streams/search.ts'
import { DAYS } from './streams/walk.ts'

const DAY_MS = 86_400_000
const dayOf = (moment: number): number => Math.floor(moment / DAY_MS)

/**
 * Searches for a hashtag or a query: a call for each window of thirty days, and one more for each further hundred videos,
 * as many as came of those days before. `unseen` = those of which nothing is stored.
 */
export const foundCalls = (
  { from, posts }: Pick<ProfileFacts, 'from' | 'posts'>,
  unseen: Range,
  { since, until, limitPosts }: Params,
  now: Instant,
): Range => {
  const today = dayOf(Date.parse(now))
  const last = until === null ? today : Math.min(today, dayOf(Date.parse(until) - 1))
  const begin = from ?? since
  const days = begin === null ? DAYS : Math.max(0, last - dayOf(Date.parse(begin)))
  const windows = Math.max(1, pages(days, DAYS))
  const ages = from === null ? posts.byAge : [posts.recent]
  let calls = 0
  let left = limitPosts ?? Number.POSITIVE_INFINITY
  for (let age = 0; age < windows && left > 0; age++) {
    const held = Math.min(left, ages[age] ?? 0)
    calls += Math.max(1, pages(held, MOST))
    left -= held
  }
  return plus(
    { low: Math.min(calls, windows), likely: calls, high: calls },
    through(unseen, n => Math.floor(n / MOST)),
  )
}
