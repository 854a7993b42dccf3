// @module-tag long
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Database, Tx } from '../../src/store/database/database.ts'
import { PostgresDatabase } from '../../src/store/postgres/database.ts'
import { remember } from '../../src/store/queue/memory.ts'
import * as orders from '../../src/store/queue/orders.ts'
import { parkJobs } from '../../src/store/queue/park.ts'
import * as transformOrders from '../../src/store/queue/transform-orders.ts'
import { SqliteFile } from '../../src/store/sqlite/database.ts'
import { analyses } from '../support/analyses.ts'
import { tempFolder } from '../support/cli.ts'
import { copyTables } from '../support/copy-tables.ts'
import { type Call, type Facts, factsOf, NOW } from '../support/file-facts.ts'
import { fillFile } from '../support/filled-file.ts'
import { openTestDatabase } from '../support/postgres.ts'
import { queueCalls } from '../support/queue-calls.ts'
import { reportCalls } from '../support/report-calls.ts'
import { STORES } from '../support/stores.ts'

/** A file of several nights, and the same rows in PostgreSQL. */
let here: SqliteFile
let there: Database
let facts: Facts
const opened = new AsyncDisposableStack()

beforeAll(async () => {
  const path = opened.use(tempFolder()).file('socsync.db')
  await fillFile(path)
  facts = factsOf(path)
  here = SqliteFile.open(path)
  opened.defer(() => here.close())
  there = await PostgresDatabase.open(opened.use(await openTestDatabase()).url)
  opened.defer(() => there.close())
  await copyTables(path, there)
}, 400_000)
afterAll(() => opened.disposeAsync())

const callsOf = (of: Facts): Readonly<Record<string, readonly Call[]>> => ({
  ...reportCalls(of),
  ...queueCalls(of),
})

const outcomeOf = async (call: Call, { committed }: Database): Promise<unknown> => {
  try {
    return { told: await call(committed) }
  } catch (error) {
    return { thrown: String(error) }
  }
}

/** Whether an answer says nothing: no rows, no counts. */
const isBare = (told: unknown): boolean => {
  if (told === null || told === undefined || told === 0 || told === false) return true
  if (told instanceof Map || told instanceof Set) return told.size === 0
  return typeof told === 'object' && Object.values(told).every(isBare)
}

it('what is shown, and what is found of jobs and orders, is told alike', async () => {
  const silent: string[] = []
  for (const [name, calls] of Object.entries(callsOf(facts))) {
    let bare = true
    for (const [n, call] of calls.entries()) {
      const told = await outcomeOf(call, here)
      bare &&= isBare(told)
      expect(await outcomeOf(call, there), `call ${n} of ${name}`).toStrictEqual(told)
    }
    if (bare) silent.push(name)
  }
  // Each has something to tell here, or it would show nothing.
  expect(silent).toEqual([])
})

it('each view has the same rows', async () => {
  const { rows: views } = await sql<{
    name: string
  }>`select name from sqlite_schema where type = 'view'`.execute(here.committed.db)
  expect(views.length).toBeGreaterThan(6)
  for (const { name } of views) {
    const [one = [], other] = await Promise.all(
      [here, there].map(async ({ committed }) => {
        const { rows } = await sql<object>`select * from ${sql.id(name)}`.execute(committed.db)
        return rows.map(row => JSON.stringify(Object.entries(row))).sort()
      }),
    )
    if (!name.endsWith('_transforms')) expect(one.length, name).toBeGreaterThan(0)
    expect(other, name).toEqual(one)
  }
})

/** Numbers that were divided, as far as their last digits, which follow from the order in which rows are added up. */
const rounded = (row: object): unknown[] =>
  Object.values(row).map(value => (typeof value === 'number' ? Number(value.toPrecision(12)) : value))

