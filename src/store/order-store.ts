import type { Instant } from '../core/instant.ts'
import type { Json } from '../core/json.ts'
import type { CrashPoint } from '../core/ports.ts'
import { migrate } from './admin/migrate.ts'
import { findChainEnds } from './queue/find-jobs.ts'
import {
  continueOrder,
  endOrder,
  findOrder,
  moveOrder,
  type NewOrder,
  type OpenOrder,
  type OrderState,
  openOrders,
  placeOrder,
  wasInterrupted,
} from './queue/orders.ts'
import { endTransformOrder, openTransformOrders, placeTransformOrder } from './queue/transform-orders.ts'
import { holdAlone, reap } from './queue/worker.ts'
import { SqliteFile } from './sqlite/database.ts'

/** An order that was made, or the one that its key made before. */
export type MadeOrder =
  | { readonly type: 'new'; readonly runId: number }
  | { readonly type: 'known'; readonly runId: number; readonly fingerprint: string }

/** The orders in a file, for the one process that takes them. */
export class OrderStore implements Disposable {
  readonly #file: SqliteFile
  readonly #hold: Disposable

  private constructor(file: SqliteFile, hold: Disposable) {
    this.#file = file
    this.#hold = hold
  }

  /** Opens or makes the file. Null where another process takes its orders. */
  static async open(path: string, crash: CrashPoint): Promise<OrderStore | null> {
    const file = SqliteFile.open(path)
    const hold = holdAlone(file.path, 'serve')
    try {
      if (hold === null) {
        file.close()
        return null
      }
      await migrate(file, { crash })
      return new OrderStore(file, hold)
    } catch (error) {
      hold?.[Symbol.dispose]()
      file.close()
      throw error
    }
  }

  /** The order that a key made, or null. */
  find(key: string): ReturnType<typeof findOrder> {
    return findOrder(this.#file.committed, key)
  }

  /** Makes an order and its run, unless its key did so before. */
  place(order: NewOrder): Promise<MadeOrder> {
    const { idempotencyKey: key } = order
    return this.#file.write(async tx => {
      // Looked up behind the lock of writing: two requests with one key may come at once.
      const known = key === null ? null : await findOrder(tx.db, key)
      if (known !== null) return { type: 'known', ...known }
      return { type: 'new', runId: await placeOrder(tx, order) }
    })
  }

  /** The unfinished ends of the chains of these jobs, or of a run. */
  async unfinished(which: Parameters<typeof findChainEnds>[1]) {
    return (await findChainEnds(this.#file.committed, which)).unfinished
  }

  /** The orders that have not ended, oldest first, after what dead processes left was put aside. */
  async open(at: Instant): Promise<OpenOrder[]> {
    await reap(this.#file, null, at)
    return openOrders(this.#file.committed)
  }

  wasInterrupted(runId: number): Promise<boolean> {
    return wasInterrupted(this.#file.committed, runId)
  }

  /** A run of its own for an order that a dead process left; returns its number. */
  continue(order: OpenOrder, request: Json, next: Pick<NewOrder, 'traceId' | 'time'>): Promise<number> {
    return this.#file.write(tx => continueOrder(tx, order, request, next))
  }

  /** From whichever of these states it is in. False: in none of them, and stays as it is. */
  move(runId: number, from: readonly OrderState[], to: OrderState): Promise<boolean> {
    return this.#file.write(async tx => {
      for (const state of from) if (await moveOrder(tx, runId, state, to)) return true
      return false
    })
  }

  end(...order: Parameters<typeof endOrder> extends [unknown, ...infer Rest] ? Rest : never): Promise<void> {
    return this.#file.write(tx => endOrder(tx, ...order))
  }

  placeTransform(transform: string): Promise<void> {
    return this.#file.write(tx => placeTransformOrder(tx, transform))
  }

  endTransform(transform: string): Promise<void> {
    return this.#file.write(tx => endTransformOrder(tx, transform))
  }

  openTransforms(): Promise<readonly string[]> {
    return openTransformOrders(this.#file.committed)
  }

  [Symbol.dispose](): void {
    this.#hold[Symbol.dispose]()
    this.#file.close()
  }
}
