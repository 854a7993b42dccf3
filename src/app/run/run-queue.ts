import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { BadInput, Locked } from '../../core/errors.ts'
import type { Instant } from '../../core/instant.ts'
import type { Json } from '../../core/json.ts'
import { paramsOf } from '../../core/params.ts'
import { kindsOf } from '../../core/scope.ts'
import type { Network } from '../../networks/contract.ts'
import { OrderStore } from '../../store/order-store.ts'
import type { NewOrder, OpenOrder, Trigger } from '../../store/queue/orders.ts'
import type { TransformOrder } from '../../store/queue/transform-orders.ts'
import { type IdInput, readIds } from '../ids/ids.ts'
import type { Toolbox } from '../toolbox.ts'
import { newTraceId } from '../tracing.ts'
import { chooseTransforms, namedTransforms, type TransformRequest } from '../transform.ts'
import type { Outcome } from './outcome.ts'
import { resume, run } from './run.ts'
import { listOptionsOf, type RunRequest, type WorkSettings } from './run-request.ts'

/** A run that is asked of `serve`: what the command line would say, as data. */
export interface RunOrder extends Omit<RunRequest, 'ids'> {
  readonly kind: 'run'
  readonly ids: readonly string[]
  readonly work: WorkOverrides
}

/** The going on with jobs. */
export interface ResumeOrder {
  readonly kind: 'resume'
  readonly jobs: readonly number[]
  readonly work: WorkOverrides
}

/** What a request may say of the work itself; left out = as `serve` was started. */
export interface WorkOverrides {
  readonly concurrency?: number | undefined
  readonly budget?: number | undefined
  readonly maxWaitMs?: number | undefined
  /** Names of the transforms that what lands is queued for; empty or left out = none. */
  readonly transforms?: readonly string[] | undefined
}

export type OrderRequest = RunOrder | ResumeOrder

/** A run that waits for its turn. */
export interface Order {
  readonly runId: number
  readonly request: OrderRequest
}

export type Placed =
  | { readonly type: 'new' | 'known'; readonly runId: number }
  /** The key was used for another request. */
  | { readonly type: 'other' }

/** Runs in a row that may end in the middle, each going on with the one before, before it is left to a person. */
const MOST_ATTEMPTS = 5

/** What was asked of `serve`, kept in the database: it outlives any death of the process. */
export interface RunQueue extends AsyncDisposable {
  /** The run that a key made before for the same request, or null: the key is new. */
  find(key: string | null, asked: unknown): Promise<Placed | null>
  /** Makes the run of a request, or finds the one that the same key made before; `asked` = the request as it came. */
  place(request: OrderRequest, key: string | null, asked: unknown, trigger: Trigger): Promise<Placed>
  /** The jobs that a resume of these jobs, or of a run, would go on with. */
  unfinished(which: { readonly jobs: readonly number[] } | { readonly runId: number }): Promise<number[]>
  /** Whether `socsync worker`s take what is placed here. */
  readonly isShared: boolean
  /** What is to be done: what waits, and what a dead process left in the middle; not what others are at work on. */
  recover(): Promise<readonly Order[]>
  /** Cancels a run that workers do: one that waits ends at once, one at work as soon as its worker hears of it. False = it has ended. */
  cancel(runId: number): Promise<boolean>
  /** Whether somebody cancelled a run that is being worked on. */
  isCancelled(runId: number): Promise<boolean>
  /** A run is not to go on, whatever happens to the process from now on. False = it had ended already. */
  giveUp(runId: number): Promise<boolean>
  end(runId: number, why: { readonly errorType: string; readonly message: string } | null): Promise<void>
  /** A transform is to be worked on until nothing of it is open. */
  placeTransform(transform: string): Promise<void>
  /** It is through, or was given up. False: nobody had asked for it. */
  endTransform(transform: string): Promise<boolean>
  /** The transforms that were asked for and are not through. */
  openTransforms(): Promise<readonly TransformOrder[]>
}

