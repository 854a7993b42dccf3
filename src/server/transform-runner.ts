import { transformHint } from '../app/reports/messages.ts'
import type { RunQueue } from '../app/run/run-queue.ts'
import type { Clock } from '../core/clock.ts'
import { type Instant, instant } from '../core/instant.ts'
import type { ThreadEnd } from './thread-messages.ts'
import { failureOf, openThread, type Thread, type ThreadOptions } from './threads.ts'

export interface TransformRunnerOptions extends ThreadOptions {
  readonly queue: RunQueue
  readonly clock: Clock
  /** Told when work begins or ends: what is stored has moved, or will. */
  readonly moved: () => void
}

/** How the work on a transform stands. */
export interface TransformWork {
  /** `waiting` = its service is asked again at `notBefore`. */
  readonly state: 'idle' | 'working' | 'waiting'
  /** What the service, or the work itself, was stopped by last; null = by nothing. */
  readonly stop: {
    readonly errorType: string
    readonly message: string
    readonly hint: string | null
    readonly notBefore: Instant | null
  } | null
}

export const IDLE: TransformWork = { state: 'idle', stop: null }

/** Work on one transform that goes on until nothing of it is open. */
interface TransformWorker {
  thread: Thread | null
  /** Ends a pause. */
  left: AbortController
  /** Asked for again meanwhile: what is new since is to be queued too. */
  again: boolean
}

/** Transforms as the API has them: how they stand, begun, cancelled. */
export interface TransformWorks {
  /** As they stand now, by transform; what is not among them is idle. */
  works(): Promise<ReadonlyMap<string, TransformWork>>
  /** Begins, or queues what is new where it is at work already. It is gone on with after any death of the process. */
  start(transform: string): Promise<void>
  /** What is in flight is finished; the rest stays queued. False = nobody works on it. */
  cancel(transform: string): Promise<boolean>
  /** Goes on with what was started before. */
  add(transform: string): void
  /** Lets what is in flight be finished. */
  stop(): Promise<void>
  /** Cuts off the calls in flight. */
  kill(): void
}

/** Works on transforms, each in a thread of its own, until their services have answered, days if need be. */
export class TransformRunner implements TransformWorks {
  readonly #options: TransformRunnerOptions
  readonly #workers = new Map<string, TransformWorker>()
  readonly #works = new Map<string, TransformWork>()
  readonly #ends = new Set<Promise<void>>()
  #stopping = false

  constructor(options: TransformRunnerOptions) {
    this.#options = options
  }

  async works(): Promise<ReadonlyMap<string, TransformWork>> {
    return new Map(this.#works)
  }

  async start(transform: string): Promise<void> {
    await this.#options.queue.placeTransform(transform)
    this.add(transform)
  }

  add(transform: string): void {
    if (this.#stopping) return
    const worker = this.#workers.get(transform)
    if (worker === undefined) {
      this.#open(transform)
      return
    }
    worker.again = true
    wake(worker)
  }

  async cancel(transform: string): Promise<boolean> {
    const worker = this.#workers.get(transform)
    if (worker === undefined) return false
    // From now on no start goes on with it, whatever happens to the process.
    await this.#options.queue.endTransform(transform)
    worker.again = false
    wake(worker)
    return true
  }

  async stop(): Promise<void> {
    this.#stopping = true
    for (const worker of this.#workers.values()) wake(worker)
    await Promise.all(this.#ends)
  }

  kill(): void {
    for (const { thread } of this.#workers.values()) thread?.say('kill')
  }

  #note(transform: string, work: TransformWork): void {
    this.#works.set(transform, work)
    this.#options.moved()
  }

  #open(transform: string): void {
    const worker: TransformWorker = { thread: null, left: new AbortController(), again: true }
    this.#workers.set(transform, worker)
    const end = this.#work(transform, worker)
      .catch((error: unknown) => {
        this.#options.log.error({ transform, error: String(error) }, 'the end of a transform is not written')
        this.#leave(transform, null)
      })
      .finally(() => this.#ends.delete(end))
    this.#ends.add(end)
  }

  async #work(transform: string, worker: TransformWorker): Promise<void> {
    const { queue, log } = this.#options
    let stop: TransformWork['stop'] = null
    for (;;) {
      while (worker.again) {
        worker.again = false
        worker.left = new AbortController()
        stop = await this.#once(transform, worker)
        // What the stop of the server cut short is gone on with at its next start.
        if (this.#stopping) return
      }
      await queue.endTransform(transform)
      if (!worker.again) break
      // Asked for again while its end was written.
      await queue.placeTransform(transform)
    }
    this.#leave(transform, stop)
    log.info({ transform }, 'transform ended')
  }

  /** Whoever is told that it is idle finds nobody at work on it. */
  #leave(transform: string, stop: TransformWork['stop']): void {
    this.#workers.delete(transform)
    this.#note(transform, { state: 'idle', stop })
  }

  /** One thread's work, and the pause after it where the service asked for one. Resolves to what it was stopped by. */
  async #once(transform: string, worker: TransformWorker): Promise<TransformWork['stop']> {
    const { clock, heard, log } = this.#options
    this.#note(transform, { state: 'working', stop: null })
    worker.thread = openThread(this.#options, { type: 'transform', transform }, heard)
    const end = await worker.thread.end
    worker.thread = null
    if (end.type === 'failed')
      log.error({ transform, error_type: end.errorType, message: end.message }, 'a transform failed')
    const stop = stopOf(end)
    if (stop?.notBefore && !worker.left.signal.aborted) {
      this.#note(transform, { state: 'waiting', stop })
      const isOver = await clock
        .sleep(Date.parse(stop.notBefore) - clock.now(), worker.left.signal)
        .then(() => true)
        .catch(() => false)
      if (isOver) worker.again = true
    }
    return stop
  }
}

const wake = ({ thread, left }: TransformWorker): void => {
  thread?.say('stop')
  left.abort()
}

const stopOf = (end: ThreadEnd): TransformWork['stop'] => {
  if (end.type === 'failed') return { ...failureOf(end), hint: null, notBefore: null }
  const [stop] = end.stops
  if (stop === undefined) return null
  const { errorType, message, until } = stop
  const notBefore = until === null ? null : instant(until)
  return { errorType, message, hint: transformHint(errorType), notBefore }
}
