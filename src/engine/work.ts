import type { Emit } from '../core/events.ts'
import { FaultError } from '../core/fault.ts'
import { instant } from '../core/instant.ts'
import type { Committed, CrashPoint, Ended, Ending, Walk, WalkStore } from '../core/ports.ts'
import { CIRCUIT, DISPOSITION, ERROR_TYPE, UNREACHABLE, UNREACHABLE_MS } from './disposition.ts'
import { BUDGET, type Lane } from './lane.ts'
import { groupTasks } from './share.ts'
import { rankOf, step } from './step.ts'

export interface WorkOptions {
  readonly runId: number
  readonly store: WalkStore
  /** Every lane of every network of the run. */
  readonly lanes: readonly Lane[]
  readonly emit: Emit
  readonly crash: CrashPoint
  now(): number
  /** Aborted: no further page is begun, those in flight are finished. */
  readonly stop: AbortSignal
  /** Aborted: calls in flight are cut off too. */
  readonly kill: AbortSignal
}

/** Pages that a walk is read in a row while others wait for their turn. */
const QUANTUM = 8
/** Walks claimed ahead for each call in flight, so that a claim's sync to disk is shared. */
const CLAIM_AHEAD = 4

/**
 * Reads all walks of a run that are due, until none is left, no credential works, or it is told to stop. Every
 * lane takes walks for itself; tasks that wait for company are grouped when a network has nothing else to do.
 * Throws the first failure that is no fault of a network, once all that was in flight with any of them is stored.
 */
export const work = async (options: WorkOptions): Promise<void> => {
  const workers = new Map<string, NetworkWorker>()
  const broken = new AbortController()
  for (const lane of options.lanes) {
    const worker = workers.get(lane.source.network) ?? new NetworkWorker(options, broken)
    worker.lanes.push(lane)
    workers.set(lane.source.network, worker)
  }
  await Promise.all([...workers.values()].map(worker => worker.work()))
  broken.signal.throwIfAborted()
}

/** The lanes of one network: they share its walks. */
class NetworkWorker {
  readonly lanes: Lane[] = []
  readonly #options: WorkOptions
  /** Aborted with the first failure of any network: no further page is begun, those in flight are finished. */
  readonly #broken: AbortController
  #busy = 0
  #failuresInARow = 0
  #refusalsInARow = 0
  #bell: PromiseWithResolvers<void> = Promise.withResolvers()

  constructor(options: WorkOptions, broken: AbortController) {
    this.#options = options
    this.#broken = broken
  }

  /** Never rejects: what fails is told by `broken`. */
  async work(): Promise<void> {
    await Promise.all(this.lanes.map(lane => this.#drain(lane)))
  }

  async #drain(lane: Lane): Promise<void> {
    try {
      await this.#take(lane)
    } catch (error) {
      this.#broken.abort(error)
      this.#ring()
    }
    // What was claimed and not begun gives itself back; what is in flight is finished.
    await lane.queue.onIdle()
    this.#ring()
  }

  /** Claims walks for a lane until none is left or it is to end. */
  async #take(lane: Lane): Promise<void> {
    const { runId, store } = this.#options
    const { network, credential } = lane.source
    while (!this.#isOver(lane)) {
      const bell = this.#bell.promise
      if (lane.queue.size === 0) {
        const count = lane.concurrency * CLAIM_AHEAD
        const streams = lane.source.streams.map(stream => stream.name)
        const walks = await store.claim({ runId, network, credential, streams, count })
        for (const walk of walks) this.#start(lane, walk)
        if (walks.length === 0 && this.#busy === 0 && !(await this.#group(lane))) break
        if (walks.length > 0) continue
        if (this.#busy === 0) continue
      }
      await bell
    }
  }

  /** Whether no further page is to be begun. */
  #isOver(lane: Lane): boolean {
    return this.#options.stop.aborted || lane.stopped !== null || this.#broken.signal.aborted
  }

  #start(lane: Lane, walk: Walk): void {
    this.#busy++
    const run = async (): Promise<void> => {
      try {
        await this.#follow(lane, walk)
      } catch (error) {
        this.#broken.abort(error)
      } finally {
        this.#busy--
        this.#ring()
      }
    }
    void lane.queue.add(run)
  }

