import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { type Kysely, sql } from 'kysely'
import type { ClockReading } from '../../core/clock.ts'
import { Overtaken, StoreBroken } from '../../core/errors.ts'
import { type Instant, instant } from '../../core/instant.ts'
import { builder } from '../database/builder.ts'
import type { Database, Queries, Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import type { Schema } from '../schema/tables.ts'
import { parkJobs } from './park.ts'
import { freeWalks, handOver, type Purpose } from './sharing.ts'
import { readTime } from './time.ts'

/** A worker that has not renewed its lease for this long is frozen: what it holds may be taken over. */
const LEASE_MS = 20_000
/** How often a lease is renewed. */
const RENEW_MS = 5_000
/**
 * How long after it was found gone a worker of a shared database is looked at again, before it is taken for dead: a server that was away,
 * or a connection that was cut, leaves all of them without name and lease until they have them again, within 1.5 s.
 */
export const LOOK_AGAIN_MS = 2_500

/**
 * This process as a worker. Beside the lease in the database it holds its id (`Database.hold`), which is free as soon as
 * the process is dead. The lease is for a process that is frozen and not dead.
 */
export class Worker {
  readonly id: string
  readonly purpose: Purpose
  readonly #database: Database
  readonly #held: AsyncDisposable
  readonly #timer: NodeJS.Timeout
  readonly #heard: (reading: ClockReading) => void
  /** By the clock of this process that nobody sets. */
  #leaseEnds: number
  /** The renewing of its walks, while it is under way. */
  #walks: Promise<void> | null = null
  /** Why the newest renewal failed; null = it did not. */
  #failure: { readonly error: unknown } | null = null

  private constructor(
    { id, purpose, began }: { readonly id: string; readonly purpose: Purpose; readonly began: number },
    database: Database,
    held: AsyncDisposable,
    heard: (reading: ClockReading) => void,
  ) {
    this.id = id
    this.purpose = purpose
    this.#database = database
    this.#held = held
    this.#heard = heard
    this.#leaseEnds = began + LEASE_MS
    this.#timer = setInterval(() => void this.#renew(), RENEW_MS)
    this.#timer.unref()
  }

  /** `heard` is told the database's time as often as the lease is renewed. */
  static async start(
    database: Database,
    purpose: Purpose = 'run',
    heard: (reading: ClockReading) => void = () => {},
  ): Promise<Worker> {
    const id = randomUUID()
    let worker: Worker | null = null
    // The lease may have ended meanwhile.
    const held = await database.hold(id, () => {
      if (worker !== null) void worker.#renew()
    })
    if (held === null) throw new Error(`another process is worker ${id}`)
    try {
      const began = performance.now()
      const now = await database.committed.now()
      const lease = { started_at: now, lease_expires_at: leaseEnd(now) }
      const row = { host: hostname(), pid: process.pid, ...lease, purpose }
      await database.write(tx =>
        tx.db
          .insertInto('workers')
          .values({ id, ...row })
          .execute(),
      )
      worker = new Worker({ id, purpose, began }, database, held, heard)
      return worker
    } catch (error) {
      await held[Symbol.asyncDispose]()
      throw error
    }
  }

  /** A transaction of this worker (`Database.write`). Rejects with Overtaken where another process has taken it for dead. */
  write<T>(work: (tx: Tx) => T | Promise<T>, weight?: 'full' | 'light'): Promise<T> {
    return this.#database.write(async tx => {
      // Both are asked for together, and what an overtaken worker did is undone.
      const row = tx.lock(workerRow, { id: this.id }, 'there')
      const [there, done] = await Promise.allSettled([row, (async () => work(tx))()])
      if (there.status === 'fulfilled' && there.value === undefined) throw new Overtaken()
      if (there.status === 'rejected') throw there.reason
      if (done.status === 'rejected') throw done.reason
      return done.value
    }, weight)
  }

  /**
   * The same for what asks for more work or calls: also rejects, with StoreBroken, once the lease is over because its
   * renewals failed, since others may take this worker for dead from then on.
   */
  async take<T>(work: (tx: Tx) => T | Promise<T>, weight?: 'full' | 'light'): Promise<T> {
    if (this.#failure !== null && this.#leaseEnds <= performance.now()) {
      const { error } = this.#failure
      const why = error instanceof Error ? error.message : String(error)
      throw new StoreBroken(`the lease of this run could not be renewed: ${why}`, {
        hint: 'what was stored is intact: `socsync resume --all` goes on with it',
        cause: error,
      })
    }
    return this.write(work, weight)
  }

  /** Whether it stood still for so long that others may have taken it for dead. */
  get isOverdue(): boolean {
    return this.#leaseEnds <= performance.now()
  }

  /** Renews an overdue lease. Rejects with Overtaken where another process has taken this worker for dead. */
  async renew(): Promise<void> {
    if (!(await this.#prolong())) throw new Overtaken()
  }

  /** Whether no other process has taken it for dead. */
  async isListed(): Promise<boolean> {
    return (await this.#database.committed.get(workerRow, { id: this.id })) !== undefined
  }

  async stop(at: Instant): Promise<void> {
    clearInterval(this.#timer)
    try {
      // A run that failed while it was planned has parked nothing: its locks must not outlive it.
      await this.#database.write(async tx => buryWorker(tx, this.id, await anHeir(tx, this.id), at))
    } finally {
      await this.#held[Symbol.asyncDispose]()
    }
  }

  /** Never rejects: what fails again and again is told by `take`. One that was overtaken has nothing to renew. */
  async #renew(): Promise<void> {
    try {
      await this.#prolong()
      this.#failure = null
    } catch (error) {
      this.#failure = { error }
    }
  }

  /** False = it is listed no more: its lease stays over. */
  async #prolong(): Promise<boolean> {
    const { isShared } = this.#database
    let began = 0
    const { expires, isListed } = await this.#database.write(async tx => {
      began = performance.now()
      const { now, reading } = await readTime(tx)
      this.#heard(reading)
      const expires = leaseEnd(now)
      const { numUpdatedRows } = await tx.db
        .updateTable('workers')
        .set({ lease_expires_at: expires })
        .where('id', '=', this.id)
        .executeTakeFirst()
      if (!isShared) await this.#renewWalks(tx, expires)
      return { expires, isListed: numUpdatedRows > 0n }
    }, 'light')
    // On a server a page may hold its walk, and wait for what another worker holds: nothing of that keeps this one from being alive.
    if (isShared)
      this.#walks ??= this.#database
        .write(tx => this.#renewWalks(tx, expires), 'light')
        .catch(() => {})
        .finally(() => {
          this.#walks = null
        })
    if (isListed) this.#leaseEnds = began + LEASE_MS
    return isListed
  }

  /** Only shown: a worker's own lease decides. */
  async #renewWalks(tx: Tx, expires: Instant): Promise<void> {
    await tx.db
      .updateTable('sync_walks')
      .set({ lease_expires_at: expires })
      .where('worker', '=', this.id)
      .where(sql<boolean>`state = 'running'`)
      .execute()
  }
}

