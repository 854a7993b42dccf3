import '../support/spoilt-sql.ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { copyStore } from '../../src/store/maintenance.ts'
import { openReader } from '../../src/store/reader.ts'
import { filesOf, ROOT } from '../support/documents.ts'
import { perTest } from '../support/fresh.ts'
import { openTestDatabase } from '../support/postgres.ts'
import { type StoreProcess, type StoreWork, startStoreProcess } from '../support/start-store-process.ts'
import { STORES } from '../support/stores.ts'
import { claimOf, PAGES, POSTS, UNITS } from '../support/tiny-source.ts'
import { commitNext, had, openScene, openStore, type Scene } from './scene.ts'

const ENTITIES = ['ada', 'bob']
const NETWORK = 'killed'

/** Where in a run a process is killed, and how many calls it had paid for by then. */
const IN_A_RUN: Readonly<Record<string, number>> = {
  'job.create': 0,
  'page.asked': 1,
  'page.fetched': 2,
  'page.written': 2,
  'page.committed': 2,
}
const IN_A_COPY = ['copy.begun', 'copy.written', 'copy.committed', 'copy.compared', 'copy.ended']
const IN_A_REBUILD = ['rebuild.built', 'rebuild.written']
const IN_A_TRANSFORM = ['transform.asked', 'transform.answered', 'transform.settled']
const IN_A_MIGRATION = ['migrate', 'migrate.written']
/** By pg-boss, whose workers are whole processes: test/e2e/schedule.test.ts kills there. */
const AT_A_TICK = ['tick.due', 'tick.answered']
/** What `npm test` kills at, and where: `test/e2e/kill.test.ts` does so on files. All of them in `npm run test:all`. */
const SHORT = { point: 'page.written', database: 'PostgreSQL' }

const started: StoreProcess[] = []
afterEach(async () => {
  for (const { kill, ended } of started.splice(0)) {
    kill('SIGKILL')
    await ended
  }
})

/** Does some work in a process of its own until that is killed at a point, the second time that it comes by. */
const killAt = async (point: string, work: readonly StoreWork[], count = 2): Promise<StoreProcess> => {
  const dies = startStoreProcess(work, { SOCSYNC_CRASH_AT: `${point}:${count}` })
  started.push(dies)
  const { signal, stderr } = await dies.ended
  expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' })
  return dies
}
/** A server that has just started takes every name for held. */
const untilMissed = async (at: Scene, dead: StoreProcess): Promise<void> => {
  const { worker = '' } = await dead.until('worker')
  await using reader = await openReader(at.where)
  while (await reader.isHeld(worker)) await new Promise(resume => setTimeout(resume, 20))
}
const options = (point: string, database: string) =>
  point === SHORT.point && database === SHORT.database ? {} : { tags: ['long' as const] }

