import '../support/spoilt-sql.ts'
import { afterEach, describe, expect, it } from 'vitest'
import type { Walk } from '../../src/core/ports.ts'
import { perTest } from '../support/fresh.ts'
import { type StoreProcess, type StoreWork, startStoreProcess } from '../support/start-store-process.ts'
import { STORES } from '../support/stores.ts'
import { claimOf, PAGES, POSTS } from '../support/tiny-source.ts'
import { commitNext, had, letLeaseEnd, NOW, openScene, reap, type Scene } from './scene.ts'

const HOUR = 3_600_000
const NETWORK = 'elsewhere'
const SHIFTS = [
  { when: 'an hour ahead', shift: HOUR },
  { when: 'an hour behind', shift: -HOUR },
]

const started: StoreProcess[] = []
afterEach(async () => {
  for (const { kill, ended } of started.splice(0)) {
    kill('SIGKILL')
    await ended
  }
})
const startThere = (
  work: readonly StoreWork[],
  shift: number,
  env: Readonly<Record<string, string>> = {},
) => {
  const there = startStoreProcess(work, { CLOCK_SHIFT: String(shift), ...env })
  started.push(there)
  return there
}

/** Whether a worker's lease ends within the time that one is given, by the clock of the database. */
const isWithinLease = async (at: Scene, worker: string): Promise<boolean> => {
  const [row] = await at.rows(`select lease_expires_at as ends from workers where id = '${worker}'`)
  const clock = `to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
  const left = Date.parse(String(row?.ends)) - Date.parse(String(await at.one(`select ${clock} as n`)))
  return left > 0 && left <= 20_000
}

describe.each(STORES)('the clock of a run on $name', { timeout: 60_000 }, ({ open }) => {
  const scene = perTest(() => openScene(open()))
  const clocks = SHIFTS.map(({ shift }) => ({ now: () => NOW + shift, sleep: async () => {} }))

  it('that is an hour ahead or behind takes nobody for dead, and is not taken for it', async () => {
    const at = scene()
    const stores = [at.store]
    for (const clock of clocks) stores.push(await at.open({ clock }))
    const walks: Walk[] = []
    for (const by of stores) walks.push(had(await (await at.begin(['ada'], { by })).claim()))
    for (const store of stores) await reap(store)
    for (const [n, store] of stores.entries()) {
      expect(store.interrupted).toBe(0)
      expect(await commitNext(store, had(walks[n]))).not.toBeNull()
    }
  })

  it('that is an hour ahead or behind: one that is frozen is overtaken all the same', {
    tags: ['long'],
  }, async () => {
    const at = scene()
    for (const clock of clocks) {
      const there = await at.open({ clock })
      const run = await at.begin(['ada'])
      const walk = had(await run.claim(there))
      await letLeaseEnd(at, there.worker.id)
      await reap(at.store)
      const again = had(await run.claim())
      expect(await commitNext(there, walk, 'late')).toBeNull()
      expect(await commitNext(at.store, again)).not.toBeNull()
    }
  })
})

describe.each(STORES.filter(({ name }) => name === 'PostgreSQL'))(
  'the clock of a machine on $name',
  { tags: ['long'], timeout: 180_000 },
  ({ open }) => {
    const scene = perTest(() => openScene(open()))

    it.each(SHIFTS)(
      'that is $when: its leases go by the server’s, and it is not taken for dead',
      async ({ shift }) => {
        const at = scene()
        const there = startThere(
          [
            { do: 'open', where: at.where, purpose: 'run' },
            { do: 'begin', network: NETWORK, entities: ['ada'] },
            { do: 'hang' },
          ],
          shift,
        )
        const { worker = '' } = await there.until('worker')
        await there.untilDid('begin')
        expect(await isWithinLease(at, worker)).toBe(true)
        await reap(at.store)
        expect(await at.rows(`select id from workers where id = '${worker}'`)).toHaveLength(1)
        // Renewed once: that goes by the server's clock, too.
        const ends = async () => at.one(`select lease_expires_at as n from workers where id = '${worker}'`)
        const first = await ends()
        while ((await ends()) === first) await new Promise(resume => setTimeout(resume, 100))
        expect(await isWithinLease(at, worker)).toBe(true)
        expect(await at.one('select count(*) as n from posts')).toBe(PAGES * POSTS)
      },
    )

    it.each(SHIFTS)('that is $when: whoever is at work there takes nobody for dead', async ({ shift }) => {
      const at = scene()
      const run = await at.begin(['ada'])
      const walk = had(await run.claim())
      const there = startThere(
        [
          { do: 'open', where: at.where, purpose: 'worker' },
          { do: 'read', network: run.network, runId: run.runId },
          { do: 'close' },
        ],
        shift,
      )
      expect(await there.ended).toMatchObject({ code: 0, stderr: '' })
      expect((await there.until('worker')).interrupted).toBe(0)
      expect(there.said().filter(({ claimed }) => claimed !== undefined)).toEqual([])
      expect(await at.one(`select worker as n from sync_runs where id = ${run.runId}`)).toBe(
        at.store.worker.id,
      )
      expect(await commitNext(at.store, walk)).not.toBeNull()
    })

    it.each(SHIFTS)(
      'that is $when: frozen there and overtaken here, it commits nothing',
      async ({ shift }) => {
        const at = scene()
        const frozen = startThere(
          [
            { do: 'open', where: at.where, purpose: 'run' },
            { do: 'begin', network: NETWORK, entities: ['ada'] },
            { do: 'close' },
          ],
          shift,
          { STOP_AT: 'page.fetched:1' },
        )
        await frozen.until('stopsAt')
        await frozen.untilStopped()
        const { run: runId = 0 } = await frozen.until('run')
        const heir = await at.open({
          purpose: 'worker',
          clock: { now: () => Date.now(), sleep: async () => {} },
        })
        await letLeaseEnd(at, (await frozen.until('worker')).worker ?? '')
        await reap(heir)
        const walk = had((await heir.claim(claimOf(NETWORK, runId)))[0])
        process.kill(frozen.pid, 'SIGCONT')
        expect(await frozen.ended).toMatchObject({ code: 0, stderr: '' })
        expect(frozen.said()).toContainEqual({ page: walk.id, seq: 0, committed: false })
        expect(await commitNext(heir, walk, 'heir')).not.toBeNull()
        expect(await at.rows('select distinct caption from posts')).toEqual([{ caption: 'heir' }])
      },
    )

    it.each(SHIFTS)(
      'that is $when: whoever is frozen here is overtaken there, and commits nothing',
      async ({ shift }) => {
        const at = scene()
        const first = await at.open()
        const run = await at.begin(['ada'])
        const walk = had(await run.claim(first))
        await letLeaseEnd(at, first.worker.id)
        const there = startThere(
          [
            { do: 'open', where: at.where, purpose: 'worker' },
            { do: 'read', network: run.network, runId: run.runId },
            { do: 'close' },
          ],
          shift,
        )
        expect(await there.ended).toMatchObject({ code: 0, stderr: '' })
        expect(there.said()).toContainEqual({ claimed: walk.id, seq: 0 })
        expect(await commitNext(first, walk, 'late')).toBeNull()
        expect(await at.one('select count(*) as n from posts')).toBe(PAGES * POSTS)
        expect(await at.rows("select id from posts where caption = 'late'")).toEqual([])
      },
    )
  },
)
