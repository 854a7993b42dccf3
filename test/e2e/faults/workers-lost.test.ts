// @module-tag long
import { afterAll, expect, it } from 'vitest'
import type { Running } from '../../support/cli.ts'
import {
  expectWhole,
  isOver,
  openSharedScene,
  type SharedScene,
  undisturbedOf,
  until,
} from './shared-scene.ts'

const PAGES = 1_500
/** Calls in flight of one worker. */
const CONCURRENCY = 4
const LEASE_MS = 20_000
const TAKEN_OVER_MS = 5_000
/** What a machine that does other things, too, may take longer once; the quicker of two has to keep to the bound itself. */
const SLACK_MS = 20_000

const told: string[] = []
afterAll(() => void process.stdout.write(`\n${told.join('\n')}\n`))

/** Waits until a process is among the workers. */
const untilListed = ({ pid }: Running, scene: SharedScene): Promise<void> =>
  until(
    async () =>
      ((await scene.ask(`select count(*) as n from workers where pid = ${pid} and purpose = 'worker'`)) ??
        0) > 0,
  )

/**
 * Waits until a process reads something; then it is sent a signal. Gives after how long all that it had was another one's, ms. It is a
 * worker by itself, and one more for a run that it was ordered to do.
 */
const strike = async (
  scene: SharedScene,
  { pid }: Running,
  signal: 'SIGKILL' | 'SIGSTOP',
): Promise<number> => {
  const own = `(select id from workers where pid = ${pid})`
  await until(
    async () => ((await scene.ask(`select count(*) as n from sync_walks where worker in ${own}`)) ?? 0) > 0,
  )
  const ids = (await scene.rows(`select id from workers where pid = ${pid}`))
    .map(({ id }) => `'${id}'`)
    .join()
  process.kill(pid, signal)
  const began = performance.now()
  const left = `select (select count(*) from sync_walks where worker in (${ids})) + (select count(*) from workers where id in (${ids}))
    + (select count(*) from sync_runs where worker in (${ids}) and finished_at is null) as n`
  await until(async () => (await scene.ask(left)) === 0)
  return performance.now() - began
}

const expectWithin = (times: readonly number[], bound: number): void => {
  expect(Math.min(...times)).toBeLessThan(bound)
  expect(Math.max(...times)).toBeLessThan(bound + SLACK_MS)
}

it('FAULTS 93: workers are killed and frozen in turns while others work', async () => {
  const options = { pages: PAGES }
  const undisturbed = await undisturbedOf(options)
  await using scene = await openSharedScene(options)
  // Slow enough to last until the last of them is struck.
  scene.sandbox.setSwitch('slow', { value: 400 })
  await scene.order()
  const [dies, freezes] = [scene.worker(), scene.worker()]
  scene.worker()

  const taken = { dead: [] as number[], frozen: [] as number[] }
  taken.dead.push(await strike(scene, dies, 'SIGKILL'))
  taken.frozen.push(await strike(scene, freezes, 'SIGSTOP'))
  const diesToo = scene.worker()
  // One that was overtaken comes back as another worker, which holds nothing.
  const before = scene.workers.length
  process.kill(freezes.pid, 'SIGCONT')
  await untilListed(freezes, scene)
  taken.dead.push(await strike(scene, diesToo, 'SIGKILL'))
  taken.frozen.push(await strike(scene, freezes, 'SIGSTOP'))
  process.kill(freezes.pid, 'SIGCONT')
  expect(scene.workers).toHaveLength(before)

  scene.sandbox.switches.clear({ name: 'slow' })
  await until(() => isOver(scene))
  await untilListed(freezes, scene)
  await scene.stop()
  expect((await Promise.all([freezes.ended, dies.ended, diesToo.ended])).map(({ signal }) => signal)).toEqual(
    [null, 'SIGKILL', 'SIGKILL'],
  )
  told.push(
    ...Object.entries(taken).map(
      ([what, times]) =>
        `93: taken over from the ${what} after ${times.map(ms => (ms / 1000).toFixed(1)).join(', ')} s`,
    ),
    `93: ${scene.calls() - undisturbed.calls} calls again`,
  )
  expectWithin(taken.dead, TAKEN_OVER_MS)
  expectWithin(taken.frozen, LEASE_MS + TAKEN_OVER_MS)
  await expectWhole(scene, undisturbed, 4 * 2 * CONCURRENCY)
}, 900_000)
