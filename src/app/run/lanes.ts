import { FaultError } from '../../core/fault.ts'
import type { Instant } from '../../core/instant.ts'
import { noteOf } from '../../core/refused-credential.ts'
import { stopOf } from '../../engine/disposition.ts'
import type { Lane } from '../../engine/lane.ts'
import type { Store } from '../../store/store.ts'
import { type OpenNetwork, openLanes } from '../open-networks.ts'
import type { Toolbox } from '../toolbox.ts'
import type { WorkSettings } from './run-request.ts'

/** The lanes of a run's networks; `isLimited` = it has a budget, which they share with all that work on the run. */
export const lanesOf = (
  { runId, isLimited }: { readonly runId: number; readonly isLimited: boolean },
  open: ReadonlyMap<string, OpenNetwork>,
  store: Store,
  { emit, maxWaitMs, concurrency }: Pick<WorkSettings, 'emit' | 'maxWaitMs' | 'concurrency'>,
  toolbox: Toolbox,
): readonly Lane[] =>
  openLanes([...open.values()], store, toolbox, { runId, isLimited, concurrency, maxWaitMs, emit })

/** Lets each credential learn who stands behind it; one that is refused makes no calls. What may pass is learned another time. */
export const introduce = async (
  lanes: readonly Lane[],
  { kill }: Pick<WorkSettings, 'kill'>,
): Promise<void> => {
  for (const lane of lanes) {
    try {
      await lane.source.introduce?.(lane.context(kill))
    } catch (error) {
      kill.throwIfAborted()
      if (!(error instanceof FaultError)) throw error
      const why = stopOf(error)
      if (why !== null) lane.stop(why)
    } finally {
      await lane.account.leave()
    }
  }
}

/** Keeps which credentials were refused, and forgets it of those that were not any more: it is told long after the run. */
export const noteRefusals = async (
  lanes: readonly Lane[],
  store: Pick<Store, 'recall' | 'remember' | 'learned'>,
  now: Instant,
): Promise<void> => {
  for (const [network, its] of Map.groupBy(lanes, lane => lane.source.network)) {
    const memory = await store.recall(network)
    for (const lane of its) {
      const note = noteOf(lane.source.credential, lane, memory, now)
      if (note !== null) store.remember(network, ...note)
    }
  }
  await store.learned()
}

/** Others may still read walks of the run, and find more: it is not ended under their hands. */
export const untilAlone = async (
  runId: number,
  lanes: readonly Lane[],
  store: Store,
  { stop }: Pick<WorkSettings, 'stop'>,
): Promise<void> => {
  for (const network of new Set(lanes.map(({ source }) => source.network)))
    while (!stop.aborted && (await store.untilOthers(runId, network)));
}
