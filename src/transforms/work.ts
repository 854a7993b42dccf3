import type { Clock } from '../core/clock.ts'
import type { Emit } from '../core/events.ts'
import { FaultError } from '../core/fault.ts'
import { instant } from '../core/instant.ts'
import type { CrashPoint } from '../core/ports.ts'
import { settleAll } from '../core/settle-all.ts'
import type { Caller } from '../core/stream.ts'
import type { Submission, SubmissionChange, SubmissionStore } from '../core/transform.ts'
import { DISPOSITION, ERROR_TYPE, UNREACHABLE, UNREACHABLE_MS } from '../engine/disposition.ts'
import { SUSPICIOUS } from '../engine/doubt.ts'
import type { Lane } from '../engine/lane.ts'
import { POOL } from './faults.ts'
import { fail, follow, pauseAfter, postpone, resubmit } from './follow.ts'
import type { Service, Told } from './service.ts'

export interface TransformWork {
  readonly service: Service
  readonly lane: Lane<Caller>
  readonly store: SubmissionStore
  readonly clock: Clock
  readonly emit: Emit
  readonly crash: CrashPoint
  /** After the last submission answers are waited for at most so long, ms. */
  readonly maxWaitMs: number
  /** Aborted: nothing more is asked, what is in flight is finished. */
  readonly stop: AbortSignal
  /** Aborted: calls in flight are cut off too. */
  readonly kill: AbortSignal
  random(): number
}

/** Submissions in a row without an answer after which an element has failed: 5, 10, 20, 40, 80 minutes lie between them. */
const MOST_MISSES = 6

/** Submissions claimed ahead for each call in flight, so that a claim's sync to disk is shared. */
const CLAIM_AHEAD = 4

/**
 * Submits what is queued for a transform and asks about what is under way, until nothing is left, the patience is
 * over, the lane stops, or it is told to stop. What is left then waits in the store for the next call. Throws the first
 * failure that is no fault of the service, once all that was in flight is stored.
 */
export const workTransform = (work: TransformWork): Promise<void> => new SubmissionWorker(work).work()

/** One service's submissions on their way through its lane. */
class SubmissionWorker {
  readonly #work: TransformWork
  #busy = 0
  #failuresInARow = 0
  #leaveAt: number
  #bell: PromiseWithResolvers<void> = Promise.withResolvers()
  #broken: unknown

  constructor(work: TransformWork) {
    this.#work = work
    this.#leaveAt = work.clock.now() + work.maxWaitMs
  }

  async work(): Promise<void> {
    try {
      await this.#take()
    } catch (error) {
      this.#broken ??= error
    }
    // What was claimed and not begun gives itself back; what is in flight is finished.
    await this.#work.lane.queue.onIdle()
    try {
      await this.#leave()
    } catch (error) {
      this.#broken ??= error
    }
    if (this.#broken !== undefined) throw this.#broken
  }

  /** Claims submissions until none is left to claim or it is to end. */
  async #take(): Promise<void> {
    const { lane, stop } = this.#work
    while (!stop.aborted && lane.stopped === null && this.#broken === undefined) {
      const bell = this.#bell.promise
      if (lane.queue.size === 0) {
        const calls = await this.#share()
        if (calls > 0 && (await this.#claim()) > 0) continue
        if (this.#busy === 0) {
          if (await this.#rest(calls > 0)) continue
          break
        }
      }
      await bell
    }
  }

  /** Calls that it may have in flight; the others are those of other machines. */
  async #share(): Promise<number> {
    const { service, lane, store } = this.#work
    const { transform } = service.settings
    const calls = await store.share({ transform, most: lane.concurrency, busy: lane.queue.pending })
    if (calls > 0) lane.queue.concurrency = calls
    return calls
  }

  #leave(): Promise<void> {
    return this.#work.store.leave(this.#work.service.settings.transform)
  }

  async #claim(): Promise<number> {
    const { service, lane, store, clock } = this.#work
    const { transform, version, deadlineMs, batch } = service.settings
    const count = lane.concurrency * CLAIM_AHEAD * (batch ?? 1)
    const polls = clock.now() < this.#leaveAt
    const due = await store.claim({ transform, version, count, deadlineMs, polls })
    const fresh = due.filter(({ jobId }) => jobId === null)
    for (let at = 0; at < fresh.length; at += batch ?? 1) this.#start(fresh.slice(at, at + (batch ?? 1)))
    for (const submission of due) if (submission.jobId !== null) this.#start([submission])
    return due.length
  }

  /**
   * Sleeps until the next one is due, or a moment where others have all calls. False: nothing is left, or not before the patience
   * is over.
   */
  async #rest(mayCall: boolean): Promise<boolean> {
    const { service, store, clock, stop } = this.#work
    const { transform, version } = service.settings
    const due = await store.nextDue(transform, version)
    if (due === null || Math.max(Date.parse(due), clock.now()) >= this.#leaveAt) return false
    if (!mayCall) {
      // By the clock of the machines: it is their calls that are waited for.
      await new Promise(resume => setTimeout(resume, 200 + Math.random() * 200))
      return true
    }
    await this.#leave()
    await clock.sleep(Date.parse(due) - clock.now(), stop).catch(error => {
      if (!stop.aborted) throw error
    })
    return true
  }

