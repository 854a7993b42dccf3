import { randomUUID } from 'node:crypto'
import { BadInput } from '../core/errors.ts'
import type { Emit } from '../core/events.ts'
import { kindsOf, type Scope } from '../core/scope.ts'
import type { Params } from '../core/stream.ts'
import type { TransformWish } from '../core/transform.ts'
import type { Lane } from '../engine/lane.ts'
import { work } from '../engine/work.ts'
import type { Network } from '../networks/contract.ts'
import { findChainEnds, jobsOfRun } from '../store/look-up.ts'
import { Store } from '../store/store.ts'
import { type IdInput, readIds } from './ids.ts'
import { closeRun, type Outcome } from './outcome.ts'
import { continueJobs, type Planned, planJobs } from './plan-jobs.ts'
import { type OpenNetwork, openLanes, openNetwork } from './sources.ts'
import { reading } from './status.ts'
import { survey } from './survey.ts'
import type { Toolbox } from './toolbox.ts'

/** How a run works, whatever it works on. */
export interface WorkSettings {
  readonly db: string
  readonly networks: readonly Network[]
  /** Calls in flight per network; null = what the network's limits say. */
  readonly concurrency: number | null
  readonly maxWaitMs: number
  /** Units that the run may spend, or null. */
  readonly budget: number | null
  readonly keepRaw: boolean
  /** The transforms that what lands is queued for. */
  readonly transforms?: readonly TransformWish[]
  readonly trigger: 'cli' | 'api' | 'schedule'
  readonly emit: Emit
  /** Aborted: no further page is begun. */
  readonly stop: AbortSignal
  /** Aborted: calls in flight are cut off. */
  readonly kill: AbortSignal
  /** Told once how many jobs there are by network, before the first call. */
  planned?(runId: number, jobs: ReadonlyMap<string, number>): void
}

export interface RunRequest {
  readonly ids: IdInput
  /** The network of all ids, or null: each line says its own. */
  readonly network: string | null
  readonly scopes: readonly Scope[]
  readonly params: Omit<Params, 'kinds'>
  /** A profile is read whole again where its last full pass lies so far back. */
  readonly fullEveryMs: number
  readonly fresh: boolean
  /** True: profiles that another run holds are waited for, not skipped. */
  readonly wait: boolean
}

/** `socsync run`: jobs for a list of profiles, worked off until nothing is left or nothing can go on. */
export const run = async (
  request: RunRequest,
  settings: WorkSettings,
  toolbox: Toolbox,
): Promise<Outcome> => {
  const { scopes } = request
  const params: Params = { ...request.params, kinds: kindsOf(scopes) }
  const { network } = request
  const options = { network, networks: settings.networks }
  await using list = await survey(request.ids, options)
  // Awaited here, so that a copied list outlives its use.
  return await withNetworks([...list.counts.keys()], settings, toolbox, async (store, open) => {
    const traceId = randomUUID()
    const runId = await store.createRun({ trigger: settings.trigger, scopes, params: { ...params }, traceId })
    const ids = readIds(list.input, options)
    const planned = await planJobs(ids, open, store, {
      runId,
      traceId,
      scopes,
      params,
      fullEveryMs: request.fullEveryMs,
      now: toolbox.clock.now(),
      fresh: request.fresh,
      wait: request.wait ? settings.stop : null,
    })
    return workOff(runId, planned, open, store, settings, toolbox)
  })
}

export interface ResumeRequest {
  readonly which: { readonly jobs: readonly number[] } | { readonly runId: number } | 'all'
}

/** `socsync resume`: goes on with what is partial, failed or interrupted. Null = there is nothing to go on with. */
export const resume = async (
  request: ResumeRequest,
  settings: WorkSettings,
  toolbox: Toolbox,
): Promise<Outcome | null> => {
  // Nothing is made where there is nothing to go on with.
  await reading(settings.db, async db => {
    if (typeof request.which === 'object' && 'runId' in request.which)
      await jobsOfRun(db, request.which.runId)
  })
  const store = await openStore(settings, toolbox)
  try {
    const { unfinished, unknown } = await findChainEnds(store.file.db, request.which)
    if (unknown.length > 0) {
      throw new BadInput(`there is no job ${unknown.join(', ')} in ${store.file.path}`, {
        hint: '`socsync jobs` lists them',
      })
    }
    const [first] = unfinished
    if (first === undefined) return null
    const names = [...new Set(unfinished.map(job => job.network))]
    const open = await openNetworks(names, settings, toolbox, store)
    const traceId = randomUUID()
    const runId = await store.createRun({
      trigger: settings.trigger,
      scopes: first.scopes,
      params: { ...first.params },
      traceId,
    })
    const planned = await continueJobs(unfinished, open, store, { runId, traceId })
    return await workOff(runId, planned, open, store, settings, toolbox)
  } finally {
    await store.close()
  }
}

const openStore = (settings: WorkSettings, { clock, crash }: Toolbox): Promise<Store> =>
  Store.open({
    path: settings.db,
    clock,
    crash,
    keepRaw: settings.keepRaw,
    transforms: settings.transforms ?? [],
  })

/** Credentials are looked for before the file is touched. */
const withNetworks = async (
  names: readonly string[],
  settings: WorkSettings,
  toolbox: Toolbox,
  use: (store: Store, open: ReadonlyMap<string, OpenNetwork>) => Promise<Outcome>,
): Promise<Outcome> => {
  for (const network of chosen(names, settings)) toolbox.credentials(network)
  const store = await openStore(settings, toolbox)
  try {
    return await use(store, await openNetworks(names, settings, toolbox, store))
  } finally {
    await store.close()
  }
}

const openNetworks = async (
  names: readonly string[],
  settings: WorkSettings,
  toolbox: Toolbox,
  store: Store,
): Promise<Map<string, OpenNetwork>> => {
  const open = new Map<string, OpenNetwork>()
  for (const network of chosen(names, settings)) {
    open.set(network.name, await openNetwork(network, toolbox.credentials(network), store, toolbox))
  }
  return open
}

const chosen = (names: readonly string[], { networks }: WorkSettings): readonly Network[] =>
  networks.filter(network => names.includes(network.name))

const workOff = async (
  runId: number,
  planned: Planned,
  open: ReadonlyMap<string, OpenNetwork>,
  store: Store,
  settings: WorkSettings,
  toolbox: Toolbox,
): Promise<Outcome> => {
  const { emit, stop, kill, maxWaitMs, concurrency } = settings
  const budget = { left: settings.budget ?? Number.POSITIVE_INFINITY }
  const lanes: Lane[] = openLanes([...open.values()], store, toolbox, {
    runId,
    concurrency,
    maxWaitMs,
    budget,
    emit,
  })
  settings.planned?.(runId, await countJobs(store, runId))
  let failure: unknown
  try {
    const { crash, clock } = toolbox
    await work({ runId, store, lanes, emit, crash, now: () => clock.now(), stop, kill })
  } catch (error) {
    failure = error
  }
  const outcome = await closeRun(runId, planned, lanes, store, { interrupted: stop.aborted })
  if (failure !== undefined && !kill.aborted) throw failure
  return outcome
}

const countJobs = async (store: Store, runId: number): Promise<Map<string, number>> => {
  const rows = await store.file.db
    .selectFrom('sync_jobs')
    .select(['network', eb => eb.fn.countAll<number>().as('count')])
    .where('run_id', '=', runId)
    .groupBy('network')
    .execute()
  return new Map(rows.map(row => [row.network, row.count]))
}
