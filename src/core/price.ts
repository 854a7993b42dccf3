import type { Instant } from './instant.ts'
import type { Params } from './params.ts'
import type { TaskKind } from './task.ts'

/** A number that is not known for certain: it lies between `low` and `high`, and most likely near `likely`. */
export interface Range {
  readonly low: number
  readonly likely: number
  readonly high: number
}

export const exactly = (n: number): Range => ({ low: n, likely: n, high: n })

export const NONE: Range = exactly(0)

export const plus = (a: Range, b: Range): Range => ({
  low: a.low + b.low,
  likely: a.likely + b.likely,
  high: a.high + b.high,
})

export const times = (a: Range, b: Range): Range => ({
  low: a.low * b.low,
  likely: a.likely * b.likely,
  high: a.high * b.high,
})

/** The range with a rising function applied to its ends. */
export const through = ({ low, likely, high }: Range, of: (n: number) => number): Range => ({
  low: of(low),
  likely: of(likely),
  high: of(high),
})

export const pages = (items: number, size: number): number => Math.ceil(items / size)

/** Calls of one kind that one pool pays, a unit each. */
export interface Cost {
  readonly kind: TaskKind
  readonly pool: string
  readonly calls: Range
}

/** What stands in for a count that is not known: stated with every price that it went into. */
export interface Assumptions {
  readonly postsPerProfile: Range
  readonly commentsPerPost: Range
  /** Of all comments of a post, the part that is no reply. */
  readonly threadsPerComment: Range
  /** Calls for replies that do not come along with their thread. */
  readonly replyCallsPerComment: Range
}

/** What is stored of a profile that a run is to read, and how the run would read it. */
export interface ProfileFacts {
  /** The key that it is asked by. */
  readonly entityId: string
  /** Whether its profile is stored. */
  readonly stored: boolean
  /** As the profile declares; null = not known. */
  readonly postsCount: number | null
  /** Likewise; left out = nothing that is priced goes by them. */
  readonly followersCount?: number | null
  readonly followingCount?: number | null
  /** Whether its posts were listed to the end: more that it declares are counted and never shown. */
  readonly whole: boolean
  /** The network said last that it is not there, or not for us. */
  readonly gone: boolean
  /** Where an incremental walk may stop; null = all is read. */
  readonly from: Instant | null
  /** Of one that reads all: it only goes further back than before, so that comments are read where their number moved. */
  readonly widens: boolean
  readonly posts: KnownPosts
  /** The newest moment of which counters without a column are stored, by the {@link Pricing.counters} with which their names begin. */
  readonly newest: ReadonlyMap<string, Instant>
  readonly comments: readonly CommentStats[]
  /** Items of each playlist that it is known to show, as each declares; null = they were never asked for. */
  readonly playlists: readonly (number | null)[] | null
  /** What a playlist holds, in its order; left out = it is not known, or nothing that is priced goes by it. */
  readonly items?: readonly KnownItem[]
  /** What an unfinished job left, which alone is read; null = the job begins anew. */
  readonly remaining: readonly Remaining[] | null
}

/** A post's place in a playlist. */
export interface KnownItem {
  /** The post's. */
  readonly id: string
  readonly isStored: boolean
}

/** Stored posts of a profile, without stories and without those that are missing. */
export interface KnownPosts {
  /** Within the user's dates. */
  readonly count: number
  /** Made at `from` or later, else at `since` or later. */
  readonly recent: number
  /** So young that they are looked at again in any case. */
  readonly young: number
  /** Missing, and still asked about. */
  readonly missing: number
  /** Stories that are still to be seen. */
  readonly stories: number
  /** Stories of the last seven days: who made some makes more. */
  readonly storiesLately: number
  /** By age in periods of 30 days; empty where the network's price does not go by it. */
  readonly byAge: readonly number[]
}

/** Posts of a profile whose comments cost the same. */
export interface CommentStats {
  readonly posts: number
  /** As each post declares, replies counted in; null = it does not say. */
  readonly declared: number | null
  /**
   * `unread`: its comments were never read to the end; `moved`: the number has changed since; `young`: looked at in
   * any case; `known`: nothing says that there is more; `closed`: there are none to be had.
   */
  readonly state: 'unread' | 'moved' | 'young' | 'known' | 'closed'
  /** Whether they are old enough for the number to be believed. */
  readonly settled: boolean
  /** How many more are declared than when they were read. */
  readonly more: number
  /** Of each, where they are stored: top-level comments, and calls for the replies under them. */
  readonly threads: number | null
  readonly replyCalls: number | null
}