it('every crash point of the source is one that a process is killed at', () => {
  const named = filesOf('src/**/*.ts').flatMap(({ path }) =>
    [...readFileSync(join(ROOT, path), 'utf8').matchAll(/\bcrash\('([^']+)'\)/g)].map(([, point]) => point),
  )
  const killed = [
    ...Object.keys(IN_A_RUN),
    ...[IN_A_COPY, IN_A_REBUILD, IN_A_TRANSFORM, IN_A_MIGRATION, AT_A_TICK].flat(),
  ]
  expect([...new Set(named)].toSorted()).toEqual(killed.toSorted())
})

describe.each(STORES)('a process killed on $name', { timeout: 300_000 }, ({ name, open }) => {
  const scene = perTest(() => openScene(open()))
  /** Each walk stands behind the pages that are stored of it, each of them once, with what it brought. */
  const expectWhole = async (at: Scene): Promise<void> => {
    const pages = `(select count(*) from raw_pages where walk_id = sync_walks.id)`
    expect(await at.rows(`select id from sync_walks where seq <> ${pages}`)).toEqual([])
    const twice = 'select request from raw_pages group by request having count(*) > 1'
    expect(await at.rows(twice)).toEqual([])
    const stored = Number(await at.one('select count(*) as n from raw_pages'))
    expect(await at.one('select count(*) as n from posts')).toBe(stored * POSTS)
  }
  const paid = async (at: Scene): Promise<number> =>
    Number(await at.one(`select coalesce(sum(used), 0) as n from quota where network = '${NETWORK}'`)) / UNITS

  for (const [point, calls] of Object.entries(IN_A_RUN)) {
    it(
      `at ${point}: nothing is lost, stored twice or unpaid, and another goes on where it stood`,
      options(point, name),
      async () => {
        const at = scene()
        await at.end(at.store)
        const dead = await killAt(point, [
          { do: 'open', where: at.where, purpose: 'run' },
          { do: 'begin', network: NETWORK, entities: ENTITIES },
        ])
        const runId = (await dead.until('run')).run ?? 0
        await expectWhole(at)
        expect(await paid(at)).toBe(calls)
        const committed = point === 'page.committed' ? 2 : point === 'job.create' ? 0 : 1
        expect(await at.one('select count(*) as n from raw_pages')).toBe(committed)

        await untilMissed(at, dead)
        // It is missed at once, though its lease goes on: where a worker inherits, that one has the run as it stood.
        const heir = await at.open({ purpose: 'worker' })
        expect(await at.rows('select id from workers')).toEqual([{ id: heir.worker.id }])
        expect(await at.rows('select id from sync_walks where worker is not null')).toEqual([])
        const jobs = point === 'job.create' ? 0 : ENTITIES.length
        expect(await at.one('select count(*) as n from sync_jobs')).toBe(jobs)
        expect(await at.one('select worker as n from sync_runs')).toBe(heir.worker.id)
        const first = (await heir.claim(claimOf(NETWORK, runId)))[0]
        if (jobs === 0) return
        const place = Number(await at.one(`select max(seq) as n from sync_walks`))
        expect(place).toBe(committed)
        for (let walk = first; walk !== undefined; [walk] = await heir.claim(claimOf(NETWORK, runId)))
          for (let page: typeof walk | null = walk; page !== null; )
            page = (await commitNext(heir, page))?.walk ?? null
        await expectWhole(at)
        expect(await at.one('select count(*) as n from posts')).toBe(ENTITIES.length * PAGES * POSTS)
        expect(await at.rows("select id from sync_jobs where status <> 'succeeded'")).toEqual([])
        expect(await at.rows('select entity_id from entities where lock_worker is not null')).toEqual([])
      },
    )
  }

  it('where nobody inherits: its jobs are put aside, at their places', { tags: ['long'] }, async () => {
    const at = scene()
    const dead = await killAt('page.written', [
      { do: 'open', where: at.where, purpose: 'run' },
      { do: 'begin', network: NETWORK, entities: ENTITIES },
    ])
    await untilMissed(at, dead)
    const next = await at.open()
    expect(next.interrupted).toBe(ENTITIES.length)
    expect(await at.rows('select distinct status, error_type from sync_jobs')).toEqual([
      { status: 'partial', error_type: 'interrupted' },
    ])
    await expectWhole(at)
    const walks = 'select seq, state, worker, cursor from sync_walks order by id'
    expect(await at.rows(walks)).toEqual([
      { seq: 1, state: 'ready', worker: null, cursor: '{"n":1}' },
      { seq: 0, state: 'ready', worker: null, cursor: null },
    ])
    expect(await at.rows('select entity_id from entities where lock_worker is not null')).toEqual([])
  })

  for (const point of IN_A_TRANSFORM) {
    it(`at ${point}: each element is sent under one key, and ends once`, options(point, name), async () => {
      const at = scene()
      const run = await at.begin(['ada'])
      await commitNext(at.store, had(await run.claim()))
      const work: StoreWork[] = [
        { do: 'open', where: at.where, purpose: 'run' },
        { do: 'transform', transform: run.network },
      ]
      const dead = await killAt(point, work)
      await untilMissed(at, dead)
      const next = startStoreProcess([...work, { do: 'close' }])
      started.push(next)
      expect(await next.ended).toMatchObject({ code: 0, stderr: '' })
      const sent = [...dead.said(), ...next.said()].filter(({ submitted }) => submitted !== undefined)
      const keys = Map.groupBy(sent, ({ submitted }) => submitted)
      expect([...keys.keys()].toSorted()).toEqual(['ada-0-0', 'ada-0-1', 'ada-0-2'])
      for (const of of keys.values()) expect(new Set(of.map(({ key }) => key)).size).toBe(1)
      expect(sent.length).toBe(point === 'transform.answered' ? 4 : 3)
      expect(await at.rows('select element_id, status, worker from transforms order by element_id')).toEqual(
        [0, 1, 2].map(n => ({ element_id: `ada-0-${n}`, status: 'done', worker: null })),
      )
    })
  }

  for (const point of IN_A_REBUILD) {
    it(`at ${point}: nothing is changed, and it can be done again`, options(point, name), async () => {
      const at = scene()
      const run = await at.begin(['ada'])
      await commitNext(at.store, had(await run.claim()))
      await at.end(at.store)
      const captions = () => at.rows('select distinct caption as n from posts')
      const work: StoreWork = { do: 'rebuild', where: at.where, entity: 'ada', caption: 'anew' }
      await killAt(point, [work], 1)
      expect(await captions()).toEqual([{ n: 'tiny' }])
      const again = startStoreProcess([work])
      started.push(again)
      expect(await again.ended).toMatchObject({ code: 0, stderr: '' })
      expect(await captions()).toEqual([{ n: 'anew' }])
    })
  }

  // From a file to a server, and back: test/e2e/copy.test.ts.
  for (const point of name === 'PostgreSQL' ? IN_A_COPY : []) {
    it(`at ${point}: the copy is marked as unfinished, and goes on`, options(point, name), async () => {
      const at = scene()
      const run = await at.begin(['ada'])
      await commitNext(at.store, had(await run.claim()))
      await at.end(at.store)
      await using there = await openTestDatabase('empty')
      await killAt(point, [{ do: 'copy', from: at.where, to: there.url }], 1)
      await expect(openStore(there.url)).rejects.toThrow('was not finished')
      const copied = await copyStore(at.where, there.url, { crash: () => {}, progress: () => {} })
      expect(copied).toMatchObject({ wentOn: true })
      expect(await there.rows('select id, caption from posts order by id')).toEqual(
        await at.rows('select id, caption from posts order by id'),
      )
    })
  }
})

describe.each(STORES.map(({ name }) => name))('a process killed while it makes the tables on %s', name => {
  for (const point of IN_A_MIGRATION) {
    it(`at ${point}: the next one makes the rest`, { tags: ['long'], timeout: 300_000 }, async () => {
      await using empty = await openTestDatabase('empty')
      await using other = await (STORES.find(store => store.name === name) as (typeof STORES)[number]).open()
      const where = name === 'SQLite' ? `${other.where}-new` : empty.url
      await killAt(point, [{ do: 'open', where, purpose: 'run' }], 3)
      const store = await openStore(where)
      expect(store.interrupted).toBe(0)
      expect(await store.claim(claimOf(NETWORK, 1))).toEqual([])
      await store.close()
    })
  }
})
