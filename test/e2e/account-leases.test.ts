// @module-tag long
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Running, socsync, start, tempFolder } from '../support/cli.ts'
import { notedCalls, until, watched } from '../support/limits.ts'
import { openTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'

const GRAPH = '/v'

let sandbox: TestSandbox
let db: TestDatabase
let folder: ReturnType<typeof tempFolder>
let calls: string
let started: Running[]
beforeEach(async () => {
  sandbox = await startSandbox()
  db = await openTestDatabase()
  folder = tempFolder()
  calls = folder.file('calls')
  started = []
})
afterEach(async () => {
  for (const { kill, ended } of started) {
    kill('SIGKILL')
    await ended
  }
  await db[Symbol.asyncDispose]()
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const begin = (...args: readonly string[]): Running => {
  const running = start([...args, '--db', db.url], { env: { ...sandbox.env, ...watched(calls) } })
  started.push(running)
  return running
}
const order = async (ids: readonly string[]) => {
  const args = ['run', '--queue', '--network', 'instagram', '--scope', 'all', '--db', db.url, ...ids]
  expect((await socsync(args, { env: sandbox.env })).code).toBe(0)
}
const one = async (sql: string) => Number((await db.rows(sql))[0]?.n)
const runsLeft = () => one('select count(*) as n from sync_runs where finished_at is null')
const leases = () => one('select count(*) as n from account_leases')
const sent = (pid: number) => notedCalls(calls, GRAPH).filter(call => call.pid === pid).length

describe('an account that its network counts', { timeout: 180_000 }, () => {
  test('is used by one of several workers at a time, who see all runs to their end and let it go', async () => {
    sandbox.setSwitch('slow', { value: 500 })
    const workers = [0, 1, 2].map(() => begin('worker', '--concurrency', '4'))
    await until(async () => (await one("select count(*) as n from workers where purpose = 'worker'")) === 3)
    await order(sandbox.entities('instagram', 80))
    await until(async () => (await runsLeft()) === 0, 120_000)
    expect(
      await one("select count(*) as n from sync_jobs where status not in ('succeeded', 'skipped')"),
    ).toBe(0)
    // One lane's.
    expect(sandbox.log.counts().instagram?.maxInFlight).toBe(4)
    for (const { kill } of workers) kill('SIGTERM')
    expect((await Promise.all(workers.map(({ ended }) => ended))).map(({ code }) => code)).toEqual([0, 0, 0])
    expect(await leases()).toBe(0)
  })

  test('frozen with it, a worker is overtaken, and sends nothing when it goes on', async () => {
    sandbox.setSwitch('slow', { value: 300 })
    await order(sandbox.entities('instagram', 8))
    const freezes = begin('worker')
    await until(async () => sent(freezes.pid) > 8)
    freezes.kill('SIGSTOP')
    const other = begin('worker')
    await until(async () => (await runsLeft()) === 0, 120_000)
    expect(sent(other.pid)).toBeGreaterThan(0)
    const before = sent(freezes.pid)
    freezes.kill('SIGCONT')
    await until(() => freezes.stderr().includes('another process has gone on'))
    expect(sent(freezes.pid)).toBe(before)
  })

  test('is had in its turn by a run beside a busy worker', async () => {
    sandbox.setSwitch('slow', { value: 1_000 })
    const ids = sandbox.entities('instagram', 20)
    await order(ids.slice(1))
    const busy = begin('worker')
    await until(() => sent(busy.pid) > 4)
    const args = ['run', '--network', 'instagram', '--scope', 'profile', '--budget', '20', ids[0] ?? '']
    const ended = await begin(...args).ended
    expect(ended).toMatchObject({ code: 0 })
    expect(
      await one('select count(finished_at) as n from sync_runs where id = (select max(id) from sync_runs)'),
    ).toBe(1)
    sandbox.setSwitch('slow', { value: 0 })
    await until(async () => (await runsLeft()) === 0)
  })
})
