import type { Emit } from '../core/events.ts'
import { FaultError } from '../core/fault.ts'
import { type Instant, instant } from '../core/instant.ts'
import type { Committed, CrashPoint, Ended, Ending, Walk, WalkStore } from '../core/ports.ts'
import { NO_SPAN, type Span } from '../core/span.ts'
import type { Stream } from '../core/stream.ts'
import { BUDGET } from './admission.ts'
import { mayPass } from './attempt.ts'
import { DISPOSITION, ERROR_TYPE, stopOf, UNREACHABLE_MS } from './disposition.ts'
import { type Doubtful, Doubts } from './doubt.ts'
import { JobSpans } from './job-spans.ts'
import type { Lane } from './lane.ts'
import { groupTasks } from './share.ts'
import { openingOptions, rankOf, step, storedOf, streamOf } from './step.ts'
import { tell, tellCommitted, tellWalkEnded, UNANSWERED } from './tell.ts'

export interface WorkOptions {
  readonly runId: number
  readonly store: WalkStore
  /** Every lane of every network of the run. */
  readonly lanes: readonly Lane[]
  readonly emit: Emit
  readonly crash: CrashPoint
  /** When the run began. */
  readonly began: Instant
  now(): number
  /** Aborted: no further page is begun, those in flight are finished. */
  readonly stop: AbortSignal
  /** Aborted: calls in flight are cut off too. */
  readonly kill: AbortSignal
  /** Of the run; left out = nobody records. */
  readonly span?: Span
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
  const spans = new JobSpans(options.span ?? NO_SPAN)
  for (const lane of options.lanes) {
    const worker = workers.get(lane.source.network) ?? new NetworkWorker(options, broken, spans)
    worker.lanes.push(lane)
    workers.set(lane.source.network, worker)
  }
  await Promise.all([...workers.values()].map(worker => worker.work()))
  spans.close()
  broken.signal.throwIfAborted()
}

/** The lanes of one network: they share its walks. */
class NetworkWorker {
  readonly lanes: Lane[] = []
  readonly #options: WorkOptions
  /** Aborted with the first failure of any network: no further page is begun, those in flight are finished. */
  readonly #broken: AbortController
  readonly #doubts: Doubts
  readonly #spans: JobSpans
  /** Lanes that look for walks or read them. */
  readonly #draining = new Map<Lane, Promise<void>>()
  #busy = 0
  #refusalsInARow = 0
  #bell: PromiseWithResolvers<void> = Promise.withResolvers()

