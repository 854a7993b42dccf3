import { NoCredential } from '../../core/errors.ts'
import { instant } from '../../core/instant.ts'
import type { TransformOrder } from '../../store/queue/transform-orders.ts'
import type { Store } from '../../store/store.ts'
import type { TransformSettings } from '../../transforms/service.ts'
import type { Toolbox } from '../toolbox.ts'
import { openServiceOf, workServices } from '../transform.ts'
import type { WorkSettings } from './run-request.ts'

/** What is said of the work on a transform, for a log. */
export type TransformEvent =
  | { readonly event: 'transform.joined' | 'transform.ended'; readonly transform: string }
  | {
      readonly event: 'transform.stopped' | 'transform.failed'
      readonly transform: string
      readonly message: string
    }

export interface FollowerOptions {
  readonly store: Store
  readonly settings: Pick<WorkSettings, 'emit' | 'stop' | 'kill'>
  readonly toolbox: Toolbox
  readonly told: (event: TransformEvent) => void
  /** Told whenever work on one has come to a pause. */
  readonly rested: () => void
}

/** What is due within so long is waited for with the service's part of the calls; what is due later is looked at again, ms. */
const PATIENCE_MS = 10_000

/** After a failure of our own it is tried again so much later, ms. */
const FAILED_MS = 60_000

interface Follower {
  readonly left: AbortController
  readonly done: Promise<void>
}

/**
 * Works, beside other workers, on the transforms that were asked for, each for as long as something of it is due, until all is
 * answered: those whose service this process knows and has the token of.
 */
export class TransformFollowers {
  readonly #options: FollowerOptions
  readonly #at = new Map<string, Follower>()
  /** Until when (epoch ms) a service wants no calls, by what it said here. */
  readonly #restUntil = new Map<string, number>()
  /** Which time of asking for a transform was in vain here: no token, or a refused one. */
  readonly #beyond = new Map<string, number>()
  /** Which time of asking was told of. */
  readonly #joined = new Map<string, number>()

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  get isBusy(): boolean {
    return this.#at.size > 0
  }

  /** Begins what can be begun, and leaves what was cancelled. */
  async look(): Promise<void> {
    const { store, toolbox } = this.#options
    const orders = await store.transforms.orders()
    for (const [transform, { left }] of this.#at)
      if (!orders.some(order => order.transform === transform)) left.abort(new Error('cancelled'))
    for (const order of orders) {
      const settings = toolbox.transforms.find(({ transform }) => transform === order.transform)
      if (settings === undefined || this.#at.has(order.transform)) continue
      if (await this.#isDue(order, settings)) this.#begin(order, settings)
    }
  }

  /** Resolves when all that is at work here has come to its end. */
  async done(): Promise<void> {
    await Promise.all([...this.#at.values()].map(({ done }) => done))
  }

  /** Whether there is something to do now; ends an order that is through. */
  async #isDue(order: TransformOrder, settings: TransformSettings): Promise<boolean> {
    const { store, toolbox, told } = this.#options
    const { transform, version } = settings
    const now = toolbox.clock.now()
    if (this.#beyond.get(transform) === order.asked || now < (this.#restUntil.get(transform) ?? 0))
      return false
    if (order.queued < order.asked) return true
    const due = await store.transforms.submissions().nextDue(transform, version)
    if (due !== null) return Date.parse(due) < now + PATIENCE_MS
    if (await store.transforms.close(order, settings)) told({ event: 'transform.ended', transform })
    return false
  }

  #begin(order: TransformOrder, settings: TransformSettings): void {
    const { toolbox, told, rested } = this.#options
    const { transform } = order
    if (this.#joined.get(transform) !== order.asked) told({ event: 'transform.joined', transform })
    this.#joined.set(transform, order.asked)
    const left = new AbortController()
    const done = this.#follow(order, settings, left.signal)
      .catch((error: unknown) => {
        if (error instanceof NoCredential) this.#beyond.set(transform, order.asked)
        else this.#restUntil.set(transform, toolbox.clock.now() + FAILED_MS)
        const message = error instanceof Error ? error.message : String(error)
        told({
          event: error instanceof NoCredential ? 'transform.stopped' : 'transform.failed',
          transform,
          message,
        })
      })
      .finally(() => {
        this.#at.delete(transform)
        rested()
      })
    this.#at.set(transform, { left, done })
  }

  async #follow(order: TransformOrder, settings: TransformSettings, left: AbortSignal): Promise<void> {
    const { store, toolbox, told } = this.#options
    const { emit, kill } = this.#options.settings
    const { transform } = order
    const stop = AbortSignal.any([this.#options.settings.stop, left])
    const service = await openServiceOf(settings, toolbox)
    await store.transforms.queueOrdered(order, settings, stop)
    const how = { concurrency: null, maxWaitMs: PATIENCE_MS, emit, stop, kill }
    const [why] = await workServices([service], store, how, toolbox)
    if (why === undefined) {
      if (order.stop !== null) await store.transforms.noteStop(transform, null)
      return
    }
    const { errorType, message, until } = why
    if (until === null) this.#beyond.set(transform, order.asked)
    else this.#restUntil.set(transform, until)
    const notBefore = until === null ? null : instant(until)
    await store.transforms.noteStop(transform, { errorType, message, notBefore })
    told({ event: 'transform.stopped', transform, message })
  }
}
