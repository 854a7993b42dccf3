// @module-tag long
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { hash32 } from '../../../src/networks/seeded.ts'
import { start } from '../../support/cli.ts'
import { nextOf } from './process.ts'
import {
  CONCURRENCY,
  callsOf,
  type NetworkName,
  openScene,
  SCENERY,
  type Scene,
  undisturbedOf,
} from './scene.ts'
import { differenceOf, uncharged, unsound } from './sound.ts'
import { Tally } from './tally.ts'

const KILLS = 100
/** The same number, the same moments: `SEED=… npx vitest run random-kills`. */
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)

const tally = new Tally()
let kills = 0
afterAll(() => void process.stdout.write(`\n${kills} random SIGKILLs, seed ${SEED}: ${tally}\n`))

/** 0 ≤ x < below. */
const random = (round: number, what: string, below: number): number =>
  hash32(SEED, `${what} ${round}`) % below

/** A moment of a process's life: soon after its start, or after it has made some calls, and some milliseconds on. */
const momentOf = async (scene: Scene, round: number, isOver: () => boolean): Promise<void> => {
  const wanted = Math.max(0, random(round, 'calls', 7) - 1)
  const enough = callsOf(scene.sandbox).length + wanted
  while (!isOver() && callsOf(scene.sandbox).length < enough) await pause(2)
  await pause(random(round, 'ms', wanted === 0 ? 300 : 12))
}

/** Runs and kills, and kills again, until a run comes to its end. Gives how many kills that took. */
const runThroughKills = async (scene: Scene, most: number): Promise<number> => {
  let struck = 0
  for (;;) {
    const running = start(nextOf(scene), { env: scene.sandbox.env })
    let over = false
    void running.ended.then(() => {
      over = true
    })
    if (struck < most) {
      await momentOf(scene, kills, () => over)
      running.kill('SIGKILL')
    }
    const { code, signal, stderr } = await running.ended
    if (signal !== 'SIGKILL') {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      return struck
    }
    struck += 1
    kills += 1
  }
}

it(`${KILLS} random SIGKILLs`, async () => {
  const names = Object.keys(SCENERY) as NetworkName[]
  for (let series = 0; kills < KILLS; series++) {
    const scenery = SCENERY[names[series % names.length] ?? 'instagram']
    const undisturbed = await undisturbedOf(scenery)
    await using scene = await openScene(scenery)
    // Slow enough to be met in the middle of things.
    scene.sandbox.setSwitch('slow', { value: 15 })
    const struck = await runThroughKills(scene, KILLS - kills)
    const difference = differenceOf(scene.db, undisturbed)
    const wasted = callsOf(scene.sandbox).length - undisturbed.calls
    const inFlight = struck * CONCURRENCY * scenery.callsPerPage
    tally.add(difference, wasted, inFlight)
    const place = `seed ${SEED}, series ${series} on ${scenery.network}`
    expect(difference, place).toEqual({ lost: [], duplicated: [], changed: [] })
    expect(unsound(scene.db), place).toEqual([])
    expect(wasted, place).toBeLessThanOrEqual(inFlight)
    expect(uncharged(scene.db, scene.sandbox), place).toBe(0)
  }
}, 600_000)
