import type { Instant } from './instant.ts'
import type { Params } from './params.ts'
import type {
  Child,
  Cursor,
  IncrementalPolicy,
  LookUp,
  ObservedCounters,
  Page,
  RawPage,
  StoredCounters,
  Stream,
  TaskRef,
} from './stream.ts'
import type { Reason, Status, TaskKind } from './task.ts'
import type { Streak, Verdict } from './verdict.ts'

/** What the engine needs of a store. SQLite has it in `store/`; every method is one transaction. */
export interface WalkStore {
  /** Takes up to `count` walks that are due, one job after another in turn, each under this worker's lease. */
  claim(request: ClaimRequest): Promise<Walk[]>
  /**
   * Stores one page whole: raw answers, records, history, children, counters, cursor and seq, and what follows
   * for tasks and jobs. Null = the walk is no longer this worker's: nothing was written, stop quietly.
   */
  commit(walk: Walk, raw: RawPage, page: Page, options: CommitOptions): Promise<Committed | null>
  /**
   * Where others read walks of the run's network: waits a moment, since more may come of them. False = nobody else is at
   * work on it.
   */
  untilOthers(runId: number, network: string): Promise<boolean>
  /** Which of these posts are stored. */
  known(network: string, postIds: readonly string[]): Promise<ReadonlySet<string>>
  /** Which of these are stored, and are not called missing. */
  there(network: string, subject: 'profile' | 'post', ids: readonly string[]): Promise<ReadonlySet<string>>
  /** The counters of those of these posts that are stored, by id. */
  counters(network: string, postIds: readonly string[]): Promise<ReadonlyMap<string, StoredCounters>>
  /** The moments of which any of these counters is stored, earliest first. */
  observed(network: string, counters: ObservedCounters): Promise<readonly Instant[]>
  /** Whether anything is due that `claim` would take. */
  isDue(request: ClaimRequest): Promise<boolean>
  /** What a look-up asks about next, at most `lookUp.size` ids, and its place behind them; null = there is no more. */
  lookUp(
    walk: Walk,
    lookUp: LookUp,
  ): Promise<{ readonly ids: readonly string[]; readonly next: Cursor | null }>
  /**
   * Ends a walk without a page: its tasks get this status and reason, and what can be read all the same is opened.
   * Null = no longer ours.
   */
  end(walk: Walk, ending: Ending, options: EndOptions): Promise<Ended | null>
  /**
   * Gives a walk back to be continued at its cursor, now or not before a moment; its open tasks keep why, until they are
   * taken up again. `why` null = nothing stood in its way.
   */
  postpone(
    walk: Walk,
    why: { until: Instant | null; errorType: string; message: string } | null,
  ): Promise<void>
  /** Two walks in the place of one whose first call fails, each with half of its tasks: it may be one of them alone. */
  divide(walk: Walk): Promise<void>
  /** A new walk from the first page in the place of one whose cursor is no longer taken. */
  restart(walk: Walk, message: string): Promise<void>
  /** Tasks that wait to share a walk with others of their stream, in the order of their jobs. */
  ungrouped(runId: number, network: string, stream: string, limit: number): Promise<readonly WaitingTask[]>
  /** One walk for each group of tasks. */
  group(
    runId: number,
    network: string,
    groups: readonly (readonly WaitingTask[])[],
    rank: number,
    credential: string | null,
  ): Promise<void>
}

/** What can be read although a walk could not. */
export interface EndOptions
  extends Pick<CommitOptions, 'shared' | 'rank' | 'streamOf' | 'credential' | 'owner' | 'lookUpAfter'> {
  /** Of a known profile: the lists that its own page would have named. */
  onward(task: WalkTask, declared: number | null): readonly Child[]
  /** False: the place is not worth another try, a later walk begins at page one. */
  readonly keepPlace: boolean
}

export interface ClaimRequest {
  readonly runId: number
  readonly network: string
  /** The credential that will be used: walks bound to another one are left. */
  readonly credential: string
  /** The streams that it can read: another kind of credential has others. */
  readonly streams: readonly string[]
  /** Whether walks of what failed before are taken too: their turn comes when nothing else is left. */
  readonly failing: boolean
  readonly count: number
}

/** A claimed walk with the tasks it still serves. */
export interface Walk {
  readonly id: number
  readonly runId: number
  readonly network: string
  /** The first of the jobs it serves, for turns and logs. */
  readonly jobId: number
  readonly stream: string
  readonly kind: TaskKind
  readonly cursor: Cursor | null
  readonly seq: number
  /** The first walk of its line of continuations: rows carry this id, so that "seen in this walk" survives a resume. */
  readonly rootId: number
  readonly restarts: number
  readonly streak: Streak
  /** Whether all pages since the first were read, without refusal. */
  readonly whole: boolean
  /** The one credential that may do its calls, or null: any. */
  readonly credential: string | null
  readonly startedAt: Instant
  readonly params: Params
  readonly tasks: readonly WalkTask[]
  /** True where it failed in an earlier run and has not been answered since: a few tries are enough. */
  readonly failing: boolean
}

export interface WalkTask extends TaskRef {
  readonly id: number
  readonly jobId: number
  /** Records of the task's kind so far. */
  readonly items: number
  /** Of a list's rest: the line that it is the rest of; empty of all else. */
  readonly part: string
}