  constructor(options: WorkOptions, broken: AbortController, spans: JobSpans) {
    this.#options = options
    this.#spans = spans
    this.#broken = broken
    this.#doubts = new Doubts({
      lanes: this.lanes,
      stored: network => storedOf(options.store, network),
      kill: options.kill,
      now: options.now,
      book: ({ lane, walk, error }) => this.#book(lane, walk, error),
      giveBack: doubtful => this.#giveBack(doubtful),
    })
  }

  /** Never rejects: what fails is told by `broken`. */
  async work(): Promise<void> {
    for (const lane of this.lanes) this.#begin(lane)
    while (this.#draining.size > 0) await Promise.all(this.#draining.values())
  }

  #begin(lane: Lane): void {
    if (this.#draining.has(lane)) return
    const done = this.#drain(lane).then(() => {
      this.#draining.delete(lane)
      // What it leaves is for the others, those too that had found nothing more to do.
      if (lane.stopped !== null)
        for (const other of this.lanes) if (other.stopped === null) this.#begin(other)
    })
    this.#draining.set(lane, done)
  }

  async #drain(lane: Lane): Promise<void> {
    lane.narrow()
    try {
      await this.#take(lane)
    } catch (error) {
      this.#broken.abort(error)
      this.#ring()
    }
    // What was claimed and not begun gives itself back; what is in flight is finished.
    await lane.queue.onIdle()
    await this.#leaveIdle()
    this.#ring()
  }

  /** Claims walks for a lane until none is left or it is to end. */
  async #take(lane: Lane): Promise<void> {
    const { runId, store } = this.#options
    const { network } = lane.source
    while (!this.#isOver(lane)) {
      const bell = this.#bell.promise
      if (lane.queue.size === 0) {
        if (await this.#claim(lane, false)) continue
        if (this.#busy === 0) {
          // What others are reading may find more, and what waits for company is grouped when nobody reads.
          if (await store.untilOthers(runId, network)) continue
          if ((await this.#group(lane)) || (await this.#claim(lane, true))) continue
          if (await this.#settleDoubts()) continue
          break
        }
      }
      await bell
    }
  }

  /** False = nothing is due. True: look again; a moment is waited where another process uses the lane's account. */
  async #claim(lane: Lane, failing: boolean): Promise<boolean> {
    const { runId, store } = this.#options
    const { network, credential } = lane.source
    const count = lane.concurrency * CLAIM_AHEAD
    const streams = lane.source.streams.map(({ name }) => name).filter(name => !this.#doubts.isClosed(name))
    const request = { runId, network, credential, streams, failing, count }
    const isDue = lane.account.isTaken || (await store.isDue(request))
    const mayBegin = isDue && (await lane.account.begin())
    const walks = mayBegin ? await store.claim(request) : []
    for (const walk of walks) this.#start(lane, walk)
    if (walks.length > 0) return true
    // What it has nothing to do with another process may have.
    if (lane.isIdle) await lane.account.leave()
    if (!isDue || mayBegin) return false
    await lane.account.moment()
    return true
  }

  /** Lets other processes have the accounts that nothing is done with. Never rejects. */
  async #leaveIdle(): Promise<void> {
    for (const lane of this.lanes) {
      if (!lane.isIdle) continue
      await lane.account.leave().catch(error => this.#broken.abort(error))
    }
  }

  /** Whether no further page is to be begun. */
  #isOver(lane: Lane): boolean {
    return this.#options.stop.aborted || lane.stopped !== null || this.#broken.signal.aborted
  }

  #start(lane: Lane, walk: Walk): void {
    void lane.queue.add(() =>
      this.#during(() => this.#spans.walk(walk, span => this.#follow(lane, walk, span))),
    )
  }

  /** What is still in doubt when nothing else is left to read. True: something of it was settled. */
  async #settleDoubts(): Promise<boolean> {
    let settled = false
    await this.#during(async () => {
      settled = await this.#doubts.settle()
    })
    await this.#leaveIdle()
    return settled
  }

  /** Work that others wait for; its failure ends all work. */
  async #during(work: () => Promise<void>): Promise<void> {
    this.#busy++
    try {
      await work()
    } catch (error) {
      this.#broken.abort(error)
    } finally {
      this.#busy--
      this.#ring()
    }
  }

  /** Reads pages of one walk until it ends, its turn is over, or its lane stops. */
  async #follow(lane: Lane, claimed: Walk, span: Span): Promise<void> {
    const { store, crash, kill, emit } = this.#options
    const owners = new Set(this.lanes.map(({ source }) => source.owner))
    let walk: Walk | null = claimed
    tell(emit, 'walk.started', walk)
    for (let pages = 1; walk !== null; pages++) {
      if (this.#isOver(lane)) {
        const why = lane.stopped
        await store.postpone(walk, why && { ...why, until: null })
        return
      }
      if (this.#doubts.isClosed(walk.stream)) {
        await store.postpone(walk, UNANSWERED)
        return
      }
      const keep = pages < QUANTUM
      const began = this.#options.now()
      let committed: Committed | null
      try {
        const mostTries = this.#isDivided(lane, walk) ? 1 : this.#doubts.mostTries(walk)
        committed = await step(walk, { store, lane, signal: kill, crash, keep, mostTries, owners, span })
      } catch (error) {
        kill.throwIfAborted()
        if (!(error instanceof FaultError)) throw error
        await this.#settle(lane, walk, error)
        return
      }
      this.#refusalsInARow = 0
      await this.#doubts.answered(lane, walk)
      if (committed === null) return
      tellCommitted(emit, walk, committed, this.#options.now() - began)
      this.#tellJobs(walk.network, committed)
      walk = keep ? committed.walk : null
    }
  }

  /** What follows from a fault that ended a step: at once, unless it is in doubt whose fault it is. */
  async #settle(lane: Lane, walk: Walk, error: FaultError): Promise<void> {
    const doubtful = { lane, walk, error, isPart: walk.kind === 'profile' && this.#isDivided(lane, walk) }
    if (!(await this.#doubts.take(doubtful))) await this.#book(lane, walk, error)
  }

  /** Gives walks back as they were: another run takes them up. */
  async #giveBack(doubtful: readonly Doubtful[]): Promise<void> {
    for (const { lane, walk, error } of doubtful) {
      const why = lane.stopped ?? { errorType: 'unreachable', message: error.message, until: null }
      const until =
        why.until ?? (why.errorType === 'unreachable' ? this.#options.now() + UNREACHABLE_MS : null)
      await this.#options.store.postpone(walk, { ...why, until: until === null ? null : instant(until) })
    }
  }

  /** Books a fault on what was asked: one line per disposition. */
  async #book(lane: Lane, walk: Walk, error: FaultError): Promise<void> {
    const { store } = this.#options
    const { fault, message } = error
    const errorType = fault.code === BUDGET ? 'budget' : ERROR_TYPE[fault.kind]
    const failed: Ending = { status: 'failed', reason: null, errorType, message }
    switch (DISPOSITION[fault.kind]) {
      case 'retry':
      case 'fail':
        if (await this.#isDivisible(lane, walk, error)) return store.divide(walk)
        return this.#end(lane, walk, failed)
      case 'wait':
      case 'defer':
        return this.#defer(lane, walk, error, errorType)
      case 'stop-credential': {
        const why = stopOf(error)
        if (why !== null) lane.stop(why)
        return store.postpone(walk, why)
      }
      case 'skip': {
        const reason = 'reason' in fault ? fault.reason : null
        const isPassing = reason === 'unavailable' && mayPass(error)
        return this.#end(lane, walk, {
          status: 'skipped',
          reason,
          errorType: isPassing ? 'network_error' : null,
          message,
          mayPass: isPassing,
        })
      }
      case 'restart-walk':
        return this.#restart(lane, walk, error, failed)
    }
  }

  /** Whether one profile may be what makes a call for several fail. Of a list that they share it is the list. */
  async #isDivisible(lane: Lane, walk: Walk, error: FaultError): Promise<boolean> {
    const { tasks, kind, stream, failing } = walk
    if (failing || tasks.length <= 1) return false
    if (streamOf(lane.source, stream).looksUp !== undefined) return true
    return kind === 'profile' && (mayPass(error) || (await this.#isCallRight(lane, walk)))
  }

  /**
   * Whether a call that is refused for good may be right, and one of its profiles is not: others were let through in this
   * run, or some of these in an earlier one; not where both halves are refused.
   */
  async #isCallRight(lane: Lane, walk: Walk): Promise<boolean> {
    if (this.#doubts.hasAnswered(walk.stream)) return true
    if (this.#isDivided(lane, walk)) return false
    const ids = walk.tasks.map(({ externalId }) => externalId)
    return (await this.#options.store.there(walk.network, 'profile', ids)).size > 0
  }

  /** What is left of a shared walk that failed with all of its tries. */
  #isDivided(lane: Lane, { stream, restarts, cursor }: Walk): boolean {
    return restarts > 0 && cursor === null && streamOf(lane.source, stream).batch > 1
  }

  /**
   * A place that is refused: the walk begins at page one, once. One that failed before does so only where its place is
   * of an earlier day; where the page itself fails its place is kept.
   */
  async #restart(lane: Lane, walk: Walk, error: FaultError, failed: Ending): Promise<void> {
    const isOld = walk.startedAt < this.#options.began
    const isWorthIt = !walk.failing || (isOld && !mayPass(error))
    if (walk.restarts === 0 && walk.cursor !== null && isWorthIt) {
      tell(this.#options.emit, 'walk.restarted', walk, error.message)
      return this.#options.store.restart(walk, error.message)
    }
    const again = 'then' in error.fault ? error.fault.then : undefined
    if (again !== undefined) return this.#settle(lane, walk, new FaultError(again, error.message))
    return this.#end(lane, walk, failed, mayPass(error))
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
    const isOfAll = !lane.isOfSome(fault.pool)
    if (isOfAll && walk.credential === null && this.lanes.some(canTakeOver)) {
      lane.stop({ errorType, message, until })
      return this.#options.store.postpone(walk, { errorType, message, until: null })
    }
    if (isOfAll) this.#refusalsInARow++
    if (this.#refusalsInARow >= lane.concurrency * CLAIM_AHEAD) lane.stop({ errorType, message, until })
    await this.#options.store.postpone(walk, { until: instant(until), errorType, message })
  }

  async #end(lane: Lane, walk: Walk, ending: Ending, keepPlace = true): Promise<void> {
    const stream = streamOf(lane.source, walk.stream)
    const ended = await this.#options.store.end(walk, ending, {
      ...openingOptions(lane.source, walk),
      keepPlace,
      onward: (task, declared) =>
        task.profileId === null
          ? []
          : (stream.onward?.({ profileId: task.profileId, declared }, task, walk.params) ?? []),
    })
    if (ended === null) return
    tellWalkEnded(this.#options.emit, walk, ending)
    this.#tellJobs(walk.network, ended)
  }

  /**
   * Puts waiting tasks of shared streams into walks. Look-ups wait until all lists are read that they follow on, so that
   * they share as few calls as they can. False: nobody waits.
   */
  async #group(lane: Lane): Promise<boolean> {
    const shared = lane.source.streams.filter(({ batch }) => batch > 1)
    const isLookUp = ({ looksUp }: Stream): boolean => looksUp !== undefined
    const [lookUps, others] = [shared.filter(isLookUp), shared.filter(stream => !isLookUp(stream))]
    return (await this.#groupThese(lane, others)) || (await this.#groupThese(lane, lookUps))
  }

  async #groupThese(lane: Lane, streams: readonly Stream[]): Promise<boolean> {
    const { runId, store } = this.#options
    const { network } = lane.source
    let found = false
    for (const { name, batch, kind } of streams) {
      const tasks = await store.ungrouped(runId, network, name, batch * 40)
      if (tasks.length === 0) continue
      found = true
      await store.group(runId, network, groupTasks(lane.source, tasks), rankOf(lane.source, kind), null)
    }
    return found
  }

  #tellJobs(network: string, ended: Ended): void {
    this.#spans.ended(ended)
    for (const { id, ...job } of ended.jobs)
      this.#options.emit({ event: 'job.ended', network, jobId: id, ...job })
  }

  #ring(): void {
    this.#bell.resolve()
    this.#bell = Promise.withResolvers()
  }
}
