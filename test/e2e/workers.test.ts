// @module-tag long
import { hostname } from 'node:os'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Running, socsync, start, tempFolder } from '../support/cli.ts'
import { openTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { startServer } from '../support/server.ts'
import { query, RESULT_TABLES } from '../support/tables.ts'

let sandbox: TestSandbox
let db: TestDatabase
let started: Running[]
beforeEach(async () => {
  sandbox = await startSandbox()
  db = await openTestDatabase('empty')
  started = []
})
afterEach(async () => {
  for (const { kill, ended } of started) {
    kill('SIGKILL')
    await ended
  }
  await db[Symbol.asyncDispose]()
  await sandbox[Symbol.asyncDispose]()
})

const worker = (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Running => {
  const running = start(['worker', '--db', db.url, ...args], { env: { ...sandbox.env, ...env } })
  started.push(running)
  return running
}
const order = (...ids: readonly string[]) =>
  socsync(['run', '--queue', '--network', 'instagram', '--scope', 'all', '--db', db.url, ...ids], {
    env: sandbox.env,
  })

const OBSERVED = /^(job_id|walk_id|fetched_at|first_seen_at|.*_synced_at|url|.*_url)$/
const content = (rows: readonly Record<string, unknown>[]) =>
  rows
    .map(row =>
      JSON.stringify(
        Object.entries(row)
          .filter(([column]) => !OBSERVED.test(column))
          .sort(),
      ),
    )
    .sort()
/** What one process stores in a file of the same profiles. */
const alone = async (ids: readonly string[]) => {
  using folder = tempFolder()
  const file = folder.file('alone.db')
  const args = ['run', '--network', 'instagram', '--scope', 'all', '--db', file, '--quiet', ...ids]
  expect((await socsync(args, { env: sandbox.env })).code).toBe(0)
  return {
    calls: Number(query(file, 'select sum(calls) as n from run_costs')[0]?.n),
    rows: Object.fromEntries(
      RESULT_TABLES.map(table => [table, content(query(file, `select * from ${table}`))]),
    ),
  }
}
const expectTheSame = async (expected: Awaited<ReturnType<typeof alone>>) => {
  for (const table of RESULT_TABLES)
    expect(content(await db.rows(`select * from ${table}`)), table).toEqual(expected.rows[table])
}
/** All of it is there once, every job ended well, and nobody is at work. */
const expectWhole = async (expected: Awaited<ReturnType<typeof alone>>) => {
  await expectTheSame(expected)
  const twice = 'select walk_id, seq from raw_pages where part = 0 group by 1, 2 having count(*) > 1'
  expect(await db.rows(twice)).toEqual([])
  expect(await db.rows("select * from sync_jobs where status not in ('succeeded', 'skipped')")).toEqual([])
  expect(await db.rows('select * from entities where lock_worker is not null')).toEqual([])
}
const until = async (condition: () => Promise<boolean>, ms = 30_000): Promise<void> => {
  const giveUpAt = Date.now() + ms
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error('it does not come to that')
    await new Promise(resume => setTimeout(resume, 50))
  }
}
const one = async (sql: string) => (await db.rows(sql))[0]?.n
const runsLeft = () => one('select count(*) as n from sync_runs where finished_at is null')

describe('socsync worker', { timeout: 120_000 }, () => {
  test('several share the runs that are ordered: the same rows, for the same calls, and no page twice', async () => {
    const ids = sandbox.entities('instagram', 12)
    const expected = await alone(ids)
    expect((await order(...ids)).stdout).toContain('run 1 waits for a worker')
    const ended = await Promise.all([worker(['--drain']).ended, worker(['--drain']).ended])
    expect(ended.map(({ code }) => code)).toEqual([0, 0])
    expect(await runsLeft()).toBe(0)
    await expectTheSame(expected)
    expect(await one('select sum(calls) as n from run_costs')).toBe(expected.calls)
    expect(
      await db.rows('select walk_id, seq from raw_pages where part = 0 group by 1, 2 having count(*) > 1'),
    ).toEqual([])
  })

  // At the points between: test/conformance/kills.test.ts.
  test.each(['page.fetched:9', 'page.committed:9'])(
    'one is killed at %s: another sees its run to the end',
    async point => {
      const ids = sandbox.entities('instagram', 6)
      const expected = await alone(ids)
      await order(...ids)
      const dies = worker([], { SOCSYNC_CRASH_AT: point })
      expect((await dies.ended).signal).toBe('SIGKILL')
      expect(await runsLeft()).toBe(1)
      const lives = worker()
      await until(async () => (await runsLeft()) === 0)
      lives.kill('SIGTERM')
      expect((await lives.ended).code).toBe(0)
      await expectWhole(expected)
    },
  )

  test('a run that helps itself is killed: the worker beside it goes on with it', async () => {
    const ids = sandbox.entities('instagram', 6)
    const expected = await alone(ids)
    const lives = worker()
    await until(async () => (await one('select count(*) as n from workers').catch(() => 0)) === 1)
    const args = ['run', '--network', 'instagram', '--scope', 'all', '--db', db.url, '--quiet', ...ids]
    const dies = start(args, { env: { ...sandbox.env, SOCSYNC_CRASH_AT: 'page.fetched:2' } })
    expect((await dies.ended).signal).toBe('SIGKILL')
    await until(async () => (await runsLeft()) === 0)
    lives.kill('SIGTERM')
    expect((await lives.ended).code).toBe(0)
    await expectWhole(expected)
  })

  test('one is told to stop: it loses nothing, and another goes on', async () => {
    const ids = sandbox.entities('instagram', 30)
    const expected = await alone(ids)
    sandbox.setSwitch('slow', { value: 1500 })
    await order(...ids)
    const stops = worker()
    await until(async () => Number(await one('select count(*) as n from raw_pages').catch(() => 0)) > 3)
    worker()
    await until(
      async () => Number(await one("select count(*) as n from workers where purpose = 'worker'")) === 2,
    )
    stops.kill('SIGTERM')
    expect(await stops.ended).toMatchObject({ code: 0, signal: null })
    await until(async () => (await runsLeft()) === 0, 90_000)
    await expectWhole(expected)
    expect(await one('select sum(calls) as n from run_costs')).toBe(expected.calls)
  })

  test('what is asked of serve is done by them, and can be cancelled', async () => {
    await using server = await startServer({ env: sandbox.env, db: db.url })
    const ids = sandbox.entities('instagram', 6)
    const ask = async () =>
      (await server.post('/v1/runs', { network: 'instagram', scope: ['all'], ids })).body.id
    const first = await ask()
    const second = await ask()
    expect((await server.get(`/v1/runs/${first}`)).state).toBe('queued')
    expect((await server.post(`/v1/runs/${second}/cancel`)).status).toBe(202)
    expect(await server.get(`/v1/runs/${second}`)).toMatchObject({ state: 'ended' })
    const stranger = worker(['--networks', 'youtube'])
    await until(async () => Number(await one('select count(*) as n from workers')) === 1)
    worker()
    expect(await server.ended(first)).toMatchObject({ jobs: { succeeded: 6 } })
    expect(stranger.stderr()).not.toContain('run.taken')
    expect((await server.post(`/v1/runs/${first}/cancel`)).status).toBe(409)
    sandbox.setSwitch('slow', { value: 1500 })
    const third = await ask()
    await until(
      async () => (await one(`select state as n from run_orders where run_id = ${third}`)) === 'working',
    )
    expect((await server.post(`/v1/runs/${third}/cancel`)).status).toBe(202)
    expect(await server.ended(third)).toMatchObject({ failure: { error_type: 'cancelled' } })
    expect(await runsLeft()).toBe(0)
  })

  test('who is at work is told, how each is, and what it reads', { timeout: 400_000 }, async () => {
    const tell = async (...args: readonly string[]) => {
      const told = await socsync([...args, '--json', '--db', db.url], { env: sandbox.env })
      return told.code === 0 ? JSON.parse(told.stdout) : {}
    }
    const states = async () =>
      (await tell('status')).workers?.map(({ state }: { readonly state: string }) => state)
    await using server = await startServer({ env: sandbox.env, db: db.url })
    expect(await server.get('/v1/workers')).toEqual({ items: [] })
    // Much slower than whoever looks.
    sandbox.setSwitch('slow', { value: 5000 })
    await order(...sandbox.entities('instagram', 6))
    expect(await db.rows('select "trigger" from sync_runs')).toEqual([{ trigger: 'cli' }])
    expect(await tell('status')).toMatchObject({ workers: [] })
    const { pid, kill, ended } = worker()
    const its = { host: hostname(), pid }
    await until(async () => {
      const { jobs } = await tell('jobs')
      const read = jobs.find(({ readers }: { readonly readers: readonly object[] }) => readers.length > 0)
      if (read === undefined) return false
      expect(read.readers[0]).toMatchObject(its)
      return true
    }, 90_000)
    // What it read a moment ago may be through.
    await until(async () => {
      const { workers } = await tell('status')
      // The process is one, though it has another name for the run that it does.
      expect(workers).toMatchObject([{ ...its, purpose: 'worker', state: 'lives', runs: [1] }])
      return workers[0].walks.some(({ network }: { readonly network: string }) => network === 'instagram')
    }, 90_000)
    await until(async () => {
      const [told] = (await server.get('/v1/workers')).items
      expect(told).toMatchObject({ ...its, state: 'lives', runs: ['1'] })
      return told.walk_count > 0
    }, 90_000)
    await until(async () => {
      kill('SIGSTOP')
      if (Number(await one("select count(*) as n from sync_walks where state = 'running'")) > 0) return true
      kill('SIGCONT')
      return false
    }, 90_000)
    await until(async () => (await states())[0] === 'frozen', 90_000)
    const text = await socsync(['status', '--db', db.url], { env: sandbox.env })
    expect(text.stdout).toMatch(
      new RegExp(`^workers +worker \\w{8} on ${hostname()}, pid ${pid} .*stands still`, 'm'),
    )
    const { jobs } = await tell('jobs', '--status', 'running')
    const read = jobs.find(({ readers }: { readonly readers: readonly object[] }) => readers.length > 0)
    expect(await tell('status', String(read.id))).toMatchObject({ readers: read.readers })
    expect(await server.get(`/v1/jobs/${read.id}`)).toMatchObject({ readers: [its] })
    kill('SIGKILL')
    await ended
    await until(async () => (await states())[0] === 'gone')
  })

  test('on a file there is none', async () => {
    using folder = tempFolder()
    const told = await socsync(['worker', '--db', folder.file('a.db')], { env: sandbox.env })
    expect(told).toMatchObject({ code: 2, stdout: '' })
    expect(told.stderr).toContain('is a file: one process works on it at a time')
    const queued = await socsync(
      ['run', '--queue', '--network', 'instagram', '--db', folder.file('a.db'), 'ada'],
      {
        env: sandbox.env,
      },
    )
    expect(queued).toMatchObject({ code: 2, stdout: '' })
    expect(queued.stderr).toContain('no worker takes what is queued there')
  })
})
