/** Time as a port: the real one, or the sandbox's movable one (`http/clock.ts`). */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Resolves after `ms`, at once where `ms` ≤ 0; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
