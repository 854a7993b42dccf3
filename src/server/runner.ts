import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Order, OrderBook } from '../app/orders.ts'
import type { EngineEvent } from '../core/events.ts'
import { Feed } from './feed.ts'
import type { FromThread, ThreadTask, ToThread } from './thread-messages.ts'

export interface RunnerOptions {
  /** Runs at once; the others wait. */
  readonly atOnce: number
  readonly book: OrderBook
  readonly task: Omit<ThreadTask, 'order'>
  /** Where credentials come from: the server's own, and never a request. */
  readonly env: NodeJS.ProcessEnv
  /** Told of every event of every run. */
  readonly heard: (event: EngineEvent) => void
  readonly log: { error(fields: object, message: string): void; info(fields: object, message: string): void }
}

/** Feeds of runs that have ended, kept for those who look a little later. */
const FEEDS_KEPT = 20

interface Running {
  readonly thread: Worker
  /** Its thread has gone and its order is settled. */
  readonly done: Promise<void>
  cancelled: boolean
}

/** Runs what was ordered, each in a thread of its own, so many at once; the rest waits in order. */
export class Runner {
  readonly #options: RunnerOptions
  readonly #feeds = new Map<number, Feed>()
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
  feed(runId: number): Feed | undefined {
    return this.#feeds.get(runId)
  }

  add(order: Order): void {
    this.#feeds.set(order.runId, new Feed())
    this.#waiting.push(order)
    this.#next()
  }

  /** Ends a run of this server: what is in flight is finished and saved. False = it neither waits nor runs here. */
  async cancel(runId: number): Promise<boolean> {
    const index = this.#waiting.findIndex(order => order.runId === runId)
    if (index !== -1) {
      this.#waiting.splice(index, 1)
      await this.#options.book.end(runId, CANCELLED)
      this.#forget(runId)
      return true
    }
    const running = this.#running.get(runId)
    if (running === undefined) return false
    running.cancelled = true
    await this.#options.book.giveUp(runId)
    say(running.thread, 'stop')
    return true
  }

  /** Begins nothing more, and lets what runs come to a stop that can be gone on from. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (const { thread } of this.#running.values()) say(thread, 'stop')
    await Promise.all([...this.#running.values()].map(({ done }) => done))
    for (const feed of this.#feeds.values()) feed.end()
  }

  /** Cuts off the calls in flight of what still runs. */
  kill(): void {
    for (const { thread } of this.#running.values()) say(thread, 'kill')
  }

  #next(): void {
    while (!this.#stopping && this.#running.size < this.#options.atOnce) {
      const order = this.#waiting.shift()
      if (order === undefined) return
      this.#start(order)
    }
  }

  #start(order: Order): void {
    const { task, env, heard } = this.#options
    const { runId } = order
    const feed = this.#feeds.get(runId)
    const thread = new Worker(THREAD, {
      workerData: { ...task, order } satisfies ThreadTask,
      env,
      name: `run ${runId}`,
    })
    let end: Exclude<FromThread, { is: 'events' }> | null = null
    thread.on('message', (message: FromThread) => {
      if (message.is !== 'events') {
        end = message
        return
      }
      for (const event of message.events) {
        feed?.add(event)
        heard(event)
      }
    })
    thread.on('error', error => {
      end = { is: 'failed', errorType: 'bug', message: error.stack ?? error.message, known: false }
    })
    const done = new Promise<void>(resolve => thread.once('exit', () => resolve())).then(async () => {
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

  async #settle(runId: number, end: Exclude<FromThread, { is: 'events' }> | null): Promise<void> {
    const { book, log } = this.#options
    if (this.#running.get(runId)?.cancelled) {
      await book.end(runId, CANCELLED)
    } else if (end?.is === 'ended') {
      // What the stop of the server cut short is gone on with at its next start.
      if (end.whole || !this.#stopping) await book.end(runId, null)
    } else {
      const { errorType = 'bug', message = 'its thread ended', known = false } = end ?? {}
      log.error({ run_id: runId, error_type: errorType, message }, 'a run failed')
      await book.end(runId, {
        errorType: known ? errorType : 'bug',
        message: FAILED[errorType] ?? FAILED.bug,
      })
    }
    log.info({ run_id: runId }, 'run ended')
  }

  #forget(runId: number): void {
    this.#feeds.get(runId)?.end()
    const over = [...this.#feeds].filter(([, feed]) => feed.ended)
    for (const [id] of over.slice(0, -FEEDS_KEPT)) this.#feeds.delete(id)
  }
}

const say = (thread: Worker, message: ToThread): void => thread.postMessage(message)

/** Sources run unbuilt in a checkout, and built in a package. */
const THREAD = new URL(`./run-thread${extname(fileURLToPath(import.meta.url))}`, import.meta.url)

const CANCELLED = { errorType: 'cancelled', message: 'it was cancelled' }

/** What a client may know of a failure: no path, no stack. */
const FAILED = {
  BadInput: 'its list, its settings or the database were refused; the log says why',
  StoreBroken: 'the database is damaged, full, or cannot be written; the log says which',
  Locked: 'another process holds what it needs',
  Overtaken: 'another process has gone on with it while this one stood still',
  NoCredential: 'a network has no working credential',
  bug: 'a bug ended it; the log has it',
} as Readonly<Record<string, string>> & { readonly bug: string }
