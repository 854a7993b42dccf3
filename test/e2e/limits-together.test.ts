// @module-tag long
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Running, socsync, start, tempFolder } from '../support/cli.ts'
import { mostWithin, notedCalls, until, watched } from '../support/limits.ts'
import { openTestDatabase, rowsAt, type TestDatabase } from '../support/postgres.ts'
import { startServer } from '../support/postgres-server.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'

const HOUR = 3_600_000
/** What TikTok's research is asked at most in any second, and so in any ten. */
const A_SECOND = 10
const RESEARCH = '/v2/research/'
const UNFINISHED = 'select count(*) as n from sync_runs where finished_at is null'

let sandbox: TestSandbox
let folder: ReturnType<typeof tempFolder>
let calls: string
let started: Running[]
beforeEach(() => {
  folder = tempFolder()
  calls = folder.file('calls')
  started = []
})
afterEach(async () => {
  for (const { kill, ended } of started) {
    kill('SIGKILL')
    await ended
  }
  await sandbox[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const begin = (args: readonly string[], env: Readonly<Record<string, string>>): Running => {
  const running = start(args, { env })
  started.push(running)
  return running
}
const worker = (db: string, env: Readonly<Record<string, string>>, ...flags: readonly string[]): Running =>
  begin(['worker', '--db', db, ...flags], env)
const order = async (
  db: string,
  network: string,
  env: Readonly<Record<string, string>>,
  ...ids: string[]
) => {
  const ended = await socsync(
    ['run', '--queue', '--network', network, '--scope', 'profile', '--db', db, ...ids],
    { env },
  )
  expect(ended.stderr).toBe('')
}
const one = async (db: string, sql: string) => Number((await rowsAt(db, sql))[0]?.n)
const isDone = (db: string) => async () => (await one(db, UNFINISHED).catch(() => 1)) === 0

/** Names, each of which costs a call. Most are nobody's; between them are enough others that no worker takes the refusals for its own. */
const names = (count: number): string[] => {
  const real = sandbox.entities('tiktok', Math.ceil(count / 5))
  return Array.from({ length: count }, (_, n) => (n % 5 === 0 && real[n / 5]) || `nobody.at.all.${n}`)
}

/** Real time: a call's moment is one. */
const openRealTime = async (): Promise<Readonly<Record<string, string>>> => {
  sandbox = await startSandbox({ now: Date.now(), ticking: true })
  return sandbox.environment
}

const expectPaced = (): void => {
  const left = notedCalls(calls, RESEARCH).map(({ at }) => at)
  const came = sandbox.log.calls.filter(({ path }) => path.startsWith(RESEARCH)).map(({ at }) => at)
  expect(came.length).toBeGreaterThan(150)
  // As they leave, but for what clocks that follow one differ by; as they come, when a busy machine lets them.
  expect(mostWithin(left, 900)).toBeLessThanOrEqual(A_SECOND)
  expect(mostWithin(came, 10_000)).toBeLessThanOrEqual(10 * A_SECOND)
}

describe('calls per second of all machines together, in any window', { timeout: 180_000 }, () => {
  test('three workers whose clocks differ by hours, one killed and one frozen in the midst', async () => {
    const env = await openRealTime()
    await using db = await openTestDatabase('empty')
    await order(db.url, 'tiktok', env, ...names(200))
    const workers = [-HOUR, HOUR, 0].map(shift =>
      worker(db.url, { ...env, ...watched(calls, shift) }, '--concurrency', '12'),
    )
    const sent = (pid: number) => notedCalls(calls, RESEARCH).filter(call => call.pid === pid).length
    await until(() => workers.every(({ pid }) => sent(pid) > 2) && notedCalls(calls, RESEARCH).length > 60)
    const [freezes, dies] = workers.sort((a, b) => sent(b.pid) - sent(a.pid)) as [Running, Running]
    dies.kill('SIGKILL')
    // Its turns pass meanwhile: when it goes on, what it was about to send waits for new ones.
    freezes.kill('SIGSTOP')
    await new Promise(resume => setTimeout(resume, 6_000))
    const before = sent(freezes.pid)
    freezes.kill('SIGCONT')
    await until(isDone(db.url), 120_000)
    expect(sent(freezes.pid)).toBeGreaterThan(before)
    expectPaced()
    expect(
      await one(db.url, "select count(*) as n from sync_jobs where status in ('succeeded', 'skipped')"),
    ).toBe(200)
  })

  test('the database is killed and comes back in the midst', async () => {
    const env = await openRealTime()
    await using server = await startServer()
    const db = server.url
    await order(db, 'tiktok', env, ...names(180))
    for (let n = 0; n < 3; n++) worker(db, { ...env, ...watched(calls) }, '--concurrency', '12')
    for (const after of [40, 100]) {
      await until(() => notedCalls(calls, RESEARCH).length > after)
      await server.stop('SIGKILL')
      await server.start()
    }
    await until(isDone(db), 120_000)
    expectPaced()
  })
})

describe('machines whose clocks differ by more than a day', { timeout: 120_000 }, () => {
  test('write the same moments, and count in the same day', async () => {
    const env = await openRealTime()
    await using db = await openTestDatabase('empty')
    const began = Date.now()
    await order(db.url, 'tiktok', { ...env, ...watched(calls, 50 * HOUR) }, ...names(40))
    for (const shift of [-25 * HOUR, 25 * HOUR])
      worker(db.url, { ...env, ...watched(calls, shift) }, '--concurrency', '2')
    await until(isDone(db.url))
    const pids = new Set(notedCalls(calls, RESEARCH).map(({ pid }) => pid))
    expect(pids.size).toBe(2)
    const moments = await db.rows(`
      select created_at as at from sync_runs union all select finished_at from sync_runs
      union all select created_at from sync_jobs union all select started_at from sync_jobs where started_at is not null
      union all select finished_at from sync_jobs union all select fetched_at from profiles
      union all select fetched_at from raw_pages`)
    expect(moments.length).toBeGreaterThan(80)
    // The clocks of this machine and of the server are the same one; some ms are lost on the way.
    for (const { at } of moments) {
      expect(Date.parse(String(at))).toBeGreaterThan(began - 1_000)
      expect(Date.parse(String(at))).toBeLessThan(Date.now() + 1_000)
    }
    const days = await db.rows("select distinct window_start from quota where network = 'tiktok'")
    // Two where the test itself goes over midnight.
    const today = [began, Date.now()].map(at => `${new Date(at).toISOString().slice(0, 10)}T00:00:00.000Z`)
    expect([...new Set(today)]).toEqual(expect.arrayContaining(days.map(row => row.window_start)))
  })
})

describe('quota is spent to the last unit and never beyond, by three workers', { timeout: 120_000 }, () => {
  let db: TestDatabase
  beforeEach(async () => {
    sandbox = await startSandbox()
    db = await openTestDatabase()
  })
  afterEach(() => db[Symbol.asyncDispose]())

  const work = async (env: Readonly<Record<string, string>>): Promise<void> => {
    const ended = [0, 1, 2].map(() => worker(db.url, { ...sandbox.env, ...env }, '--drain').ended)
    expect((await Promise.all(ended)).map(({ code }) => code)).toEqual([0, 0, 0])
  }
  const ledger = (network: string, pool: string) =>
    db.rows(`select used from quota where network = '${network}' and pool = '${pool}' order by window_start`)
  const counted = (network: string): number =>
    sandbox.log.calls.filter(call => call.network === network && !/oauth|token/.test(call.path)).length

  test('TikTok: the day of a laboratory', async () => {
    // The day before is not to be counted on; of this one most is gone.
    const owner = sandbox.env.SOCSYNC_TIKTOK_CLIENT_KEY
    await db.rows(`insert into quota (network, owner, pool, window_start, used, allowance)
      values ('tiktok', '${owner}', 'main', '2026-10-01T00:00:00.000Z', 970, 1000)`)
    await order(db.url, 'tiktok', sandbox.env, ...names(80))
    await work({})
    expect(counted('tiktok')).toBe(30)
    expect(await ledger('tiktok', 'main')).toEqual([{ used: 1000 }])
    sandbox.advance(24 * HOUR)
    expect((await socsync(['resume', '--all', '--db', db.url], { env: sandbox.env })).code).toBe(0)
    expect(await ledger('tiktok', 'main')).toEqual([{ used: 1000 }, { used: counted('tiktok') - 30 }])
  })

  test('YouTube: the day of a project', async () => {
    const env = { ...sandbox.env, SOCSYNC_YOUTUBE_DAILY_UNITS: '25' }
    const ids = sandbox.entities('youtube', 12)
    const all = ['run', '--queue', '--network', 'youtube', '--scope', 'all', '--db', db.url, ...ids]
    expect((await socsync(all, { env })).code).toBe(0)
    await work(env)
    expect(counted('youtube')).toBe(25)
    expect(await ledger('youtube', 'default')).toEqual([{ used: 25 }])
    sandbox.advance(24 * HOUR)
    await socsync(['resume', '--all', '--db', db.url, '--quiet'], { env })
    expect(counted('youtube')).toBe(50)
    expect(await ledger('youtube', 'default')).toEqual([{ used: 25 }, { used: 25 }])
  })

  test('Instagram: every call is in the ledger, whoever made it', async () => {
    await order(db.url, 'instagram', sandbox.env, ...sandbox.entities('instagram', 12))
    await work({})
    const [row] = await db.rows("select sum(used) as n from quota where network = 'instagram'")
    expect(Number(row?.n)).toBe(counted('instagram'))
  })
})
