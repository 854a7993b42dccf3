import { randomUUID } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import Database from 'better-sqlite3'
import { Overtaken } from '../../core/errors.ts'
import { type Instant, instant } from '../../core/instant.ts'
import { builder } from '../sqlite/builder.ts'
import type { SqliteFile, Tx } from '../sqlite/database.ts'
import { param, type Statement, statement } from '../sqlite/statement.ts'
import { parkJobs } from './jobs.ts'

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

  private constructor(id: string, file: SqliteFile, held: Database.Database) {
    this.id = id
    this.#file = file
    this.#held = held
    this.#timer = setInterval(() => void this.#renew().catch(() => {}), RENEW_MS)
    this.#timer.unref()
  }

  static async start(file: SqliteFile): Promise<Worker> {
    const id = randomUUID()
    const held = new Database(holdFile(file.path, id))
    held.exec('begin exclusive')
    await file.write(tx =>
      tx.db
        .insertInto('workers')
        .values({
          id,
          host: hostname(),
          pid: process.pid,
          started_at: instant(Date.now()),
          lease_expires_at: leaseEnd(),
        })
        .execute(),
    )
    return new Worker(id, file, held)
  }

  /** Throws Overtaken where another process has taken this worker for dead: it must not ask or write any more. */
  mustHold(tx: Tx): void {
    if (tx.prepared.get(workerRow, { id: this.id }) === undefined) throw new Overtaken()
  }

  async stop(at: Instant): Promise<void> {
    clearInterval(this.#timer)
    // A run that failed while it was planned has parked nothing: its locks must not outlive it.
    await this.#file.write(tx => buryWorker(tx, this.id, at))
    this.#held.close()
    removeHold(this.#file.path, this.id)
  }

  async #renew(): Promise<void> {
    const expires = leaseEnd()
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
  }
}

/** Leases run by the machine's own clock, whatever clock the run has. */
export const leaseEnd = (): Instant => instant(Date.now() + LEASE_MS)

/** Puts aside what dead and frozen workers left, `error_type = interrupted`. Gives how many jobs that were. */
export const reap = async (file: SqliteFile, self: Worker | null, at: Instant): Promise<number> => {
  const workers = await file.db.selectFrom('workers').selectAll().execute()
  let jobs = 0
  for (const worker of workers) {
    if (worker.id === self?.id) continue
    const dead = isDead(file.path, worker.id)
    if (!dead && worker.lease_expires_at > instant(Date.now())) continue
    jobs += await file.write(tx => buryWorker(tx, worker.id, at))
    if (dead) removeHold(file.path, worker.id)
  }
  return jobs
}

const buryWorker = async (tx: Tx, id: string, at: Instant): Promise<number> => {
  const why = { errorType: 'interrupted', message: 'the process that ran it ended', notBefore: null }
  const jobs = await parkJobs(tx, { worker: id, runId: null }, why, at)
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
  builder.selectFrom('workers').select('id').where('id', '=', param<string>('id')),
)

/** What a dead or frozen worker held of transforms is for everybody again. */
const releaseSubmissions: Statement<{ worker: string }> = statement(
  builder
    .updateTable('transforms')
    .set(eb => ({ worker: null, seq: eb('seq', '+', 1) }))
    .where('worker', '=', param<string>('worker')),
)
