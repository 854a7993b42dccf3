import type { Params } from './params.ts'
import type { Page } from './stream.ts'
import type { Reason } from './task.ts'

/** Non-empty pages in a row without an id unseen in this walk, after which it is a loop (docs/design.md §5.6). */
const STALE_PAGES = 3
/** Empty pages in a row within one date window that are still believed. */
const EMPTY_PAGES = 10

/** What the store finds out about a page while it writes it, in the same transaction. */
export interface PageFacts {
  /** Records of the page's kind. */
  readonly items: number
  /** Of these, how many this walk had not brought before. */
  readonly unseen: number
  /** Whether the cursor it names was already used in this walk. */
  readonly cursorSeen: boolean
  /** Items of it that could not be read, and how many of these were not met before in this list. */
  readonly rejected: number
  readonly lost: number
  /**
   * Set where the list ends with nothing although more is declared than is stored: `all` = it brought nothing at all,
   * which is no answer to believe; `rest` = its last page did, which may be how it ends.
   */
  readonly emptiness: 'all' | 'rest' | null
  /** Whether an incremental walk need go no further: every item was stored before it, the last is old enough, and no count says that more has come. */
  readonly allKnownAndOld: boolean
}

/** What a walk has brought so far, and how many useless pages came in a row. */
export interface Streak {
  readonly stale: number
  readonly empty: number
  readonly window: string | null
  /** Items that this walk has brought, for the user's limit. */
  readonly brought: number
  /** Items that could not be read, and how many of these had not been met before. */
  readonly rejected?: number
  readonly lost: number
}

export const NO_STREAK: Streak = { stale: 0, empty: 0, window: null, brought: 0, rejected: 0, lost: 0 }

/** The streak with one more page. */
export const lengthen = (streak: Streak, page: Page, facts: PageFacts): Streak => ({
  stale: facts.items === 0 ? streak.stale : facts.unseen === 0 ? streak.stale + 1 : 0,
  empty: facts.items > 0 || page.window !== streak.window ? (facts.items > 0 ? 0 : 1) : streak.empty + 1,
  window: page.window,
  brought: streak.brought + facts.unseen,
  rejected: (streak.rejected ?? 0) + facts.rejected,
  lost: streak.lost + facts.lost,
})

/** Whether a walk goes on after a page, and if not, how whole it is. */
export type Verdict =
  | { readonly goOn: true }
  | {
      readonly goOn: false
      readonly status: 'succeeded' | 'partial' | 'failed'
      readonly reason: Reason | null
      /** All that the network holds was read. */
      readonly whole: boolean
      /** All that an incremental walk need read. */
      readonly caughtUp: boolean
    }

/**
 * The end of a walk, decided from the page, what the store found, and what the user wants. The first that
 * applies: emptiness where something is declared · the network has no more · the user's limit is reached · nothing new and old enough · it goes in circles.
 */
export const verdict = (page: Page, facts: PageFacts, streak: Streak, room: number | null): Verdict => {
  if (facts.emptiness !== null) {
    const isRead = facts.emptiness === 'rest'
    const status = isRead ? 'succeeded' : 'failed'
    return { goOn: false, status, reason: 'unlisted', whole: false, caughtUp: isRead }
  }
  if (page.next === null) {
    const status = page.reason === 'truncated' ? 'partial' : 'succeeded'
    const caughtUp = page.reason === null || page.reason === 'capped' || page.reason === 'unavailable'
    return { goOn: false, status, reason: page.reason, whole: page.reason === null, caughtUp }
  }
  if (room !== null && facts.items >= room) {
    return { goOn: false, status: 'succeeded', reason: 'limited', whole: false, caughtUp: false }
  }
  if (facts.allKnownAndOld) {
    return { goOn: false, status: 'succeeded', reason: null, whole: false, caughtUp: true }
  }
  if (facts.cursorSeen || streak.stale >= STALE_PAGES || streak.empty >= EMPTY_PAGES) {
    return { goOn: false, status: 'partial', reason: 'loop', whole: false, caughtUp: false }
  }
  return { goOn: true }
}

/** The user's limit for a walk of this kind, or null. */
export const limitOf = (kind: string, params: Params): number | null =>
  kind === 'posts' ? params.limitPosts : kind === 'comments' ? params.limitComments : null
