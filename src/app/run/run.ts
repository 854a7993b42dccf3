import { BadInput } from '../../core/errors.ts'
import { instant } from '../../core/instant.ts'
import type { Params } from '../../core/params.ts'
import { kindsOf } from '../../core/scope.ts'
import type { Span } from '../../core/span.ts'
import type { Lane } from '../../engine/lane.ts'
import { work } from '../../engine/work.ts'
import { spanOfRun } from '../../store/queue/find-jobs.ts'
import { followDatabaseAt, withReader, withReaderIfCurrent } from '../../store/reader.ts'
import { Store } from '../../store/store.ts'
import { checkBudget } from '../cost/budget-check.ts'
import type { NetworkEstimate } from '../cost/estimate.ts'
import { readIds } from '../ids/ids.ts'
import { validateList } from '../ids/validated-list.ts'
import {
  NO_MEMORY,
  type OpenNetwork,
  openNetworks,
  openStoredNetworks,
  readOnlyMemory,
} from '../open-networks.ts'
import type { Toolbox } from '../toolbox.ts'
import { spanRun } from '../tracing.ts'
import { queriesNamed, refuseChanged } from './changed-queries.ts'
import { type CreatedJobs, continueJobs, createJobs } from './create-jobs.ts'
import { type Expected, expectedOf } from './expected.ts'
import { introduce, lanesOf, noteRefusals, untilAlone } from './lanes.ts'
import { closeRun, type Outcome } from './outcome.ts'
import {
  Cancelled,
  estimateOptionsOf,
  listOptionsOf,
  type ResumeRequest,
  type RunRequest,
  type WorkSettings,
} from './run-request.ts'
import { storingOf } from './storing.ts'

/** `socsync run`: jobs for a list of profiles, worked off until nothing is left or nothing can go on. */
export const run = async (
  request: RunRequest,
  settings: WorkSettings,
  toolbox: Toolbox,
): Promise<Outcome> => {
  const { scopes } = request
  const options = listOptionsOf(request, settings.networks)
  await using list = await validateList(request.ids, options)
  const { queries, ...wanted } = request.params
  const named = queriesNamed(list.searches, queries)
  const params: Params = { ...wanted, ...(named !== undefined && { queries: named }), kinds: kindsOf(scopes) }
  if (named !== undefined)
    await withReaderIfCurrent(settings.db, db => refuseChanged(db, list.searches, named))
  const names = [...list.counts.keys()]
  // Credentials and the price are looked at before the file is touched.
  const expects = settings.budget !== null || settings.expects
  if (expects) await followDatabaseAt(settings.db, toolbox.clock)
  const memory = expects ? readOnlyMemory(settings.db) : NO_MEMORY
  const priced = await openNetworks(names, settings.networks, toolbox, memory)
  const expected = expects
    ? await checkBudget(list.input, options, priced, estimateOptionsOf(request, settings, toolbox), settings)
    : []
  // Awaited here, so that a copied list outlives its use.
  return await withNetworks(names, settings, toolbox, async (store, open) => {
    return await inRun(store, settings, { scopes, params: { ...params } }, async begun => {
      const { runId, traceId } = begun
      const ids = readIds(list.input, options)
      const lanes = lanesOf(begun, open, store, settings, toolbox)
      await introduce(lanes, settings)
      const planned = await createJobs(ids, open, store, {
        runId,
        traceId,
        scopes,
        params,
        sinceLast: request.sinceLast ?? false,
        fullEveryMs: request.fullEveryMs,
        refreshAfterMs: request.refreshAfterMs,
        now: toolbox.clock.now(),
        fresh: request.fresh,
        wait: request.wait ? settings.stop : null,
      })
      return workOff(begun, planned, lanes, store, settings, toolbox, expected)
    })
  })
}

