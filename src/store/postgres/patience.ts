import { isLost } from './errors.ts'
import { pause } from './session.ts'

const FIRST_MS = 50
const LONGEST_MS = 2_000

/**
 * How long a server that is away is waited for, from the first failure on, in steps that double, with jitter: fifty
 * workers do not come back at once.
 */
export class Patience {
  readonly #forMs: number
  readonly #longestMs: number
  #since: number | null = null
  #step = FIRST_MS
  constructor(forMs: number, longestMs = LONGEST_MS) {
    this.#forMs = forMs
    this.#longestMs = longestMs
  }

  /** Waits before the next try; throws the error where it is none that passes, or it lasted too long. */
  async wait(error: unknown): Promise<void> {
    const now = performance.now()
    this.#since ??= now
    if (!isLost(error) || now - this.#since > this.#forMs) throw error
    await pause(this.#step * (0.5 + Math.random()))
    this.#step = Math.min(this.#step * 2, this.#longestMs)
  }

  async until<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        await this.wait(error)
      }
    }
  }
}
