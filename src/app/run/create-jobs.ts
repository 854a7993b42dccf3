import { kindOfEntity } from '../../core/entity.ts'
import { goOnHow } from '../../core/going-on.ts'
import { type Instant, instant } from '../../core/instant.ts'
import { type Params, paramsFor } from '../../core/params.ts'
import type { Scope } from '../../core/scope.ts'
import { headedList } from '../../core/stream.ts'
import { isWider, startOf, wantedOf } from '../../core/watermark.ts'
import { sharedStreams } from '../../engine/share.ts'
import { rankOf } from '../../engine/step.ts'
import type { JobFacts, JobRequest } from '../../store/queue/add-jobs.ts'
import type { Successors } from '../../store/queue/continue.ts'
import type { Previous, Unfinished } from '../../store/queue/find-jobs.ts'
import { boundsOf } from '../../store/queue/jobs.ts'
import type { Store } from '../../store/store.ts'
import { firstSource, type OpenNetwork, openingOf } from '../open-networks.ts'

/** Jobs are made this many in a transaction: a list of ten million costs no memory. */
const BATCH = 500

export interface CreateJobsOptions {
  readonly runId: number
  readonly traceId: string
  readonly scopes: readonly Scope[]
  readonly params: Params
  /** True: no profile is read further back than it is covered, each from its own day on (`--since last`). */
  readonly sinceLast: boolean
  /** A profile is read whole again where its last full pass lies so far back. */
  readonly fullEveryMs: number
  /** A profile is read anew where its last reading began so long ago; until then only what is unfinished goes on. */
  readonly refreshAfterMs: number
  /** Epoch ms. */
  readonly now: number
  /** True: what earlier jobs left unfinished is not gone on with, and what fails is tried at once. */
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

/** Turns the profiles of a list into jobs of a run, each as `goOnHow` says. */
export const createJobs = async (
  ids: AsyncIterable<{ readonly network: string; readonly entityId: string }>,
  open: ReadonlyMap<string, OpenNetwork>,
  store: Store,
  options: CreateJobsOptions,
): Promise<CreatedJobs> => {
  const planned = { created: 0, continued: 0, duplicates: 0 }
  const successors: Successors = new Map()
  const cutShort = memoised((runId: number) => store.wasCutShort(runId))
  const facts = memoised(async (name: string) => {
    const network = networkOf(open, name)
    const closedUntil = await closedUntilOf(network, store)
    return factsOf(network, { ...options, closedUntil, retry: options.fresh })
  })
  const requestFor = async (
    { network, entityId, found, params }: Bounded,
    previous: Previous | null,
  ): Promise<JobRequest> => {
    const { scopes } = options
    const job = { ...(await facts(network)), network, entityId, scopes, params }
    const isCutShort = previous !== null && (await cutShort(previous.lastRunId))
    const how =
      previous === null || options.fresh ? 'open' : goOnHow(previous, { ...options, params }, isCutShort)
    if (how === 'leave') return { how, job: { ...job, credential: null } }
    if (previous !== null && how === 'continue')
      return { how, job: { ...job, credential: null }, previous: goingOn(previous, params) }
    return openingRequest(networkOf(open, network), found, job, previous, options)
  }
  let batch: { readonly network: string; readonly id: string }[] = []
  const flush = async (): Promise<void> => {
    const known = await store.resolveAliases(batch)
    const opened = batch.map(
      ({ network, id }, index): Opened => ({
        network,
        ...openUp(id, known[index] ?? id, networkOf(open, network), options.params),
      }),
    )
    if (options.wait !== null) await store.untilFree(opened, options.wait)
    const bounded = await boundOf(opened, store, options)
    const previous = await store.findPrevious(
      bounded.map(one => ({ ...one, bounds: boundsOf(options.scopes, one.params) })),
    )
    const jobs: JobRequest[] = []
    for (const [index, one] of bounded.entries()) jobs.push(await requestFor(one, previous[index] ?? null))
    const { created } = await store.addJobs(jobs, successors)
    planned.created += created
    planned.duplicates += jobs.length - created
    planned.continued += jobs.filter(
      job => job.how === 'continue' || (job.how === 'open' && job.carries !== null && !options.fresh),
    ).length
    batch = []
  }
  for await (const { network, entityId: id } of ids) {
    batch.push({ network, id })
    if (batch.length === BATCH) await flush()
  }
  if (batch.length > 0) await flush()
  return planned
}

/** Parameters of this run for a job that only goes on: what was known when its reading began is known still. */
const goingOn = (previous: Previous, params: Params): Unfinished => ({
  ...previous,
  params: previous.params.widens ? { ...params, widens: true } : params,
})

/** Each profile with the bounds that hold for it. */
const boundOf = async (
  opened: readonly Opened[],
  store: Store,
  { params, sinceLast }: CreateJobsOptions,
): Promise<readonly Bounded[]> => {
  if (!sinceLast) return opened.map(one => ({ ...one, params: paramsFor(one.entityId, params) }))
  const bounded: Bounded[] = []
  for (const [network, of] of Map.groupBy(opened, one => one.network)) {
    const ids = of.map(({ entityId }) => entityId)
    const begins = await store.lastSince(network, ids, params.kinds)
    bounded.push(
      ...of.map(one => ({
        ...one,
        params: { ...paramsFor(one.entityId, params), since: begins.get(one.entityId) ?? null },
      })),
    )
  }
  return bounded
}

type Found = ReturnType<typeof openingOf>

/** A profile by the key that it is known by, and where its job starts; `found` null = no credential can serve it. */
interface Opened {
  readonly network: string
  readonly entityId: string
  readonly found: Found
}

interface Bounded extends Opened {
  readonly params: Params
}

/**
 * The key that a profile is known by, where a credential of this run can serve that one: another kind goes by other keys.
 * The credential's own account goes by its id, however it is listed.
 */
const openUp = (
  listed: string,
  known: string,
  network: OpenNetwork,
  params: Params,
): Pick<Opened, 'entityId' | 'found'> => {
  const found = openingOf(network, known, params)
  const [task] = found?.opening.tasks ?? []
  if (found !== null && task !== undefined) {
    const isOwn = found.opening.exclusive && kindOfEntity(known) === 'profile'
    return { entityId: isOwn ? task.externalId : known, found }
  }
  const asListed = known === listed ? null : openingOf(network, listed, params)
  return asListed === null ? { entityId: known, found } : { entityId: listed, found: asListed }
}

const openingRequest = (
  network: OpenNetwork,
  found: Found,
  job: Omit<JobFacts, 'credential'>,
  previous: Previous | null,
  { fullEveryMs, now, fresh }: CreateJobsOptions,
): JobRequest => {
  const source = found?.source ?? firstSource(network)
  const { params } = job
  return {
    how: 'open',
    job: { ...job, credential: found?.credential ?? null },
    carries: previous !== null && (previous.isUnfinished || previous.fails) ? previous : null,
    isFresh: fresh,
    overlapMs: source.incremental.overlapMs,
    start: watermarks =>
      found === null
        ? null
        : startOf(
            watermarks,
            wantedOf(job.entityId, params, watermarks),
            source.incremental,
            fullEveryMs,
            now,
          ),
    widens: watermarks =>
      isWider(watermarks, wantedOf(job.entityId, params, watermarks), source.incremental, fullEveryMs, now),
    onward: (stream, profileId, declared) => {
      const task = { externalId: job.entityId, entityId: job.entityId }
      const list = source.streams.find(candidate => candidate.name === stream)
      return list?.onward?.({ profileId, declared }, task, params) ?? []
    },
    opening: found?.opening ?? {
      tasks: [],
      skipped: [{ kind: 'profile', reason: 'unsupported-by-network' }],
      exclusive: false,
    },
  }
}

/** The jobs of a resume: each only goes on from an unfinished one, and tries what fails whatever its day. */
export const continueJobs = async (
  unfinished: readonly Unfinished[],
  open: ReadonlyMap<string, OpenNetwork>,
  store: Store,
  run: Pick<CreateJobsOptions, 'runId' | 'traceId'>,
): Promise<CreatedJobs> => {
  const closedUntil = memoised((name: string) => closedUntilOf(networkOf(open, name), store))
  const successors: Successors = new Map()
  const planned = { created: 0, continued: 0, duplicates: 0 }
  for (let at = 0; at < unfinished.length; at += BATCH) {
    const jobs: JobRequest[] = []
    for (const previous of unfinished.slice(at, at + BATCH)) {
      const network = open.get(previous.network)
      if (network === undefined) continue
      const { network: name, entityId, scopes, params } = previous
      const facts = factsOf(network, { ...run, params, closedUntil: await closedUntil(name), retry: true })
      const job = { ...facts, network: name, entityId, scopes, params, credential: null }
      jobs.push({ how: 'continue', job, previous })
    }
    const { created } = await store.addJobs(jobs, successors)
    planned.created += created
    planned.continued += created
    planned.duplicates += jobs.length - created
  }
  return planned
}

/** Until when the quota of all credentials is used up; null = one of them has some. */
const closedUntilOf = async ({ sources }: OpenNetwork, store: Store): Promise<Instant | null> => {
  const asked = sources.map(({ network, owner, limits }) => {
    const pools = limits.pools.filter(({ isOfSome }) => isOfSome !== true)
    return store.closedUntil(network, owner, pools)
  })
  const ends = await Promise.all(asked)
  return ends.every(end => end !== null) ? instant(Math.min(...ends)) : null
}

/** What is the same for all jobs of a run and network. */
const factsOf = (
  network: OpenNetwork,
  run: Pick<CreateJobsOptions, 'runId' | 'traceId' | 'params'> & Pick<JobFacts, 'retry' | 'closedUntil'>,
): Omit<JobFacts, 'network' | 'entityId' | 'scopes' | 'params' | 'credential'> => {
  const source = firstSource(network)
  const streams = new Map(source.streams.map(stream => [stream.name, stream]))
  return {
    runId: run.runId,
    traceId: run.traceId,
    retry: run.retry,
    closedUntil: run.closedUntil,
    rank: kind => rankOf(source, kind),
    shared: sharedStreams(source, run.params),
    headedList: stream => headedList(streams.get(stream) ?? {}),
    kindOf: stream => {
      const kind = streams.get(stream)?.kind
      if (kind === undefined) throw new Error(`${source.network} has no stream ${stream}`)
      return kind
    },
  }
}

const networkOf = (open: ReadonlyMap<string, OpenNetwork>, name: string): OpenNetwork => {
  const network = open.get(name)
  if (network === undefined) throw new Error(`network ${name} was not opened`)
  return network
}

/** Asks once for each key. */
const memoised = <K, V>(ask: (key: K) => V): ((key: K) => V) => {
  const known = new Map<K, V>()
  return key => {
    if (!known.has(key)) known.set(key, ask(key))
    return known.get(key) as V
  }
}