/** Until when a lease is, by the clock of the database, whatever clock the run has. */
export const leaseEnd = (now: Instant): Instant => instant(Date.parse(now) + LEASE_MS)

/**
 * What dead and frozen workers left is taken over by a `socsync worker`, if one is there: it goes on with their runs. Else it is
 * put aside, `error_type = interrupted`. Returns how many jobs that were.
 */
export const reap = async (database: Database, self: Worker | null, at: Instant): Promise<number> => {
  const { committed } = database
  let gone = await findGone(committed, self)
  if (gone.length > 0 && database.isShared) {
    await new Promise(resume => setTimeout(resume, LOOK_AGAIN_MS))
    const still = await findGone(committed, self)
    gone = gone.filter(id => still.includes(id))
  }
  let jobs = 0
  for (const id of [...gone, ...(await findStruckOff(committed.db))]) {
    jobs += await database.write(async tx => {
      // Looked at again, now that nobody changes it: one that was frozen may have renewed its lease since.
      const row = await tx.lock<{ id: string }, { lease_expires_at: Instant }>(workerRow, { id })
      if (row !== undefined && !(await isGone(tx, id, row.lease_expires_at))) return 0
      const heir = self?.purpose === 'worker' ? self.id : await anHeir(tx, id)
      return buryWorker(tx, id, heir, at)
    })
    if (!(await committed.isHeld(id))) await database.clearHold(id)
  }
  return jobs
}

