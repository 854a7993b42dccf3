// @module-tag long
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox/world/specials.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { openWrite, query } from '../support/tables.ts'
import { commentsOf, openTransformScene } from '../support/transforms.ts'

/** In a trigger: SQLite refuses to write, as it would where the disk is full. */
const FAILS = 'select zeroblob(2000000000)'
const SAYS = /^socsync: .*failing\.db: string or blob too big\n$/

let sandbox: TestSandbox
let folder: ReturnType<typeof tempFolder>
let db: string
beforeAll(async () => {
  sandbox = await startSandbox({ networks })
})
afterAll(() => sandbox[Symbol.asyncDispose]())
beforeEach(() => {
  folder = tempFolder()
  db = folder.file('failing.db')
})
afterEach(() => {
  sandbox.switches.clear()
  folder[Symbol.dispose]()
})

const call = (...args: readonly string[]): Promise<Ended> =>
  socsync([...args, '--db', db, '--quiet'], { env: sandbox.env })
/** A file with its tables, of which some writes fail from now on. */
const openFailing = async (trigger: string): Promise<void> => {
  expect(await call('run', 'instagram:one.post', '--scope', 'profile')).toMatchObject({ code: 0, stderr: '' })
  const file = openWrite(db)
  file.exec(`create trigger fails ${trigger} begin ${FAILS}; end`)
  file.close()
}
const mend = (): void => {
  const file = openWrite(db)
  file.exec('drop trigger fails')
  file.close()
}
/** How the newest run left the file. */
const left = () => ({
  jobs: query(
    db,
    `select network, status, error_type from sync_jobs
     where run_id = (select max(id) from sync_runs) order by network`,
  ),
  held: query(db, 'select entity_id from entities where lock_worker is not null'),
  workers: query(db, 'select id from workers'),
  unended: query(db, 'select id from sync_runs where finished_at is null'),
})
const NOTHING_HELD = { held: [], workers: [], unended: [] }

it("one network's claims fail: what the other had asked for is stored, then the failure is told", async () => {
  await openFailing(
    `before update of state on sync_walks when new.network = 'youtube' and new.state = 'running'`,
  )
  const calls = sandbox.log.calls.length
  // Far longer than the claim takes to fail.
  sandbox.setSwitch('slow', { network: 'instagram', value: 700 })
  const ended = await call('run', 'instagram:hollow.middle', `youtube:${YOUTUBE_SPECIALS.channels.members}`)
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: 1, stdout: '' })
  expect(ended.stderr).toMatch(SAYS)

  const pages = query(db, `select sum(pages) as pages from sync_tasks where external_id = 'hollow.middle'`)
  expect({ calls: sandbox.log.calls.length - calls, pages }).toEqual({ calls: 1, pages: [{ pages: 1 }] })
  expect(query(db, `select username from profiles where username = 'hollow.middle'`)).toHaveLength(1)
  const interrupted = { status: 'partial', error_type: 'interrupted' }
  expect(left()).toEqual({
    jobs: [
      { network: 'instagram', ...interrupted },
      { network: 'youtube', ...interrupted },
    ],
    ...NOTHING_HELD,
  })
  mend()
  sandbox.switches.clear()
  expect(await call('resume', '--all')).toMatchObject({ code: 0, stderr: '' })
})

it('what is learned of a network cannot be kept: the run ends as by any failure, and its jobs are put aside', async () => {
  await openFailing('before insert on memory')
  sandbox.setSwitch('refused-fields', { network: 'tiktok', value: ['favorites_count'] })
  const ended = await call('run', 'tiktok:shelf.keeper', '--scope', 'all', '--since', '2026-06-01')
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: 1, stdout: '' })
  expect(ended.stderr).toMatch(SAYS)
  expect(left()).toEqual({
    jobs: [{ network: 'tiktok', status: 'partial', error_type: 'interrupted' }],
    ...NOTHING_HELD,
  })
  mend()
  expect(await call('resume', '--all')).toMatchObject({ code: 0, stderr: '' })
})

it("a transform's claim fails: what its service accepted meanwhile is stored, then the failure is told", async () => {
  await using scene = await openTransformScene()
  scene.change(commentsOf(20))
  scene.configure({ moody: { elements: ['comments.content'], concurrency: 2 } })
  // Eight are claimed at once; the ninth is asked for while the eighth is under way.
  scene.change(`create trigger fails before update of worker on transforms
    when new.worker is not null and (select count(*) from transforms where attempts > 0) = 8 begin ${FAILS}; end`)
  scene.sandbox.setSwitch('slow', { value: 700, after: 7, times: 1 })
  const ended = await scene.call(['transform', 'run', 'moody', '--quiet'])
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: 1, stdout: '' })
  expect(ended.stderr).toMatch(/^socsync: .*socsync\.db: string or blob too big\n$/)
  expect(scene.sandbox.transforms.counts().moody).toMatchObject({ jobs: 8 })
  expect(scene.count('external_job_id is not null')).toBe(8)
  expect(scene.count('worker is not null')).toBe(0)
})
