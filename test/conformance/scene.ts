import { instant } from '../../src/core/instant.ts'
import type { Walk } from '../../src/core/ports.ts'
import { Store, type StoreOptions } from '../../src/store/store.ts'
import { withoutPause } from '../support/second-look.ts'
import type { TestStore } from '../support/stores.ts'
import type { Row } from '../support/tables.ts'
import { answer, claimOf, commitOptions, jobsOn, placeOf, postsOf, RUN } from '../support/tiny-source.ts'

export const NOW = Date.UTC(2026, 2, 1, 12)
const LONG_AGO = '2000-01-01T00:00:00.000Z'
/** It stands still. */
export const CLOCK = { now: () => NOW, sleep: async () => {} }
/** Of an order that says nothing of budgets and transforms. */
export const NO_TERMS = { budget: null, transforms: [] }
/** The moment of the scene's clock, moved on. */
export const after = (ms: number): string => instant(NOW + ms)

/** One database that many cases share: each has a network, and so runs and profiles, of its own. */
export interface Scene extends AsyncDisposable {
  readonly where: string
  readonly isShared: boolean
  /** Of a worker that is there as long as the scene. */
  readonly store: Store
  /** What another process would read. */
  rows(sql: string): Promise<Row[]>
  /** The value `n` of a query's only row. */
  one(sql: string): Promise<unknown>
  change(sql: string): Promise<void>
  /** Does `work` while a transaction has done this, and is not over. */
  during<T>(sql: string, work: () => Promise<T>): Promise<T>
  /** One worker more, which ends with the scene at the latest. */
  open(options?: Partial<StoreOptions>): Promise<Store>
  end(store: Store): Promise<void>
  /** A run with a job on each of these profiles, planned and open to others. */
  begin(
    entities: readonly string[],
    options?: Parameters<typeof jobsOn>[3] & { readonly by?: Store },
  ): Promise<Begun>
  newNetwork(): string
}

export interface Begun {
  readonly network: string
  readonly runId: number
  claim(by?: Store): Promise<Walk | undefined>
}

/** A worker whose clock stands still. */
export const openStore = (path: string, options: Partial<StoreOptions> = {}): Promise<Store> =>
  withoutPause(() =>
    Store.open({
      path,
      clock: CLOCK,
      crash: () => {},
      keepRaw: true,
      ...options,
    }),
  )

/** Takes over what dead and frozen workers left. */
export const reap = (store: Store): Promise<void> => withoutPause(() => store.shared.reap())

let networks = 0

export const openScene = async (opening: Promise<TestStore>): Promise<Scene> => {
  const there = await opening
  const { where, database } = there
  const rows: Scene['rows'] = async sql =>
    (await database.committed.db.executeQuery<Row>({ ...COMPILED, sql })).rows
  await database.write(async tx => {
    for (const sql of database.isShared ? ENDED_ON_SERVER : ENDED_IN_FILE)
      await tx.db.executeQuery({ ...COMPILED, sql })
  })
  const opened = new Set<Store>()
  const open: Scene['open'] = async options => {
    const store = await openStore(where, options)
    opened.add(store)
    return store
  }
  const end: Scene['end'] = async store => {
    opened.delete(store)
    await store.close()
  }
  const store = await open()
  const newNetwork = (): string => `tiny${++networks}`
  return {
    ...{ where, rows, store, open, end, newNetwork, isShared: database.isShared },
    one: async sql => (await rows(sql))[0]?.n,
    change: async sql => {
      await database.write(tx => tx.db.executeQuery({ ...COMPILED, sql }))
    },
    during: (sql, work) =>
      database.write(async tx => {
        await tx.db.executeQuery({ ...COMPILED, sql })
        return work()
      }),
    begin: async (entities, { by = store, ...options } = {}) => {
      const network = newNetwork()
      const runId = await by.createRun(RUN)
      await by.addJobs(jobsOn(network, runId, entities, options), new Map())
      await by.markPlanned(runId)
      return {
        network,
        runId,
        claim: async (claimer = by) => (await claimer.claim(claimOf(network, runId)))[0],
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const one of [...opened]) await end(one)
      await there[Symbol.asyncDispose]()
    },
  }
}

const COMPILED = {
  query: { kind: 'RawNode', sqlFragments: [], parameters: [] },
  queryId: { queryId: '' },
  parameters: [],
} as const

/**
 * A lease that was let end ({@link letLeaseEnd}) stays over: its worker lives, in this process or in another one, and would renew
 * it whenever the machine is slow.
 */
const ENDED_IN_FILE = [
  `create trigger stays_over before update of lease_expires_at on workers
    when old.lease_expires_at = '${LONG_AGO}' begin select raise(ignore); end`,
]
const ENDED_ON_SERVER = [
  `create function nothing() returns trigger language plpgsql as 'begin return null; end'`,
  `create trigger stays_over before update of lease_expires_at on workers
    for each row when (old.lease_expires_at = '${LONG_AGO}') execute function nothing()`,
]

/** Who waits for a lock that another one has. */
const WAITING = `
  select pid from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and wait_event in ('transactionid', 'tuple')`

/** Whether somebody waits for a lock before this is through. */
export const waits = async (at: Scene, work: Promise<unknown>): Promise<boolean> => {
  let over = false
  const end = (): void => {
    over = true
  }
  work.then(end, end)
  while (!over) {
    if ((await at.rows(WAITING)).length > 0) return true
    await new Promise(resume => setTimeout(resume, 5))
  }
  return false
}

/** Stores the page that a walk of posts asks for next. */
export const commitNext = (store: Store, walk: Walk, by = 'tiny', keep = true) => {
  const entity = walk.tasks[0]?.externalId ?? ''
  const n = placeOf(walk.cursor)
  return store.commit(walk, answer(entity, n, by), postsOf(entity, n, by), commitOptions(walk, keep))
}

/** The walk that a claim must have brought. */
export const had = (walk: Walk | null | undefined): Walk => {
  if (walk === undefined || walk === null) throw new Error('no walk was to be had')
  return walk
}

/** Takes a worker for frozen: its lease is over. */
export const letLeaseEnd = (scene: Scene, worker: string): Promise<void> =>
  scene.change(`update workers set lease_expires_at = '${LONG_AGO}' where id = '${worker}'`)