/** Opens or makes the file. Locked where another `serve` is at work on it. */
export const openRunQueue = async (
  path: string,
  { clock, crash, transforms, origin }: Pick<Toolbox, 'clock' | 'crash' | 'transforms' | 'origin'>,
): Promise<RunQueue> => {
  const store = await OrderStore.open(path, clock, crash, origin)
  if (store === null) {
    throw new Locked(`another server is at work on ${resolve(path)}`, {
      hint: 'one is enough for a file: use its address, or name another file with --db',
    })
  }
  const now = () => store.now()
  const unfinished: RunQueue['unfinished'] = async which => (await store.unfinished(which)).map(job => job.id)

  const recoverOne = async (order: OpenOrder): Promise<Order | null> => {
    const request = requestOf(order)
    if (order.state === 'queued') return { runId: order.runId, request }
    const left = await leftOf(order, request)
    if (left === null || order.attempt >= MOST_ATTEMPTS) {
      const why = order.state === 'stopping' ? CANCELLED : left === null ? null : GIVEN_UP
      await store.end(order.runId, why, await now())
      return null
    }
    const next = { traceId: newTraceId(), time: await now() }
    const runId = await store.continue(order, asJson(left), next)
    return runId === null ? null : { runId, request: left }
  }
  /** While it was planned its list says what is left; from then on its jobs do. */
  const leftOf = async ({ runId, state }: OpenOrder, request: OrderRequest): Promise<OrderRequest | null> => {
    if (state === 'stopping') return null
    if (state === 'planning') return request
    if (!(await store.wasInterrupted(runId))) return null
    return { kind: 'resume', jobs: await unfinished({ runId }), work: request.work }
  }

  return {
    isShared: store.isShared,
    find: async (key, asked) => {
      const known = key === null ? null : await store.find(key)
      return known === null ? null : compare(known, fingerprintOf(asked))
    },
    place: async (request, key, asked, trigger) => {
      const fingerprint = fingerprintOf(asked)
      const terms = termsOf(request, transforms)
      const about = {
        ...{ trigger, idempotencyKey: key, fingerprint, terms },
        ...{ traceId: newTraceId(), time: await now() },
      }
      const made = await store.place({
        request: asJson(request),
        ...(await subjectOf(store, request)),
        ...about,
      })
      return made.type === 'new' ? made : compare(made, fingerprint)
    },
    unfinished,
    recover: async () => {
      const orders: Order[] = []
      for (const open of await store.open(await now())) {
        const order = await recoverOne(open)
        if (order !== null) orders.push(order)
      }
      return orders
    },
    cancel: async runId => {
      if (await store.move(runId, ['queued'], 'stopping')) {
        await store.end(runId, CANCELLED, await now())
        return true
      }
      return store.move(runId, ['planning', 'working'], 'stopping')
    },
    isCancelled: runId => store.isStopping(runId),
    giveUp: runId => store.move(runId, ['queued', 'planning', 'working'], 'stopping'),
    end: async (runId, why) => store.end(runId, why, await now()),
    placeTransform: transform => store.placeTransform(transform),
    endTransform: transform => store.endTransform(transform),
    openTransforms: () => store.openTransforms(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

const fingerprintOf = (asked: unknown): string =>
  createHash('sha256').update(JSON.stringify(asked)).digest('hex')

const compare = (
  known: { readonly runId: number; readonly fingerprint: string },
  fingerprint: string,
): Placed => (known.fingerprint === fingerprint ? { type: 'known', runId: known.runId } : { type: 'other' })

/** Why an order ended that somebody cancelled. */
export const CANCELLED = { errorType: 'cancelled', message: 'it was cancelled' }

const GIVEN_UP = {
  errorType: 'interrupted',
  message: `it ended in the middle ${MOST_ATTEMPTS} times in a row; resume it to try again`,
}

/** What a request says of them; a transform that is not configured here may be where the run is begun. */
const termsOf = ({ work }: OrderRequest, configured: Toolbox['transforms']): NewOrder['terms'] => ({
  budget: work.budget ?? null,
  transforms: configured.filter(({ transform }) => work.transforms?.includes(transform)),
})

const subjectOf = async (store: OrderStore, request: OrderRequest) => {
  if (request.kind === 'run') {
    const { scopes, params } = request
    return { scopes, params: { ...params, kinds: kindsOf(scopes) } }
  }
  const [first] = await store.unfinished({ jobs: request.jobs.slice(0, 1) })
  return { scopes: first?.scopes ?? [], params: { ...first?.params } }
}

/** Wishes are made of what JSON can say. */
const asJson = (request: OrderRequest): Json => request as unknown as Json
const requestOf = ({ request }: OpenOrder): OrderRequest => {
  const stored = request as unknown as OrderRequest
  return stored.kind === 'run' ? runOrderOf(stored) : stored
}

/** A run's order as whichever version stored it. */
export const runOrderOf = (stored: RunOrder): RunOrder => ({
  ...stored,
  params: paramsOf<RunOrder['params']>(stored.params),
})

/** Throws what `run` would say of a list or a transform, before anything is made of it, and where a network has no credential. */
export const checkRunOrder = async (
  { ids, work: { transforms }, ...list }: Pick<RunOrder, 'ids' | 'network' | 'as' | 'params' | 'work'>,
  networks: readonly Network[],
  toolbox: Pick<Toolbox, 'credentials' | 'transforms'>,
): Promise<void> => {
  namedTransforms(transforms ?? [], toolbox.transforms)
  const named = new Set<string>()
  for await (const line of readIds({ args: ids }, listOptionsOf(list, networks))) named.add(line.network)
  for (const known of networks) if (named.has(known.name)) toolbox.credentials(known)
}

/** Does what was ordered, as `socsync run` and `socsync resume` do it. Null = there was nothing left to do. */
export const work = (
  { runId, request }: Order,
  settings: Omit<WorkSettings, 'trigger' | 'adopt'>,
  toolbox: Toolbox,
): Promise<Outcome | null> => {
  const as: WorkSettings = {
    ...settings,
    ...settingsOf(request.work, settings),
    transforms: termsOf(request, toolbox.transforms).transforms,
    trigger: 'api',
    adopt: runId,
  }
  if (request.kind === 'resume') return resume({ which: { jobs: request.jobs } }, as, toolbox)
  const ids: IdInput = { args: request.ids }
  return run({ ...request, ids }, as, toolbox)
}

/** How an order wants to be worked on; what it leaves out is as the settings are. */
export const settingsOf = (
  { concurrency, budget, maxWaitMs }: WorkOverrides,
  settings: Pick<WorkSettings, 'concurrency' | 'budget' | 'maxWaitMs'>,
) => ({
  concurrency: concurrency ?? settings.concurrency,
  budget: budget ?? settings.budget,
  maxWaitMs: maxWaitMs ?? settings.maxWaitMs,
})

/** What a request says of the work itself. */
type OrderedWork = Pick<WorkSettings, 'concurrency' | 'budget' | 'maxWaitMs'> & {
  readonly transforms: readonly string[]
}

/** A request as it is kept, its list read through. Throws BadInput where a line names no profile or there is no such transform. */
export const readRunOrder = async (
  { ids: input, ...request }: RunRequest,
  { concurrency, budget, maxWaitMs, transforms }: OrderedWork,
  toolbox: Pick<Toolbox, 'transforms'>,
  networks: readonly Network[],
): Promise<RunOrder> => {
  namedTransforms(transforms, toolbox.transforms)
  const ids: string[] = []
  for await (const { text } of readIds(input, listOptionsOf(request, networks))) ids.push(text)
  const most = { ...(concurrency !== null && { concurrency }), ...(budget !== null && { budget }) }
  return { ...request, kind: 'run', ids, work: { ...most, maxWaitMs, transforms } }
}

/** The order of a schedule's run, which has no key. */
export const scheduledOrder = (
  request: RunOrder,
  { transforms }: Pick<Toolbox, 'transforms'>,
  time: Instant,
): Omit<NewOrder, 'trigger' | 'schedule'> => ({
  request: asJson(request),
  terms: termsOf(request, transforms),
  scopes: request.scopes,
  params: { ...request.params, kinds: kindsOf(request.scopes) },
  traceId: newTraceId(),
  idempotencyKey: null,
  fingerprint: fingerprintOf(request.ids),
  time,
})

/** `run --queue`: leaves a run to the workers; returns its number. BadInput where the database is a file. */
export const orderRun = async (
  request: RunRequest,
  { db, ...work }: OrderedWork & Pick<WorkSettings, 'db'>,
  toolbox: Toolbox,
  networks: readonly Network[],
): Promise<number> => {
  const order = await readRunOrder(request, work, toolbox, networks)
  await using queue = await openRunQueue(db, toolbox)
  mustBeShared(queue, db)
  const placed = await queue.place(order, null, order.ids, 'cli')
  if (placed.type === 'other') throw new Error('an order without a key has none of another')
  return placed.runId
}

/** `transform run --queue`: leaves transforms to the workers; returns their names. BadInput where the database is a file. */
export const orderTransforms = async (
  { db, names }: Pick<TransformRequest, 'db' | 'names'>,
  toolbox: Toolbox,
): Promise<readonly string[]> => {
  const chosen = chooseTransforms(names, toolbox.transforms)
  await using queue = await openRunQueue(db, toolbox)
  mustBeShared(queue, db)
  for (const { transform } of chosen) await queue.placeTransform(transform)
  return chosen.map(({ transform }) => transform)
}

const mustBeShared = ({ isShared }: RunQueue, db: string): void => {
  if (isShared) return
  throw new BadInput(`${db} is a file: no worker takes what is queued there`, {
    hint: 'leave --queue out, or give --db postgres://… and start `socsync worker`',
  })
}
