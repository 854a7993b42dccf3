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
/** What a busy machine may take longer, which is no fault. */
const SLACK_MS = 40_000

const told: string[] = []
afterAll(() => void process.stdout.write(`\n${told.join('\n')}\n`))

const idOf = async (scene: SharedScene, { pid }: Running): Promise<string> => {
  const find = `select workers.id from workers where pid = ${pid} and purpose = 'worker'`
  await until(async () => (await scene.rows(find)).length === 1)
  return String((await scene.rows(find))[0]?.id)
}

/** Waits until a worker reads something; then it is sent a signal. Gives after how long all that it had was another one's. */
const strike = async (
  scene: SharedScene,
  victim: Running,
  signal: 'SIGKILL' | 'SIGSTOP',
): Promise<number> => {
  const id = await idOf(scene, victim)
  const has = `select count(*) as n from sync_walks where worker = '${id}'`
  await until(async () => Number(await scene.ask(has)) > 0)
  process.kill(victim.pid, signal)
  const began = performance.now()
  const left = `select (${has.replace(' as n', '')}) + (select count(*) from workers where id = '${id}')
    + (select count(*) from sync_runs where worker = '${id}' and finished_at is null) as n`
  await until(async () => (await scene.ask(left)) === 0)
  return performance.now() - began
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
  await idOf(scene, freezes)
  taken.dead.push(await strike(scene, diesToo, 'SIGKILL'))
  taken.frozen.push(await strike(scene, freezes, 'SIGSTOP'))
  process.kill(freezes.pid, 'SIGCONT')
  expect(scene.workers).toHaveLength(before)

  scene.sandbox.switches.clear({ name: 'slow' })
  await until(() => isOver(scene))
  await idOf(scene, freezes)
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
  for (const ms of taken.dead) expect(ms).toBeLessThan(TAKEN_OVER_MS + SLACK_MS)
  for (const ms of taken.frozen) expect(ms).toBeLessThan(LEASE_MS + TAKEN_OVER_MS + SLACK_MS)
  await expectWhole(scene, undisturbed, 4 * 2 * CONCURRENCY)
}, 900_000)
