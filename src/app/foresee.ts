import { OverBudget } from '../core/errors.ts'
import { NONE, plus, type Range } from '../core/price.ts'
import { kindsOf } from '../core/scope.ts'
import { type EstimateWish, estimate, type NetworkEstimate } from './estimate.ts'
import { type IdInput, readIds } from './ids.ts'
import type { RunRequest, WorkSettings } from './run.ts'
import type { OpenNetwork } from './sources.ts'
import { glancing } from './status.ts'
import type { SurveyOptions } from './survey.ts'
import type { Toolbox } from './toolbox.ts'

/** What `run` is going to do, told before its first call. Throws OverBudget where even the least that it can cost is more than is allowed. */
export const foresee = async (
  input: IdInput,
  options: SurveyOptions,
  open: ReadonlyMap<string, OpenNetwork>,
  request: RunRequest,
  settings: WorkSettings,
  toolbox: Toolbox,
): Promise<readonly NetworkEstimate[]> => {
  const networks = await glancing(settings.db, db =>
    estimate(readIds(input, options), open, db, wishOf(request, settings, toolbox)),
  )
  const { low } = unitsOf(networks)
  if (settings.budget !== null && low > settings.budget) {
    throw new OverBudget(
      `the run would cost at least ${low} units, and --budget allows ${settings.budget}: nothing was spent`,
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

/** A run's wishes as far as they matter for its price. */
export const wishOf = (request: RunRequest, settings: WorkSettings, toolbox: Toolbox): EstimateWish => ({
  scopes: request.scopes,
  params: { ...request.params, kinds: kindsOf(request.scopes) },
  fullEveryMs: request.fullEveryMs,
  fresh: request.fresh,
  concurrency: settings.concurrency,
  now: toolbox.clock.now(),
})
