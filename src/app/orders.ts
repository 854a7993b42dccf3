import { createHash, randomUUID } from 'node:crypto'
import { Locked } from '../core/errors.ts'
import { instant } from '../core/instant.ts'
import type { Json } from '../core/json.ts'
import { kindsOf } from '../core/scope.ts'
import type { Network } from '../networks/contract.ts'
import { SqliteFile } from '../store/database.ts'
import { findChainEnds } from '../store/look-up.ts'
import { migrate } from '../store/migrate.ts'
import {
  continueOrder,
  endOrder,
  findOrder,
  moveOrder,
  type OpenOrder,
  openOrders,
  placeOrder,
  wasInterrupted,
} from '../store/orders.ts'
import { endTransformOrder, openTransformOrders, placeTransformOrder } from '../store/transform-orders.ts'
import { holdAlone, reap } from '../store/worker.ts'
import { type IdInput, readIds } from './ids.ts'
import type { Outcome } from './outcome.ts'
import { type RunRequest, resume, run, type WorkSettings } from './run.ts'
import type { Toolbox } from './toolbox.ts'
import { chooseTransforms } from './transform.ts'

/** A run that is asked of `serve`: what the command line would say, as data. */
export interface RunWish extends Omit<RunRequest, 'ids'> {
  readonly kind: 'run'
  readonly ids: readonly string[]
  readonly work: WorkWish
}

/** The going on with jobs. */
export interface ResumeWish {
  readonly kind: 'resume'
  readonly jobs: readonly number[]
  readonly work: WorkWish
}

/** What a wish may say of the work itself; left out = as `serve` was started. */
export interface WorkWish {
  readonly concurrency?: number | undefined
  readonly budget?: number | undefined
  readonly maxWaitMs?: number | undefined
  /** Names of the transforms that what lands is queued for; left out = none. */
  readonly transforms?: readonly string[] | undefined
}

export type Wish = RunWish | ResumeWish

/** A run that waits for its turn. */
export interface Order {
  readonly runId: number
  readonly wish: Wish
}

export type Placed =
  | { readonly is: 'new' | 'known'; readonly runId: number }
  /** The key was used for another wish. */
  | { readonly is: 'other' }

/** Runs in a row that may end in the middle, each going on with the one before, before it is left to a person. */
const MOST_ATTEMPTS = 5

/** What was asked of `serve`, kept in the database: it outlives any death of the process. */
export interface OrderBook extends AsyncDisposable {
  /** The run that a key made before for the same request, or null: the key is new. */
  find(key: string | null, asked: unknown): Promise<Placed | null>
  /** Makes the run of a wish, or finds the one that the same key made before; `asked` = the request as it came. */
  place(wish: Wish, key: string | null, asked: unknown): Promise<Placed>
  /** The jobs that a resume of these jobs, or of a run, would go on with. */
  unfinished(which: { readonly jobs: readonly number[] } | { readonly runId: number }): Promise<number[]>
  /** What is to be done at the start: what waited, and what a dead process left in the middle. */
  takeOver(): Promise<readonly Order[]>
  /** A run is not to go on, whatever happens to the process from now on. False = it had ended already. */
  giveUp(runId: number): Promise<boolean>
  end(runId: number, why: { readonly errorType: string; readonly message: string } | null): Promise<void>
  /** A transform is to be worked on until nothing of it is open. */
  placeTransform(transform: string): Promise<void>
  /** It is through, or was given up. */
  endTransform(transform: string): Promise<void>
  /** The transforms that were asked for and are not through. */
  openTransforms(): Promise<readonly string[]>
}

