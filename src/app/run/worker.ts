import { BadInput, Locked, NoCredential, Overtaken, SocsyncError, StoreBroken } from '../../core/errors.ts'
import { instant } from '../../core/instant.ts'
import type { Span } from '../../core/span.ts'
import type { Lane } from '../../engine/lane.ts'
import { work } from '../../engine/work.ts'
import type { Network } from '../../networks/contract.ts'
import type { OpenRun } from '../../store/queue/sharing.ts'
import { Store } from '../../store/store.ts'
import { openStoredNetworks } from '../open-networks.ts'
import type { Toolbox } from '../toolbox.ts'
import { spanRun } from '../tracing.ts'
import { failureMessage } from './failure.ts'
import { introduce, lanesOf, noteRefusals, untilAlone } from './lanes.ts'
import { closeRun } from './outcome.ts'
import { CANCELLED, type Order, openRunQueue, type RunQueue, work as workOrder } from './run-queue.ts'
import { Cancelled, type WorkSettings } from './run-request.ts'
import { storingOf } from './storing.ts'
import { type TransformEvent, TransformFollowers } from './transform-followers.ts'

/** What a worker says of itself, for a log. */
export type WorkerEvent =
  | { readonly event: 'worker.started' | 'worker.stopped'; readonly worker: string }
  | {
      readonly event: 'run.taken' | 'run.joined' | 'run.inherited' | 'run.ended'
      readonly runId: number
    }
  | { readonly event: 'run.failed'; readonly runId: number; readonly message: string }
  | TransformEvent

export interface WorkerOptions {
  /** True: it ends when nothing is left that can be done now. */
  readonly drain: boolean
  /** How many networks there are: one that works for fewer takes only orders of these. */
  readonly all: number
  readonly told: (event: WorkerEvent) => void
  /** What a worker that stays does beside, from its beginning to its end. */
  readonly beside: () => Promise<AsyncDisposable>
}

type Settings = Omit<WorkSettings, 'trigger' | 'adopt' | 'budget' | 'transforms'>

/** How often it looks for work, ms; with jitter, so that fifty workers do not ask at once. */
const POLL_MS = 1_000
/** Orders that it plans and sees to their end at a time; it helps with as many runs as there are. */
const ORDERS_AT_ONCE = 2

/**
 * `socsync worker`: takes orders, helps with every run that is open, and goes on with what dead workers leave, until it is
 * told to stop. BadInput where the database is a file: there `run` and `serve` do the work.
 */
export const runWorker = async (
  settings: Settings,
  toolbox: Toolbox,
  options: WorkerOptions,
): Promise<void> => {
  await using queue = await openRunQueue(settings.db, toolbox)
  if (!queue.isShared) {
    throw new BadInput(`${settings.db} is a file: one process works on it at a time`, {
      hint: 'give --db postgres://… for workers; on a file `socsync run` and `socsync serve` do the work',
    })
  }
  const storing = await storingOf(settings, toolbox)
  const work = async (): Promise<void> => {
    const store = await Store.open({ ...storing, purpose: 'worker' })
    try {
      await using _beside = options.drain ? null : await options.beside()
      // From here on a server that goes away is waited for.
      options.told({ event: 'worker.started', worker: store.worker.id })
      await new WorkerLoop(store, queue, settings, toolbox, options).run()
    } finally {
      await store.close()
      options.told({ event: 'worker.stopped', worker: store.worker.id })
    }
  }
  for (;;) {
    try {
      return await work()
    } catch (error) {
      // It stood still, or its network was cut, and another one has its work: it begins anew, as a worker that holds nothing.
      if (!(error instanceof Overtaken) || settings.stop.aborted) throw error
    }
  }
}

