import type { Instant } from './instant.ts'
import type { Json, JsonObject } from './json.ts'
import type { Params } from './params.ts'
import type { Pricing } from './price.ts'
import type { RelationKind, Snapshot, SocialRecord, Subject } from './records.ts'
import type { Reason, TaskKind } from './task.ts'

/** The opaque place of the next page of a walk. Any JSON but null; only the stream that made it reads it. Holds no secret. */
export type Cursor = Exclude<Json, null>

/** Who makes calls, as a lane knows it. */
export interface Caller {
  readonly network: string
  /** The credential's name in messages and in the database: never the secret. */
  readonly credential: string
  /** Whose quota is spent: the keys of one project share an owner. Never a secret. */
  readonly owner: string
  /**
   * Where the network counts calls by the account behind the credential, or knows it by a token that is renewed: that account,
   * never a secret. On a shared database one process at a time makes its calls. Left out = it counts by app, project or
   * address, and any number of processes may.
   */
  readonly account?: string
  readonly limits: Limits
}

/** All that the engine knows of a network: already opened, credential and base address closed over. */
export interface Source extends Caller {
  readonly incremental: IncrementalPolicy
  readonly pricing: Pricing
  readonly streams: readonly Stream[]
  /** Where a job on this profile starts, or null: this credential cannot serve it (an own account of another token). */
  opening(entityId: string, params: Params): Opening | null
  /**
   * Asks who stands behind the credential where that is not known yet, and remembers it, so that `opening` knows the own
   * account by its name and by `me`. Called once at the start of a run; a fault stops the credential.
   */
  introduce?(ctx: CallContext): Promise<void>
  /**
   * The cheapest call that this credential can make whatever its streams meet. Resolves where the network answered,
   * be it with a refusal; throws the fault where it did not: an outage is told from a sick part by it (docs/design.md §5.13).
   */
  alive?(ctx: CallContext): Promise<void>
}

export interface Opening {
  /** The tasks that a job starts with: most often one, the profile, whose page then names the rest as its children. */
  readonly tasks: readonly { readonly stream: string; readonly externalId: string }[]
  /** Wanted kinds that this network does not give for this profile. */
  readonly skipped: readonly { readonly kind: TaskKind; readonly reason: Reason }[]
  /** True where no other credential may do this job's calls (a token's own account). */
  readonly exclusive: boolean
}

/** How many calls may be in flight: from `start`, what a network takes without trouble, up to `most`, as it answers. Equal = always so many. */
export interface Widths {
  readonly start: number
  readonly most: number
}

export const exactly = (calls: number): Widths => ({ start: calls, most: calls })

export interface Limits {
  /** Calls in flight, unless the user says otherwise. */
  readonly concurrency: Widths
  /** Calls started in any second, or null: only the network's own answer limits. */
  readonly perSecond: number | null
  /** `by-entity`: round-robin, each profile whole. `breadth-first`: all profiles and posts before any comments. */
  readonly order: 'by-entity' | 'breadth-first'
  readonly pools: readonly Pool[]
}

/** How a network's lists are kept current without all being read again (docs/design.md §5.5, §5.8). Milliseconds. */
export interface IncrementalPolicy {
  /** A list is read again from so long before its watermark: what is published late or pinned is not missed. */
  readonly overlapMs: number
  /** Posts younger than this are looked at again though nothing says that they changed, unless the user says otherwise. */
  readonly lookbackMs: number
  /** New posts reach the lists so late: the watermark stays so far behind. */
  readonly lagMs: number
  /** Where no look-up by id confirms it: a thing is missing after so many whole walks without it over so long. */
  readonly absence: { readonly walks: number; readonly overMs: number }
}

/** One allowance of calls or units. */
export interface Pool {
  readonly name: string
  /** Units per window; null = the network does not say. */
  readonly allowance: number | null
  /** A day that turns at midnight of an IANA zone (plus a margin), or the last `ms` milliseconds. */
  readonly window:
    | { readonly kind: 'day'; readonly zone: string; readonly marginMs: number }
    | { readonly kind: 'rolling'; readonly ms: number }
  /** True where it is closed to some tasks alone: all others go on meanwhile. Left out = nothing of its owner does. */
  readonly isOfSome?: true
}

