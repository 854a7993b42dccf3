// @module-tag long
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { type Ended, socsync, start, tempFolder } from '../support/cli.ts'
import { parseCsv } from '../support/csv.ts'
import { until } from '../support/kill.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { query } from '../support/tables.ts'

const CHANNEL = 'UCtggNqnHV2t1SqIx2UqiMdg'
const folder = tempFolder()
const db = folder.file('names.db')
let sandbox: TestSandbox
const call = (...args: readonly string[]): Promise<Ended> =>
  socsync([...args, '--db', db], { env: sandbox.env })

let profile: Record<string, unknown> = {}

beforeAll(async () => {
  sandbox = await startSandbox({ networks })
  const ran = await call(
    'run',
    '--scope',
    'posts',
    `youtube:${CHANNEL}`,
    'tiktok:quiet.page',
    'tiktok:gone.author',
  )
  expect(ran.code, ran.stderr).toBe(0)
  profile = query(db, `select username, name from profiles where id = '${CHANNEL}'`)[0] ?? {}
}, 60_000)
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe('name and handle stand beside the id', () => {
  it('there are a handle and a name that say more than the id', () => {
    expect(profile).toEqual({ username: expect.stringMatching(/./), name: expect.stringMatching(/./) })
  })

  it('in jobs, with when and how much, and how many there are', async () => {
    const { stdout } = await call('jobs')
    const [, line = ''] = new RegExp(`^(.* ${CHANNEL} .*)$`, 'm').exec(stdout) ?? []
    expect(line).toContain(`@${profile.username}`.replace('@@', '@').slice(0, 20))
    const [{ items, fresh, at } = {}] = query(
      db,
      `select sum(items) as items, sum(new_items) as fresh, (select finished_at from sync_jobs where id = job_id) as at
       from sync_tasks where job_id = (select id from sync_jobs where entity_id = '${CHANNEL}') group by job_id`,
    )
    expect(line).toContain(`${items} (${fresh} new)`)
    expect(line).toContain(`${String(at).slice(0, 10)} ${String(at).slice(11, 16)} UTC`)
    expect(stdout).toMatch(/^3 jobs$/m)
    expect((await call('jobs', '--limit', '2')).stdout).toMatch(/^2 of 3 jobs; --limit shows more$/m)
    const only = await call('jobs', '--limit', '1', '--status', 'succeeded')
    expect(only.stdout).toMatch(/^1 of 2 jobs;/m)
    const { jobs, total } = JSON.parse((await call('jobs', '--json', '--limit', '2')).stdout)
    expect(total).toBe(3)
    expect(jobs.map((job: { entity_id: string }) => job.entity_id)).toHaveLength(2)
  })

  it('in the status of a job, for programs too', async () => {
    const [{ id } = {}] = query(db, `select id from sync_jobs where entity_id = '${CHANNEL}'`)
    const { stdout } = await call('status', String(id))
    expect(stdout).toContain(`${CHANNEL} (@${profile.username}, ${profile.name})`.replace('@@', '@'))
    const { names } = JSON.parse((await call('status', String(id), '--json')).stdout)
    expect(names).toEqual([{ network: 'youtube', id: CHANNEL, ...profile }])
  })

  it('in diff', async () => {
    expect((await call('diff')).stdout).toContain(
      `@${profile.username}, ${profile.name} (${CHANNEL})`.replace('@@', '@'),
    )
    const rows = parseCsv((await call('diff', '--format', 'csv')).stdout)
    expect(rows.filter(row => row.profile_id === CHANNEL).map(row => row.profile_name)).toContain(
      profile.name,
    )
  })

  it.each(['jobs', 'posts', 'engagement', 'flat'])('in export %s', async what => {
    const rows = JSON.parse((await call('export', what, '--format', 'json')).stdout)
    const mine = rows.filter((row: { profile_id: string }) => row.profile_id === CHANNEL)
    expect(mine.length).toBeGreaterThan(0)
    for (const row of mine)
      expect([row.profile_username, row.profile_name]).toEqual([profile.username, profile.name])
    const absent = rows.find((row: { entity_id?: string }) => row.entity_id === 'gone.author')
    if (what === 'jobs') expect(absent).toMatchObject({ profile_username: null, profile_name: null })
  })
})

it('jobs and status agree about a process that is gone', async () => {
  sandbox.setSwitch('hang', { times: 1 })
  const running = start(['run', '--network', 'tiktok', 'ada.bakes', '--db', db], { env: sandbox.env })
  const job = () => query(db, `select id, status from sync_jobs where entity_id = 'ada.bakes'`)[0]
  await until(
    running,
    () => sandbox.log.calls.some(({ path }) => path.includes('research')) && job() !== undefined,
  )
  const { jobs: alive } = JSON.parse((await call('jobs', '--json')).stdout)
  expect(alive[0]).toMatchObject({ entity_id: 'ada.bakes', alive: true })
  running.kill('SIGKILL')
  await running.ended
  expect(['running', 'pending']).toContain(job()?.status)
  expect((await call('jobs')).stdout).toMatch(/ ada\.bakes +interrupted +its process is gone /)
  expect((await call('status', String(job()?.id))).stdout).toMatch(/^status .*but its process is gone$/m)
  const { jobs: dead } = JSON.parse((await call('jobs', '--json')).stdout)
  expect(dead[0]).toMatchObject({ entity_id: 'ada.bakes', alive: false })
})