/**
 * The same at a process's beginning. A server that has just started takes every name for held, for some seconds: whoever died with it is
 * told from the living only after them, and its profiles would be called locked.
 */
export const reapFirst = async (database: Database, self: Worker, at: Instant): Promise<number> => {
  const { committed } = database
  const other = committed.db.selectFrom('workers').select('id').where('id', '!=', self.id)
  const nobody = randomUUID()
  if ((await other.executeTakeFirst()) !== undefined)
    while (await committed.isHeld(nobody)) await new Promise(resume => setTimeout(resume, 200))
  return reap(database, self, at)
}

const findGone = async (queries: Queries, self: Worker | null): Promise<readonly string[]> => {
  const workers = await queries.db.selectFrom('workers').select(['id', 'lease_expires_at']).execute()
  const gone: string[] = []
  for (const { id, lease_expires_at } of workers)
    if (id !== self?.id && (await isGone(queries, id, lease_expires_at))) gone.push(id)
  return gone
}

/**
 * A worker that is there and goes on with what others leave; null = there is none. Where all connections were ended at once nobody has
 * its name for a moment: then one whose lease goes on is taken, and if that is dead, what it inherits is inherited from it.
 */
export const anHeir = async (tx: Tx, of: string): Promise<string | null> => {
  const heirs = await tx.all<{ id: string }, { id: string; lease_expires_at: Instant }>(otherWorkers, {
    id: of,
  })
  for (const { id, lease_expires_at } of heirs) if (!(await isGone(tx, id, lease_expires_at))) return id
  const now = await tx.now()
  return heirs.find(({ lease_expires_at }) => lease_expires_at > now)?.id ?? null
}

const otherWorkers: Statement<{ id: string }> = statement(
  builder
    .selectFrom('workers')
    .select(['id', 'lease_expires_at'])
    .where('purpose', '=', 'worker')
    .where('id', '!=', param<string>('id'))
    .orderBy('started_at'),
)

const isGone = async (queries: Queries, id: string, leaseEnds: Instant): Promise<boolean> =>
  leaseEnds <= (await queries.now()) || !(await queries.isHeld(id))

/** Who is in `workers` no more and still holds something: older versions let one that was overtaken go on with its planning. */
const findStruckOff = async (db: Kysely<Schema>): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom('sync_runs')
    .select('worker')
    .distinct()
    .where('worker', 'not in', db.selectFrom('workers').select('id'))
    .where(eb =>
      eb.or([
        eb('finished_at', 'is', null),
        eb.exists(
          eb
            .selectFrom('entities')
            .select('entity_id')
            .whereRef('entities.lock_worker', '=', 'sync_runs.worker'),
        ),
      ]),
    )
    .execute()
  return rows.flatMap(({ worker }) => worker ?? [])
}

const buryWorker = async (tx: Tx, id: string, heir: string | null, at: Instant): Promise<number> => {
  await freeWalks(tx, id)
  const jobs = heir === null ? await parkJobs(tx, { worker: id, runId: null }, new Map(), at) : 0
  if (heir !== null) await handOver(tx, id, heir, null)
  tx.send(releaseSubmissions, { worker: id })
  await tx.db.deleteFrom('workers').where('id', '=', id).execute()
  return jobs
}

const workerRow: Statement<{ id: string }> = statement(
  builder.selectFrom('workers').select('lease_expires_at').where('id', '=', param<string>('id')),
)

/** What a dead or frozen worker held of transforms is for everybody again. */
const releaseSubmissions: Statement<{ worker: string }> = statement(
  builder
    .updateTable('transforms')
    .set(eb => ({ worker: null, seq: eb('seq', '+', 1) }))
    .where('worker', '=', param<string>('worker')),
)
