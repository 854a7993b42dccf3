import type { Clock } from '../core/clock.ts'
import { type Instant, instant } from '../core/instant.ts'
import type { Json } from '../core/json.ts'
import type {
  ClaimWish,
  CommitOptions,
  Committed,
  CrashPoint,
  Ended,
  Ending,
  Ledger,
  LedgerEntry,
  Refusal,
  WaitingTask,
  Walk,
  WalkStore,
} from '../core/ports.ts'
import type { LookUp, Page, Params, RawPage } from '../core/stream.ts'
import type { TransformWish } from '../core/transform.ts'
import { markMissingProfile } from './absence.ts'
import { continueJob, type Successors, type Unfinished } from './continue.ts'
import { SqliteFile, type Tx } from './database.ts'
import { queueLanded } from './elements.ts'
import { createJob, createRun, type NewJob, type NewRun, parkJobs } from './jobs.ts'
import { findKnown, findLookedUp } from './look-ups.ts'
import { migrate } from './migrate.ts'
import { adoptRun, moveOrder } from './orders.ts'
import { markComments } from './page-children.ts'
import { writePage } from './pages.ts'
import { charge, exhaust } from './quota.ts'
import { pack } from './raw.ts'
import { decodeJson, encodeJson } from './rows.ts'
import { endTasks, type JobEnd } from './tasks.ts'
import { taskOf } from './walk-rows.ts'
import { claimWalks, closeWalk, isOurs, openWalk, releaseWalk, type Turn } from './walks.ts'
import { leaseEnd, reap, Worker } from './worker.ts'

export interface StoreOptions {
  readonly path: string
  readonly clock: Clock
  readonly crash: CrashPoint
  /** False: answers are not kept in the raw zone. */
  readonly keepRaw: boolean
  /** The transforms that what lands is queued for. */
  readonly transforms?: readonly TransformWish[]
}

/** The SQLite store as the engine and the app use it: one writing process's view of the file. */
export class Store implements WalkStore, Ledger {
  readonly file: SqliteFile
  readonly worker: Worker
  /** Jobs of dead workers that were put aside when this store was opened. */
  readonly interrupted: number
  readonly #clock: Clock
  readonly #crash: CrashPoint
  readonly #keepRaw: boolean
  readonly #transforms: readonly TransformWish[]
  readonly #turns = new Map<string, Turn>()
  #charges: Charge[] = []

  private constructor(file: SqliteFile, worker: Worker, interrupted: number, options: StoreOptions) {
    this.file = file
    this.worker = worker
    this.interrupted = interrupted
    this.#clock = options.clock
    this.#crash = options.crash
    this.#keepRaw = options.keepRaw
    this.#transforms = options.transforms ?? []
  }

  /** Opens or creates the file, migrates it, and becomes a worker on it. */
  static async open(options: StoreOptions): Promise<Store> {
    const file = SqliteFile.open(options.path)
    try {
      await migrate(file, { crash: options.crash })
      const worker = await Worker.start(file)
      return new Store(file, worker, await reap(file, worker, instant(options.clock.now())), options)
    } catch (error) {
      file.close()
      throw error
    }
  }