  #start(group: readonly Submission[]): void {
    this.#busy++
    const run = async (): Promise<void> => {
      try {
        await this.#serve(group)
      } catch (error) {
        this.#broken ??= error
      } finally {
        this.#busy--
        this.#bell.resolve()
        this.#bell = Promise.withResolvers()
      }
    }
    void this.#work.lane.queue.add(run)
  }

  /** One call for one submission, or for several that were never submitted, and what follows from its answer. */
  async #serve(group: readonly Submission[]): Promise<void> {
    const { lane, stop, kill, clock, crash } = this.#work
    if (stop.aborted || lane.stopped !== null || this.#broken !== undefined) return this.#giveBack(group)
    let told: readonly (Told | FaultError)[]
    try {
      crash('transform.asked')
      told = await this.#ask(group)
      crash('transform.answered')
    } catch (error) {
      kill.throwIfAborted()
      if (!(error instanceof FaultError)) throw error
      if (DISPOSITION[error.fault.kind] === 'retry') this.#failuresInARow++
      // One of them may be what the service will not have: alone, each has its own answer.
      if (group.length > 1 && DISPOSITION[error.fault.kind] === 'fail') {
        for (const submission of group) await this.#serve([submission])
        return
      }
      for (const submission of group) await this.#face(submission, error)
      return
    }
    this.#failuresInARow = 0
    await settleAll(
      group.map((submission, index) => {
        const one = told[index]
        if (one === undefined || one instanceof FaultError) return this.#face(submission, one ?? NO_ANSWER)
        return this.#settle(submission, follow(submission, one, this.#moment()))
      }),
    )
    if (group[0]?.jobId === null) this.#leaveAt = Math.max(this.#leaveAt, clock.now() + this.#work.maxWaitMs)
    crash('transform.settled')
  }

  #ask(group: readonly Submission[]): Promise<readonly (Told | FaultError)[]> {
    const { service, lane, kill } = this.#work
    const { call } = lane.context(kill)
    const jobId = group[0]?.jobId ?? null
    const price = { pool: POOL, units: 1 }
    return jobId === null
      ? call(price, signal => service.submit(group, signal))
      : call(price, async signal => [await service.poll(jobId, signal)])
  }

  /** What follows from a fault that was not to be tried again: one line per disposition. */
  async #face(submission: Submission, error: FaultError): Promise<void> {
    const { lane } = this.#work
    const { fault, message } = error
    const errorType = ERROR_TYPE[fault.kind]
    switch (DISPOSITION[fault.kind]) {
      case 'retry':
        return this.#giveUp(submission, fault.code, message)
      case 'wait':
      case 'defer': {
        if (fault.kind !== 'rate-limited' && fault.kind !== 'quota-exhausted') return
        const until = await lane.exhaust(fault)
        lane.stop({ errorType, message, until })
        return this.#later(submission, until, errorType, message)
      }
      case 'stop-credential':
        lane.stop({ errorType, message, until: null })
        return this.#giveBack([submission])
      case 'skip':
        if (fault.kind !== 'unsupported') return this.#settle(submission, fail(errorType, message))
        lane.stop({ errorType, message, until: null })
        return this.#giveBack([submission])
      case 'restart-walk': {
        if (submission.lost === 0) return this.#settle(submission, resubmit(submission, this.#moment().now))
        const again = 'then' in fault ? fault.then : undefined
        return again === undefined
          ? this.#settle(submission, fail(errorType, message))
          : this.#face(submission, new FaultError(again, `${message}, twice`))
      }
      case 'fail':
        return this.#settle(submission, fail(errorType, message))
    }
  }

  /**
   * A passing fault that did not pass: another time then, and where nothing can be reached that goes for all. What was
   * never accepted fails after some hours of that; a job under way is asked about until its deadline, since it is paid for.
   */
  #giveUp(submission: Submission, code: string, message: string): Promise<void> {
    const { now, random } = this.#moment()
    const errorType = ERROR_TYPE.transient
    if (UNREACHABLE.has(code) || this.#failuresInARow >= SUSPICIOUS) {
      const until = now + UNREACHABLE_MS
      this.#work.lane.stop({ errorType: 'unreachable', message, until })
      return this.#later(submission, until, 'unreachable', message)
    }
    if (submission.jobId !== null)
      return this.#later(submission, now + pauseAfter(submission.polls + 1, random), errorType, message)
    const misses = submission.misses + 1
    if (misses === MOST_MISSES) return this.#settle(submission, { ...fail(errorType, message), misses })
    return this.#later(submission, now + UNREACHABLE_MS * 2 ** submission.misses, errorType, message, misses)
  }

  #later(
    submission: Submission,
    until: number,
    errorType: string,
    message: string,
    misses = submission.misses,
  ): Promise<void> {
    const { now } = this.#moment()
    const polls = submission.polls + (submission.jobId === null ? 0 : 1)
    return this.#settle(submission, postpone(submission, until, now, { errorType, message, polls, misses }))
  }

  /** As it was, due at once. */
  async #giveBack(group: readonly Submission[]): Promise<void> {
    const nextPollAt = instant(this.#moment().now)
    for (const submission of group) await this.#settle(submission, { status: submission.status, nextPollAt })
  }

  async #settle(submission: Submission, change: SubmissionChange): Promise<void> {
    const { service, store, emit } = this.#work
    if (!(await store.settle(submission, change))) return
    if (change.nextPollAt !== null) return
    emit({
      event: 'element.ended',
      network: service.source.network,
      element: `${submission.network} ${submission.kind} ${submission.elementId}`,
      status: change.status,
      errorType: change.errorType ?? null,
      message: change.message ?? null,
    })
  }

  #moment() {
    return { now: this.#work.clock.now(), random: this.#work.random() }
  }
}

const NO_ANSWER = new FaultError(
  { kind: 'unreadable', code: 'length' },
  'the service left it out of its answer',
)
