import type { LedgerEntry, Refusal } from '../../core/ports.ts'
import type { Weight } from '../database/database.ts'
import { charge } from './ledger.ts'
import type { Worker } from './worker.ts'

interface Charge {
  readonly entry: LedgerEntry
  readonly resolve: (answer: Refusal | null) => void
  readonly reject: (error: unknown) => void
}

/**
 * The charges of a worker. Those that are asked for while a transaction is under way share the next one: each is in the
 * ledger before its call is sent, and ten calls in flight cost one sync to disk.
 */
export class Charges {
  readonly #worker: Pick<Worker, 'take'>
  readonly #now: () => number
  readonly #weight: Weight
  #waiting: Charge[] = []

  /** `now` = epoch ms by the clock of the run. */
  constructor(worker: Pick<Worker, 'take'>, now: () => number, weight: Weight) {
    this.#worker = worker
    this.#now = now
    this.#weight = weight
  }

  charge(entry: LedgerEntry): Promise<Refusal | null> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject })
      if (this.#waiting.length === 1) void this.#chargeAll()
    })
  }

  async #chargeAll(): Promise<void> {
    let taken: readonly Charge[] = []
    try {
      const refusals = await this.#worker.take(async tx => {
        // Tried anew it takes those along that came meanwhile.
        taken = [...taken, ...this.#waiting.splice(0)]
        const refusals: (Refusal | null)[] = []
        for (const { entry } of taken) refusals.push(await charge(tx, entry, this.#now()))
        return refusals
      }, this.#weight)
      taken.forEach(({ resolve }, index) => void resolve(refusals[index] ?? null))
    } catch (error) {
      if (taken.length === 0) taken = this.#waiting.splice(0)
      for (const { reject } of taken) reject(error)
    }
  }
}