/** Open tasks of an unfinished job that are alike. */
export interface Remaining {
  readonly stream: string
  readonly tasks: number
  readonly incremental: boolean
  /** They failed in an earlier run: each is most likely asked for in vain. */
  readonly fails: boolean
  readonly declared: number | null
  /** What each has brought. */
  readonly items: number
}

/** What a network's calls cost, told by the network itself: formulas of its fact sheet, page sizes of its streams. */
export interface Pricing {
  readonly assumed: Assumptions
  /** Replies up to `inline` come along with their thread, others in pages of `size`; null = the file does not tell. */
  readonly replies: { readonly inline: number; readonly size: number } | null
  /** Whether {@link ProfileFacts.items} are asked for. */
  readonly byItem: boolean
  /** Whether {@link KnownPosts.byAge} is asked for. */
  readonly byAge: boolean
  /** Beginnings of names of counters (`day.`): of each {@link ProfileFacts.newest} is asked for. */
  readonly counters: readonly string[]
  /** Whether an incremental walk also asks by id about what its lists do not bring. */
  readonly looksUp: boolean
  /** The counters of younger posts are not believed. */
  readonly settlesAfterMs: number
  /** How long a call takes where no run of this file has measured it. */
  readonly secondsPerCall: number
  open(params: Params, assumptions: Assumptions, now: Instant): CostAccumulator
}

/** The price of a run, profile by profile. What several profiles share is counted once. */
export interface CostAccumulator {
  add(known: ProfileFacts): void
  costs(): readonly Cost[]
}

/** Costs added up by kind and pool. */
export class CostSum {
  readonly #costs = new Map<string, Cost>()

  add(kind: TaskKind, pool: string, calls: Range): void {
    const key = `${kind} ${pool}`
    const before = this.#costs.get(key)?.calls ?? NONE
    this.#costs.set(key, { kind, pool, calls: plus(before, calls) })
  }

  get costs(): readonly Cost[] {
    return [...this.#costs.values()].filter(({ calls }) => calls.high > 0)
  }
}

/** How many posts of a profile are listed: as it declares, else as are stored, else as is assumed. */
export const postsOf = (known: ProfileFacts, assumed: Assumptions, { limitPosts }: Params): Range => {
  const { postsCount, posts, gone, stored } = known
  const most = limitPosts ?? Number.POSITIVE_INFINITY
  if (gone) return NONE
  const count = postsCount ?? (stored && posts.count > 0 ? posts.count : null)
  return through(count === null ? assumed.postsPerProfile : exactly(count), n => Math.min(n, most))
}

/** Pages of a list newest first that an incremental walk reads: the one on which it meets what is old enough is the last. */
export const headPages = (recent: number, listed: number, size: number): number =>
  Math.max(1, Math.min(pages(listed, size), Math.floor(recent / size) + 1))

/** Of posts that are not stored: how many lie within the user's dates cannot be known. */
export const unseenPosts = (
  listed: Range,
  { posts, whole }: ProfileFacts,
  { since, until }: Params,
): Range => {
  const unseen = through(listed, n => Math.max(0, n - posts.count))
  if (whole) return { low: 0, likely: 0, high: unseen.high }
  return since === null && until === null
    ? unseen
    : { low: 0, likely: posts.count > 0 ? 0 : unseen.likely / 2, high: unseen.high }
}

/** A profile's own posts say best what its others are like. */
const ENOUGH_POSTS = 20

/** Comments of a post that is not stored. */
export const commentsPerPost = (
  { comments }: ProfileFacts,
  { commentsPerPost: assumed }: Assumptions,
): Range => {
  const posts = comments.reduce((sum, each) => sum + each.posts, 0)
  if (posts < ENOUGH_POSTS) return assumed
  const mean = comments.reduce((sum, each) => sum + each.posts * (each.declared ?? 0), 0) / posts
  return { low: mean / 2, likely: mean, high: mean * 2 }
}
