import type { Difference } from './sound.ts'

/** The figures of a suite of faults. */
export class Tally {
  #tried = 0
  #lost = 0
  #duplicated = 0
  #wasted = 0
  #inFlight = 0

  /** One fault, played to its end: `wasted` calls were made in vain, of `inFlight` that may have been. */
  add({ lost, duplicated }: Difference, wasted: number, inFlight: number): void {
    this.#tried += 1
    this.#lost += lost.length
    this.#duplicated += duplicated.length
    this.#wasted += Math.max(0, wasted)
    this.#inFlight += inFlight
  }

  toString(): string {
    return `faults tried ${this.#tried} / rows lost ${this.#lost} / rows duplicated ${this.#duplicated} / calls wasted ${this.#wasted} <= ${this.#inFlight} in flight or tried again`
  }
}
