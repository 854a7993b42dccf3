import type { Clock } from '../core/clock.ts'
import { type Instant, instant } from '../core/instant.ts'
import type { Json } from '../core/json.ts'
import type {
  ClaimRequest,
  CommitOptions,
  Committed,
  CrashPoint,
  Ended,
  Ending,
  EndOptions,
  Ledger,
  LedgerEntry,
  SharedLimits,
  TurnRequest,
  WaitingTask,
  Walk,
  WalkStore,
} from '../core/ports.ts'
import { settleAll } from '../core/settle-all.ts'
import type { LookUp, ObservedCounters, Page, RawPage, StoredCounters } from '../core/stream.ts'
import type { TransformDefinition } from '../core/transform.ts'
import { migrate } from './admin/migrate.ts'
import { enterOrigin, type Origin } from './admin/origin.ts'
import { enterPeople } from './admin/people.ts'
import { openDatabase } from './connect.ts'
import type { Database, Tx } from './database/database.ts'
import { markMissingProfile } from './page/absence.ts'
import { markComments } from './page/children.ts'
import { writePage } from './page/commit.ts'
import { openOnward } from './page/onward.ts'
import { pack } from './page/raw.ts'
import { addJobs, type JobRequest } from './queue/add-jobs.ts'
import { Charges, takeBack } from './queue/charges.ts'
import { claimWalks } from './queue/claims.ts'
import type { Successors } from './queue/continue.ts'
import { countJobsByNetwork, countOutcomes, type JobOutcome } from './queue/count-jobs.ts'
import { isAnyHeld } from './queue/entities.ts'
import { failTasks } from './queue/failing.ts'
import { findChainEnds, findPrevious, type ListedId, resolveAliases, wasCutShort } from './queue/find-jobs.ts'
import { findUngrouped, groupTasks } from './queue/grouping.ts'
import { createRun, markPlanned, type NewRun } from './queue/jobs.ts'
import { closedUntil, exhaust, takeTurn } from './queue/ledger.ts'
import { findCounters, findKnown, findLookedUp, findObserved, findThere } from './queue/look-up-ids.ts'
import { recall, remember } from './queue/memory.ts'
import { isDueFor, type Turn } from './queue/next-walks.ts'
import { adoptRun } from './queue/orders.ts'
import { type ParkReason, parkJobs } from './queue/park.ts'
import { divideWalk, restartWalk } from './queue/restart.ts'
import type { Purpose } from './queue/sharing.ts'
import { endTasks } from './queue/tasks.ts'
import { decodeTransforms, type Terms } from './queue/terms.ts'
import { followDatabase } from './queue/time.ts'
import { closeWalk, isOurs, releaseWalk } from './queue/walks.ts'
import { lastSince } from './queue/watermarks.ts'
import { reap, reapFirst, Worker } from './queue/worker.ts'
import { openSharedLimits } from './shared-limits.ts'
import { SharedRuns } from './shared-runs.ts'
import { TransformStore } from './transform-store.ts'
import { queueLanded } from './transforms/elements.ts'

export interface StoreOptions {
  readonly path: string
  readonly clock: Clock
  readonly crash: CrashPoint
  /** False: answers are not kept in the raw zone. */
  readonly keepRaw: boolean
  /** Whom its process asks; null or left out = that is not looked at. */
  readonly origin?: Origin | null
  /** Under which key people are pseudonyms in what it stores; null = they are not, left out = it stores nothing of networks. */
  readonly people?: string | null
  /** What it works for; left out = a run. */
  readonly purpose?: Purpose
}

/** The SQLite store as the engine and the app use it: one writing process's view of the file. */
export class Store implements WalkStore, Ledger {
  readonly #database: Database
  readonly worker: Worker
  /** Jobs of dead workers that were put aside when this store was opened. */
  readonly interrupted: number
  readonly #clock: Clock
  readonly #crash: CrashPoint
  readonly #keepRaw: boolean
  /** What the pages of a run are queued for, where it is for something; of the runs that it claims from. */
  readonly #landing = new Map<number, readonly TransformDefinition[]>()
  readonly #turns = new Map<string, Turn>()
  readonly #charges: Charges
  readonly #counted: Charges
  readonly machines: SharedLimits | null
  /** The runs that it shares with others. */
  readonly shared: SharedRuns
  readonly transforms: TransformStore
  /** Writes of `remember` that nobody has waited for yet. */
  readonly #learning: Promise<void>[] = []

