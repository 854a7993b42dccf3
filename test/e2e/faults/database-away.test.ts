// @module-tag long
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, expect, it } from 'vitest'
import { YOUTUBE_SPECIALS } from '../../../src/networks/youtube/sandbox/world/specials.ts'
import { socsync } from '../../support/cli.ts'
import { differencesOf, expectWhole, isOver, openSharedScene, undisturbedOf, until } from './shared-scene.ts'

/** 20,000 take some minutes: `SOCSYNC_TEST_PAGES=20000 npx vitest run database-away`. */
const PAGES = Number(process.env.SOCSYNC_TEST_PAGES ?? 2_000)
const KILLS = 10
const WORKERS = 3
/** Calls in flight of one worker. */
const CONCURRENCY = 4

const told: string[] = []
afterAll(() => void process.stdout.write(`\n${told.join('\n')}\n`))

it(
  `FAULTS 94: PostgreSQL is killed and started again ${KILLS} times in a run`,
  async () => {
    const options = { pages: PAGES }
    const undisturbed = await undisturbedOf(options)
    await using scene = await openSharedScene(options)
    await scene.order()
    const began = performance.now()
    for (let count = 0; count < WORKERS; count++) scene.worker()
    for (let kill = 1; kill <= KILLS; kill++) {
      await until(async () => (await scene.pages()) >= (undisturbed.calls * kill) / (KILLS + 2))
      await scene.server.stop('SIGKILL')
      await scene.server.start()
    }
    await until(() => isOver(scene), 600_000 + PAGES * 50)
    const seconds = (performance.now() - began) / 1000
    // They came through it: none had to be started anew.
    expect((await scene.stop()).map(({ code }) => code)).toEqual(new Array(WORKERS).fill(0))
    const lost = await differencesOf(scene, undisturbed)
    const calls = scene.calls()
    told.push(
      `94: ${undisturbed.calls} pages, ${KILLS} kills, ${WORKERS} workers: ${seconds.toFixed(0)} s; ${lost.length} rows differ; ` +
        `${calls - undisturbed.calls} calls again; charged ${await scene.ask('select sum(used) as n from quota')} for ${calls}`,
    )
    await expectWhole(scene, undisturbed, KILLS * WORKERS * 2 * CONCURRENCY)
  },
  900_000 + PAGES * 100,
)

it('FAULTS 101: the units of a day are not overspent, though PostgreSQL is killed while they are', async () => {
  const units = 400
  const kills = 6
  await using scene = await openSharedScene({ pages: 1_000, units })
  // Answers take a moment, so that it is killed in the middle of things.
  scene.sandbox.setSwitch('slow', { value: 20 })
  await scene.order()
  for (let count = 0; count < WORKERS; count++) scene.worker()
  for (let kill = 1; kill <= kills; kill++) {
    await until(() => scene.calls() >= (units * kill) / (kills + 1))
    await scene.server.stop('SIGKILL')
    await scene.server.start()
  }
  await until(() => isOver(scene))
  await scene.stop()
  const calls = scene.calls()
  const charged = await scene.ask('select sum(used) as n from quota')
  told.push(`101: ${units} units, ${kills} kills: ${calls} calls, ${charged} charged`)
  expect(calls).toBeLessThanOrEqual(units)
  expect(charged).toBeGreaterThanOrEqual(calls)
  expect(charged).toBeLessThanOrEqual(units)
  expect(await scene.rows('select status, error_type from sync_jobs')).toEqual([
    { status: 'partial', error_type: 'quota_exhausted' },
  ])
}, 600_000)

it('FAULTS 95: PostgreSQL is away: workers wait for it, ask seldom, and go on', async () => {
  const options = { pages: 1_000 }
  const awayMs = Number(process.env.SOCSYNC_TEST_AWAY_MS ?? 25_000)
  const undisturbed = await undisturbedOf(options)
  await using scene = await openSharedScene(options)
  await scene.order()
  for (let count = 0; count < WORKERS; count++) scene.worker()
  await until(async () => (await scene.pages()) > undisturbed.calls / 4)
  const port = Number(new URL(scene.server.url).port)
  await scene.server.stop('SIGKILL')
  let asked = 0
  const nobody = createServer(socket => {
    asked++
    socket.destroy()
  }).listen(port, '127.0.0.1')
  await once(nobody, 'listening')
  // What was in flight comes to its end.
  await new Promise(resume => setTimeout(resume, 3_000))
  const [before, callsBefore] = [asked, scene.calls()]
  await new Promise(resume => setTimeout(resume, awayMs))
  const perSecond = ((asked - before) * 1000) / awayMs
  expect(scene.calls()).toBe(callsBefore)
  nobody.close()
  await once(nobody, 'close')
  for (const { stderr } of scene.workers) expect(stderr()).not.toContain('worker.stopped')
  await scene.server.start()
  await until(() => isOver(scene))
  expect((await scene.stop()).map(({ code }) => code)).toEqual(new Array(WORKERS).fill(0))
  told.push(
    `95: away for ${awayMs / 1000} s: ${perSecond.toFixed(1)} connections a second of ${WORKERS} workers`,
  )
  // Each of its connections asks at most every second.
  expect(asked - before).toBeGreaterThan(0)
  expect(perSecond).toBeLessThan(15 * WORKERS)
  await expectWhole(scene, undisturbed, WORKERS * 2 * CONCURRENCY)
}, 600_000)

it('a run that died with its server is gone on with as soon as that is there again', async () => {
  await using scene = await openSharedScene({ pages: 40 })
  const on = (...args: readonly string[]) => [...args, '--db', scene.server.url, '--quiet']
  const crash = { ...scene.sandbox.env, SOCSYNC_CRASH_AT: 'page.committed:2' }
  const { channels } = YOUTUBE_SPECIALS
  const died = await socsync(
    on('run', '--network', 'youtube', '--scope', 'all', '--limit-posts', '2', channels.big),
    {
      env: crash,
    },
  )
  expect(died.signal).toBe('SIGKILL')
  await scene.server.stop('SIGKILL')
  await scene.server.start()
  const { code, stdout, stderr } = await socsync(on('resume', '--all'), { env: scene.sandbox.env })
  expect(code, stdout + stderr).toBe(0)
  expect(await scene.rows('select status, reason, error_type from sync_jobs order by id')).toEqual([
    { status: 'partial', reason: null, error_type: 'interrupted' },
    { status: 'succeeded', reason: null, error_type: null },
  ])
})
