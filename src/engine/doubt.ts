import { FAILING_TRIES } from '../core/failing.ts'
import { FaultError } from '../core/fault.ts'
import type { Walk } from '../core/ports.ts'
import type { CallContext, PageRequest } from '../core/stream.ts'
import { mayPass } from './attempt.ts'
import { UNREACHABLE, UNREACHABLE_MS, wrongSetUp } from './disposition.ts'
import type { Lane, Stop } from './lane.ts'
import { requestOf, type storedOf, streamOf } from './step.ts'

/** A walk that failed, while it is not known whether that lies in it. It stays claimed and nothing of it is booked. */
export interface Doubtful {
  readonly lane: Lane
  readonly walk: Walk
  readonly error: FaultError
  /** It is a part of what failed as a whole. */
  readonly isPart: boolean
}

export interface DoubtOptions {
  /** Every lane of the network. */
  readonly lanes: readonly Lane[]
  stored(network: string): ReturnType<typeof storedOf>
  /** Aborted: calls in flight are cut off. */
  readonly kill: AbortSignal
  now(): number
  /** Books a fault on what was asked. */
  book(doubtful: Doubtful): Promise<void>
  /** Gives walks back, to be taken up by another run. */
  giveBack(doubtful: readonly Doubtful[]): Promise<void>
}

/** Passing faults in a row that did not pass, after which a sign of life is asked for. */
export const SUSPICIOUS = 5
/** The same of a stream that has answered nothing in this run: dead neighbours often stand together. */
const SUSPICIOUS_AT_FIRST = 12
/** So many targets that meet the same refusal before any was let through: it is about who asks. */
const REFUSED_AT_FIRST = 3

/** What is known of one stream in this run, and what of it is in doubt. */
interface StreamDoubt {
  /** Something that was answered, to be asked once more as a sign of life; null = nothing was yet. */
  proof: { readonly lane: Lane; readonly request: PageRequest } | null
  /** Failed for a passing fault: it may be the network. */
  suspects: Doubtful[]
  /** Refused before anything was let through: it may be about who asks, or about how. */
  refused: Doubtful[]
  /** How many suspects are borne until the next sign of life is asked for; null = none was yet. */
  limit: number | null
  /** A sign of life is being asked for. */
  isAsking: boolean
  /** Nothing of it is answered: no more of it is read in this run. */
  isClosed: boolean
}

/**
 * Whose fault a failure is (docs/design.md §5.13, §5.15): of what was asked, of the network as a whole, of one of its
 * streams, or of who asks. Until that is known it is held here. A stream that answers anything clears all that is in
 * doubt of it; one that fails and fails is held against something that was answered before, and against `Source.alive`.
 */
export class Doubts {
  readonly #options: DoubtOptions
  readonly #streams = new Map<string, StreamDoubt>()
  /** Pages that were answered. */
  #answers = 0

  constructor(options: DoubtOptions) {
    this.#options = options
  }

  isClosed(stream: string): boolean {
    return this.#streams.get(stream)?.isClosed ?? false
  }

  /** Whether the stream has answered anything in this run. */
  hasAnswered(stream: string): boolean {
    return this.#of(stream).proof !== null
  }

  /** What has failed before, or looks like an outage, is not worth all tries. */
  mostTries({ stream, failing }: Walk): number {
    if (this.#of(stream).suspects.length >= SUSPICIOUS) return 1
    return failing ? FAILING_TRIES : Number.POSITIVE_INFINITY
  }

  /** The stream is alive, and lets us in: what was in doubt of it lies in what was asked. */
  async answered(lane: Lane, walk: Walk): Promise<void> {
    lane.open()
    this.#answers++
    const doubt = this.#of(walk.stream)
    // A look-up asks about what only its own moment knows.
    if (streamOf(lane.source, walk.stream).looksUp === undefined)
      doubt.proof ??= { lane, request: requestOf(walk) }
    await this.#bookAll(doubt)
  }

  /** Takes a failure into doubt. False = there is none: it is to be booked. */
  async take(doubtful: Doubtful): Promise<boolean> {
    const { lane, walk, error } = doubtful
    const { fault } = error
    const doubt = this.#of(walk.stream)
    if (fault.kind === 'transient' && fault.isAsker) {
      lane.stop(this.#unreachable(error.message))
      await this.#options.giveBack([doubtful])
      return true
    }
    if (mayPass(error) && fault.kind !== 'cursor-expired') {
      doubt.suspects.push(doubtful)
      if (UNREACHABLE.has(fault.code)) await this.#stopAll(doubt)
      else await this.#judge(lane, doubt)
      return true
    }
    if (doubt.proof !== null) return false
    if (!('askerAdvice' in fault) || fault.askerAdvice === undefined) {
      if (doubtful.isPart) doubt.refused.push(doubtful)
      return doubtful.isPart
    }
    doubt.refused.push(doubtful)
    const alike = doubt.refused.filter(({ error: of }) => 'askerAdvice' in of.fault)
    const targets = new Set(alike.map(({ walk: { tasks } }) => tasks[0]?.externalId))
    if (targets.size >= REFUSED_AT_FIRST) {
      lane.stop(wrongSetUp(error.message, fault.askerAdvice))
      await this.#options.giveBack(release(doubt))
    }
    return true
  }

  /** Settles what is in doubt when nothing else is left to read. True: something was. */
  async settle(): Promise<boolean> {
    const open = [...this.#streams.values()].filter(
      ({ suspects, refused }) => suspects.length + refused.length > 0,
    )
    for (const doubt of open) await this.#settleOne(doubt)
    return open.length > 0
  }

  #of(stream: string): StreamDoubt {
    const known = this.#streams.get(stream)
    if (known !== undefined) return known
    const doubt = { proof: null, suspects: [], refused: [], limit: null, isAsking: false, isClosed: false }
    this.#streams.set(stream, doubt)
    return doubt
  }

  async #bookAll(doubt: StreamDoubt): Promise<void> {
    for (const doubtful of release(doubt)) await this.#options.book(doubtful)
  }

