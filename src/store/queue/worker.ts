import { randomUUID } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import Database from 'better-sqlite3'
import type { Kysely } from 'kysely'
import { Overtaken, StoreBroken } from '../../core/errors.ts'
import { type Instant, instant } from '../../core/instant.ts'
import type { Schema } from '../schema/tables.ts'
import { builder } from '../sqlite/builder.ts'
import type { SqliteFile, Tx } from '../sqlite/database.ts'
import { param, type Statement, statement } from '../sqlite/statement.ts'
import { parkJobs } from './park.ts'

/** A worker that has not renewed its lease for this long is frozen: what it holds may be taken over. */
const LEASE_MS = 20_000
/** How often a lease is renewed. */
const RENEW_MS = 5_000

/**
 * This process as a worker. Beside the lease in the database it holds an exclusive transaction open on a small
 * file next to it: whoever obtains that transaction knows at once that the process is dead (1 ms after kill -9),
 * whatever its pid means by now. The lease is for a process that is frozen and not dead.
 */
export class Worker {
  readonly id: string
  readonly #file: SqliteFile
  readonly #held: Database.Database
  readonly #timer: NodeJS.Timeout
  #leaseEnds: Instant
  /** Why the newest renewal failed; null = it did not. */
  #failure: { readonly error: unknown } | null = null

  private constructor(id: string, file: SqliteFile, held: Database.Database, leaseEnds: Instant) {
    this.id = id
    this.#file = file
    this.#held = held
    this.#leaseEnds = leaseEnds
    this.#timer = setInterval(() => void this.#renew(), RENEW_MS)
    this.#timer.unref()
  }

  static async start(file: SqliteFile): Promise<Worker> {
    const id = randomUUID()
    const held = new Database(holdFile(file.path, id))
    try {
      held.exec('begin exclusive')
      const expires = leaseEnd()
      const row = { host: hostname(), pid: process.pid, started_at: instant(Date.now()) }
      await file.write(tx =>
        tx.db
          .insertInto('workers')
          .values({ id, ...row, lease_expires_at: expires })
          .execute(),
      )
      return new Worker(id, file, held, expires)
    } catch (error) {
      held.close()
      removeHold(file.path, id)
      throw error
    }
  }

  /** A transaction of this worker (`SqliteFile.write`). Rejects with Overtaken where another process has taken it for dead. */
  write<T>(work: (tx: Tx) => T | Promise<T>, weight?: 'full' | 'light'): Promise<T> {
    return this.#file.write(tx => {
      if (tx.prepared.get(workerRow, { id: this.id }) === undefined) throw new Overtaken()
      return work(tx)
    }, weight)
  }

  /**
   * The same for what asks for more work or calls: also rejects, with StoreBroken, once the lease is over because its
   * renewals failed, since others may take this worker for dead from then on.
   */
  async take<T>(work: (tx: Tx) => T | Promise<T>, weight?: 'full' | 'light'): Promise<T> {
    if (this.#failure !== null && this.#leaseEnds <= instant(Date.now())) {
      const { error } = this.#failure
      const why = error instanceof Error ? error.message : String(error)
      throw new StoreBroken(`the lease of this run could not be renewed: ${why}`, {
        hint: 'what was stored is intact: `socsync resume --all` goes on with it',
        cause: error,
      })
    }
    return this.write(work, weight)
  }

  async stop(at: Instant): Promise<void> {
    clearInterval(this.#timer)
    try {
      // A run that failed while it was planned has parked nothing: its locks must not outlive it.
      await this.#file.write(tx => buryWorker(tx, this.id, at))
    } finally {
      this.#held.close()
      removeHold(this.#file.path, this.id)
    }
  }

  /** Never rejects: what fails again and again is told by `take`. One that was overtaken has nothing to renew. */
  async #renew(): Promise<void> {
    const expires = leaseEnd()
    try {
      await this.#file.write(async tx => {
        await tx.db
          .updateTable('workers')
          .set({ lease_expires_at: expires })
          .where('id', '=', this.id)
          .execute()
        await tx.db
          .updateTable('sync_walks')
          .set({ lease_expires_at: expires })
          .where('worker', '=', this.id)
          .execute()
      }, 'light')
      this.#leaseEnds = expires
      this.#failure = null
    } catch (error) {
      this.#failure = { error }
    }
  }
}

/** Leases run by the machine's own clock, whatever clock the run has. */
export const leaseEnd = (): Instant => instant(Date.now() + LEASE_MS)

/** Puts aside what dead and frozen workers left, `error_type = interrupted`. Returns how many jobs that were. */
export const reap = async (file: SqliteFile, self: Worker | null, at: Instant): Promise<number> => {
  const isGone = (id: string, leaseEnds: Instant): boolean =>
    isDead(file.path, id) || leaseEnds <= instant(Date.now())
  const workers = await file.committed.selectFrom('workers').select(['id', 'lease_expires_at']).execute()
  const gone = workers.filter(({ id, lease_expires_at }) => id !== self?.id && isGone(id, lease_expires_at))
  let jobs = 0
  for (const id of [...gone.map(worker => worker.id), ...(await findStruckOff(file.committed))]) {
    jobs += await file.write(tx => {
      // Looked at again behind the lock of writing: one that was frozen may have renewed its lease since.
      const row = tx.prepared.get<{ id: string }, { lease_expires_at: Instant }>(workerRow, { id })
      return row !== undefined && !isGone(id, row.lease_expires_at) ? 0 : buryWorker(tx, id, at)
    })
    if (isDead(file.path, id)) removeHold(file.path, id)
  }
  return jobs
}

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

const buryWorker = async (tx: Tx, id: string, at: Instant): Promise<number> => {
  const jobs = await parkJobs(tx, { worker: id, runId: null }, new Map(), at)
  tx.prepared.run(releaseSubmissions, { worker: id })
  await tx.db.deleteFrom('workers').where('id', '=', id).execute()
  return jobs
}

/** Whether a worker's process is gone: its hold file is not there, or its exclusive transaction can be had. */
export const isDead = (path: string, id: string): boolean => {
  const hold = holdFile(path, id)
  if (!existsSync(hold)) return true
  const probe = new Database(hold, { timeout: 0 })
  try {
    probe.exec('begin exclusive')
    probe.exec('rollback')
    return true
  } catch {
    return false
  } finally {
    probe.close()
  }
}

/**
 * Holds a file for a purpose that only one process may have at a time, as a worker holds its own, until it is
 * disposed of or its process dies. Null = another one has it.
 */
export const holdAlone = (path: string, purpose: string): Disposable | null => {
  const held = new Database(holdFile(path, purpose), { timeout: 0 })
  try {
    held.exec('begin exclusive')
  } catch {
    held.close()
    return null
  }
  return {
    [Symbol.dispose]: () => {
      held.close()
      removeHold(path, purpose)
    },
  }
}

const holdFile = (path: string, id: string): string => `${path}.worker-${id}`

const removeHold = (path: string, id: string): void => {
  for (const end of ['', '-journal']) rmSync(`${holdFile(path, id)}${end}`, { force: true })
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
