// @module-tag long
import { afterAll, expect, it } from 'vitest'
import { type Cutter, openCutter } from '../../support/cut.ts'
import {
  expectWhole,
  isOver,
  openSharedScene,
  type SharedScene,
  undisturbedOf,
  until,
} from './shared-scene.ts'

const PAGES = 600
/** Calls in flight of one worker. */
const CONCURRENCY = 4

const told: string[] = []
afterAll(() => void process.stdout.write(`\n${told.join('\n')}\n`))

const pause = (ms: number): Promise<void> => new Promise(resume => setTimeout(resume, ms))

it('FAULTS 94, 96: every connection is ended by the server, again and again', async () => {
  const options = { pages: PAGES }
  const undisturbed = await undisturbedOf(options)
  await using scene = await openSharedScene(options)
  // Answers take a moment, so that the run is not over before it is met often.
  scene.sandbox.setSwitch('slow', { value: 100 })
  await scene.order()
  for (let count = 0; count < 3; count++) scene.worker()
  await until(async () => (await scene.pages()) > 0)
  let ended = 0
  let times = 0
  while (!(await isOver(scene)) && times < 15) {
    ended += (await scene.ask(END_ALL)) ?? 0
    times++
    await pause(1_500)
  }
  await until(() => isOver(scene))
  expect((await scene.stop()).map(({ code }) => code)).toEqual([0, 0, 0])
  told.push(
    `connections ended ${times} times, ${ended} in all; ${scene.calls() - undisturbed.calls} calls again`,
  )
  expect(ended).toBeGreaterThan(10)
  await expectWhole(scene, undisturbed, times * 3 * 2 * CONCURRENCY)
}, 600_000)

const END_ALL = `
  select count(pg_terminate_backend(pid)) as n from pg_stat_activity
  where pid <> pg_backend_pid() and application_name = 'socsync'`

/** What becomes of the network between one worker and the database; `cuts` = how often the worker is in the middle of something then. */
const NETWORKS: Readonly<Record<string, { readonly cuts: number; go(cutter: Cutter): Promise<void> }>> = {
  'is reset ten times': {
    cuts: 10,
    async go(cutter) {
      for (let count = 0; count < 10; count++) {
        cutter.reset()
        await pause(300)
      }
    },
  },
  'is refused for a while': {
    cuts: 1,
    async go(cutter) {
      await cutter.refuse()
      await pause(8_000)
      await cutter.open()
    },
  },
  'swallows all for longer than a lease, and brings it then': {
    cuts: 1,
    async go(cutter) {
      cutter.swallow()
      await pause(28_000)
      await cutter.open()
    },
  },
  // None is cut; on a busy machine a slow worker may be taken for a frozen one.
  'is slow': {
    cuts: 1,
    async go(cutter) {
      cutter.delay(200)
      await pause(4_000)
      await cutter.open()
    },
  },
  'is cut at commits: before, after, and without a word': {
    cuts: 9,
    async go(cutter) {
      for (const how of [
        'before',
        'after',
        'silent',
        'before',
        'after',
        'silent',
        'before',
        'after',
        'silent',
      ] as const) {
        const before = cutter.cuts
        cutter.cutAt('commit\0', how)
        const giveUpAt = Date.now() + 30_000
        // Where nothing is left to commit, nothing is cut.
        while (cutter.cuts === before && Date.now() < giveUpAt) await pause(5)
      }
    },
  },
}

/** Whether a worker has read anything of the run. */
const isAtWork = async (scene: SharedScene, pid: number): Promise<boolean> =>
  ((await scene.ask(
    `select count(*) as n from sync_walks join workers on workers.id = sync_walks.worker where pid = ${pid}`,
  )) ?? 0) > 0

it.each(Object.entries(NETWORKS))(
  'the network between one worker and the database %s: none is lost, none is double',
  async (what, { cuts, go }) => {
    const options = { pages: PAGES }
    const undisturbed = await undisturbedOf(options)
    await using scene = await openSharedScene(options)
    await using cutter = await openCutter(scene.server.url)
    // Answers take a moment, so that the run is not over before it is met.
    scene.sandbox.setSwitch('slow', { value: 40 })
    await scene.order()
    const cut = scene.worker(cutter.url)
    await until(() => isAtWork(scene, cut.pid))
    scene.worker()
    await until(async () => (await scene.pages()) > 20)
    await go(cutter)
    await until(() => isOver(scene))
    // It has its place among the others again, under whichever name.
    await until(
      async () => (await scene.ask(`select count(*) as n from workers where pid = ${cut.pid}`)) === 1,
    )
    expect((await scene.stop()).map(({ code }) => code)).toEqual([0, 0])
    told.push(`${what}: ${cutter.cuts} cuts at a commit, ${scene.calls() - undisturbed.calls} calls again`)
    await expectWhole(scene, undisturbed, cuts * 2 * CONCURRENCY)
  },
  600_000,
)
