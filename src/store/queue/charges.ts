import type { LedgerEntry, Overspent, Refusal } from '../../core/ports.ts'
import type { Tx, Weight } from '../database/database.ts'
import { giveBack, spend } from './budgets.ts'
import { addCosts, charge } from './ledger.ts'
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
  const refusals = new Map<LedgerEntry, Refused>()
  for (const entry of entries.toSorted(byRun)) {
    const { runId, isLimited, units } = entry
    if (isLimited && runId !== null && !(await spend(tx, runId, units)))
      refusals.set(entry, { kind: 'budget' })
  }
  for (const entry of entries.toSorted(byPool)) {
    if (refusals.has(entry)) continue
    const refused = await charge(tx, entry, now)
    if (refused === null) continue
    refusals.set(entry, refused)
    if (entry.isLimited && entry.runId !== null) await giveBack(tx, entry.runId, entry.units)
  }
  await addCosts(
    tx,
    entries.filter(entry => !refusals.has(entry)),
  )
  return entries.map(entry => refusals.get(entry) ?? null)
}

const byRun = (a: LedgerEntry, b: LedgerEntry): number => (a.runId ?? 0) - (b.runId ?? 0)
const byPool = (a: LedgerEntry, b: LedgerEntry): number =>
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
