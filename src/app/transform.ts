import { BadInput } from '../core/errors.ts'
import type { Emit } from '../core/events.ts'
import { nearest } from '../core/nearest.ts'
import { type Caller, exactly } from '../core/stream.ts'
import { Lane, type Stop } from '../engine/lane.ts'
import { requireDatabase, withReader } from '../store/reader.ts'
import { reportTransforms, type TransformReport } from '../store/reports/transform-report.ts'
import { Store } from '../store/store.ts'
import {
  laneName,
  openService,
  type Service,
  type TransformSettings,
  transformOf,
} from '../transforms/service.ts'
import { workTransform } from '../transforms/work.ts'
import type { Toolbox } from './toolbox.ts'

export { transformOf }

export interface TransformRequest {
  readonly db: string
  /** None = all that are configured. */
  readonly names: readonly string[]
}

export interface TransformRun extends TransformRequest {
  /** Calls in flight to each service; null = what the config says. */
  readonly concurrency: number | null
  /** After the last submission answers are waited for at most so long. */
  readonly maxWaitMs: number
  readonly emit: Emit
  /** Aborted: nothing more is asked, what is in flight is finished. */
  readonly stop: AbortSignal
  /** Aborted: calls in flight are cut off. */
  readonly kill: AbortSignal
  /** Told once how many elements are open by lane, before the first call. */
  planned?(open: ReadonlyMap<string, number>): void
}

/** How a call of `socsync transform run` ended. */
export interface TransformOutcome {
  /** Elements that were new or changed. */
  readonly queued: number
  /** Elements that failed in this call. */
  readonly failed: number
  readonly stops: readonly (Stop & { readonly transform: string })[]
  readonly reports: readonly TransformReport[]
}

/** A service with the token that the settings name; throws NoCredential where its variable is not set. */
export const openServiceOf = async (
  settings: TransformSettings,
  { http, clock, tokenOf }: Pick<Toolbox, 'http' | 'clock' | 'tokenOf'>,
): Promise<Service> => openService({ settings, token: await tokenOf(settings), http, clock })

/** `socsync transform run`: queues what is new or changed, submits, and asks until all is answered or the patience is over. */
export const runTransforms = async (request: TransformRun, toolbox: Toolbox): Promise<TransformOutcome> => {
  const { clock, crash } = toolbox
  const services: Service[] = []
  for (const settings of chooseTransforms(request.names, toolbox.transforms)) {
    services.push(await openServiceOf(settings, toolbox))
  }
  // Nothing is made where nothing was fetched.
  await requireDatabase(request.db)
  const store = await Store.open({ path: request.db, clock, crash, keepRaw: false, origin: toolbox.origin })
  try {
    return await workOff(services, store, request, toolbox)
  } finally {
    await store.close()
  }
}

const workOff = async (
  services: readonly Service[],
  store: Store,
  request: TransformRun,
  toolbox: Toolbox,
): Promise<TransformOutcome> => {
  let queued = 0
  for (const { settings } of services) {
    queued += await store.transforms.queueElements(settings, request.stop)
  }
  const reports = () => reportCurrent(store, services)
  request.planned?.(new Map((await reports()).map(report => [laneName(report.transform), openOf(report)])))

  let failed = 0
  const emit: Emit = event => {
    if (event.event === 'element.ended' && event.status === 'failed') failed++
    request.emit(event)
  }
  const stops = await workServices(services, store, { ...request, emit }, toolbox)
  return { queued, failed, stops, reports: await reports() }
}

/**
 * Submits what is queued for these services and asks about what is under way, in an open store, for as long as the patience lasts;
 * returns what stopped which of them.
 */