/** Opens or makes the file. Locked where another `serve` is at work on it. */
export const openOrderBook = async (
  path: string,
  { clock, crash }: Pick<Toolbox, 'clock' | 'crash'>,
): Promise<OrderBook> => {
  const file = SqliteFile.open(path)
  const hold = holdAlone(file.path, 'serve')
  try {
    if (hold === null) {
      throw new Locked(`another \`socsync serve\` is at work on ${file.path}`, {
        hint: 'one is enough for a file: use its address, or name another file with --db',
      })
    }
    await migrate(file, { crash })
  } catch (error) {
    hold?.[Symbol.dispose]()
    file.close()
    throw error
  }
  const now = () => instant(clock.now())
  const unfinished: OrderBook['unfinished'] = async which =>
    (await findChainEnds(file.db, which)).unfinished.map(job => job.id)

  const takeOverOne = async (order: OpenOrder): Promise<Order | null> => {
    const wish = wishOf(order)
    if (order.state === 'queued') return { runId: order.runId, wish }
    const left = await leftOf(order, wish)
    if (left === null || order.attempt >= MOST_ATTEMPTS) {
      await file.write(tx => endOrder(tx, order.runId, left === null ? null : GIVEN_UP, now()))
      return null
    }
    const next = { traceId: randomUUID(), at: now() }
    return { runId: await file.write(tx => continueOrder(tx, order, asJson(left), next)), wish: left }
  }
  /** While it was planned its list says what is left; from then on its jobs do. */
  const leftOf = async ({ runId, state }: OpenOrder, wish: Wish): Promise<Wish | null> => {
    if (state === 'stopping') return null
    if (state === 'planning') return wish
    if (!(await wasInterrupted(file.db, runId))) return null
    return { kind: 'resume', jobs: await unfinished({ runId }), work: wish.work }
  }

  return {
    find: async (key, asked) => {
      const known = key === null ? null : await findOrder(file.db, key)
      return known === null ? null : compare(known, fingerprintOf(asked))
    },
    place: async (wish, key, asked) => {
      const fingerprint = fingerprintOf(asked)
      const about = { idempotencyKey: key, fingerprint, traceId: randomUUID(), at: now() }
      const subject = await subjectOf(file, wish)
      return await file.write(async tx => {
        // Looked up again behind the lock of writing: two requests with one key may come at once.
        const known = key === null ? null : await findOrder(tx.db, key)
        if (known !== null) return compare(known, fingerprint)
        return { is: 'new', runId: await placeOrder(tx, { wish: asJson(wish), ...subject, ...about }) }
      })
    },
    unfinished,
    takeOver: async () => {
      await reap(file, null, now())
      const orders: Order[] = []
      for (const open of await openOrders(file.db)) {
        const order = await takeOverOne(open)
        if (order !== null) orders.push(order)
      }
      return orders
    },
    giveUp: runId =>
      file.write(async tx => {
        for (const state of ['queued', 'planning', 'working'] as const)
          if (await moveOrder(tx, runId, state, 'stopping')) return true
        return false
      }),
    end: async (runId, why) => {
      await file.write(tx => endOrder(tx, runId, why, now()))
    },
    placeTransform: transform => file.write(tx => placeTransformOrder(tx, transform)),
    endTransform: transform => file.write(tx => endTransformOrder(tx, transform)),
    openTransforms: () => openTransformOrders(file.db),
    [Symbol.asyncDispose]: async () => {
      hold?.[Symbol.dispose]()
      file.close()
    },
  }
}

const fingerprintOf = (asked: unknown): string =>
  createHash('sha256').update(JSON.stringify(asked)).digest('hex')

const compare = (
  known: { readonly runId: number; readonly fingerprint: string },
  fingerprint: string,
): Placed => (known.fingerprint === fingerprint ? { is: 'known', runId: known.runId } : { is: 'other' })

const GIVEN_UP = {
  errorType: 'interrupted',
  message: `it ended in the middle ${MOST_ATTEMPTS} times in a row; resume it to try again`,
}

const subjectOf = async (file: SqliteFile, wish: Wish) => {
  if (wish.kind === 'run') {
    const { scopes, params } = wish
    return { scopes, params: { ...params, kinds: kindsOf(scopes) } }
  }
  const [first] = (await findChainEnds(file.db, { jobs: wish.jobs.slice(0, 1) })).unfinished
  return { scopes: first?.scopes ?? [], params: { ...first?.params } }
}

/** Wishes are made of what JSON can say. */
const asJson = (wish: Wish): Json => wish as unknown as Json
const wishOf = ({ wish }: OpenOrder): Wish => wish as unknown as Wish

/** Throws what `run` would say of a list or a transform, before anything is made of it, and where a network has no credential. */
export const checkWish = async (
  { ids, network, work: { transforms } }: Pick<RunWish, 'ids' | 'network' | 'work'>,
  networks: readonly Network[],
  toolbox: Pick<Toolbox, 'credentials' | 'transforms'>,
): Promise<void> => {
  if (transforms !== undefined) chooseTransforms(transforms, toolbox.transforms)
  const named = new Set<string>()
  for await (const line of readIds({ args: ids }, { network, networks })) named.add(line.network)
  for (const known of networks) if (named.has(known.name)) toolbox.credentials(known)
}

/** Does what was ordered, as `socsync run` and `socsync resume` do it. Null = there was nothing left to do. */
export const work = (
  { runId, wish }: Order,
  settings: Omit<WorkSettings, 'trigger' | 'adopt'>,
  toolbox: Toolbox,
): Promise<Outcome | null> => {
  const { concurrency, budget, maxWaitMs, transforms } = wish.work
  const as: WorkSettings = {
    ...settings,
    concurrency: concurrency ?? settings.concurrency,
    budget: budget ?? settings.budget,
    maxWaitMs: maxWaitMs ?? settings.maxWaitMs,
    transforms: transforms === undefined ? [] : chooseTransforms(transforms, toolbox.transforms),
    trigger: 'api',
    adopt: runId,
  }
  if (wish.kind === 'resume') return resume({ which: { jobs: wish.jobs } }, as, toolbox)
  const ids: IdInput = { args: wish.ids }
  return run({ ...wish, ids }, as, toolbox)
}
