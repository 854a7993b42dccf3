import { Readable } from 'node:stream'
import { OverBudget } from '../core/errors.ts'
import type { Range } from '../core/price.ts'
import { readProfiles } from '../store/known.ts'
import { estimate, type NetworkEstimate } from './estimate.ts'
import { unitsOf, wishOf } from './foresee.ts'
import { type IdInput, readIds } from './ids.ts'
import { exitCodeOf, type Outcome } from './outcome.ts'
import { type RunRequest, run, type WorkSettings } from './run.ts'
import { FORGETFUL, openNetworks } from './sources.ts'
import { type Db, glancing } from './status.ts'
import { type SurveyOptions, survey } from './survey.ts'
import type { Toolbox } from './toolbox.ts'

/** What a run would cost before it is begun. */
export interface Plan {
  readonly networks: readonly NetworkEstimate[]
  /** Units of all networks together: what `--budget` counts. */
  readonly units: Range
  readonly budget: number | null
  /** The run that `--probe` made, or null. */
  readonly probe: Outcome | null
}

/** `socsync plan`: fetches nothing and makes nothing, unless `probe`: then the profiles of which nothing is stored are read first. */
export const plan = async (
  request: RunRequest,
  settings: WorkSettings,
  toolbox: Toolbox,
  probe: boolean,
): Promise<Plan> => {
  const options = { network: request.network, networks: settings.networks }
  await using list = await survey(request.ids, options)
  const names = [...list.counts.keys()]
  const open = await openNetworks(names, settings.networks, toolbox, FORGETFUL)
  const probed = probe ? await probeUnknown(list.input, options, request, settings, toolbox) : null
  const networks = await glancing(settings.db, db =>
    estimate(readIds(list.input, options), open, db, wishOf(request, settings, toolbox)),
  )
  return { networks, units: unitsOf(networks), budget: settings.budget, probe: probed }
}

/** Whether `run` would refuse it. */
export const isOver = ({ units, budget }: Pick<Plan, 'units' | 'budget'>): boolean =>
  budget !== null && units.low > budget

/** 6 where `run` would refuse; else as the probe ended. */
export const exitCodeOfPlan = (plan: Plan, strict: boolean): number => {
  if (isOver(plan)) return new OverBudget('').exitCode
  return plan.probe === null ? 0 : exitCodeOf(plan.probe, strict)
}

/** A run of scope profile over the profiles that are not stored: the cheapest call that each network has. */
const probeUnknown = async (
  input: IdInput,
  options: SurveyOptions,
  request: RunRequest,
  settings: WorkSettings,
  toolbox: Toolbox,
): Promise<Outcome | null> => {
  const unknown: string[] = []
  await glancing(settings.db, async db => {
    for await (const { network, entityId } of readIds(input, options)) {
      if (!(await isStored(db, network, entityId))) unknown.push(`${network}:${entityId}`)
    }
  })
  if (unknown.length === 0) return null
  const ids: IdInput = { stdin: Readable.from(unknown.map(line => `${line}\n`)) }
  return run({ ...request, ids, network: null, scopes: ['profile'] }, settings, toolbox)
}

const isStored = async (db: Db | null, network: string, entityId: string): Promise<boolean> => {
  if (db === null) return false
  const [profile] = await readProfiles(db, network, [entityId], null)
  return profile !== undefined && (profile.stored || profile.gone)
}
