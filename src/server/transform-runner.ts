import type { OrderBook } from '../app/orders.ts'
import { transformHint } from '../app/reasons.ts'
import type { Clock } from '../core/clock.ts'
import { type Instant, instant } from '../core/instant.ts'
import type { ThreadEnd } from './thread-messages.ts'
import { failureOf, openThread, type Thread, type ThreadOptions } from './threads.ts'

export interface TransformRunnerOptions extends ThreadOptions {
  readonly book: OrderBook
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
interface Desk {
  thread: Thread | null
  /** Ends a pause. */
  left: AbortController
  /** Asked for again meanwhile: what is new since is to be queued too. */
  again: boolean
}

/** Works on transforms, each in a thread of its own, until their services have answered, days if need be. */
export class TransformRunner {
  readonly #options: TransformRunnerOptions
  readonly #desks = new Map<string, Desk>()
  readonly #works = new Map<string, TransformWork>()
  readonly #ends = new Set<Promise<void>>()
  #stopping = false

  constructor(options: TransformRunnerOptions) {
    this.#options = options
  }

  /** As they stand now, by transform; what is not among them was never worked on here. */
  works(): ReadonlyMap<string, TransformWork> {
    return new Map(this.#works)
  }

  /** Begins, or queues what is new where it is at work already. It is gone on with after any death of the process. */
  async start(transform: string): Promise<void> {
    await this.#options.book.placeTransform(transform)
    this.add(transform)
  }

  /** Goes on with what was started before. */
  add(transform: string): void {
    if (this.#stopping) return
    const desk = this.#desks.get(transform)
    if (desk === undefined) {
      this.#open(transform)
      return
    }
    desk.again = true
    wake(desk)
  }

  /** What is in flight is finished; the rest stays queued. False = nobody works on it here. */
  async cancel(transform: string): Promise<boolean> {
    const desk = this.#desks.get(transform)
    if (desk === undefined) return false
    // From now on no start goes on with it, whatever happens to the process.
    await this.#options.book.endTransform(transform)
    desk.again = false
    wake(desk)
    return true
  }

  /** Lets what is in flight be finished. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (const desk of this.#desks.values()) wake(desk)
    await Promise.all(this.#ends)
  }

  /** Cuts off the calls in flight. */
  kill(): void {
    for (const { thread } of this.#desks.values()) thread?.say('kill')
  }

  #note(transform: string, work: TransformWork): void {
    this.#works.set(transform, work)
    this.#options.moved()
  }

  #open(transform: string): void {
    const desk: Desk = { thread: null, left: new AbortController(), again: true }
    this.#desks.set(transform, desk)
    const end = this.#work(transform, desk)
      .catch((error: unknown) => {
        this.#options.log.error({ transform, error: String(error) }, 'the end of a transform is not written')
        this.#desks.delete(transform)
      })
      .finally(() => this.#ends.delete(end))
    this.#ends.add(end)
  }

  async #work(transform: string, desk: Desk): Promise<void> {
    const { book, log } = this.#options
    for (;;) {
      while (desk.again) {
        desk.again = false
        desk.left = new AbortController()
        await this.#once(transform, desk)
        // What the stop of the server cut short is gone on with at its next start.
        if (this.#stopping) return
      }
      await book.endTransform(transform)
      if (!desk.again) break
      // Asked for again while its end was written.
      await book.placeTransform(transform)
    }
    this.#desks.delete(transform)
    log.info({ transform }, 'transform ended')
  }

  /** One thread's work, and the pause after it where the service asked for one. */
  async #once(transform: string, desk: Desk): Promise<void> {
    const { clock, heard, log } = this.#options
    this.#note(transform, { state: 'working', stop: null })
    desk.thread = openThread(this.#options, { is: 'transform', transform }, heard)
    const end = await desk.thread.end
    desk.thread = null
    if (end.is === 'failed')
      log.error({ transform, error_type: end.errorType, message: end.message }, 'a transform failed')
    const stop = stopOf(end)
    if (stop?.notBefore && !desk.left.signal.aborted) {
      this.#note(transform, { state: 'waiting', stop })
      const isOver = await clock
        .sleep(Date.parse(stop.notBefore) - clock.now(), desk.left.signal)
        .then(() => true)
        .catch(() => false)
      if (isOver) desk.again = true
    }
    this.#note(transform, { state: 'idle', stop })
  }
}

const wake = ({ thread, left }: Desk): void => {
  thread?.say('stop')
  left.abort()
}

const stopOf = (end: ThreadEnd): TransformWork['stop'] => {
  if (end.is === 'failed') return { ...failureOf(end), hint: null, notBefore: null }
  const [stop] = end.stops
  if (stop === undefined) return null
  const { errorType, message, until } = stop
  const notBefore = until === null ? null : instant(until)
  return { errorType, message, hint: transformHint(errorType), notBefore }
}
