import '../support/spoilt-sql.ts'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Overtaken } from '../../src/core/errors.ts'
import type { Committed, Walk } from '../../src/core/ports.ts'
import type { Store } from '../../src/store/store.ts'
import { perFile } from '../support/fresh.ts'
import { standBefore } from '../support/gated-queries.ts'
import { STORES } from '../support/stores.ts'
import { chargeOf, claimOf, endOptions, jobsOn, POSTS, RUN, UNITS } from '../support/tiny-source.ts'
import { type Begun, commitNext, had, letLeaseEnd, openScene, reap, type Scene, waits } from './scene.ts'

/** Two that hold one walk: the first was taken for dead, the second goes on with it. */
interface Two {
  readonly run: Begun
  readonly walk: Walk
  readonly first: Store
  readonly second: Store
  /** Takes over what the first has, claims it and stores its page. */
  takeOver(): Promise<Committed | null>
}

const two = async (at: Scene): Promise<Two> => {
  const first = await at.open()
  const run = await at.begin(['ada'])
  const walk = had(await run.claim(first))
  await letLeaseEnd(at, first.worker.id)
  const takeOver = async () => {
    await reap(at.store)
    return commitNext(at.store, had(await claimOnceFree(run)), 'second')
  }
  return { run, walk, first, second: at.store, takeOver }
}

/** A claim passes by a walk whose page is just being stored, and has it within a second. */
const claimOnceFree = async (run: Begun): Promise<Walk | undefined> => {
  for (let asked = 0; asked < 100; asked++) {
    const walk = await run.claim()
    if (walk !== undefined) return walk
    await setTimeout(10)
  }
  return undefined
}

/** Each page of the walk is stored once, whole, by one of them, and the walk stands behind it. */
const expectOnePageEach = async (at: Scene, { run, walk }: Two, committed: number): Promise<void> => {
  const pages = await at.rows(`select seq from raw_pages where walk_id = ${walk.id} order by seq`)
  expect(pages).toEqual(Array.from({ length: committed }, (_, seq) => ({ seq })))
  expect(await at.one(`select seq as n from sync_walks where id = ${walk.id}`)).toBe(committed)
  const posts = await at.rows(`select id, caption from posts where network = '${run.network}' order by id`)
  expect(posts).toHaveLength(committed * POSTS)
  for (let n = 0; n < committed; n++) {
    const by = posts.filter(({ id }) => String(id).startsWith(`ada-${n}-`)).map(({ caption }) => caption)
    expect(new Set(by).size).toBe(1)
  }
  const tasks = `select items, pages from sync_tasks where walk_id = ${walk.id}`
  expect(await at.rows(tasks)).toEqual([{ items: committed * POSTS, pages: committed }])
}

const LONG = { tags: ['long'] }

const count = (...commits: readonly (Committed | null)[]): number =>
  commits.filter(committed => committed !== null).length

