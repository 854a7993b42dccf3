import { instant } from '../../core/instant.ts'
import type { Tick, Ticks } from '../../store/database/ticks.ts'
import type { ScheduleTimes } from '../../store/reports/schedule-report.ts'
import { ScheduleStore } from '../../store/schedule-store.ts'
import { scheduledOrder } from '../run/run-queue.ts'
import type { Toolbox } from '../toolbox.ts'
import { newestTick, nextTick } from './cron.ts'
import { orderIn, timeOf } from './schedules.ts'

/** What a worker says of schedules, for a log. */
export type TickEvent =
  | {
      readonly event: 'schedule.ordered' | 'schedule.passed-over'
      readonly schedule: string
      readonly at: string
      readonly runId: number
    }
  | { readonly event: 'schedule.failed'; readonly message: string }

/** How often schedules are looked at; with jitter, so that fifty workers do not ask at once. */
const LOOK_MS = 15_000
/** A tick is handed over to the database so long before it: what is changed meanwhile leaves little behind. */
const AHEAD_MS = 10 * 60_000
/** The same trouble is told once in this time. */
const TELL_MS = 10 * 60_000

/**
 * Sees to it that each tick of each schedule orders a run, once whatever the number of workers, until it is disposed of. What goes wrong is
 * told and tried again: a worker has other things to do. Where no worker was there the newest tick that was missed is made up for.
 */
export const keepTicks = async (
  db: string,
  toolbox: Pick<Toolbox, 'clock' | 'crash' | 'transforms'>,
  told: (event: TickEvent) => void,
): Promise<AsyncDisposable> => {
  const keeper = new TickKeeper(await ScheduleStore.open(db, toolbox.crash), toolbox, told)
  const kept = keeper.run()
  return {
    [Symbol.asyncDispose]: async () => {
      keeper.stop()
      await kept
    },
  }
}

/** A schedule's next tick, as long as nothing of the schedule changes. */
interface Known {
  readonly of: string
  readonly at: number
  isArmed: boolean
}

class TickKeeper {
  readonly #store: ScheduleStore
  readonly #toolbox: Pick<Toolbox, 'clock' | 'crash' | 'transforms'>
  readonly #told: (event: TickEvent) => void
  readonly #known = new Map<string, Known>()
  #bell = Promise.withResolvers<void>()
  #isStopped = false
  #ticks: Ticks | null = null
  #trouble: { readonly message: string; readonly at: number } | null = null

  constructor(
    store: ScheduleStore,
    toolbox: Pick<Toolbox, 'clock' | 'crash' | 'transforms'>,
    told: (event: TickEvent) => void,
  ) {
    this.#store = store
    this.#toolbox = toolbox
    this.#told = told
  }

  stop(): void {
    this.#isStopped = true
    this.#bell.resolve()
  }

  async run(): Promise<void> {
    while (!this.#isStopped) {
      await this.#look().catch(error => this.#fail(error))
      const timer = setTimeout(() => this.#bell.resolve(), LOOK_MS * (0.7 + Math.random() * 0.6))
      await this.#bell.promise
      clearTimeout(timer)
      this.#bell = Promise.withResolvers()
    }
    await this.#ticks?.[Symbol.asyncDispose]()
    await this.#store[Symbol.asyncDispose]()
  }

  async #look(): Promise<void> {
    const schedules = await this.#store.times()
    // Who has no schedule needs nothing of it.
    if (schedules.length === 0) return
    this.#ticks ??= await this.#store.openTicks({
      due: tick => this.#order(tick),
      failed: error => this.#fail(error),
    })
    const now = Date.parse(await this.#store.now())
    for (const schedule of schedules) {
      try {
        const next = this.#nextOf(schedule, now)
        if (next.isArmed || next.at > now + AHEAD_MS) continue
        const { name, created_at: since } = schedule
        await this.#ticks.arm({ name, at: instant(next.at), since })
        next.isArmed = true
      } catch (error) {
        this.#fail(error)
      }
    }
  }

  /** The tick that comes next; where one was missed, the newest of these. */
  #nextOf(schedule: ScheduleTimes, now: number): Known {
    const { name, cron, time_zone, created_at, last_tick_at } = schedule
    const of = JSON.stringify([cron, time_zone, created_at, last_tick_at])
    const known = this.#known.get(name)
    const time = timeOf(schedule)
    if (known?.of === of && (known.at > now || nextTick(time, known.at) > now)) return known
    const after = Date.parse(last_tick_at ?? created_at)
    const at = newestTick(time, after, now) ?? nextTick(time, now)
    const next: Known = { of, at, isArmed: false }
    this.#known.set(name, next)
    return next
  }

  async #order(tick: Tick): Promise<void> {
    const { clock, crash } = this.#toolbox
    const time = instant(clock.now())
    const { name, at } = tick
    crash('tick.due')
    const asked = await this.#store.order(name, tick, request =>
      scheduledOrder(orderIn({ request }), this.#toolbox, time),
    )
    crash('tick.answered')
    // What comes after it may be due within the minute.
    this.#bell.resolve()
    if (asked.type === 'ordered')
      this.#told({ event: 'schedule.ordered', schedule: name, at, runId: asked.runId })
    if (asked.type === 'busy')
      this.#told({ event: 'schedule.passed-over', schedule: name, at, runId: asked.runId })
  }

  #fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    const at = performance.now()
    if (this.#trouble?.message === message && at - this.#trouble.at < TELL_MS) return
    this.#trouble = { message, at }
    this.#told({ event: 'schedule.failed', message })
  }
}
