import type { Clock } from '../core/clock.ts'
import { type Instant, instant } from '../core/instant.ts'
import type { Json } from '../core/json.ts'
import type { CrashPoint } from '../core/ports.ts'
import { migrate } from './admin/migrate.ts'
import { enterOrigin, type Origin } from './admin/origin.ts'
import { openDatabase } from './connect.ts'
import type { Database } from './database/database.ts'
import { findChainEnds } from './queue/find-jobs.ts'
import {
  continueOrder,
  endOrder,
  findOrder,
  isStopping,
  moveOrder,
  type NewOrder,
  type OpenOrder,
  type OrderState,
  openOrders,
  placeOrder,
  wasInterrupted,
} from './queue/orders.ts'
import { followDatabase } from './queue/time.ts'
import { endTransformOrder, openTransformOrders, placeTransformOrder } from './queue/transform-orders.ts'
import { reap } from './queue/worker.ts'

/** An order that was made, or the one that its key made before. */
export type MadeOrder =
  | { readonly type: 'new'; readonly runId: number }
  | { readonly type: 'known'; readonly runId: number; readonly fingerprint: string }

/** The orders in a file, for the one process that takes them. */
export class OrderStore implements AsyncDisposable {
  readonly #database: Database
  readonly #hold: AsyncDisposable | null
  readonly #clock: Clock

  private constructor(file: Database, hold: AsyncDisposable | null, clock: Clock) {
    this.#database = file
    this.#hold = hold
    this.#clock = clock
  }

  /** Opens or makes the database; `origin` = whom its process asks, null = that is not looked at. Null where another process takes the orders of this file; a server's are taken by its workers. */
  static async open(
    path: string,
    clock: Clock,
    crash: CrashPoint,
    origin: Origin | null = null,
  ): Promise<OrderStore | null> {
    const database = await openDatabase(path)
    const hold = database.isShared ? null : await database.hold('serve')
    try {
      if (hold === null && !database.isShared) {
        await database.close()
        return null
      }
      await migrate(database, { crash })
      if (origin !== null) await enterOrigin(database, origin)
      return new OrderStore(database, hold, clock)
    } catch (error) {
      await hold?.[Symbol.asyncDispose]()
      await database.close()
      throw error
    }
  }

  /** Whether workers take the orders, and not whoever opened this. */
  get isShared(): boolean {
    return this.#database.isShared
  }

  /** The moment by the clock that runs go by: on a server's database by that one's, however long this process has been there. */
  async now(): Promise<Instant> {
    await followDatabase(this.#clock, this.#database, 1)
    return instant(this.#clock.now())
  }

  /** The order that a key made, or null. */
  find(key: string): ReturnType<typeof findOrder> {
    return findOrder(this.#database.committed.db, key)
  }

  /** Makes an order and its run, unless its key did so before. */
  place(order: NewOrder): Promise<MadeOrder> {
    const { idempotencyKey: key } = order
    return this.#database.write(async tx => {
      // Looked up behind a lock: two requests with one key may come at once.
      if (key !== null) await tx.lockTables(['run_orders'])
      const known = key === null ? null : await findOrder(tx.db, key)
      if (known !== null) return { type: 'known', ...known }
      return { type: 'new', runId: await placeOrder(tx, order) }
    })
  }

  /** The unfinished ends of the chains of these jobs, or of a run. */
  async unfinished(which: Parameters<typeof findChainEnds>[1]) {
    return (await findChainEnds(this.#database.committed.db, which)).unfinished
  }

  /** The orders that have not ended, oldest first, after what dead processes left was put aside. */
  async open(at: Instant): Promise<OpenOrder[]> {
    await reap(this.#database, null, at)
    return openOrders(this.#database.committed.db)
  }

  wasInterrupted(runId: number): Promise<boolean> {
    return wasInterrupted(this.#database.committed.db, runId)
  }

  /** A run of its own for an order that a dead process left; returns its number; null = somebody else goes on with it. */
  continue(
    order: OpenOrder,
    request: Json,
    next: Pick<NewOrder, 'traceId' | 'time'>,
  ): Promise<number | null> {
    return this.#database.write(tx => continueOrder(tx, order, request, next))
  }

  /** From whichever of these states it is in. False: in none of them, and stays as it is. */
  move(runId: number, from: readonly OrderState[], to: OrderState): Promise<boolean> {
    return this.#database.write(async tx => {
      for (const state of from) if (await moveOrder(tx, runId, state, to)) return true
      return false
    })
  }

  /** Whether somebody cancelled a run that is being worked on. */
  isStopping(runId: number): Promise<boolean> {
    return isStopping(this.#database.committed.db, runId)
  }

  end(...order: Parameters<typeof endOrder> extends [unknown, ...infer Rest] ? Rest : never): Promise<void> {
    return this.#database.write(tx => endOrder(tx, ...order))
  }

  placeTransform(transform: string): Promise<void> {
    return this.#database.write(tx => placeTransformOrder(tx, transform))
  }

  /** False: nobody had asked for it. */
  endTransform(transform: string): Promise<boolean> {
    return this.#database.write(tx => endTransformOrder(tx, transform))
  }

  openTransforms(): ReturnType<typeof openTransformOrders> {
    return openTransformOrders(this.#database.committed.db)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hold?.[Symbol.asyncDispose]()
    await this.#database.close()
  }
}
