import type { JsonObject } from '../../core/json.ts'
import type { Memory } from '../contract.ts'
import { type Evidence, LAPSES_MS } from '../evidence.ts'

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
  /** One post: so many comments within it, each with its replies. */
  named: [...halving('replies', 50, 6), ...halving('comments', 50, 6), ...halving('none', 1, 1)],
  comments: [...halving('replies', 50, 6), ...halving('none', 50, 1)],
  replies: halving('none', 50, 1),
  stories: halving('none', 50, 1),
} as const satisfies Record<string, Ladder>

/** The part of a ladder that nests no more than is wanted. */
export const from = (ladder: Ladder, nest: Nest): Ladder =>
  ladder.slice(ladder.findIndex(portion => portion.nest === nest))

/** A list whose pages may be too heavy. */
export interface Sized {
  /** Tells the lists of one kind apart: `discovery/none`. */
  readonly key: string
  /** Whose allowance pays, and whose list: a profile, a post. */
  readonly account: string
  readonly id: string
  /** What counts as one sample of many (docs/design.md §5.15). */
  readonly subject: string
  readonly ladder: Ladder
  /** What a step really asks for, where little is wanted anyway. */
  portion(step: number): Portion
  /** How a portion that is refused to all is told to people: `pages of 50 of other accounts`. */
  fact(portion: Portion): string
}

/**
 * Remembers how far down a ladder calls had to go: for the list that was too heavy, in any later run, for 30 days; and
 * for all lists of its kind once three of them were and none was not.
 */
export const openSteps = (memory: Memory, evidence: Evidence, now: () => number) => {
  const keyOf = ({ key, id }: Sized): string => `heavy/${key}/${id}`
  const noted = (sized: Sized): { readonly step: number; readonly probe: number } => {
    const { step, probe, at } = Object(memory.get(keyOf(sized))) as Partial<JsonObject>
    const lives = typeof step === 'number' && typeof probe === 'number' && now() - Number(at) < LAPSES_MS
    return lives ? { step, probe } : { step: 0, probe: 0 }
  }
  const write = (sized: Sized, step: number, probe: number): void => {
    const before = noted(sized)
    if (before.step !== step || before.probe !== probe) memory.set(keyOf(sized), { step, probe, at: now() })
  }
  return {
    first(sized: Sized): number {
      const last = sized.ladder.length - 1
      let step = Math.min(noted(sized).step, last)
      while (step < last && evidence.holds(sized.account, sized.fact(sized.portion(step)))) step++
      return step
    },
    /** What to try once of a page that failed for a passing fault again and again: each time a lighter portion. */
    probe(sized: Sized, step: number): number | null {
      const next = lighterThan(sized, step)
      const beyond = lighterThan(sized, Math.max(step, noted(sized).probe))
      return beyond ?? next
    },
    /** It was in vain: it may be no matter of the size. */
    probed: (sized: Sized, probe: number): void => write(sized, noted(sized).step, probe),
    /** Steps that were refused before one was taken; none: the first was. */
    learn(sized: Sized, refused: readonly number[], taken: number): void {
      for (const step of refused)
        evidence.refused(sized.account, sized.fact(sized.portion(step)), sized.subject)
      evidence.accepted(sized.account, sized.fact(sized.portion(taken)))
      if (refused.length > 0) write(sized, taken, taken)
    },
  }
}

/** The next step that really asks for less; null = there is none. */
export const lighterThan = ({ ladder, portion }: Sized, step: number): number | null => {
  const now = portion(step)
  const next = ladder.findIndex(
    ({ nest, limit }, at) => at > step && (nest !== now.nest || limit < now.limit),
  )
  return next === -1 ? null : next
}
