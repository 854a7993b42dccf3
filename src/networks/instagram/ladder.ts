import type { Memory } from '../contract.ts'
import { VERSION } from './access.ts'

/** What is nested under each item of a page: the comments of media with their replies, the replies of comments. */
export type Nest = 'replies' | 'comments' | 'none'

/** How much one call asks for. */
export interface Portion {
  readonly nest: Nest
  readonly limit: number
}

/** Portions from the heaviest that is worth trying to one item: what to ask for when the API calls a page too heavy. */
export type Ladder = readonly Portion[]

const halving = (nest: Nest, most: number, least: number): Portion[] =>
  most < least ? [] : [{ nest, limit: most }, ...halving(nest, Math.floor(most / 2), least)]

/** docs/networks/instagram.md §5, §8 and §11: first smaller pages, then without replies, then one post at a time. */
export const LADDERS = {
  one: halving('none', 1, 1),
  otherMedia: halving('none', 50, 1),
  ownMedia: [...halving('replies', 25, 6), ...halving('comments', 25, 6), ...halving('none', 100, 1)],
  comments: [...halving('replies', 50, 6), ...halving('none', 50, 1)],
  replies: halving('none', 50, 1),
  stories: halving('none', 50, 1),
} as const satisfies Record<string, Ladder>

/** The part of a ladder that nests no more than is wanted. */
export const from = (ladder: Ladder, nest: Nest): Ladder =>
  ladder.slice(ladder.findIndex(portion => portion.nest === nest))

const keyOf = (route: string): string => `${VERSION}/${route}/step`

/** Below this a page is heavy by what it holds, not by what the API takes in general. */
const GENERAL = 10

/**
 * Remembers how far down a ladder calls had to go: for all that read a route, in any later run; and, where a page
 * was heavier than pages are, for the one profile or post it was read from, as long as this process lives.
 */
export const openSteps = (memory: Memory) => {
  const heavy = new Map<string, number>()
  return {
    first(route: string, id: string): number {
      const general = memory.get(keyOf(route))
      return heavy.get(`${route}/${id}`) ?? (typeof general === 'number' ? general : 0)
    },
    learn(route: string, id: string, ladder: Ladder, step: number): void {
      const portion = ladder[step]
      if (portion?.nest === ladder[0]?.nest && portion && portion.limit >= GENERAL)
        memory.set(keyOf(route), step)
      else heavy.set(`${route}/${id}`, step)
    },
  }
}
