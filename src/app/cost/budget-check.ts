import { OverBudget } from '../../core/errors.ts'
import { NONE, plus, type Range } from '../../core/price.ts'
import { withReaderIfCurrent } from '../../store/reader.ts'
import { type IdInput, type ListOptions, readIds } from '../ids/ids.ts'
import type { OpenNetwork } from '../open-networks.ts'
import { type EstimateOptions, estimate, type NetworkEstimate } from './estimate.ts'

/** What `run` is going to do, told before its first call. Throws OverBudget where even the least that it can cost is more than is allowed. */
export const checkBudget = async (
  input: IdInput,
  options: ListOptions,
  open: ReadonlyMap<string, OpenNetwork>,
  how: EstimateOptions,
  { db: path, budget }: { readonly db: string; readonly budget: number | null },
): Promise<readonly NetworkEstimate[]> => {
  const networks = await withReaderIfCurrent(path, db => estimate(readIds(input, options), open, db, how))
  const { low } = unitsOf(networks)
  if (budget !== null && low > budget) {
    throw new OverBudget(
      `the run would cost at least ${low} units, and --budget allows ${budget}: nothing was spent`,
      {
        hint: 'see it with `socsync plan`; raise --budget, or narrow the run with --scope, --since or --limit-posts',
      },
    )
  }
  return networks
}

/** Units of all networks together. */
export const unitsOf = (networks: readonly NetworkEstimate[]): Range =>
  networks.reduce((sum, { calls }) => plus(sum, calls), NONE)