  private constructor(database: Database, worker: Worker, interrupted: number, options: StoreOptions) {
    this.#database = database
    this.worker = worker
    this.interrupted = interrupted
    this.#clock = options.clock
    const now = (): number => options.clock.now()
    this.#charges = new Charges(worker, now, 'light')
    // A server may die while this process lives and makes the calls that were charged: what has a ceiling is synced to its disk.
    this.#counted = database.isShared ? new Charges(worker, now, 'full') : this.#charges
    this.shared = new SharedRuns(database, worker, now)
    this.transforms = new TransformStore(database, worker, options.clock)
    this.machines = database.isShared ? openSharedLimits(database, worker, now) : null
    this.#crash = options.crash
    this.#keepRaw = options.keepRaw
  }

  /** Opens or creates the file, migrates it, and becomes a worker on it. */
  static async open(options: StoreOptions): Promise<Store> {
    const database = await openDatabase(options.path)
    try {
      await migrate(database, { crash: options.crash })
      if (options.origin) await enterOrigin(database, options.origin)
      if (options.people !== undefined) await enterPeople(database, options.people)
      await followDatabase(options.clock, database)
      const worker = await Worker.start(database, options.purpose, heard => {
        if (database.isShared) options.clock.follow?.(heard)
      })
      const at = instant(options.clock.now())
      try {
        return new Store(database, worker, await reapFirst(database, worker, at), options)
      } catch (error) {
        // The first failure is the one to tell; nobody is held by a worker without a process.
        await worker.stop(at).catch(() => {})
        throw error
      }
    } catch (error) {
      await database.close()
      throw error
    }
  }

  /** What a message calls the database. */
  get path(): string {
    return this.#database.name
  }

