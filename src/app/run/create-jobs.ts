import type { Params } from '../../core/params.ts'
import type { Scope } from '../../core/scope.ts'
import { startOf } from '../../core/watermark.ts'
import { sharedStreams } from '../../engine/share.ts'
import { rankOf } from '../../engine/step.ts'
import type { Successors, Unfinished } from '../../store/queue/continue.ts'
import { boundsOf } from '../../store/queue/jobs.ts'
import type { JobRequest, Store } from '../../store/store.ts'
import { type OpenNetwork, openingOf } from '../open-networks.ts'

/** Jobs are made this many in a transaction: a list of ten million costs no memory. */
const BATCH = 500

export interface CreateJobsOptions {
  readonly runId: number
  readonly traceId: string
  readonly scopes: readonly Scope[]
  readonly params: Params
  /** A profile is read whole again where its last full pass lies so far back. */
  readonly fullEveryMs: number
  /** Epoch ms. */
  readonly now: number
  /** True: unfinished jobs of the same profile are not continued. */
  readonly fresh: boolean
  /** Held profiles are waited for until this is aborted; null = they are skipped. */
  readonly wait: AbortSignal | null
}

export interface CreatedJobs {
  /** Profiles of the list, duplicates not counted. */
  readonly created: number
  readonly continued: number
  readonly duplicates: number
}

/** Turns the profiles of a list into jobs of a run: continued where one is unfinished, else new. */
export const createJobs = async (
  ids: AsyncIterable<{ readonly network: string; readonly entityId: string }>,
  open: ReadonlyMap<string, OpenNetwork>,
  store: Store,
  options: CreateJobsOptions,
): Promise<CreatedJobs> => {
  const planned = { created: 0, continued: 0, duplicates: 0 }
  const successors: Successors = new Map()
  let batch: Named[] = []
  const flush = async (): Promise<void> => {
    if (options.wait !== null) await store.untilFree(batch, options.wait)
    const jobs = batch.map(named => jobRequestOf(named, open, store, options))
    const { created } = await store.addJobs(jobs, successors)
    planned.created += created
    planned.duplicates += jobs.length - created
    planned.continued += jobs.filter(job => 'previous' in job).length
    batch = []
  }
  for await (const { network, entityId } of ids) {
    batch.push({ network, entityId: store.resolveAlias(network, entityId) })
    if (batch.length === BATCH) await flush()
  }
  if (batch.length > 0) await flush()
  return planned
}

interface Named {
  readonly network: string
  readonly entityId: string
}

type NewJobRequest = Parameters<Store['addJobs']>[0][number]

const jobRequestOf = (
  { network: name, entityId }: Named,
  open: ReadonlyMap<string, OpenNetwork>,
  store: Store,
  options: CreateJobsOptions,
): NewJobRequest => {
  const network = open.get(name)
  if (network === undefined) throw new Error(`network ${name} was not opened`)
  const { scopes, params } = options
  const previous = options.fresh ? null : store.findUnfinished(name, entityId, boundsOf(scopes, params))
  if (previous !== null) return { ...jobOf(network, options), previous, ...overrides(previous) }
  const found = openingOf(network, entityId, params)
  return {
    ...jobOf(network, options),
    network: name,
    entityId,
    scopes,
    params,
    credential: found?.credential ?? null,
    start: watermarks =>
      found === null
        ? null
        : startOf(watermarks, params, found.source.incremental, options.fullEveryMs, options.now),
    opening: found?.opening ?? {
      tasks: [],
      skipped: [{ kind: 'profile', reason: 'unsupported-by-network' }],
      exclusive: false,
    },
  }
}

/** The jobs of a resume: each goes on from an unfinished one. */
export const continueJobs = async (
  unfinished: readonly Unfinished[],
  open: ReadonlyMap<string, OpenNetwork>,
  store: Store,
  run: Pick<CreateJobsOptions, 'runId' | 'traceId'>,
): Promise<CreatedJobs> => {
  const successors: Successors = new Map()
  const planned = { created: 0, continued: 0, duplicates: 0 }
  for (let at = 0; at < unfinished.length; at += BATCH) {
    const jobs = unfinished.slice(at, at + BATCH).flatMap((previous): NewJobRequest[] => {
      const network = open.get(previous.network)
      if (network === undefined) return []
      return [{ ...jobOf(network, { ...run, params: previous.params }), previous, ...overrides(previous) }]
    })
    const { created } = await store.addJobs(jobs, successors)
    planned.created += created
    planned.continued += created
    planned.duplicates += jobs.length - created
  }
  return planned
}

const overrides = ({ network, entityId, scopes, params }: Unfinished) => ({
  network,
  entityId,
  scopes,
  params,
  credential: null,
})

/** What is the same for all jobs of a run and network. */
const jobOf = (
  { sources }: OpenNetwork,
  run: Pick<CreateJobsOptions, 'runId' | 'traceId' | 'params'>,
): Pick<JobRequest, 'runId' | 'traceId' | 'kindOf' | 'rank' | 'shared'> => {
  const [source] = sources
  if (source === undefined) throw new Error('a network is opened with at least one credential')
  const kinds = new Map(source.streams.map(stream => [stream.name, stream.kind]))
  return {
    runId: run.runId,
    traceId: run.traceId,
    rank: kind => rankOf(source, kind),
    shared: sharedStreams(source, run.params),
    kindOf: stream => {
      const kind = kinds.get(stream)
      if (kind === undefined) throw new Error(`${source.network} has no stream ${stream}`)
      return kind
    },
  }
}