it.each(analyses())('examples/analysis.sql: %s', async (_, text) => {
  const [one = [], other] = await Promise.all(
    [here, there].map(async ({ committed }) => {
      const { rows } = await sql.raw<object>(text).execute(committed.db)
      return rows.map(rounded)
    }),
  )
  expect(one.length).toBeGreaterThan(0)
  expect(other).toEqual(one)
})

it('nothing is told alike where nothing is stored', async () => {
  await using stores = new AsyncDisposableStack()
  const [file, server] = await Promise.all(STORES.map(async ({ open }) => stores.use(await open()).database))
  if (file === undefined || server === undefined) throw new Error('there are two databases')
  for (const [name, calls] of Object.entries(callsOf(facts)))
    for (const [n, call] of calls.entries())
      expect(await outcomeOf(call, server), `call ${n} of ${name}`).toStrictEqual(await outcomeOf(call, file))
})

/** Pieces of statements and of work, which are in what is called. */
const PIECES: readonly string[] = [
  'isReadApart',
  'replyCallParts',
  'gapReason',
  'nameOfProfile',
  'openFailing',
  'isChainEnd',
  'profileIds',
  'keysOfProfile',
  'profilesOfRun',
  'postsOfRun',
  'collectedInRun',
  'postsOfLine',
  'isAsked',
  'newestJobOf',
  'chosenProfiles',
  // Of processes that live: test/unit/store/reports/worker-rows.test.ts asks both databases.
  'reportWorkers',
  'readersOf',
  // Without a database.
  'column',
  'untyped',
  'resultColumns',
  'placeLength',
  'openTurns',
  'withTurns',
]
const QUEUE = ['chain', 'count-jobs', 'find-jobs', 'look-up-ids', 'memory', 'open-rest', 'orders', 'park']

it('no report, and no search for jobs, is left out', async () => {
  const store = join(import.meta.dirname, '../../src/store')
  const files = [
    ...(await readdir(join(store, 'reports'))).map(file => join(store, 'reports', file)),
    ...[...QUEUE, 'transform-orders'].map(name => join(store, 'queue', `${name}.ts`)),
  ]
  const known = new Set([...Object.keys(callsOf(facts)), ...PIECES, ...WRITES.map(({ name }) => name)])
  const left: string[] = []
  for (const file of files)
    for (const [name, what] of Object.entries((await import(file)) as object))
      if (typeof what === 'function' && !known.has(name)) left.push(name)
  expect(left).toEqual([])
})

const ORDER: orders.NewOrder = {
  trigger: 'cli',
  request: { ids: ['a', 'b'] },
  scopes: ['posts'],
  params: { kinds: ['posts'] },
  traceId: 'trace',
  idempotencyKey: 'key',
  terms: {
    budget: 12,
    transforms: [
      {
        transform: 'mood',
        version: '1',
        elements: ['posts.caption'],
        filter: { networks: null, kinds: null, since: null },
      },
    ],
  },
  fingerprint: 'print',
  time: NOW,
}
const FOURTH: transformOrders.TransformOrder = { transform: 'fourth', asked: 2, queued: 0, stop: null }
const WHY = { errorType: 'cancelled', message: 'somebody cancelled it' }
const STOPPED = {
  errorType: 'quota_exhausted',
  message: 'the day is over',
  notBefore: '2026-10-06T00:00:00.000Z',
}