export const workServices = async (
  services: readonly Service[],
  store: Store,
  request: Pick<TransformRun, 'concurrency' | 'maxWaitMs' | 'emit' | 'stop' | 'kill'>,
  toolbox: Toolbox,
): Promise<TransformOutcome['stops']> => {
  const { clock, crash } = toolbox
  const { emit, stop, kill, maxWaitMs } = request
  const workers = services.map(service => ({ service, lane: openLane(service, store, toolbox, request) }))
  const common = {
    ...{ store: store.transforms.submissions(), random: Math.random },
    ...{ clock, emit, crash, maxWaitMs, stop, kill },
  }
  const ended = await Promise.allSettled(workers.map(worker => workTransform({ ...worker, ...common })))
  const broken = ended.find(end => end.status === 'rejected')
  if (broken !== undefined && !kill.aborted) throw broken.reason
  return workers.flatMap(({ service, lane }) =>
    lane.stopped === null ? [] : [{ ...lane.stopped, transform: service.settings.transform }],
  )
}

const openLane = (
  { source, settings }: Service,
  store: Store,
  { clock }: Toolbox,
  { concurrency, maxWaitMs, emit }: Pick<TransformRun, 'concurrency' | 'maxWaitMs' | 'emit'>,
): Lane<Caller> =>
  new Lane({
    runId: null,
    source,
    concurrency: exactly(concurrency ?? settings.concurrency),
    ledger: store,
    clock,
    emit,
    maxWaitMs,
    random: Math.random,
  })

/** How the versions stand that are asked for now. */
const reportCurrent = async (
  store: Store,
  services: readonly Service[],
): Promise<readonly TransformReport[]> => {
  const names = services.map(({ settings }) => settings.transform)
  const reports = await store.transforms.report(names)
  return reports.filter(({ transform, version }) =>
    services.some(({ settings }) => settings.transform === transform && settings.version === version),
  )
}

/** Elements that have no answer yet. */
export const openOf = ({ elements }: TransformReport): number =>
  elements.queued + elements.pending + elements.processing

/** The first that applies: 5 = a service refuses the token; 75 = answers are still to come; 3 = some failed, or nothing can go on. */
export const exitCodeOfTransforms = ({ stops, failed, reports }: TransformOutcome): number => {
  if (stops.some(({ errorType }) => errorType === 'unauthorised')) return 5
  if (stops.some(({ until }) => until === null)) return 3
  if (reports.some(report => openOf(report) > 0)) return 75
  return failed > 0 ? 3 : 0
}

/** `socsync transform status`: every version of the named transforms, or of all. */
export const transformStatus = ({ db, names }: TransformRequest): Promise<readonly TransformReport[]> =>
  withReader(db, reader => reportTransforms(reader, names.length === 0 ? null : names))

/** `socsync transform retry`: what failed is queued again. Returns how many by transform. */
export const retryTransforms = async (
  { db, names }: TransformRequest,
  { transforms, clock, crash, origin }: Pick<Toolbox, 'transforms' | 'clock' | 'crash' | 'origin'>,
): Promise<ReadonlyMap<string, number>> => {
  const chosen = chooseTransforms(names, transforms)
  await withReader(db, async () => {})
  const store = await Store.open({ path: db, clock, crash, keepRaw: false, origin })
  try {
    const again = new Map<string, number>()
    for (const definition of chosen) {
      again.set(definition.transform, await store.transforms.requeueFailed(definition))
    }
    return again
  } finally {
    await store.close()
  }
}

/** The named transforms, and none where none is named; BadInput where one is not configured. */
export const namedTransforms = (
  names: readonly string[],
  configured: readonly TransformSettings[],
): readonly TransformSettings[] => (names.length === 0 ? [] : chooseTransforms(names, configured))

/** The named transforms, or all; BadInput where one is not configured, or none is. */
export const chooseTransforms = (
  names: readonly string[],
  configured: readonly TransformSettings[],
): readonly TransformSettings[] => {
  if (configured.length === 0) {
    throw new BadInput('no transform is configured', {
      hint: 'describe it under "transforms" in the config file, or try --sandbox, which has one',
    })
  }
  if (names.length === 0) return configured
  return [...new Set(names)].map(name => {
    const found = configured.find(({ transform }) => transform === name)
    if (found !== undefined) return found
    const known = configured.map(({ transform }) => transform)
    const meant = nearest(name, known)
    throw new BadInput(`there is no transform "${name.slice(0, 60)}"`, {
      hint: meant === null ? `configured are ${known.join(', ')}` : `did you mean ${meant}?`,
    })
  })
}
