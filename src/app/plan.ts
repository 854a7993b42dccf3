import { kindOfEntity } from '../core/entity.ts'
import { OverBudget } from '../core/errors.ts'
import type { Range } from '../core/price.ts'
import { isShared, refuseOther } from '../store/connect.ts'
import { type Db, followDatabaseAt, withReaderIfCurrent } from '../store/reader.ts'
import { readProfiles } from '../store/reports/stored-profiles.ts'
import { unitsOf } from './cost/budget-check.ts'
import { estimate, type NetworkEstimate } from './cost/estimate.ts'
import { type IdInput, type IdLine, type ListOptions, readIds } from './ids/ids.ts'
import { openTemporaryList, type TemporaryList } from './ids/temporary-list.ts'
import { validateList } from './ids/validated-list.ts'
import { openNetworks, readOnlyMemory } from './open-networks.ts'
import { refuseChanged } from './run/changed-queries.ts'
import { exitCodeOf, type Outcome } from './run/outcome.ts'
import { run } from './run/run.ts'
import type { RunOrder } from './run/run-queue.ts'
import { estimateOptionsOf, listOptionsOf, type RunRequest, type WorkSettings } from './run/run-request.ts'
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

/** A plan for programs, as the command and the REST API both spell it. */
export const planView = ({ networks, units, budget }: Plan) => ({
  fits_budget: budget === null ? null : units.low <= budget,
  budget,
  units,
  networks: networks.map(of => ({
    network: of.network,
    ...of.listed,
    stored: of.stored,
    incremental: of.incremental,
    continued: of.continued,
    calls: of.calls,
    costs: of.costs.map(({ kind, pool, calls }) => ({ kind, pool, calls })),
    pools: of.pools.map(({ doneAt, ...pool }) => ({ ...pool, done_at: doneAt })),
    seconds: of.seconds,
    seconds_per_call: of.secondsPerCall,
    pace_measured: of.measured,
    assumptions: of.assumptions.map(({ name, measuredOn, ...range }) => ({
      name: name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`),
      measured_on: measuredOn,
      ...range,
    })),
  })),
})

/** `socsync plan`: fetches nothing and makes nothing, unless `probe`: then the profiles of which nothing is stored are read first. */
export const plan = (
  request: RunRequest,
  settings: WorkSettings,
  toolbox: Toolbox,
  probe: boolean,
): Promise<Plan> =>
  price(
    request,
    settings,
    toolbox,
    probe ? (input, options) => probeUnknown(input, options, request, settings, toolbox) : null,
  )

type PriceSettings = Pick<WorkSettings, 'db' | 'networks' | 'concurrency' | 'budget'>

/** The price of a run that is asked of `serve`: fetches nothing and makes nothing. */
export const planOrder = (
  { ids, ...order }: RunOrder,
  settings: Omit<PriceSettings, 'budget'>,
  toolbox: Toolbox,
): Promise<Plan> =>
  price(
    { ...order, ids: { args: ids } },
    {
      ...settings,
      concurrency: order.work.concurrency ?? settings.concurrency,
      budget: order.work.budget ?? null,
    },
    toolbox,
    null,
  )

const price = async (
  request: RunRequest,
  settings: PriceSettings,
  toolbox: Toolbox,
  probe: ((input: IdInput, options: ListOptions) => Promise<Outcome | null>) | null,
): Promise<Plan> => {
  const options = listOptionsOf(request, settings.networks)
  await using list = await validateList(request.ids, options)
  await followDatabaseAt(settings.db, toolbox.clock)
  const names = [...list.counts.keys()]
  const open = await openNetworks(names, settings.networks, toolbox, readOnlyMemory(settings.db))
  // A file was looked at when the toolbox was opened.
  if (toolbox.origin !== null && isShared(settings.db)) await refuseOther(settings.db, toolbox.origin)
  const probed = probe === null ? null : await probe(list.input, options)
  const networks = await withReaderIfCurrent(settings.db, async db => {
    await refuseChanged(db, list.searches, request.params.queries)
    return await estimate(
      readIds(list.input, options),
      open,
      db,
      estimateOptionsOf(request, settings, toolbox),
    )
  })
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
  options: ListOptions,
  request: RunRequest,
  settings: WorkSettings,
  toolbox: Toolbox,
): Promise<Outcome | null> => {
  await using list = await openTemporaryList()
  const found = await withReaderIfCurrent(settings.db, db => writeUnknown(readIds(input, options), db, list))
  await list.finish()
  if (found === 0) return null
  return await run({ ...request, ids: list.input, network: null, scopes: ['profile'] }, settings, toolbox)
}

/** Profiles are asked about this many at once: a list of ten million costs no memory. */
const BATCH = 500

/** Writes down the profiles of which nothing is stored, each line with its network; returns how many. */
const writeUnknown = async (
  ids: AsyncIterable<Pick<IdLine, 'network' | 'entityId'>>,
  db: Db | null,
  list: TemporaryList,
): Promise<number> => {
  let written = 0
  const flush = async (network: string, batch: readonly string[]): Promise<void> => {
    const unknown = await findUnknown(db, network, batch)
    await list.write(unknown.map(entityId => `${network}:${entityId}\n`).join(''))
    written += unknown.length
  }
  const batches = new Map<string, string[]>()
  for await (const { network, entityId } of ids) {
    // What else is asked for by its id costs as much to be looked at as to be had.
    if (kindOfEntity(entityId) !== 'profile') continue
    const batch = batches.get(network) ?? []
    batches.set(network, batch)
    if (batch.push(entityId) === BATCH) await flush(network, batch.splice(0))
  }
  for (const [network, batch] of batches) await flush(network, batch)
  return written
}

const findUnknown = async (
  db: Db | null,
  network: string,
  ids: readonly string[],
): Promise<readonly string[]> => {
  if (db === null) return ids
  const profiles = await readProfiles(db, network, ids, null)
  return profiles.filter(({ stored, gone }) => !stored && !gone).map(({ entityId }) => entityId)
}
