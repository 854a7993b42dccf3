import { CANCELLED, type Order, type RunQueue } from '../app/run/run-queue.ts'
import { EventBuffer } from './event-buffer.ts'
import type { ThreadEnd } from './thread-messages.ts'
import { failureOf, openThread, type Thread, type ThreadOptions } from './threads.ts'

export interface RunnerOptions extends ThreadOptions {
  /** Runs at once; the others wait. */
  readonly atOnce: number
  readonly queue: RunQueue
}

/** Feeds of runs that have ended, kept for those who look a little later. */
const BUFFERS_KEPT = 20

interface Running {
  readonly thread: Thread
  /** Its thread has gone and its order is settled. */
  readonly done: Promise<void>
  cancelled: boolean
}

/** Runs what was ordered, each in a thread of its own, so many at once; the rest waits in order. */
export class Runner {
  readonly #options: RunnerOptions
  readonly #buffers = new Map<number, EventBuffer>()
  readonly #running = new Map<number, Running>()
  #waiting: Order[] = []
  #stopping = false

  constructor(options: RunnerOptions) {
    this.#options = options
  }

  get running(): number {
    return this.#running.size
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** The place in the queue, counted from 1; null = it does not wait. */
  position(runId: number): number | null {
    const index = this.#waiting.findIndex(order => order.runId === runId)
    return index === -1 ? null : index + 1
  }

  /** What happens in a run of this server; undefined = it is none, or long over. */
  buffer(runId: number): EventBuffer | undefined {
    return this.#buffers.get(runId)
  }

  add(order: Order): void {
    this.#buffers.set(order.runId, new EventBuffer())
    this.#waiting.push(order)
    this.#next()
  }

  /** Ends a run of this server: what is in flight is finished and saved. False = it neither waits nor runs here. */
  async cancel(runId: number): Promise<boolean> {
    const index = this.#waiting.findIndex(order => order.runId === runId)
    if (index !== -1) {
      this.#waiting.splice(index, 1)
      await this.#options.queue.end(runId, CANCELLED)
      this.#forget(runId)
      return true
    }
    const running = this.#running.get(runId)
    if (running === undefined) return false
    running.cancelled = true
    await this.#options.queue.giveUp(runId)
    running.thread.say('stop')
    return true
  }

  /** Begins nothing more, and lets what runs come to a stop that can be gone on from. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (const { thread } of this.#running.values()) thread.say('stop')
    await Promise.all([...this.#running.values()].map(({ done }) => done))
    for (const buffer of this.#buffers.values()) buffer.end()
  }

  /** Cuts off the calls in flight of what still runs. */
  kill(): void {
    for (const { thread } of this.#running.values()) thread.say('kill')
  }

  #next(): void {
    while (!this.#stopping && this.#running.size < this.#options.atOnce) {
      const order = this.#waiting.shift()
      if (order === undefined) return
      this.#start(order)
    }
  }

  #start(order: Order): void {
    const { runId } = order
    const buffer = this.#buffers.get(runId)
    const thread = openThread(this.#options, { type: 'run', order }, event => {
      buffer?.add(event)
      this.#options.heard(event)
    })
    const done = thread.end.then(async end => {
      await this.#settle(runId, end).catch((error: unknown) =>
        this.#options.log.error(
          { run_id: runId, error: String(error) },
          'the end of a run could not be written',
        ),
      )
      this.#running.delete(runId)
      this.#forget(runId)
      this.#next()
    })
    this.#running.set(runId, { thread, done, cancelled: false })
  }

  async #settle(runId: number, end: ThreadEnd): Promise<void> {
    const { queue, log } = this.#options
    if (this.#running.get(runId)?.cancelled) {
      await queue.end(runId, CANCELLED)
    } else if (end.type === 'ended') {
      // What the stop of the server cut short is gone on with at its next start.
      if (end.whole || !this.#stopping) await queue.end(runId, null)
    } else {
      log.error({ run_id: runId, error_type: end.errorType, message: end.message }, 'a run failed')
      await queue.end(runId, failureOf(end))
    }
    log.info({ run_id: runId }, 'run ended')
  }

  #forget(runId: number): void {
    this.#buffers.get(runId)?.end()
    const over = [...this.#buffers].filter(([, buffer]) => buffer.ended)
    for (const [id] of over.slice(0, -BUFFERS_KEPT)) this.#buffers.delete(id)
  }
}