/** One network's answer to one kind of task: how to ask for a page and how to read it. */
export interface Stream {
  /** Unique in its network: `discovery`, `comments`, `replies`. */
  readonly name: string
  readonly kind: TaskKind
  /** How many tasks one call can serve; 1 where the API takes one id. */
  readonly batch: number
  /** Tasks with an equal key may share a walk; null = this one walks alone. Asked only where `batch` > 1. */
  share?(task: TaskRef, params: Params): string | null
  /** Tasks that may share walks, put together as calls serve them best; left out = in their order, `batch` at a time. */
  pack?<T extends Pick<TaskRef, 'externalId'>>(tasks: readonly T[]): readonly (readonly T[])[]
  /** True where each task is one thing that the list names, of which no limit of the user's leaves any out. */
  readonly named?: true
  /** True where pages come newest first, so that an incremental walk may stop early. */
  readonly newestFirst: boolean
  /**
   * The list that this stream reads: a profile's posts, a post's comments, a comment's replies, a profile's playlists, or
   * the items of a collection that a profile shows, whose id its tasks have as their own. Its end moves watermarks and tells
   * what is gone. Left out for all else: profiles, stories, insights, look-ups.
   */
  readonly lists?: 'posts' | 'comments' | 'replies' | 'playlists' | 'items'
  /** The relations to the profile that this stream reads: those that a whole walk over it does not bring are no more. */
  readonly relates?: RelationKind
  /**
   * Of a profile's stream: what is read of a profile that is known although its own page cannot be had just now, with
   * `declared` as it was last told.
   */
  onward?(
    known: { readonly profileId: string; readonly declared: number | null },
    task: Pick<TaskRef, 'externalId' | 'entityId'>,
    params: Params,
  ): readonly Child[]
  /** Set on a stream that asks by id about what is stored; the store hands it the ids. */
  readonly looksUp?: LookUp
  /** One page: one API answer, or the few that belong together. Every HTTP attempt goes through `ctx.call`. */
  fetch(request: PageRequest, ctx: FetchContext): Promise<RawPage>
  /** Wire JSON to records. Pure: it may be run again over the raw zone years later. */
  normalise(raw: RawPage, request: PageRequest): Page
}

export interface LookUp {
  /** The streams of lists on whose ends it follows. */
  readonly after: readonly string[]
  readonly subject: 'post' | 'comment'
  /** Ids in one call. */
  readonly size: number
  /** `stale`: about all that the list before did not bring, for counters and edits; `absent`: about what a whole walk did not bring. */
  readonly asks: 'stale' | 'absent'
}

/** What a task is read from. */
export interface TaskRef {
  readonly stream: string
  readonly kind: TaskKind
  /** The profile, the post, or the comment whose replies are read. */
  readonly externalId: string
  /** The profile's key in the user's list. */
  readonly entityId: string
  /** The profile's id as the network gives it; null before it is known. */
  readonly profileId: string | null
  /** The post, for comments and replies. */
  readonly postId: string | null
  /** How many the network says there are, as told by the page that found this task; null = it did not say. */
  readonly declared: number | null
  /**
   * Where an incremental walk may stop: what was made before was read by an earlier one; null = it reads all. Of a
   * look-up: what was fetched since need not be asked.
   */
  readonly from: Instant | null
}

export interface PageRequest {
  /** The tasks that this walk serves; one, unless the stream's `batch` says more. */
  readonly tasks: readonly TaskRef[]
  /** Null = the first page. */
  readonly cursor: Cursor | null
  readonly params: Params
  /** How many more posts or comments are wanted, or null: all. A hint to ask for a smaller page. */
  readonly room: number | null
  /** The moment the walk began: what "today" means in all of its pages. */
  readonly startedAt: Instant
  /** Of a look-up: what is asked about. `normalise` takes it from the answer's request instead, which the raw zone keeps. */
  readonly ids?: readonly string[]
}