  /** Reads pages of one walk until it ends, its turn is over, or its lane stops. */
  async #follow(lane: Lane, claimed: Walk): Promise<void> {
    const { store, crash, kill, emit } = this.#options
    let walk: Walk | null = claimed
    tell(emit, 'walk.started', walk)
    for (let pages = 1; walk !== null; pages++) {
      if (this.#isOver(lane)) {
        const why = lane.stopped
        await store.postpone(walk, why && { ...why, until: null })
        return
      }
      const keep = pages < QUANTUM
      const began = this.#options.now()
      let committed: Committed | null
      try {
        committed = await step(walk, { store, lane, signal: kill, crash, keep })
      } catch (error) {
        kill.throwIfAborted()
        if (!(error instanceof FaultError)) throw error
        await this.#settle(lane, walk, error)
        return
      }
      this.#failuresInARow = 0
      this.#refusalsInARow = 0
      if (committed === null) return
      this.#tellCommitted(walk, committed, this.#options.now() - began)
      walk = keep ? committed.walk : null
    }
  }

  /** What follows from a fault that ended a step: one line per disposition. */
  async #settle(lane: Lane, walk: Walk, error: FaultError): Promise<void> {
    const { store } = this.#options
    const { fault, message } = error
    const errorType = fault.code === BUDGET ? 'budget' : ERROR_TYPE[fault.kind]
    const failed: Ending = { status: 'failed', reason: null, errorType, message }
    switch (DISPOSITION[fault.kind]) {
      case 'retry':
        return this.#giveUp(walk, failed, fault.code)
      case 'wait':
      case 'defer':
        return this.#defer(lane, walk, error, errorType)
      case 'stop-credential': {
        const why = { errorType, message: adviceOf(error), until: null }
        lane.stop(why)
        return store.postpone(walk, why)
      }
      case 'skip': {
        const reason = 'reason' in fault ? fault.reason : null
        return this.#end(walk, { status: 'skipped', reason, errorType: null, message })
      }
      case 'restart-walk':
        if (walk.restarts > 0 || walk.cursor === null) {
          const again = 'then' in fault ? fault.then : undefined
          return again === undefined
            ? this.#end(walk, failed)
            : this.#settle(lane, walk, new FaultError(again, message))
        }
        tell(this.#options.emit, 'walk.restarted', walk, message)
        return store.restart(walk, message)
      case 'fail':
        return this.#end(walk, failed)
    }
  }

  /**
   * Leaves a walk for later. When walk after walk meets the empty pool the lane stops: a hundred thousand waiting
   * walks need not each be asked.
   */
  async #defer(lane: Lane, walk: Walk, { fault, message }: FaultError, errorType: string): Promise<void> {
    if (fault.kind !== 'rate-limited' && fault.kind !== 'quota-exhausted') return
    if (fault.code === BUDGET) {
      lane.stop({ errorType, message, until: null })
      return this.#options.store.postpone(walk, { until: null, errorType, message })
    }
    const until = await lane.exhaust(fault)
    // Another project's credential has a quota of its own: it takes the walk, and this one rests.
    const canTakeOver = (other: Lane): boolean =>
      other.stopped === null && other.source.owner !== lane.source.owner
    if (walk.credential === null && this.lanes.some(canTakeOver)) {
      lane.stop({ errorType, message, until })
      return this.#options.store.postpone(walk, { errorType, message, until: null })
    }
    this.#refusalsInARow++
    if (this.#refusalsInARow >= lane.concurrency * CLAIM_AHEAD) lane.stop({ errorType, message, until })
    await this.#options.store.postpone(walk, { until: instant(until), errorType, message })
  }

  /** A passing fault that did not pass: the task fails, or, where nothing can be reached, all is deferred. */
  async #giveUp(walk: Walk, failed: Ending, code: string): Promise<void> {
    this.#failuresInARow++
    if (!UNREACHABLE.has(code) && this.#failuresInARow < CIRCUIT) return this.#end(walk, failed)
    const until = this.#options.now() + UNREACHABLE_MS
    const why = { errorType: 'unreachable', message: failed.message ?? code }
    for (const other of this.lanes) other.stop({ ...why, until })
    await this.#options.store.postpone(walk, { ...why, until: instant(until) })
  }

  async #end(walk: Walk, ending: Ending): Promise<void> {
    const ended = await this.#options.store.end(walk, ending)
    if (ended === null) return
    tellWalkEnded(this.#options.emit, walk, ending)
    this.#tellJobs(walk.network, ended)
  }

  /** Puts waiting tasks of each shared stream into walks. False: nobody waits. */
  async #group(lane: Lane): Promise<boolean> {
    const { runId, store } = this.#options
    let found = false
    for (const stream of lane.source.streams.filter(candidate => candidate.batch > 1)) {
      const tasks = await store.ungrouped(runId, lane.source.network, stream.name, stream.batch * 40)
      if (tasks.length === 0) continue
      found = true
      const groups = groupTasks(lane.source, tasks)
      await store.group(runId, lane.source.network, groups, rankOf(lane.source, stream.kind), null)
    }
    return found
  }

  #tellCommitted(walk: Walk, committed: Committed, durationMs: number): void {
    const { emit } = this.#options
    const { id: walkId, network, jobId, stream, kind } = walk
    emit({
      event: 'page.committed',
      network,
      walkId,
      jobId,
      stream,
      kind,
      items: committed.items,
      durationMs,
      commitMs: committed.commitMs,
    })
    for (const change of committed.identityChanges) emit({ event: 'identity.changed', network, ...change })
    const { verdict } = committed
    if (!verdict.goOn) tellWalkEnded(emit, walk, { ...verdict, errorType: null, message: null })
    this.#tellJobs(network, committed)
  }

  #tellJobs(network: string, { jobs }: Ended): void {
    for (const { id, ...job } of jobs) this.#options.emit({ event: 'job.ended', network, jobId: id, ...job })
  }

  #ring(): void {
    this.#bell.resolve()
    this.#bell = Promise.withResolvers()
  }
}

/** The network's words, and what to set where the set-up is what is wrong. */
const adviceOf = ({ fault, message }: FaultError): string =>
  fault.kind === 'misconfigured' ? `${message}; ${fault.advice}` : message

const tell = (emit: Emit, event: 'walk.started' | 'walk.restarted', walk: Walk, message = ''): void => {
  const { id: walkId, network, jobId, stream, kind } = walk
  emit(
    event === 'walk.started'
      ? { event, network, walkId, jobId, stream, kind }
      : { event, network, walkId, jobId, stream, message },
  )
}

const tellWalkEnded = (emit: Emit, walk: Walk, ending: Ending): void => {
  const { id: walkId, network, jobId, stream, kind } = walk
  emit({ event: 'walk.ended', network, walkId, jobId, stream, kind, ...ending })
}