class WorkerLoop {
  readonly #store: Store
  readonly #queue: RunQueue
  readonly #settings: Settings
  readonly #toolbox: Toolbox
  readonly #options: WorkerOptions
  readonly #networks: readonly Network[]
  /** Orders that it has no credential for: another worker may. */
  readonly #beyond = new Set<number>()
  /** Until when (epoch ms) it does not help with a network of a run: what it could use there has stopped. By run and network. */
  readonly #stopped = new Map<string, number>()
  /** Runs that it is at work on, by number. */
  readonly #at = new Map<number, Promise<void>>()
  /** Orders that it does itself, each with what stops it. */
  readonly #orders = new Map<number, AbortController>()
  readonly #transforms: TransformFollowers
  #bell: PromiseWithResolvers<void> = Promise.withResolvers()

  constructor(store: Store, queue: RunQueue, settings: Settings, toolbox: Toolbox, options: WorkerOptions) {
    this.#store = store
    this.#queue = queue
    this.#settings = settings
    this.#toolbox = toolbox
    this.#options = options
    this.#networks = settings.networks.filter(network => hasCredential(network, toolbox))
    const { told } = options
    this.#transforms = new TransformFollowers({
      store,
      settings,
      toolbox,
      told,
      rested: () => this.#bell.resolve(),
    })
  }

  async run(): Promise<void> {
    const { stop } = this.#settings
    const ring = (): void => this.#bell.resolve()
    stop.addEventListener('abort', ring)
    try {
      while (!stop.aborted) {
        await this.#look()
        if (this.#options.drain && this.#at.size === 0 && !this.#transforms.isBusy) break
        const bell = this.#bell.promise
        await Promise.race([bell, new Promise(r => setTimeout(r, POLL_MS * (0.7 + Math.random() * 0.6)))])
        this.#bell = Promise.withResolvers()
      }
    } finally {
      stop.removeEventListener('abort', ring)
      await Promise.all([...this.#at.values(), this.#transforms.done()])
    }
  }

  /** Begins what can be begun. */
  async #look(): Promise<void> {
    const { shared, worker } = this.#store
    if (!(await worker.isListed())) throw new Overtaken()
    await shared.reap()
    for (const run of await shared.open()) {
      const { id, worker: owner, planned_at } = run
      if (this.#at.has(id)) continue
      if (owner === worker.id) {
        this.#options.told({ event: 'run.inherited', runId: id })
        this.#begin(id, () => this.#finish(run))
      } else if (planned_at !== null && (await this.#canHelp(id))) {
        this.#options.told({ event: 'run.joined', runId: id })
        this.#begin(id, async () => void (await this.#help(run)))
      }
    }
    await this.#transforms.look()
    for (const [id, cancelled] of this.#orders)
      if (await this.#queue.isCancelled(id)) cancelled.abort(new Cancelled('cancelled'))
    if (this.#orders.size >= ORDERS_AT_ONCE) return
    for (const order of await this.#queue.recover()) {
      if (this.#orders.size >= ORDERS_AT_ONCE || this.#at.has(order.runId)) continue
      if (!this.#canTake(order)) continue
      this.#orders.set(order.runId, new AbortController())
      this.#begin(order.runId, () => this.#take(order).finally(() => void this.#orders.delete(order.runId)))
    }
  }

  /** Whether all that is ordered is of networks that it works for, and it has not found itself without a credential for it. */
  #canTake({ runId, request }: Order): boolean {
    if (this.#beyond.has(runId)) return false
    const { networks } = this.#settings
    if (networks.length === this.#options.all) return true
    return request.kind === 'run' && networks.some(({ name }) => name === request.network)
  }

  #begin(runId: number, go: () => Promise<void>): void {
    const { told } = this.#options
    const done = go()
      .catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error)
        told({ event: 'run.failed', runId, message })
      })
      .finally(() => {
        this.#at.delete(runId)
        this.#bell.resolve()
      })
    this.#at.set(runId, done)
  }

  /** Whether something of a run waits that a credential of this machine may be good for. */
  async #canHelp(runId: number): Promise<boolean> {
    const names = await this.#store.shared.networks(runId)
    const now = this.#toolbox.clock.now()
    for (const { name } of this.#networks) {
      if (!names.includes(name) || now < (this.#stopped.get(`${runId} ${name}`) ?? 0)) continue
      if (await this.#store.shared.isDue(runId, name)) return true
    }
    return false
  }

  /** Reads of a run what it can, beside whoever sees to its end. */
  #help(run: OpenRun): Promise<readonly Lane[]> {
    return spanRun(run.trace_id, ({ span }) => this.#helpWithin(run, span))
  }

  async #helpWithin({ id: runId, budget }: OpenRun, span: Span): Promise<readonly Lane[]> {
    const { clock, crash } = this.#toolbox
    const { emit, stop, kill } = this.#settings
    const names = (await this.#store.shared.networks(runId)).filter(name =>
      this.#networks.some(network => network.name === name),
    )
    const open = await openStoredNetworks(names, this.#networks, this.#toolbox, this.#store)
    const of = { runId, isLimited: budget !== null }
    const lanes = lanesOf(of, open, this.#store, this.#settings, this.#toolbox)
    await introduce(lanes, this.#settings)
    const began = instant(clock.now())
    const store = this.#store
    span.set(() => ({ run_id: runId }))
    await work({ runId, store, lanes, emit, crash, began, now: () => clock.now(), stop, kill, span })
    await noteRefusals(lanes, store, instant(clock.now()))
    // A budget that is spent, a refused token: what is due there is due for others, or for nobody.
    for (const [network, its] of Map.groupBy(lanes, lane => lane.source.network)) {
      const untils = its.map(lane => lane.stopped && (lane.stopped.until ?? Number.POSITIVE_INFINITY))
      if (!untils.includes(null)) this.#stopped.set(`${runId} ${network}`, Math.min(...untils.map(Number)))
    }
    return lanes
  }

  /** Sees a run to its end that its worker has left; one that was not planned through is put aside. */
  async #finish(run: OpenRun): Promise<void> {
    const { stop } = this.#settings
    const { id: runId } = run
    const isPlanned = run.planned_at !== null
    const isCancelled = await this.#queue.isCancelled(runId)
    const lanes = isPlanned && !isCancelled ? await this.#help(run) : []
    await untilAlone(runId, lanes, this.#store, this.#settings)
    if (stop.aborted) return
    const none = { created: 0, continued: 0, duplicates: 0 }
    await closeRun(runId, none, lanes, this.#store, { interrupted: !isPlanned })
    if (isPlanned || isCancelled) await this.#queue.end(runId, isCancelled ? CANCELLED : null)
    this.#options.told({ event: 'run.ended', runId })
  }

  /** Does what was ordered, unless another worker was quicker. */
  async #take(order: Order): Promise<void> {
    const { runId } = order
    const { stop } = this.#settings
    const cancelled = this.#orders.get(runId)?.signal ?? stop
    const settings = { ...this.#settings, budget: null, stop: AbortSignal.any([stop, cancelled]) }
    try {
      this.#options.told({ event: 'run.taken', runId })
      await workOrder(order, settings, this.#toolbox)
      // What a stop cut short is another worker's.
      if (stop.aborted && !cancelled.aborted) return
      // It may have been cancelled since this worker last looked.
      const isCancelled = cancelled.aborted || (await this.#queue.isCancelled(runId))
      await this.#queue.end(runId, isCancelled ? CANCELLED : null)
      this.#options.told({ event: 'run.ended', runId })
    } catch (error) {
      // Another worker was quicker.
      if (error instanceof Locked) return
      if (error instanceof NoCredential) {
        this.#beyond.add(runId)
        throw error
      }
      // Nothing of what was ordered is to blame: whoever inherits the run, or finds the order open, goes on with it.
      if (error instanceof Overtaken || error instanceof StoreBroken) throw error
      const errorType = error instanceof SocsyncError ? error.name : 'bug'
      if (!stop.aborted) await this.#queue.end(runId, { errorType, message: failureMessage(errorType) })
      throw error
    }
  }
}

const hasCredential = (network: Network, toolbox: Toolbox): boolean => {
  try {
    return toolbox.credentials(network).length > 0
  } catch (error) {
    if (error instanceof NoCredential) return false
    throw error
  }
}
