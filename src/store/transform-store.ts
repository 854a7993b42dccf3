import type { Clock } from '../core/clock.ts'
import { type Instant, instant } from '../core/instant.ts'
import type { SubmissionStore, TransformDefinition } from '../core/transform.ts'
import type { Database } from './database/database.ts'
import {
  beginQueueing,
  closeTransformOrder,
  endQueueing,
  noteTransformStop,
  openTransformOrders,
  type TransformOrder,
  type TransformStop,
} from './queue/transform-orders.ts'
import type { Worker } from './queue/worker.ts'
import { reportTransforms, type TransformReport } from './reports/transform-report.ts'
import { queueElements } from './transforms/elements.ts'
import { requeueFailed } from './transforms/requeue.ts'
import { isAnyOpen, openSubmissions } from './transforms/submissions.ts'

/** The transforms that what is stored goes through, as one worker works on them. */
export class TransformStore {
  readonly #database: Database
  readonly #worker: Worker
  readonly #clock: Clock

  constructor(database: Database, worker: Worker, clock: Clock) {
    this.#database = database
    this.#worker = worker
    this.#clock = clock
  }

  submissions(): SubmissionStore {
    return openSubmissions(this.#database, this.#worker, this.#clock)
  }

  /** Queues all stored elements of a transform that are new, or whose text has changed; returns how many. */
  queueElements(definition: TransformDefinition, stop: AbortSignal): Promise<number> {
    return queueElements(this.#worker, this.#database.committed.db, definition, this.#now(), stop)
  }

  /** Queues again what failed in a transform's version; returns how much. */
  requeueFailed(definition: TransformDefinition): Promise<number> {
    return requeueFailed(this.#worker, definition, this.#now())
  }

  /** How each version of these transforms stands. */
  report(names: readonly string[]): Promise<readonly TransformReport[]> {
    return reportTransforms(this.#database.committed.db, names)
  }

  /** What workers were asked to work on and is not through, by name. */
  orders(): Promise<readonly TransformOrder[]> {
    return openTransformOrders(this.#database.committed.db)
  }

  /** Queues what is new or changed where an order says so and nobody else is doing it. */
  async queueOrdered(
    order: TransformOrder,
    definition: TransformDefinition,
    stop: AbortSignal,
  ): Promise<void> {
    const { id } = this.#worker
    if (order.queued >= order.asked) return
    if (!(await this.#worker.write(tx => beginQueueing(tx, order.transform, id)))) return
    await this.queueElements(definition, stop)
    if (!stop.aborted) await this.#worker.write(tx => endQueueing(tx, order, id))
  }

  /** Ends an order of which nothing is open any more, whoever has it. False: it goes on. */
  async close(order: TransformOrder, { transform, version }: TransformDefinition): Promise<boolean> {
    if (order.queued < order.asked) return false
    if (await isAnyOpen(this.#database.committed.db, transform, version)) return false
    await this.#worker.write(tx => closeTransformOrder(tx, order))
    return true
  }

  /** Says of an order what stopped the work on it; null = nothing does any more. */
  async noteStop(transform: string, stop: TransformStop | null): Promise<void> {
    await this.#worker.write(tx => noteTransformStop(tx, transform, stop))
  }

  #now(): Instant {
    return instant(this.#clock.now())
  }
}
