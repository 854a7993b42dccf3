import '../support/spoilt-sql.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { perTest } from '../support/fresh.ts'
import { standBefore } from '../support/gated-queries.ts'
import { type StoreProcess, startStoreProcess } from '../support/start-store-process.ts'
import { STORES } from '../support/stores.ts'
import { claimOf, jobsOn, RUN, STREAMS } from '../support/tiny-source.ts'
import { had, openScene, type Scene, waits } from './scene.ts'

const started: StoreProcess[] = []
afterEach(async () => {
  for (const { kill, ended } of started.splice(0)) {
    kill('SIGKILL')
    await ended
  }
})

/** `n` jobs of four walks each: two of the first rank, two of the second. */
const plan = async (at: Scene, jobs: number): Promise<{ network: string; runId: number }> => {
  const network = at.newNetwork()
  const runId = await at.store.createRun(RUN)
  for (let made = 0; made < jobs; made += 500) {
    const names = Array.from({ length: Math.min(500, jobs - made) }, (_, n) => `p${made + n}`)
    await at.store.addJobs(jobsOn(network, runId, names, { streams: STREAMS }), new Map())
  }
  await at.store.markPlanned(runId)
  return { network, runId }
}
const rankOf = (stream: string): number => (stream === 'posts' || stream === 'profile' ? 0 : 1)

/** N processes claim until nothing is left, each a few walks at a time. */
const claimAll = async (at: Scene, processes: number, jobs: number): Promise<void> => {
  const { network, runId } = await plan(at, jobs)
  const claimers = Array.from({ length: processes }, () =>
    startStoreProcess([
      { do: 'open', where: at.where, purpose: 'run' },
      { do: 'claimAll', network, runId, count: 20 },
      { do: 'hang' },
    ]),
  )
  started.push(...claimers)
  const workers = new Map<string, number>()
  const taken: number[] = []
  for (const claimer of claimers) {
    const { worker = '' } = await claimer.until('worker')
    await claimer.untilDid('claimAll')
    const mine = claimer.said().flatMap(({ walks = [] }) => walks)
    taken.push(...mine.map(([id]) => id))
    workers.set(worker, mine.length)
    // What others take leaves none of a lower rank behind.
    const ranks = mine.map(([, stream]) => rankOf(stream))
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))
  }
  expect(taken).toHaveLength(jobs * STREAMS.length)
  expect(new Set(taken).size).toBe(taken.length)
  const held = await at.rows(
    `select worker, count(*) as walks from sync_walks where run_id = ${runId} and state = 'running' group by worker`,
  )
  expect(new Map(held.map(({ worker, walks }) => [String(worker), Number(walks)]))).toEqual(
    new Map([...workers].filter(([, walks]) => walks > 0)),
  )
}

describe.each(STORES)('many claimers on $name', { timeout: 600_000 }, ({ open }) => {
  const scene = perTest(() => openScene(open()))

  it('take each of 10,000 walks once, lowest rank first', { tags: ['long'] }, async () => {
    await claimAll(scene(), 6, 2_500)
  })

  it('take each walk once, lowest rank first', async () => {
    const at = scene()
    const { network, runId } = await plan(at, 10)
    const stores = [at.store, ...(await Promise.all([1, 2].map(() => at.open())))]
    const claims = await Promise.all(
      stores.map(async store => {
        const mine: { id: number; rank: number }[] = []
        for (;;) {
          const walks = await store.claim(claimOf(network, runId, 3))
          if (walks.length === 0) return mine
          mine.push(...walks.map(({ id, stream }) => ({ id, rank: rankOf(stream) })))
        }
      }),
    )
    for (const mine of claims)
      expect(mine.map(({ rank }) => rank)).toEqual(mine.map(({ rank }) => rank).toSorted((a, b) => a - b))
    const taken = claims.flat().map(({ id }) => id)
    expect(new Set(taken).size).toBe(taken.length)
    expect(taken).toHaveLength(10 * STREAMS.length)
  })

  it('one alone: in each rank one job after another', { tags: ['long'] }, async () => {
    const at = scene()
    const { network, runId } = await plan(at, 3)
    const turns: string[] = []
    for (let n = 0; n < 12; n++) {
      const [walk] = await at.store.claim(claimOf(network, runId))
      turns.push(`${rankOf(walk?.stream ?? '')} ${walk?.tasks[0]?.entityId}`)
    }
    const round = (rank: number) => ['p0', 'p1', 'p2'].map(name => `${rank} ${name}`)
    expect(turns).toEqual([0, 0, 1, 1].flatMap(round))
    expect(await at.store.claim(claimOf(network, runId))).toEqual([])
  })
})

describe.each(STORES.filter(({ name }) => name === 'PostgreSQL'))(
  'claims side by side on $name',
  { timeout: 60_000 },
  ({ open }) => {
    const scene = perTest(() => openScene(open()))

    it('who claims does not wait for whoever is claiming, and takes the next walk', async () => {
      const at = scene()
      // Of one job: it is the turn of the same walk for both.
      const { network, runId } = await plan(at, 1)
      const other = await at.open()
      // Each of its statements in turn is the last one before it stands still, until it has locked what it takes.
      let waited = 0
      for (let nth = 1; ; nth++) {
        const gate = standBefore(nth, () => at.store.claim(claimOf(network, runId)))
        const stood = await gate.reached
        const claim = other.claim(claimOf(network, runId))
        if (await waits(at, claim)) waited++
        gate.open()
        const [first, second] = [await gate.done, await claim]
        expect(waited).toBe(0)
        expect(first).toHaveLength(1)
        expect(second).toHaveLength(1)
        expect(second[0]?.id).not.toBe(first[0]?.id)
        for (const [store, walks] of [
          [at.store, first],
          [other, second],
        ] as const)
          for (const walk of walks) await store.postpone(walk, null)
        if (!stood) break
      }
    })

    it('who claims finds what is free behind all that others are about to take', async () => {
      const at = scene()
      const { network, runId, claim } = await at.begin(['p0', 'p1', 'p2', 'p3', 'p4', 'p5'], {
        streams: ['posts', 'comments'],
      })
      const first = had(await claim())
      for (const name of ['p1', 'p2', 'p3'])
        expect((await claim())?.tasks).toMatchObject([{ entityId: name }])
      await at.store.postpone(first, null)
      // It is p4's turn; then the round begins anew.
      const others = `select id from sync_walks where run_id = ${runId} and stream = 'posts' and job_id in
        (select id from sync_jobs where run_id = ${runId} and entity_id in ('p0', 'p4')) for update`
      const claimed = await at.during(others, async () => {
        const claiming = at.store.claim(claimOf(network, runId))
        return { claiming, waited: await waits(at, claiming) }
      })
      expect(claimed.waited).toBe(false)
      expect((await claimed.claiming)[0]).toMatchObject({ stream: 'posts', tasks: [{ entityId: 'p5' }] })
    })
  },
)
