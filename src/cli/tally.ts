import type { Expected } from '../app/run/expected.ts'
import type { EngineEvent } from '../core/events.ts'
import { duration, number } from './show/text.ts'

/** What a run counts of a network (or of a transform): its word for jobs, and whether it brings records. */
export interface Counted {
  readonly many: string
  readonly records: boolean
}

/** How far one network is. Moments are epoch ms of the run's clock, `elapsed` ms by the clock on the wall. */
export class Tally {
  readonly network: string
  readonly total: number
  readonly #counted: Counted
  readonly #expected: Expected
  #ended = 0
  #amiss = new Map<string, number>()
  #items = 0
  #calls = 0
  #spent = new Map<string, number>()
  #waiting: { readonly pool: string; readonly until: number } | null = null
  #stopped: string | null = null

  constructor(network: string, total: number, counted: Counted, expected: Expected | null) {
    this.network = network
    this.total = total
    this.#counted = counted
    this.#expected = expected ?? { calls: null, pools: [] }
  }

  get ended(): number {
    return this.#ended
  }

  take(event: EngineEvent): void {
    switch (event.event) {
      case 'call.sent':
        this.#calls += 1
        this.#spent.set(event.pool, (this.#spent.get(event.pool) ?? 0) + event.units)
        this.#waiting = null
        break
      case 'page.committed':
        this.#items += event.items
        break
      case 'lane.waiting':
        this.#waiting = { pool: event.pool, until: event.until }
        break
      case 'lane.stopped':
        this.#stopped = event.errorType
        break
      case 'job.ended':
      case 'element.ended':
        this.#ended += 1
        if (AMISS.has(event.status)) this.#amiss.set(event.status, (this.#amiss.get(event.status) ?? 0) + 1)
    }
  }

  /** How much of it is done, 0 to 1. */
  get share(): number {
    return this.total === 0 ? 1 : Math.min(1, this.#ended / this.total)
  }

  /** What is told of it, most important first; each may stand on a line of its own. */
  parts({ now, elapsed, end }: Look): readonly string[] {
    const quota = this.#tightest(now)
    return [
      `${this.network} ${number(this.#ended)}/${number(this.total)} ${this.#counted.many}`,
      ...[...this.#amiss].map(([status, count]) => `${number(count)} ${status}`),
      ...(this.#counted.records ? [`${number(this.#items)} records`] : []),
      `${number(this.#calls)} calls, ${(this.#calls / Math.max(elapsed / 1000, 0.1)).toFixed(1)}/s`,
      ...(quota === null ? [] : [`${number(quota.left)} of ${number(quota.allowance)} units left`]),
      ...this.#progress(elapsed, end),
      ...(end === null ? [...this.#wait(now), ...this.#dayEnds(now, elapsed)] : []),
    ]
  }

  #progress(elapsed: number, end: Look['end']): readonly string[] {
    if (this.#stopped !== null) return [`stopped: ${this.#stopped}`]
    const isDone = end === 'done' && this.#ended >= this.total
    if (end !== null) return [isDone ? `done in ${duration(elapsed)}` : 'stopped']
    const left = this.#timeLeft(elapsed)
    return left === null ? [] : [`${duration(left)} left`]
  }

  /** By calls where they were estimated and not passed, else by jobs; null = not known. */
  #timeLeft(elapsed: number): number | null {
    const expected = this.#expectedCalls()
    if (expected !== null && this.#calls > 0 && this.#calls <= expected)
      return (elapsed / this.#calls) * (expected - this.#calls)
    return this.#ended > 0 ? (elapsed / this.#ended) * (this.total - this.#ended) : null
  }

  /** An estimate that is off by more than half says less than the jobs that are done. */
  #expectedCalls(): number | null {
    const { calls } = this.#expected
    return calls === null || calls.low * 2 < calls.likely || calls.high > calls.likely * 1.5
      ? null
      : calls.likely
  }

  #wait(now: number): readonly string[] {
    if (this.#waiting === null || this.#waiting.until <= now) return []
    return [
      `waiting for ${this.#waiting.pool}: ${duration(Math.ceil((this.#waiting.until - now) / 1000) * 1000)}`,
    ]
  }

  /** The day's pool of which the smallest part is left. */
  #tightest(now: number): PoolNow | null {
    // Behind its end, what was spent of the new window was not counted apart.
    const open = this.#expected.pools.filter(({ resetsAt }) => now < resetsAt)
    const pools = open.map(({ pool, left, allowance, units }): PoolNow => {
      const spent = this.#spent.get(pool) ?? 0
      return { left: Math.max(0, left - spent), allowance, spent, units }
    })
    return pools.toSorted((a, b) => a.left / a.allowance - b.left / b.allowance)[0] ?? null
  }

  /** That the day's units end before the run does, when, and with how many jobs. */
  #dayEnds(now: number, elapsed: number): readonly string[] {
    const quota = this.#tightest(now)
    if (quota === null || this.#ended >= this.total) return []
    if (quota.left === 0) return ["today's units are used up"]
    const left = this.#unitsToCome(quota)
    if (left === null || quota.spent === 0 || left <= quota.left) return []
    const inMs = quota.left / (quota.spent / Math.max(elapsed, 1))
    const jobs = this.#ended + Math.floor((quota.left / left) * (this.total - this.#ended))
    return [
      `today's units end in ${duration(inMs)}, about ${number(jobs)} of ${number(this.total)} ${this.#counted.many}`,
    ]
  }

  #unitsToCome({ spent, units }: PoolNow): number | null {
    if (this.#expectedCalls() !== null && units !== null && spent <= units) return units - spent
    return this.#ended > 0 ? (spent / this.#ended) * (this.total - this.#ended) : null
  }
}

interface PoolNow {
  readonly left: number
  readonly allowance: number
  readonly spent: number
  readonly units: number | null
}

/** A look at a tally; `end` null = it goes on. */
export interface Look {
  readonly now: number
  readonly elapsed: number
  readonly end: 'done' | 'interrupted' | null
}

const AMISS: ReadonlySet<string> = new Set(['partial', 'failed', 'skipped'])
