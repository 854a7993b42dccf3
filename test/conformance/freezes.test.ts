import '../support/spoilt-sql.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { perTest } from '../support/fresh.ts'
import { type StoreProcess, startStoreProcess } from '../support/start-store-process.ts'
import { STORES } from '../support/stores.ts'
import { chargeOf, claimOf, PAGES, POSTS, UNITS } from '../support/tiny-source.ts'
import { commitNext, had, letLeaseEnd, openScene, reap, type Scene } from './scene.ts'

const NETWORK = 'frozen'

const started: StoreProcess[] = []
afterEach(async () => {
  for (const { kill, ended } of started.splice(0)) {
    kill('SIGKILL')
    await ended
  }
})

/** A process that reads a run of its own, and is stopped (SIGSTOP) at a point of its second page. */
const freezeAt = async (at: Scene, point: string): Promise<StoreProcess & { readonly worker: string }> => {
  const frozen = startStoreProcess(
    [
      { do: 'open', where: at.where, purpose: 'run' },
      { do: 'begin', network: NETWORK, entities: ['ada'] },
      { do: 'charge', entry: chargeOf(NETWORK, null) },
      { do: 'close' },
    ],
    { STOP_AT: `${point}:2` },
  )
  started.push(frozen)
  await frozen.until('stopsAt')
  await frozen.untilStopped()
  return { ...frozen, worker: (await frozen.until('worker')).worker ?? '' }
}

const until = async (condition: () => Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise(resume => setTimeout(resume, 100))
}

/** Its lease ends by itself, which takes 20 s, or is made to have ended. */
const LEASES = [
  { how: 'is said to be over', ends: letLeaseEnd, isShort: true },
  {
    how: 'is over',
    ends: (at: Scene, worker: string) =>
      until(async () => {
        const now = at.isShared
          ? `to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
          : `strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`
        return (
          (await at.rows(`select id from workers where id = '${worker}' and lease_expires_at <= ${now}`))
            .length === 1
        )
      }),
    isShort: false,
  },
]

describe.each(STORES)('a process that stands still on $name', { timeout: 180_000 }, ({ name, open }) => {
  const scene = perTest(() => openScene(open()))

  for (const { how, ends, isShort } of LEASES) {
    it(
      `and whose lease ${how} is overtaken: what it had fetched is refused, the other’s is kept`,
      // On files it is shown in `test/e2e/kill.test.ts`, too.
      isShort && name === 'PostgreSQL' ? {} : { tags: ['long'] },
      async () => {
        const at = scene()
        const frozen = await freezeAt(at, 'page.fetched')
        const runId = (await frozen.until('run')).run ?? 0
        const heir = await at.open({ purpose: 'worker' })
        // Frozen, and not dead: its name is held, its run is its own.
        expect(await at.one(`select worker as n from sync_runs where id = ${runId}`)).toBe(frozen.worker)
        await ends(at, frozen.worker)
        await reap(heir)
        expect(await at.one(`select worker as n from sync_runs where id = ${runId}`)).toBe(heir.worker.id)
        expect(await at.one('select lock_worker as n from entities')).toBe(heir.worker.id)
        const walk = had((await heir.claim(claimOf(NETWORK, runId)))[0])
        expect(walk).toMatchObject({ seq: 1, cursor: { n: 1 } })
        const committed = await commitNext(heir, walk, 'heir')

        process.kill(frozen.pid, 'SIGCONT')
        expect(await frozen.ended).toMatchObject({ code: 0, stderr: '' })
        expect(frozen.said().filter(({ committed }) => committed !== undefined)).toMatchObject([
          { seq: 0, committed: true },
          { seq: 1, committed: false },
        ])
        // Whatever it asked for then was refused, and none of it was its own any more when it ended.
        expect(frozen.said().filter(({ failed }) => failed !== undefined)).toMatchObject([
          { failed: 'begin', overtaken: true },
          { failed: 'charge', overtaken: true },
        ])
        expect(await at.one(`select worker as n from sync_runs where id = ${runId}`)).toBe(heir.worker.id)
        expect(await at.one(`select worker as n from sync_walks where id = ${walk.id}`)).toBe(heir.worker.id)
        for (let page = committed?.walk ?? null; page !== null; )
          page = (await commitNext(heir, page, 'heir'))?.walk ?? null
        expect(await at.one('select count(*) as n from posts')).toBe(PAGES * POSTS)
        expect(await at.one(`select count(*) as n from posts where caption = 'heir'`)).toBe(
          (PAGES - 1) * POSTS,
        )
        expect(await at.rows('select seq from raw_pages order by seq')).toHaveLength(PAGES)
        // The call whose answer was refused was paid for.
        expect(await at.one(`select used as n from quota where network = '${NETWORK}'`)).toBe(2 * UNITS)
      },
    )
  }

  it('shorter than its lease goes on as if nothing had been', { tags: ['long'] }, async () => {
    const at = scene()
    const frozen = await freezeAt(at, 'page.fetched')
    await reap(at.store)
    process.kill(frozen.pid, 'SIGCONT')
    expect(await frozen.ended).toMatchObject({ code: 0, stderr: '' })
    expect(frozen.said().filter(({ failed }) => failed !== undefined)).toEqual([])
    expect(await at.one('select count(*) as n from posts')).toBe(PAGES * POSTS)
    expect(await at.one('select status as n from sync_jobs')).toBe('succeeded')
  })

  it('inside the transaction of its page holds up others until that is ended, and the page is nobody’s twice', {
    tags: ['long'],
  }, async () => {
    const at = scene()
    const frozen = await freezeAt(at, 'page.written')
    const runId = (await frozen.until('run')).run ?? 0
    if (!at.isShared) {
      // A file has one writer: the others give up after some seconds, and nobody can overtake it.
      await expect(at.store.charge(chargeOf(NETWORK, null))).rejects.toThrow()
      process.kill(frozen.pid, 'SIGCONT')
      expect(await frozen.ended).toMatchObject({ code: 0, stderr: '' })
      expect(await at.one('select status as n from sync_jobs')).toBe('succeeded')
      expect(await at.one('select count(*) as n from raw_pages')).toBe(PAGES)
      return
    }
    const heir = await at.open({ purpose: 'worker' })
    // The server ends a transaction in which nothing is said for 20 s; the locks are free then.
    await letLeaseEnd(at, frozen.worker)
    await reap(heir)
    const walk = had((await heir.claim(claimOf(NETWORK, runId)))[0])
    expect(walk).toMatchObject({ seq: 1, cursor: { n: 1 } })
    expect(await commitNext(heir, walk, 'heir')).not.toBeNull()
    process.kill(frozen.pid, 'SIGCONT')
    expect(await frozen.ended).toMatchObject({ code: 0, stderr: '' })
    expect(frozen.said().filter(({ committed }) => committed === false)).toMatchObject([{ seq: 1 }])
    expect(await at.rows("select distinct caption from posts where id like 'ada-1-%'")).toEqual([
      { caption: 'heir' },
    ])
    expect(await at.rows('select seq from raw_pages order by seq')).toEqual([{ seq: 0 }, { seq: 1 }])
  })
})
