import { type Instant, instant } from '../core/instant.ts'
import type { Database } from './database/database.ts'
import { isAnyDue } from './queue/due.ts'
import { areOthersAt, handOver, networksOf, type OpenRun, openRuns } from './queue/sharing.ts'
import { anHeir, reap, type Worker } from './queue/worker.ts'

/** Runs that several workers share, as one of them sees them. On a file there is nobody to share with. */
export class SharedRuns {
  readonly #database: Database
  readonly #worker: Worker
  readonly #now: () => number

  /** `now` = epoch ms by the clock of the runs. */
  constructor(database: Database, worker: Worker, now: () => number) {
    this.#database = database
    this.#worker = worker
    this.#now = now
  }

  /** Whether anybody else may work on what is in the database. */
  get isPossible(): boolean {
    return this.#database.isShared
  }

  /** The runs that have not ended, oldest first. */
  open(): Promise<readonly OpenRun[]> {
    return openRuns(this.#database.committed)
  }

  /** Whether something of a run's network waits and is due. */
  isDue(runId: number, network: string): Promise<boolean> {
    return isAnyDue(this.#database.committed, { run_id: runId, network, now: this.#at() })
  }

  networks(runId: number): Promise<readonly string[]> {
    return networksOf(this.#database.committed, runId)
  }

  /** `WalkStore.untilOthers`. */
  async untilOthers(runId: number, network: string): Promise<boolean> {
    if (!this.isPossible) return false
    const of = { run_id: runId, network, worker: this.#worker.id }
    if (!(await areOthersAt(this.#database.committed, of))) return false
    await new Promise(resume => setTimeout(resume, 200 + Math.random() * 200))
    return true
  }

  /** Leaves a run of this worker to one that is there and goes on with it. False: there is none. */
  async handOver(runId: number): Promise<boolean> {
    if (!this.isPossible) return false
    return this.#worker.write(async tx => {
      const heir = await anHeir(tx, this.#worker.id)
      return heir !== null && (await handOver(tx, this.#worker.id, heir, runId)) > 0
    })
  }

  /** Takes over what dead workers left (`reap`). */
  async reap(): Promise<void> {
    await reap(this.#database, this.#worker, this.#at())
  }

  #at(): Instant {
    return instant(this.#now())
  }
}