  async close(): Promise<void> {
    await this.worker.stop(this.#now())
    this.file.close()
  }

  claim(wish: ClaimWish): Promise<Walk[]> {
    const key = `${wish.runId} ${wish.network}`
    const turn = this.#turns.get(key) ?? { job: 0 }
    this.#turns.set(key, turn)
    const lease = { worker: this.worker.id, expires: leaseEnd() }
    return this.file.write(tx => {
      this.worker.mustHold(tx)
      return claimWalks(tx, wish, turn, lease, this.#now())
    }, 'light')
  }

  async commit(walk: Walk, raw: RawPage, page: Page, options: CommitOptions): Promise<Committed | null> {
    const packed = this.#keepRaw ? pack(raw) : []
    const fetchedAt = raw.parts[0]?.fetchedAt ?? this.#now()
    const at = { raw: packed, answered: raw.parts.length > 0, fetchedAt }
    const write = { walk, worker: this.worker.id, page, ...at, options, crash: this.#crash }
    const began = performance.now()
    const committed = await this.file.write(async tx => {
      const written = writePage(tx, write)
      const landed = { network: walk.network, records: page.records, at: fetchedAt }
      if (written !== null) await queueLanded(tx, this.#transforms, landed)
      return written
    })
    return committed === null ? null : { ...committed, commitMs: performance.now() - began }
  }

  known(network: string, postIds: readonly string[]): Promise<ReadonlySet<string>> {
    return findKnown(this.file.db, network, postIds)
  }

  lookUp(walk: Walk, lookUp: LookUp): ReturnType<WalkStore['lookUp']> {
    return findLookedUp(this.file.db, walk, lookUp)
  }

  end(walk: Walk, ending: Ending): Promise<Ended | null> {
    return this.#own(walk, tx => {
      closeWalk(tx, walk.id, ending.status === 'failed' || ending.status === 'partial')
      for (const task of walk.tasks) {
        if (ending.status !== 'skipped') continue
        markComments(tx, walk, task, ending.reason, this.#now())
        if (walk.kind === 'profile' && ending.reason === 'not-found')
          markMissingProfile(tx, walk.network, task.entityId, this.#now())
      }
      return { jobs: endTasks(tx, walk.tasks, ending, this.#now()) }
    })
  }

  async postpone(
    walk: Walk,
    why: { until: Instant | null; errorType: string; message: string } | null,
  ): Promise<void> {
    await this.#own(walk, async tx => {
      releaseWalk(tx, walk.id, why?.until ?? null)
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

  async restart(walk: Walk, message: string): Promise<void> {
    await this.#own(walk, async tx => {
      closeWalk(tx, walk.id, false)
      const id = openWalk(tx, {
        runId: walk.runId,
        network: walk.network,
        jobId: walk.jobId,
        stream: walk.stream,
        kind: walk.kind,
        rank: await rankOf(tx, walk.id),
        credential: walk.credential,
        cursor: null,
        startedAt: this.#now(),
        restarts: walk.restarts + 1,
      })
      await tx.db
        .updateTable('sync_tasks')
        .set({ walk_id: id, status: 'pending', last_error: message })
        .where('walk_id', '=', walk.id)
        .where('status', '=', 'running')
        .execute()
    })
  }

  async ungrouped(runId: number, network: string, stream: string, limit: number): Promise<WaitingTask[]> {
    const rows = await this.file.db
      .selectFrom('sync_tasks')
      .innerJoin('sync_jobs', 'sync_jobs.id', 'sync_tasks.job_id')
      .selectAll('sync_tasks')
      .select(['sync_jobs.entity_id', 'sync_jobs.params'])
      .where('sync_jobs.run_id', '=', runId)
      .where('sync_jobs.network', '=', network)
      .where('sync_tasks.stream', '=', stream)
      .where('sync_tasks.status', '=', 'pending')
      .where('sync_tasks.walk_id', 'is', null)
      .orderBy('sync_tasks.id')
      .limit(limit)
      .execute()
    return rows.map(row => ({ ...taskOf(row), params: decodeJson<Params>(row.params) }))
  }

  async group(
    runId: number,
    network: string,
    groups: readonly (readonly WaitingTask[])[],
    rank: number,
    credential: string | null,
  ): Promise<void> {
    await this.file.write(async tx => {
      for (const group of groups) {
        // Another lane of the network may have grouped them since they were looked up.
        const waiting = await stillWaiting(tx, group)
        const [first] = waiting
        if (first === undefined) continue
        const { stream, kind, jobId } = first
        const place = { cursor: null, startedAt: this.#now(), credential }
        const walkId = openWalk(tx, { runId, network, jobId, stream, kind, rank, ...place })
        const ids = waiting.map(task => task.id)
        await tx.db.updateTable('sync_tasks').set({ walk_id: walkId }).where('id', 'in', ids).execute()
      }
    })
  }

  /**
   * Charges that are asked for while a transaction is under way share the next one: each is in the file before
   * its call is sent, and ten calls in flight cost one sync to disk.
   */
  charge(entry: LedgerEntry): Promise<Refusal | null> {
    return new Promise((resolve, reject) => {
      this.#charges.push({ entry, resolve, reject })
      if (this.#charges.length === 1) void this.#chargeAll()
    })
  }

  async exhaust(entry: Omit<LedgerEntry, 'units' | 'runId'>, refusal: Refusal): Promise<void> {
    await this.file.write(tx => exhaust(tx, entry, refusal))
  }

  createRun(run: Omit<NewRun, 'worker' | 'at'>): Promise<number> {
    return this.file.write(tx => createRun(tx, { ...run, worker: this.worker.id, at: this.#now() }))
  }

  /** Takes on a run that was ordered from `serve`; gives its trace. */
  adoptRun(runId: number): Promise<string> {
    return this.file.write(tx => adoptRun(tx, runId, this.worker.id))
  }

  /** Notes that all jobs of a run that was ordered are made: from now on they themselves say what is left to do. */
  async markPlanned(runId: number): Promise<void> {
    await this.file.write(tx => moveOrder(tx, runId, 'planning', 'working'))
  }

  /** Makes jobs, or continues unfinished ones, in one transaction. Gives those that ended at once. */
  addJobs(
    jobs: readonly ((JobWish & { previous: Unfinished }) | (JobWish & Pick<NewJob, 'opening' | 'start'>))[],
    successors: Successors,
  ): Promise<{ created: number; ended: JobEnd[] }> {
    return this.file.write(async tx => {
      let created = 0
      const ended: JobEnd[] = []
      for (const wish of jobs) {
        const job = { ...wish, worker: this.worker.id, at: this.#now() }
        this.#crash('job.create')
        const made =
          'previous' in wish
            ? await continueJob(tx, wish.previous, job, successors)
            : await createJob(tx, { ...job, opening: wish.opening, start: wish.start, previous: null })
        if (made === null) continue
        created++
        if (made.ended !== null) ended.push(made.ended)
      }
      return { created, ended }
    })
  }

  /** Waits until no live worker holds any of these profiles, or it is told to stop. A dead holder is no holder. */
  async untilFree(
    jobs: readonly { readonly network: string; readonly entityId: string }[],
    stop: AbortSignal,
  ): Promise<void> {
    const keys = new Set(jobs.map(job => `${job.network} ${job.entityId}`))
    while (!stop.aborted) {
      await reap(this.file, this.worker, this.#now())
      const held = await this.file.db
        .selectFrom('entities')
        .select(['network', 'entity_id'])
        .where('lock_worker', 'is not', null)
        .where('lock_worker', '!=', this.worker.id)
        .execute()
      if (!held.some(row => keys.has(`${row.network} ${row.entity_id}`))) return
      await new Promise(resume => setTimeout(resume, 500))
    }
  }

  /** Ends this worker's part of a run: what is unfinished is put aside with the reason. */
  park(
    runId: number,
    why: { errorType: string; message: string; notBefore: Instant | null } | null,
  ): Promise<number> {
    return this.file.write(tx => parkJobs(tx, { worker: this.worker.id, runId }, why, this.#now()))
  }

  /** What adapters learned about a network (`Memory`). */
  async recall(network: string): Promise<Map<string, Json>> {
    const rows = await this.file.db
      .selectFrom('memory')
      .select(['key', 'value'])
      .where('network', '=', network)
      .execute()
    return new Map(rows.map(row => [row.key, decodeJson<Json>(row.value)]))
  }

  async remember(network: string, key: string, value: Json): Promise<void> {
    const row = { network, key, value: encodeJson(value), learned_at: this.#now() }
    await this.file.write(tx =>
      tx.db
        .insertInto('memory')
        .values(row)
        .onConflict(conflict =>
          conflict.columns(['network', 'key']).doUpdateSet({ value: row.value, learned_at: row.learned_at }),
        )
        .execute(),
    )
  }

  #now(): Instant {
    return instant(this.#clock.now())
  }

  /** Runs in a transaction if the walk is still this worker's, else gives null. */
  #own<T>(walk: Walk, work: (tx: Tx) => T | Promise<T>): Promise<T | null> {
    return this.file.write(tx => (isOurs(tx, walk, this.worker.id) ? work(tx) : null))
  }

  async #chargeAll(): Promise<void> {
    let taken: Charge[] = []
    try {
      const answers = await this.file.write(tx => {
        this.worker.mustHold(tx)
        taken = this.#charges
        this.#charges = []
        return taken.map(({ entry }) => charge(tx, entry, this.#clock.now()))
      }, 'light')
      taken.forEach(({ resolve }, index) => void resolve(answers[index] ?? null))
    } catch (error) {
      if (taken.length === 0) taken = this.#charges.splice(0)
      for (const { reject } of taken) reject(error)
    }
  }
}

/** What the app says of a job; worker and time are the store's. */
export type JobWish = Omit<NewJob, 'opening' | 'start' | 'previous' | 'worker' | 'at'>

interface Charge {
  readonly entry: LedgerEntry
  readonly resolve: (answer: Refusal | null) => void
  readonly reject: (error: unknown) => void
}

const stillWaiting = async (tx: Tx, tasks: readonly WaitingTask[]): Promise<readonly WaitingTask[]> => {
  const ids = tasks.map(task => task.id)
  const rows = await tx.db
    .selectFrom('sync_tasks')
    .select('id')
    .where('id', 'in', ids)
    .where('walk_id', 'is', null)
    .execute()
  const found = new Set(rows.map(row => row.id))
  return tasks.filter(task => found.has(task.id))
}

const rankOf = async (tx: Tx, walkId: number): Promise<number> => {
  const row = await tx.db
    .selectFrom('sync_walks')
    .select('rank')
    .where('id', '=', walkId)
    .executeTakeFirstOrThrow()
  return row.rank
}
