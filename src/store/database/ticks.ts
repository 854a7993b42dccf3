import type { Instant } from '../../core/instant.ts'

/** A moment that a schedule names, and which schedule: one that was removed and added again is another. */
export interface Tick {
  readonly name: string
  readonly at: Instant
  /** When the schedule was made. */
  readonly since: Instant
}

export interface TicksOptions {
  /** What is done at a tick; rejects = it is handed over again later. The same tick may come more than once. */
  readonly due: (tick: Tick) => Promise<void>
  /** What went wrong meanwhile; it goes on by itself. */
  readonly failed: (error: unknown) => void
}

/** Hands ticks that are due to one of all the processes that ask for them. */
export interface Ticks extends AsyncDisposable {
  /** Sees to it that a tick is handed over when its moment has come, once however many ask for it. */
  arm(tick: Tick): Promise<void>
}
