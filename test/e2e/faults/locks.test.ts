// @module-tag long
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Ended, socsync, start } from '../../support/cli.ts'
import { startHeld } from '../../support/held.ts'
import { openWrite, query } from '../../support/tables.ts'
import { callsOf, openScene, SCENERY, type Scene, type Scenery, undisturbedOf } from './scene.ts'
import { differenceOf, unsound } from './sound.ts'

/** One profile of five pages: held from the first to the last. */
const HELD: Scenery = { ...SCENERY.instagram, ids: ['hollow.middle'] }
/** Of another network: on a server one process at a time uses an account, and whoever is held keeps it. */
const OTHER = `youtube:${SCENERY.youtube.ids[1]}`
let scene: Scene
beforeEach(async () => {
  scene = await openScene(HELD)
})
afterEach(() => scene[Symbol.asyncDispose]())

const call = (args: readonly string[]): Promise<Ended> => socsync(args, { env: scene.sandbox.env })
const of = (network: string, ...ids: readonly string[]): readonly string[] => [
  ...['run', '--network', network, '--scope', 'all', '--db', scene.db, '--quiet'],
  ...ids,
]
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await pause(3)
}
/** A run that holds its profiles until it is let go. */
const hold = () => startHeld(scene.args.run, scene.sandbox)
const expectWhole = async (): Promise<void> => {
  expect(differenceOf(scene.db, await undisturbedOf(HELD))).toEqual({
    lost: [],
    duplicated: [],
    changed: [],
  })
  expect(unsound(scene.db)).toEqual([])
}

it('21 two runs of the same profiles: the second skips what is held, and says who holds it since when', async () => {
  await using first = await hold()
  const second = await call(scene.args.run.filter(word => word !== '--quiet'))
  expect(second.code).toBe(4)
  expect(second.stdout).toMatch(/locked.*\b(run|job) 1\b.*since/s)
  first.letGo()
  expect((await first.running.ended).code).toBe(0)
  await expectWhole()
})

it('21 partly held: the rest is done, exit 0', async () => {
  await using first = await hold()
  const ids = [OTHER, ...HELD.ids.map(id => `instagram:${id}`)]
  const second = await call(['run', '--scope', 'all', '--db', scene.db, '--quiet', ...ids])
  expect(second.code).toBe(0)
  const ends = query(scene.db, 'select network, status, reason from sync_jobs where run_id = 2 order by id')
  expect(ends.filter(({ reason }) => reason === 'locked')).toHaveLength(1)
  expect(ends.filter(({ status }) => status === 'succeeded')).toMatchObject([{ network: 'youtube' }])
  first.letGo()
  expect((await first.running.ended).code).toBe(0)
})

it('21 --wait waits for the holder, then works', async () => {
  await using first = await hold()
  const waiting = start([...scene.args.run, '--wait'], { env: scene.sandbox.env })
  await until(() => query(scene.db, 'select id from sync_runs').length === 2)
  first.letGo()
  const second = await waiting.ended
  expect({ code: second.code, stderr: second.stderr }).toEqual({ code: 0, stderr: '' })
  expect((await first.running.ended).code).toBe(0)
  const ends = query(scene.db, 'select status from sync_jobs')
  expect(ends).toEqual(Array.from({ length: 2 }, () => ({ status: 'succeeded' })))
  await expectWhole()
})

it('22 SIGKILL, and a run at once: it takes over without waiting', async () => {
  await using first = await hold()
  first.running.kill('SIGKILL')
  await first.running.ended
  const calls = callsOf(scene.sandbox).length
  const second = await call(scene.args.run)
  expect({ code: second.code, stderr: second.stderr }).toEqual({ code: 0, stderr: '' })
  expect(
    query(scene.db, 'select previous_job_id from sync_jobs where run_id = 2 and previous_job_id is null'),
  ).toEqual([])
  expect(callsOf(scene.sandbox).length - calls).toBeLessThanOrEqual((await undisturbedOf(HELD)).calls)
  await expectWhole()
})

it('three processes with profiles of their own on one file: all work, and nobody hears of a lock', async () => {
  const { sandbox } = scene
  const [instagram, youtube, tiktok] = await Promise.all([
    call(of('instagram', '--concurrency', '4', ...SCENERY.instagram.ids)),
    call(of('youtube', '--concurrency', '4', ...SCENERY.youtube.ids)),
    call(of('tiktok', '--since', '2026-06-01', '--concurrency', '4', ...SCENERY.tiktok.ids)),
  ])
  for (const { code, stderr } of [instagram, youtube, tiktok])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(unsound(scene.db)).toEqual([])
  expect(query(scene.db, 'select distinct status from sync_jobs')).toEqual([{ status: 'succeeded' }])
  expect(sandbox.log.errors).toEqual([])
})

