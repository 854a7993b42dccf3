import type { Widths } from '../core/stream.ts'

/** Answers for each call in flight, while others wait for their turn, before one more is let out. */
const ANSWERS_A_STEP = 2

/**
 * The calls in flight of a lane, as its network takes them: one more whenever enough answers came while others waited for their
 * turn, half of them at a refusal. As many as were refused are never tried again in this run: a refusal may be paid for.
 */
export class Width {
  readonly #isFixed: boolean
  #now: number
  #most: number
  #answers = 0
  #narrowed = 0

  constructor({ start, most }: Widths) {
    this.#isFixed = start >= most
    this.#now = start
    this.#most = most
  }

  get now(): number {
    return this.#now
  }

  /** How often it was halved: what was sent before a halving says nothing about what there is now. */
  get narrowed(): number {
    return this.#narrowed
  }

  /** A call was answered; `waiting` = others wait for their turn. */
  answered(waiting: boolean): void {
    if (!waiting || this.#now >= this.#most) return
    if (++this.#answers < ANSWERS_A_STEP * this.#now) return
    this.#answers = 0
    this.#now++
  }

  /** The network refused a call because there are too many; `sent` = how often it had been halved when that was sent. */
  refused(sent: number): void {
    if (this.#isFixed || sent !== this.#narrowed) return
    this.#narrowed++
    this.#answers = 0
    this.#most = Math.max(1, this.#now - 1)
    this.#now = Math.max(1, Math.floor(this.#now / 2))
  }
}