  async close(): Promise<void> {
    try {
      await this.worker.stop(this.#now())
    } finally {
      await this.#database.close()
    }
  }

  async claim(request: ClaimRequest): Promise<Walk[]> {
    await this.learned()
    const key = `${request.runId} ${request.network}`
    const turn = this.#turns.get(key) ?? { job: 0 }
    this.#turns.set(key, turn)
    for (;;) {
      const claimed = await this.worker.take(
        tx => claimWalks(tx, request, turn, this.worker.id, this.#now()),
        'light',
      )
      if (claimed === null) continue
      const { walks, transforms } = claimed
      if (transforms !== null) this.#landing.set(request.runId, decodeTransforms(transforms))
      return walks
    }
  }

  async commit(walk: Walk, raw: RawPage, page: Page, options: CommitOptions): Promise<Committed | null> {
    const packed = this.#keepRaw ? pack(raw) : []
    const fetchedAt = raw.parts[0]?.fetchedAt ?? this.#now()
    const at = { raw: packed, answered: raw.parts.length > 0, fetchedAt }
    const write = { walk, worker: this.worker.id, page, ...at, options, crash: this.#crash }
    const began = performance.now()
    const committed = await this.#database.write(async tx => {
      const written = await writePage(tx, write)
      const landed = { network: walk.network, records: page.records, at: fetchedAt }
      if (written !== null) await queueLanded(tx, this.#landing.get(walk.runId) ?? [], landed)
      return written
    })
    return committed === null ? null : { ...committed, commitMs: performance.now() - began }
  }

  isDue(request: ClaimRequest): Promise<boolean> {
    return isDueFor(this.#database.committed, request, this.#now())
  }

  untilOthers(runId: number, network: string): Promise<boolean> {
    return this.shared.untilOthers(runId, network)
  }

  known(network: string, postIds: readonly string[]): Promise<ReadonlySet<string>> {
    return findKnown(this.#database.committed.db, network, postIds)
  }

  there(network: string, subject: 'profile' | 'post', ids: readonly string[]): Promise<ReadonlySet<string>> {
    return findThere(this.#database.committed.db, network, subject, ids)
  }

  counters(network: string, postIds: readonly string[]): Promise<ReadonlyMap<string, StoredCounters>> {
    return findCounters(this.#database.committed.db, network, postIds)
  }

  observed(network: string, counters: ObservedCounters): Promise<readonly Instant[]> {
    return findObserved(this.#database.committed.db, network, counters)
  }

  lookUp(walk: Walk, lookUp: LookUp): ReturnType<WalkStore['lookUp']> {
    return findLookedUp(this.#database.committed.db, walk, lookUp)
  }

  end(walk: Walk, ending: Ending, options: EndOptions): Promise<Ended | null> {
    return this.#own(walk, async tx => {
      const at = this.#now()
      const lasts = ending.status === 'failed' || ending.mayPass === true
      await closeWalk(tx, walk.id, lasts && options.keepPlace)
      if (lasts) {
        await openOnward(tx, walk, options, at)
        return { jobs: await failTasks(tx, walk.tasks, ending, at) }
      }
      for (const task of walk.tasks) {
        if (options.streamOf(walk.stream).lists === 'comments')
          await markComments(tx, walk, task, { reason: ending.reason, refusedTo: options.owner }, at)
        if (walk.kind === 'profile' && ending.reason === 'not-found')
          await markMissingProfile(tx, walk.network, task.entityId, at)
      }
      return { jobs: await endTasks(tx, walk.tasks, ending, at) }
    })
  }

  async postpone(
    walk: Walk,
    why: { until: Instant | null; errorType: string; message: string } | null,
  ): Promise<void> {
    await this.#own(walk, async tx => {
      await releaseWalk(tx, walk.id, why?.until ?? null)
      await tx.db
        .updateTable('sync_tasks')
        .set({
          status: 'pending',
          ...(why === null
            ? {}
            : { not_before: why.until, error_type: why.errorType, last_error: why.message }),
        })
        .where('walk_id', '=', walk.id)
        .where('status', '=', 'running')
        .execute()
    })
  }

  async divide(walk: Walk): Promise<void> {
    await this.#own(walk, tx => divideWalk(tx, walk))
  }

  async restart(walk: Walk, message: string): Promise<void> {
    await this.#own(walk, tx => restartWalk(tx, walk, message, this.#now()))
  }

  async ungrouped(runId: number, network: string, stream: string, limit: number): Promise<WaitingTask[]> {
    return await findUngrouped(this.#database.committed, runId, network, stream, limit)
  }

  async group(
    runId: number,
    network: string,
    groups: readonly (readonly WaitingTask[])[],
    rank: number,
    credential: string | null,
  ): Promise<void> {
    const shared = { runId, network, rank, credential, cursor: null, startedAt: this.#now() }
    await this.worker.write(tx => groupTasks(tx, groups, shared))
  }

  async takeBack(entry: LedgerEntry): Promise<void> {
    await this.worker.take(tx => takeBack(tx, entry), 'light')
  }

  charge(entry: LedgerEntry): ReturnType<Ledger['charge']> {
    return (entry.allowance === null ? this.#charges : this.#counted).charge(entry)
  }

  turn(of: TurnRequest): Promise<number> {
    const weight = this.#database.isShared ? 'full' : 'light'
    return this.worker.take(tx => takeTurn(tx, of, this.#clock.now()), weight)
  }

  async exhaust(...[entry, refusal]: Parameters<Ledger['exhaust']>): Promise<void> {
    await this.worker.write(tx => exhaust(tx, entry, refusal))
  }

  /** Until when an owner's quota gives nothing, epoch ms; null = it gives. */
  closedUntil(
    network: string,
    owner: string,
    pools: Parameters<typeof closedUntil>[3],
  ): Promise<number | null> {
    return closedUntil(this.#database.committed, network, owner, pools, this.#clock.now())
  }

  createRun(run: Omit<NewRun, 'worker' | 'time'>): Promise<number> {
    return this.worker.write(tx => createRun(tx, { ...run, worker: this.worker.id, time: this.#now() }))
  }

  /** Takes on a run that was ordered (`adoptRun`). */
  adoptRun(runId: number, terms: Terms): ReturnType<typeof adoptRun> {
    return this.worker.write(tx => adoptRun(tx, runId, this.worker.id, terms))
  }

  /** Notes that all jobs of a run are made: from now on they themselves say what is left to do, and others may help. */
  async markPlanned(runId: number): Promise<void> {
    await this.worker.write(tx => markPlanned(tx, runId, this.#now()))
  }

  /** Makes jobs, in one transaction. Returns those that ended at once. */
  addJobs(jobs: readonly JobRequest[], successors: Successors): ReturnType<typeof addJobs> {
    const of = { worker: this.worker.id, crash: this.#crash }
    return this.worker.write(tx => addJobs(tx, jobs, successors, { ...of, time: this.#now() }))
  }

  /** Waits until no live worker holds any of these profiles, or it is told to stop. A dead holder is no holder. */
  async untilFree(
    jobs: readonly { readonly network: string; readonly entityId: string }[],
    stop: AbortSignal,
  ): Promise<void> {
    while (!stop.aborted) {
      await reap(this.#database, this.worker, this.#now())
      if (!(await isAnyHeld(this.#database.committed, jobs, this.worker.id))) return
      await new Promise(resume => setTimeout(resume, 500))
    }
  }

  /** The keys that profiles are known by: the channel that a handle was resolved to, or the id itself. */
  resolveAliases(ids: readonly ListedId[]): Promise<string[]> {
    return resolveAliases(this.#database.committed, ids)
  }

  /** Of each profile the newest job with these scopes and bounds; null = there is none. */
  findPrevious(...which: Parameters<typeof findPrevious> extends [unknown, ...infer Rest] ? Rest : never) {
    return findPrevious(this.#database.committed, ...which)
  }

  /** Where `--since last` begins for each of these profiles, by their ids; null = with the first post. */
  lastSince(...of: Parameters<typeof lastSince> extends [unknown, ...infer Rest] ? Rest : never) {
    return lastSince(this.#database.committed.db, ...of)
  }

  /** Whether a run ended before all of its profiles had their turn. */
  wasCutShort(runId: number): Promise<boolean> {
    return wasCutShort(this.#database.committed, runId)
  }

  /** Which jobs to continue: the ends of the chains of these jobs, of a run, or all. */
  findChainEnds(which: Parameters<typeof findChainEnds>[1]): ReturnType<typeof findChainEnds> {
    return findChainEnds(this.#database.committed.db, which)
  }

  /** How many jobs a run has, by network. */
  countJobs(runId: number): Promise<Map<string, number>> {
    return countJobsByNetwork(this.#database.committed.db, runId)
  }

  /** How the jobs of a run stand, those alike counted together. */
  countOutcomes(runId: number): Promise<JobOutcome[]> {
    return countOutcomes(this.#database.committed.db, runId)
  }

  /** Ends this worker's part of a run: what is unfinished is put aside, by network with the reason. */
  park(runId: number, reasons: ReadonlyMap<string, ParkReason>): Promise<number> {
    return this.worker.write(tx => parkJobs(tx, { worker: this.worker.id, runId }, reasons, this.#now()))
  }

  /** What adapters learned about a network (`Memory`). */
  recall(network: string): Promise<Map<string, Json>> {
    return recall(this.#database.committed.db, network)
  }

  /** Keeps what an adapter learned; nobody need wait for it here: `learned` tells how that ended, and so does the next claim. */
  remember(network: string, key: string, value: Json): void {
    const kept = this.worker.write(tx => remember(tx, { network, key, value, at: this.#now() }))
    // Told by `learned`, it is no rejection that nobody handles.
    kept.catch(() => {})
    this.#learning.push(kept)
  }

  /** Resolves when all that was to be remembered is in the file; rejects with the first failure, once. */
  async learned(): Promise<void> {
    await settleAll(this.#learning.splice(0))
  }

  #now(): Instant {
    return instant(this.#clock.now())
  }

  /** Runs in a transaction if the walk is still this worker's, else returns null. */
  #own<T>(walk: Walk, work: (tx: Tx) => T | Promise<T>): Promise<T | null> {
    return this.#database.write(async tx => ((await isOurs(tx, walk, this.worker.id)) ? work(tx) : null))
  }
}