describe.each(STORES)('two writers on one walk on $name', { timeout: 60_000 }, ({ name, open }) => {
  /** Of what is done again and again; on a file that takes no time. */
  const often = name === 'SQLite' ? {} : LONG
  const scene = perFile(() => openScene(open()))

  it('the one that was overtaken commits after the other: it writes nothing', async () => {
    const both = await two(scene())
    const kept = await both.takeOver()
    expect(await commitNext(both.first, both.walk, 'first')).toBeNull()
    expect(count(kept)).toBe(1)
    await expectOnePageEach(scene(), both, 1)
  })

  it('the one that was overtaken commits before the other: it writes nothing', async () => {
    const both = await two(scene())
    await reap(both.second)
    const walk = had(await both.run.claim())
    expect(await commitNext(both.first, both.walk, 'first')).toBeNull()
    expect(count(await commitNext(both.second, walk, 'second'))).toBe(1)
    await expectOnePageEach(scene(), both, 1)
  })

  it('the one whose lease is over commits before anybody has noticed: the other goes on behind its page', async () => {
    const both = await two(scene())
    expect(await commitNext(both.first, both.walk, 'first')).toMatchObject({ walk: { seq: 1 } })
    expect(await both.takeOver()).toMatchObject({ walk: { seq: 2 } })
    await expectOnePageEach(scene(), both, 2)
  })

  it('at once, again and again', often, async () => {
    for (let round = 0; round < 3; round++) {
      const both = await two(scene())
      const [first, second] = await Promise.all([commitNext(both.first, both.walk, 'first'), both.takeOver()])
      await expectOnePageEach(scene(), both, count(first, second))
      expect(second).not.toBeNull()
      await scene().end(both.first)
    }
  })

  it('one page is handed in twice at once: it is stored once', async () => {
    const at = scene()
    const run = await at.begin(['ada'])
    const walk = had(await run.claim())
    const commits = await Promise.all([1, 2, 3].map(n => commitNext(at.store, walk, `${n}`)))
    expect(count(...commits)).toBe(1)
    await expectOnePageEach(
      at,
      { run, walk, first: at.store, second: at.store, takeOver: async () => null },
      1,
    )
  })

  it('whatever else the one that was overtaken does to the walk, it leaves it alone', async () => {
    const at = scene()
    const both = await two(at)
    await reap(both.second)
    const walk = had(await both.run.claim())
    const { first, walk: stale } = both
    const before = await at.rows(`select * from sync_walks where run_id = ${both.run.runId}`)
    const failed = { status: 'failed', reason: null, errorType: 'network_error', message: 'late' } as const
    expect(await first.end(stale, failed, endOptions)).toBeNull()
    await first.postpone(stale, { until: null, errorType: 'network_error', message: 'late' })
    await first.divide(stale)
    await first.restart(stale, 'late')
    expect(await at.rows(`select * from sync_walks where run_id = ${both.run.runId}`)).toEqual(before)
    expect(await at.rows(`select status, last_error from sync_tasks where walk_id = ${walk.id}`)).toEqual([
      { status: 'running', last_error: null },
    ])
    expect(count(await commitNext(both.second, walk, 'second'))).toBe(1)
  })

  it('the one that was overtaken asks for nothing more, and what it was charged stays counted', async () => {
    const at = scene()
    const { first, run } = await two(at)
    const entry = chargeOf(run.network, run.runId)
    expect(await first.charge(entry)).toBeNull()
    await reap(at.store)
    const asks: readonly (() => Promise<unknown>)[] = [
      () => first.claim(claimOf(run.network, run.runId)),
      () => first.charge(entry),
      () => first.turn({ network: run.network, owner: 'owner', gapMs: 1, leadMs: 0 }),
      () => first.createRun(RUN),
      () => first.addJobs(jobsOn(run.network, run.runId, ['bob']), new Map()),
      () => first.park(run.runId, new Map()),
    ]
    for (const ask of asks) await expect(ask()).rejects.toBeInstanceOf(Overtaken)
    expect(await at.one(`select used as n from quota where network = '${run.network}'`)).toBe(UNITS)
    expect(await at.one(`select calls as n from run_costs where run_id = ${run.runId}`)).toBe(1)
  })

  it('several take over one that is gone: its walk is one’s alone', often, async () => {
    const at = scene()
    for (let round = 0; round < 3; round++) {
      const first = await at.open()
      const others = [await at.open(), await at.open(), at.store]
      const run = await at.begin(['ada'])
      had(await run.claim(first))
      await letLeaseEnd(at, first.worker.id)
      const claims = await Promise.all(
        others.map(async store => {
          await reap(store)
          return run.claim(store)
        }),
      )
      expect(claims.filter(claim => claim !== undefined)).toHaveLength(1)
      for (const store of others.slice(0, 2)) await at.end(store)
    }
  })
})

describe.each(STORES.filter(({ name }) => name === 'PostgreSQL'))(
  'their transactions side by side on $name',
  ({ open }) => {
    const scene = perFile(() => openScene(open()))
    /**
     * Stops one of them before each of its statements in turn, or of so many one, while the other gets as far as it can: it is through, or
     * waits for a lock of the one that stands still.
     */
    const interleave = async (
      stride: number,
      begin: (both: Two) => { stops: () => Promise<Committed | null>; goes: () => Promise<Committed | null> },
    ): Promise<number> => {
      let stood = 0
      for (let nth = 1; ; nth += stride) {
        const both = await two(scene())
        const { stops, goes } = begin(both)
        const gate = standBefore(nth, stops)
        const isThere = await gate.reached
        const other = goes()
        await waits(scene(), other)
        gate.open()
        const commits = await Promise.all([gate.done, other])
        await expectOnePageEach(scene(), both, count(...commits))
        expect(count(...commits)).toBeGreaterThan(0)
        await scene().end(both.first)
        if (!isThere) return stood
        stood++
      }
    }

    const EACH = [
      { stride: 7, every: 'each 7th statement', options: { timeout: 300_000 } },
      { stride: 1, every: 'every statement', options: { timeout: 300_000, ...LONG } },
    ]
    for (const { stride, every, options } of EACH)
      it(`a commit stands still before ${every} while another takes the walk over`, options, async () => {
        const stood = await interleave(stride, both => ({
          stops: () => commitNext(both.first, both.walk, 'first'),
          goes: both.takeOver,
        }))
        expect(stood).toBeGreaterThan(stride === 1 ? 10 : 1)
      })

    it('a takeover stands still before every statement while the walk’s page is committed', {
      timeout: 300_000,
      ...LONG,
    }, async () => {
      const stood = await interleave(1, both => ({
        stops: both.takeOver,
        goes: () => commitNext(both.first, both.walk, 'first'),
      }))
      expect(stood).toBeGreaterThan(20)
    })
  },
)