export interface WaitingTask extends WalkTask {
  readonly params: Params
  /** It failed in an earlier run: it shares calls with such alone. */
  readonly fails: boolean
}

export interface CommitOptions {
  /** Whether this worker goes on with the walk, or gives it back. */
  readonly keep: boolean
  /** How many items are still wanted; null = all. */
  readonly room: number | null
  readonly stream: Pick<Stream, 'lists' | 'looksUp' | 'newestFirst' | 'relates'>
  readonly incremental: IncrementalPolicy
  /** The look-up that follows on the end of a list, by the list's stream; null = the network has none. */
  lookUpAfter(list: string): { readonly stream: string; readonly asks: LookUp['asks'] } | null
  /** Streams whose tasks wait to share a walk. */
  readonly shared: ReadonlySet<string>
  /** Rank of a child's walk in the order of spending. */
  rank(kind: TaskKind): number
  streamOf(name: string): Pick<Stream, 'kind' | 'lists' | 'looksUp'>
  /** The one credential that the children's walks are bound to, or null: any. */
  readonly credential: string | null
  /** Who was let in or refused: the owner of the credential's quota. */
  readonly owner: string
  /** Those of all credentials of this run on the network. */
  readonly owners: ReadonlySet<string>
}

export interface Committed extends Ended {
  /** The walk as it stands now, or null where it has ended. */
  readonly walk: Walk | null
  readonly verdict: Verdict
  readonly items: number
  /** What the transaction took, the wait for others included. */
  readonly commitMs: number
  readonly identityChanges: readonly {
    readonly jobId: number
    readonly entityId: string
    readonly from: string
    readonly to: string
  }[]
}

/** Jobs that ended by this transaction. */
export interface Ended {
  readonly jobs: readonly {
    readonly id: number
    readonly entityId: string
    readonly status: Status
    readonly errorType: string | null
  }[]
}

export interface Ending {
  readonly status: 'succeeded' | 'failed' | 'partial' | 'skipped'
  readonly reason: Reason | null
  readonly errorType: string | null
  readonly message: string | null
  /** True where a list was read to its end although it failed: nothing of it is to be fetched again. */
  readonly isRead?: boolean
  /** True of a `skipped` one that may be had another day: it is tried again, ever more seldom. */
  readonly mayPass?: boolean
}

/** The quota ledger: every attempt is written before it is sent. */
export interface Ledger {
  /**
   * Writes `units` into the pool's window in a commit of its own, or returns the moment until which nothing is left, or
   * that the run's budget does not allow them.
   */
  charge(entry: LedgerEntry): Promise<Refusal | Overspent | null>
  /** Takes back a charge whose call never left for the network: nobody there has counted it. */
  takeBack(entry: LedgerEntry): Promise<void>
  /**
   * The next turn of an owner's calls, which start so far apart whoever makes them, on whatever machine: epoch ms by the
   * run's clock, at least `leadMs` from now.
   */
  turn(of: TurnRequest): Promise<number>
  /** Marks a pool as closed until a moment (epoch ms), whatever the count says. */
  exhaust(entry: LedgerPool, refusal: Refusal): Promise<void>
  /** What is kept together with other machines; null = only this one works on the database. */
  readonly machines: SharedLimits | null
}

export interface TurnRequest {
  readonly network: string
  /** Whose calls they are: the owner of the quota, or a pool of it that is paced by itself. */
  readonly owner: string
  readonly gapMs: number
  readonly leadMs: number
}

/** Limits that a process cannot keep alone. */
export interface SharedLimits {
  /** Takes an account for this process, once more for each who asks. False = another process makes its calls now. */
  takeAccount(of: Account): Promise<boolean>
  /** Whether who has it may begin more. False: others wait, and it is their turn. */
  keepsAccount(of: Account): Promise<boolean>
  /** Of those who took it one is done with it. */
  leaveAccount(of: Account): Promise<void>
  /** All calls on a pool wait until a moment, epoch ms. */
  rest(entry: LedgerPool, until: number): Promise<void>
  /** Whether this process stood still for so long that others may have taken it for dead. */
  isOverdue(): boolean
  /** Resolves where they have not; else rejects with Overtaken. */
  renew(): Promise<void>
}

/** Whose calls one process at a time makes. */
export interface Account {
  readonly network: string
  readonly account: string
}

/** Until when (epoch ms) a pool gives nothing, and why. */
export interface Refusal {
  readonly until: number
  readonly kind: 'rate-limited' | 'quota-exhausted'
}

/** All that work on a run together have spent what it may. */
export interface Overspent {
  readonly kind: 'budget'
}

/** A pool in its window, apart from any call. */
export type LedgerPool = Omit<LedgerEntry, 'units' | 'runId' | 'isLimited'>

export interface LedgerEntry {
  /** True where the run has a budget, which this is held against. */
  readonly isLimited?: boolean
  /** The run whose cost it is; null = nobody's, as with a question about a credential. */
  readonly runId: number | null
  readonly network: string
  readonly owner: string
  readonly pool: string
  readonly units: number
  readonly window: { readonly start: number; readonly end: number }
  readonly allowance: number | null
}

/** Ends the process at a named point where a test asked for it; does nothing otherwise. */
export type CrashPoint = (point: string) => void