/** What writes, in an order in which each finds something to do. */
const WRITES: readonly { readonly name: string; work(tx: Tx): Promise<unknown> }[] = [
  { name: 'placeOrder', work: tx => orders.placeOrder(tx, ORDER) },
  { name: 'adoptRun', work: tx => orders.adoptRun(tx, 3, 'worker', { budget: 7, transforms: [] }) },
  { name: 'moveOrder', work: tx => orders.moveOrder(tx, 3, 'planning', 'working') },
  { name: 'moveOrder', work: tx => orders.moveOrder(tx, 3, 'planning', 'working') },
  { name: 'endOrder', work: tx => orders.endOrder(tx, 3, WHY, NOW) },
  {
    name: 'continueOrder',
    work: async tx => {
      const [old] = await orders.openOrders(tx.db)
      if (old === undefined) throw new Error('an order is open')
      return orders.continueOrder(tx, old, { ids: ['c'] }, { traceId: 'next', time: NOW })
    },
  },
  { name: 'remember', work: tx => remember(tx, { network: 'tiktok', key: 'k', value: [1], at: NOW }) },
  { name: 'remember', work: tx => remember(tx, { network: 'tiktok', key: 'k', value: 'two', at: NOW }) },
  { name: 'placeTransformOrder', work: tx => transformOrders.placeTransformOrder(tx, 'fourth') },
  { name: 'placeTransformOrder', work: tx => transformOrders.placeTransformOrder(tx, 'fourth') },
  { name: 'beginQueueing', work: tx => transformOrders.beginQueueing(tx, 'fourth', 'worker') },
  { name: 'beginQueueing', work: tx => transformOrders.beginQueueing(tx, 'second', 'worker') },
  { name: 'closeTransformOrder', work: tx => transformOrders.closeTransformOrder(tx, FOURTH) },
  { name: 'endQueueing', work: tx => transformOrders.endQueueing(tx, { ...FOURTH, asked: 1 }, 'worker') },
  { name: 'closeTransformOrder', work: tx => transformOrders.closeTransformOrder(tx, FOURTH) },
  { name: 'noteTransformStop', work: tx => transformOrders.noteTransformStop(tx, 'fourth', STOPPED) },
  { name: 'noteTransformStop', work: tx => transformOrders.noteTransformStop(tx, 'second', null) },
  { name: 'openTransformOrders', work: tx => transformOrders.openTransformOrders(tx.db) },
  { name: 'endTransformOrder', work: tx => transformOrders.endTransformOrder(tx, 'first') },
  {
    name: 'parkJobs',
    work: async tx => {
      const { db } = tx
      const some = (run: number) => db.selectFrom('sync_jobs').select('id').where('run_id', '=', run)
      await db.updateTable('sync_runs').set({ worker: 'w', finished_at: null }).where('id', '>', 3).execute()
      await db.updateTable('sync_jobs').set({ status: 'running' }).where('id', 'in', some(4)).execute()
      await db.updateTable('sync_jobs').set({ status: 'pending' }).where('id', 'in', some(5)).execute()
      await db
        .updateTable('sync_walks')
        .set({ state: 'running', worker: 'w' })
        .where('run_id', '=', 4)
        .execute()
      await db
        .updateTable('entities')
        .set({ lock_worker: 'w' })
        .where('lock_job_id', 'is not', null)
        .execute()
      await db.updateTable('sync_tasks').set({ status: 'running' }).where('job_id', 'in', some(4)).execute()
      const left = { status: 'pending', error_type: 'rate_limited', last_error: 'too many' }
      await db
        .updateTable('sync_tasks')
        .set(left)
        .where('job_id', 'in', some(5))
        .where('attempts', '>', 0)
        .execute()
      return [
        await parkJobs(tx, { worker: 'w', runId: 4 }, new Map([['youtube', STOPPED]]), NOW),
        await parkJobs(tx, { worker: 'w', runId: null }, new Map(), NOW),
      ]
    },
  },
]

it('what is written of orders, of what was learned and of jobs that are put aside is the same', async () => {
  for (const { name, work } of WRITES)
    expect(await there.write(work), name).toStrictEqual(await here.write(work))
  for (const table of [
    'sync_runs',
    'sync_jobs',
    'sync_tasks',
    'sync_walks',
    'entities',
    'run_orders',
    'budgets',
    'memory',
    'transform_orders',
  ] as const) {
    const [one, other] = await Promise.all(
      [here, there].map(async ({ committed }) => {
        const rows = await committed.db.selectFrom(table).selectAll().execute()
        return rows.map(row => JSON.stringify(Object.entries(row).sort())).sort()
      }),
    )
    expect(other, table).toEqual(one)
  }
})