/** What a call can be made with, whatever it is for. */
export interface CallContext {
  readonly signal: AbortSignal
  /**
   * One HTTP call: charges `units` of `pool` to the ledger before each attempt, tries again or waits as the
   * disposition of the fault says, and gives what `send` gives. A fault that is not to be tried again is thrown.
   */
  call<T>(price: Price, send: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** What a usage header told: the used share of a pool, 0 to 1 and more; the lane slows before it is refused. */
  usage(pool: string, share: number, regainAt?: number): void
  /** The moment now, epoch milliseconds, by the run's clock. */
  now(): number
}

export interface FetchContext extends CallContext {
  /** Which of these posts are stored. */
  known(postIds: readonly string[]): Promise<ReadonlySet<string>>
  /** Which of these are stored, and are not called missing. */
  there(subject: 'profile' | 'post', ids: readonly string[]): Promise<ReadonlySet<string>>
  /** The counters of those of these posts that are stored, as they were last told. */
  counters(postIds: readonly string[]): Promise<ReadonlyMap<string, StoredCounters>>
  /** The moments since then of which any of these counters without a column is stored, be it as not told; earliest first. */
  observed(counters: ObservedCounters): Promise<readonly Instant[]>
}

/** Counters of one thing, by their names, from a moment on. */
export interface ObservedCounters {
  readonly subject: Subject
  readonly subjectId: string
  readonly names: readonly string[]
  readonly since: Instant
}

/** Counters of a stored post; null = not told. */
export interface StoredCounters {
  readonly likeCount: number | null
  readonly commentsCount: number | null
}

export interface Price {
  readonly pool: string
  readonly units: number
}

/** The answers of one page as received. */
export interface RawPage {
  readonly parts: readonly RawPart[]
}

export interface RawPart {
  /** What was asked, without secrets: method, path, query and body fields. */
  readonly request: JsonObject
  readonly status: number
  readonly fetchedAt: Instant
  /** The body to the letter, but for secrets in it. */
  readonly text: string
  /** The same body, decoded exactly. */
  readonly json: Json
}

export interface Page {
  readonly records: readonly SocialRecord[]
  readonly snapshots: readonly Snapshot[]
  /** What this page found that can be read further. */
  readonly children: readonly Child[]
  /** Asked for, and the network says it is not there; of a collection its id as its record has it. */
  readonly missing: readonly {
    readonly subject: Subject | 'collection'
    readonly id: string
    readonly reason: Reason
  }[]
  /**
   * Of a walk that ends: tasks, by their `externalId`, of whose declared things none came although all were asked for.
   * Where a walk serves several, the store cannot tell it from the page.
   */
  readonly unlisted: readonly string[]
  /** Which profile a task's id turned out to be. Every profile page names each task that it found. */
  readonly identities: readonly Identity[]
  /** Collections, by their ids, all of whose items stand on this page: what is not among them was taken out. */
  readonly entire: readonly string[]
  /** Posts that this page lists without saying more of them; they are stored already. */
  readonly listed: readonly string[]
  /** When the last thing on this page was made, in the list's own order (pinned ones lead it); null = not told. */
  readonly tail: Instant | null
  /** What could not be read: kept aside with its path and the reason, never dropped in silence. */
  readonly rejects: readonly Reject[]
  readonly next: Cursor | null
  /** The date window that this page lies in, where a walk goes through several: empty pages count within one only. */
  readonly window: string | null
  /**
   * Why the walk ends here although the network may hold more (`capped`); null = whole. Only with `next` null.
   * `unavailable` = read but for parts that cannot be had just now, each of them a child: the rest counts as read.
   */
  readonly reason: Reason | null
  /** How far back a list that ends here was read; null = to its beginning. */
  readonly reached: Instant | null
}

export interface Child {
  readonly stream: string
  readonly externalId: string
  /** The task of a shared walk that it belongs to, by the profile's id; may be left out where the walk serves one. */
  readonly profileId?: string
  /** The same by the key that the list names it by, where that is no profile's. */
  readonly entityId?: string
  readonly postId?: string | null
  /** Where its own walk starts, or null = nothing is left to fetch, for `reason`. */
  readonly next: Cursor | 'start' | null
  readonly reason?: Reason
  /** How many the network says there are; null = it does not say. */
  readonly declared?: number | null
  /** True where this page was the list's first part already: it may be as far as an incremental walk need go. */
  readonly begun?: boolean
}

export interface Identity {
  readonly externalId: string
  /** The key to ask by from now on (a handle resolved to its channel id; a username in lower case). */
  readonly entityId: string
  readonly profileId: string
}

export interface Reject {
  /** True: a whole item was lost, not a field of it; its task fails at the end, and the rest goes on. */
  readonly item: boolean
  readonly path: string
  readonly reason: string
  readonly value: Json
}

/** A page from what it holds; the rest is empty. */
export const page = (part: Partial<Page>): Page => ({
  records: [],
  snapshots: [],
  children: [],
  missing: [],
  unlisted: [],
  identities: [],
  entire: [],
  listed: [],
  tail: null,
  rejects: [],
  next: null,
  window: null,
  reason: null,
  reached: null,
  ...part,
})

/**
 * The list of a stream that is read in two where it was begun earlier: its head anew, its rest beside it. Newer posts are
 * found by their dates in whatever order they come, newer comments only above those that were read.
 */
export const headedList = ({
  lists,
  newestFirst,
}: Partial<Pick<Stream, 'lists' | 'newestFirst'>>): 'posts' | 'comments' | null =>
  lists === 'posts' || (lists === 'comments' && newestFirst) ? lists : null