/** `socsync resume`: goes on with what is partial, failed or interrupted. Null = there is nothing to go on with. */
export const resume = async (
  request: ResumeRequest,
  settings: WorkSettings,
  toolbox: Toolbox,
): Promise<Outcome | null> => {
  // Nothing is made where there is nothing to go on with.
  await withReader(settings.db, async db => {
    if (typeof request.which === 'object' && 'runId' in request.which)
      await spanOfRun(db, request.which.runId)
  })
  const store = await openStore(settings, toolbox)
  try {
    const { unfinished, unknown } = await store.findChainEnds(request.which)
    if (unknown.length > 0) {
      throw new BadInput(`there is no job ${unknown.join(', ')} in ${store.path}`, {
        hint: '`socsync jobs` lists them',
      })
    }
    const [first] = unfinished
    if (first === undefined) return null
    const names = [...new Set(unfinished.map(job => job.network))]
    const open = await openStoredNetworks(names, settings.networks, toolbox, store)
    const { scopes, params } = first
    return await inRun(store, settings, { scopes, params: { ...params } }, async begun => {
      const planned = await continueJobs(unfinished, open, store, begun)
      const lanes = lanesOf(begun, open, store, settings, toolbox)
      return await workOff(begun, planned, lanes, store, settings, toolbox)
    })
  } finally {
    await store.close()
  }
}

/** A run that has begun: its number, its trace, and its span, which ends with it. */
interface BegunRun {
  readonly runId: number
  readonly traceId: string
  readonly isLimited: boolean
  readonly span: Span
}

/** Makes a run, or takes one that was ordered, and works on it. */
const inRun = async (
  store: Store,
  { trigger, adopt, budget, schedule, transforms = [] }: WorkSettings,
  of: Pick<Parameters<Store['createRun']>[0], 'scopes' | 'params'>,
  go: (begun: BegunRun) => Promise<Outcome>,
): Promise<Outcome> => {
  const terms = { budget, transforms }
  if (adopt !== undefined) {
    const adopted = await store.adoptRun(adopt, terms)
    return await spanRun(adopted.traceId, async ({ span }) => go({ runId: adopt, ...adopted, span }))
  }
  return await spanRun(null, async ({ span, traceId }) => {
    const scheduled = schedule !== undefined && { schedule }
    const runId = await store.createRun({ trigger, ...of, ...scheduled, traceId, terms })
    return await go({ runId, traceId, isLimited: budget !== null, span })
  })
}

const openStore = async (settings: WorkSettings, toolbox: Toolbox): Promise<Store> =>
  Store.open({
    ...(await storingOf(settings, toolbox)),
    ...(settings.purpose !== undefined && { purpose: settings.purpose }),
  })

const withNetworks = async (
  names: readonly string[],
  settings: WorkSettings,
  toolbox: Toolbox,
  use: (store: Store, open: ReadonlyMap<string, OpenNetwork>) => Promise<Outcome>,
): Promise<Outcome> => {
  const store = await openStore(settings, toolbox)
  try {
    return await use(store, await openStoredNetworks(names, settings.networks, toolbox, store))
  } finally {
    await store.close()
  }
}

const workOff = async (
  { runId, traceId, span }: BegunRun,
  planned: CreatedJobs,
  lanes: readonly Lane[],
  store: Store,
  settings: WorkSettings,
  toolbox: Toolbox,
  expected: readonly NetworkEstimate[] = [],
): Promise<Outcome> => {
  const { emit, stop, kill } = settings
  span.set(() => ({ run_id: runId, trigger: settings.trigger }))
  const began = instant(toolbox.clock.now())
  if (settings.adopt !== undefined || store.shared.isPossible) await store.markPlanned(runId)
  if (settings.planned !== undefined) {
    const sources = lanes.map(({ source }) => source)
    const before = settings.expects
      ? await expectedOf(settings.db, sources, expected, toolbox.clock.now())
      : new Map<string, Expected>()
    settings.planned(runId, await store.countJobs(runId), before, traceId)
  }
  let failure: unknown
  try {
    const { crash, clock } = toolbox
    await work({ runId, store, lanes, emit, crash, began, now: () => clock.now(), stop, kill, span })
    await noteRefusals(lanes, store, instant(clock.now()))
    await untilAlone(runId, lanes, store, settings)
  } catch (error) {
    failure = error
  }
  const isFailed = failure !== undefined && !kill.aborted
  try {
    if (stop.aborted && !(stop.reason instanceof Cancelled)) await store.shared.handOver(runId)
    const outcome = await closeRun(runId, planned, lanes, store, { interrupted: stop.aborted })
    if (!isFailed) return outcome
  } catch (error) {
    // What came first is the cause, and the one to tell.
    if (!isFailed) throw error
  }
  throw failure
}
