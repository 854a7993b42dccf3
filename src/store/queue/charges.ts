import type { LedgerEntry, Overspent, Refusal } from '../../core/ports.ts'
import type { Tx, Weight } from '../database/database.ts'
import { giveBack, spend } from './budgets.ts'
import { addCosts, charge, uncharge } from './ledger.ts'
import type { Worker } from './worker.ts'

type Refused = Refusal | Overspent

/**
 * Charges each entry to its run's budget and to its pool, and writes what it costs to its run; for each that was refused, why. Rows
 * are taken in one order, budgets, pools, costs, each by key: several machines charge the same ones at once.
 */
export const chargeAll = async (
  tx: Tx,
  entries: readonly LedgerEntry[],
  now: number,
): Promise<readonly (Refused | null)[]> => {
  const asked: Asked[] = entries.map(entry => ({ entry, refused: null }))
  for (const one of asked.toSorted(byRun)) {
    const { runId, isLimited, units } = one.entry
    if (isLimited && runId !== null && !(await spend(tx, runId, units))) one.refused = { kind: 'budget' }
  }
  for (const one of asked.toSorted(byPool)) {
    if (one.refused !== null) continue
    const { runId, isLimited, units } = one.entry
    one.refused = await charge(tx, one.entry, now)
    if (one.refused !== null && isLimited && runId !== null) await giveBack(tx, runId, units)
  }
  await addCosts(
    tx,
    asked.filter(({ refused }) => refused === null).map(({ entry }) => entry),
  )
  return asked.map(({ refused }) => refused)
}

/** Undoes a charge of {@link chargeAll}, in the same order. */
export const takeBack = async (tx: Tx, entry: LedgerEntry): Promise<void> => {
  const { runId, isLimited, units } = entry
  if (isLimited && runId !== null) await giveBack(tx, runId, units)
  uncharge(tx, entry)
}

/** Each time that it is asked for: one entry may be charged for many calls. */
interface Asked {
  readonly entry: LedgerEntry
  refused: Refused | null
}

const byRun = ({ entry: a }: Asked, { entry: b }: Asked): number => (a.runId ?? 0) - (b.runId ?? 0)
const byPool = ({ entry: a }: Asked, { entry: b }: Asked): number =>
  compare(a.network, b.network) || compare(a.owner, b.owner) || compare(a.pool, b.pool)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

interface Charge {
  readonly entry: LedgerEntry
  readonly resolve: (answer: Refused | null) => void
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

  charge(entry: LedgerEntry): Promise<Refused | null> {
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
        return chargeAll(
          tx,
          taken.map(({ entry }) => entry),
          this.#now(),
        )
      }, this.#weight)
      taken.forEach(({ resolve }, index) => void resolve(refusals[index] ?? null))
    } catch (error) {
      if (taken.length === 0) taken = this.#waiting.splice(0)
      for (const { reject } of taken) reject(error)
    }
  }
}