  async #judge(lane: Lane, doubt: StreamDoubt): Promise<void> {
    if (doubt.isAsking) return
    doubt.isAsking = true
    try {
      await this.#askFor(lane, doubt)
    } finally {
      doubt.isAsking = false
    }
  }

  /** Looks for a sign of life: of the network before it has answered anything, of a stream that fails and fails. */
  async #askFor(lane: Lane, doubt: StreamDoubt): Promise<void> {
    const { length } = doubt.suspects
    if (this.#answers === 0 && lane.source.alive !== undefined && (length === 1 || length === SUSPICIOUS)) {
      if (await this.#isAlive(lane)) lane.open()
      else if (length === SUSPICIOUS) await this.#stopAll(doubt)
      return
    }
    const limit = doubt.limit ?? (doubt.proof === null ? SUSPICIOUS_AT_FIRST : SUSPICIOUS)
    if (length < limit) return
    if (doubt.proof !== null && (await this.#isAnswered(doubt.proof))) {
      doubt.limit = 2 * limit
      return this.#bookAll(doubt)
    }
    if (!(await this.#isAlive(lane))) return this.#stopAll(doubt)
    doubt.isClosed = true
    await this.#options.giveBack(release(doubt))
  }

  async #settleOne(doubt: StreamDoubt): Promise<void> {
    const { proof, suspects } = doubt
    const isMany = suspects.length >= SUSPICIOUS
    // What failed before is only booked to fail again.
    const isFinal = suspects.some(({ walk, error }) => !walk.failing && error.fault.kind !== 'transient')
    const [first] = suspects
    if (first !== undefined && proof === null && (isMany || isFinal) && !(await this.#isAlive(first.lane))) {
      return this.#stopAll(doubt)
    }
    const released = release(doubt)
    const advice = proof === null ? adviceOf(released) : null
    if (advice !== null) {
      for (const { lane, error } of released) lane.stop(wrongSetUp(error.message, advice))
      return this.#options.giveBack(released)
    }
    for (const doubtful of released) {
      const { cause } = doubtful.error
      // Where nothing of the kind was answered, many failures in a row are none of what they look like.
      const isHidden = isMany && proof === null && cause instanceof FaultError
      await this.#options.book(isHidden ? { ...doubtful, error: cause } : doubtful)
    }
  }

  /** Whether the network answers at all. Where it has no call to tell, it does if it has answered anything. */
  async #isAlive(lane: Lane): Promise<boolean> {
    const { alive } = lane.source
    return alive === undefined ? this.#answers > 0 : this.#hasAnswer(context => alive(context), lane)
  }

  /** Asks once more for something that was answered before. */
  async #isAnswered({ lane, request }: NonNullable<StreamDoubt['proof']>): Promise<boolean> {
    const { stored } = this.#options
    const [task] = request.tasks
    if (task === undefined) return false
    const stream = streamOf(lane.source, task.stream)
    return this.#hasAnswer(
      context => stream.fetch(request, { ...context, ...stored(lane.source.network) }),
      lane,
    )
  }

  /** Whether a call that is made for nothing but its answer has one, be it a refusal. */
  async #hasAnswer(ask: (context: CallContext) => Promise<unknown>, lane: Lane): Promise<boolean> {
    const { kill } = this.#options
    try {
      await ask(lane.context(kill, 1))
      return true
    } catch (error) {
      kill.throwIfAborted()
      if (!(error instanceof FaultError)) throw error
      return !mayPass(error)
    }
  }

  /** The network cannot be reached: nothing of that is booked on what was asked. */
  async #stopAll(doubt: StreamDoubt): Promise<void> {
    const doubtful = release(doubt)
    const message = doubtful.at(-1)?.error.message ?? 'no answer came'
    for (const lane of this.#options.lanes) lane.stop(this.#unreachable(message))
    await this.#options.giveBack(doubtful)
  }

  #unreachable(message: string): Stop {
    return { errorType: 'unreachable', message, until: this.#options.now() + UNREACHABLE_MS }
  }
}

/**
 * What to set where all profiles that were asked for were refused in a way that may be about who asks, few as they are;
 * null = it is not so. Of what hangs on a profile a few alone may well be refused.
 */
const adviceOf = (doubtful: readonly Doubtful[]): string | null => {
  const advices = doubtful.map(({ walk, error: { fault } }) =>
    walk.kind === 'profile' && 'askerAdvice' in fault ? (fault.askerAdvice ?? null) : null,
  )
  return advices.includes(null) ? null : (advices[0] ?? null)
}

/** All that was in doubt, and is no longer. */
const release = (doubt: StreamDoubt): Doubtful[] => {
  const released = [...doubt.suspects, ...doubt.refused]
  doubt.suspects = []
  doubt.refused = []
  return released
}