it('23 stopped for longer than its lease, then continued: its late commit is refused', async () => {
  await using first = await hold()
  process.kill(first.running.pid, 'SIGSTOP')
  expect((await call(scene.args.resume)).code, 'while its lease runs').toBe(4)
  // A lease goes by the machine's clock: what it has still to run is taken from it.
  const file = openWrite(scene.db)
  const [lease] = file.prepare('select lease_expires_at as ends from workers').all() as { ends: string }[]
  expect(Date.parse(lease?.ends ?? '') - Date.now()).toBeLessThanOrEqual(20_000)
  file.exec(`update workers set lease_expires_at = '2000-01-01T00:00:00.000Z'`)
  file.close()
  const second = await call(scene.args.resume)
  expect({ code: second.code, stderr: second.stderr }).toEqual({ code: 0, stderr: '' })
  const jobs = query(scene.db, 'select * from sync_jobs order by id')
  const calls = callsOf(scene.sandbox).length
  first.letGo()
  process.kill(first.running.pid, 'SIGCONT')
  const { stderr } = await first.running.ended
  expect(stderr).not.toMatch(/bug|database is locked/)
  expect(query(scene.db, 'select * from sync_jobs order by id')).toEqual(jobs)
  expect(callsOf(scene.sandbox).length).toBe(calls)
  await expectWhole()
})

/** More than one transaction's worth of jobs (BATCH of src/app/run/create-jobs.ts), of which the first is held. */
const MANY = [...HELD.ids, ...Array.from({ length: 500 }, (_, n) => `planned.${n}`)]

it('23 stopped while it waits to make its jobs, overtaken, continued, killed: nothing stays held', async () => {
  await using holder = await hold()
  const args = [...of('instagram', ...MANY), '--wait']
  // In the middle of its second transaction, if it gets so far.
  const frozen = start(args, { env: { ...scene.sandbox.env, SOCSYNC_CRASH_AT: 'job.create:501' } })
  await until(() => query(scene.db, 'select id from sync_runs').length === 2)
  process.kill(frozen.pid, 'SIGSTOP')
  const file = openWrite(scene.db)
  file.exec(`update workers set lease_expires_at = '2000-01-01T00:00:00.000Z' where pid = ${frozen.pid}`)
  file.close()
  expect(await call(of('youtube', OTHER))).toMatchObject({ code: 0, stderr: '' })
  holder.letGo()
  expect((await holder.running.ended).code).toBe(0)

  process.kill(frozen.pid, 'SIGCONT')
  const ended = await frozen.ended
  expect({ code: ended.code, signal: ended.signal }).toEqual({ code: 4, signal: null })
  expect(ended.stderr).toMatch(
    /^socsync: another process has gone on with this run while this one stood still\n/,
  )
  expect(query(scene.db, 'select id from sync_jobs where run_id = 2')).toEqual([])
  expect(await call(of('instagram', ...HELD.ids, 'planned.1'))).toMatchObject({ code: 0, stderr: '' })
  expect(query(scene.db, `select entity_id from sync_jobs where reason = 'locked'`)).toEqual([])
  expect(unsound(scene.db)).toEqual([])
}, 90_000)

it('what an overtaken process of an older version left held is free for the next run', async () => {
  expect(await call(scene.args.run)).toMatchObject({ code: 0 })
  const file = openWrite(scene.db)
  file.exec(`update sync_jobs set status = 'pending', finished_at = null;
    update entities set lock_worker = 'nobody', lock_job_id = 1;
    update sync_runs set worker = 'nobody'`)
  file.close()
  expect(await call(scene.args.run)).toMatchObject({ code: 0, stderr: '' })
  expect(query(scene.db, `select entity_id from sync_jobs where reason = 'locked'`)).toEqual([])
  expect(query(scene.db, 'select previous_job_id from sync_jobs where run_id = 2')).toEqual([
    { previous_job_id: 1 },
  ])
  expect(query(scene.db, 'select entity_id from entities where lock_worker is not null')).toEqual([])
})
