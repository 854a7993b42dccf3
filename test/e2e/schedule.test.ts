// @module-tag long
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Running, socsync, start, startProgram, tempFolder } from '../support/cli.ts'
import { eventually } from '../support/crew.ts'
import { asSuperuser, openTestDatabase, rowsAt, superuserAt, type TestDatabase } from '../support/postgres.ts'
import { startServer } from '../support/postgres-server.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { query } from '../support/tables.ts'

let sandbox: TestSandbox
beforeEach(async () => {
  sandbox = await startSandbox()
})
afterEach(() => sandbox[Symbol.asyncDispose]())

const ADD = [
  'schedule',
  'add',
  'nightly',
  '--cron',
  '0 3 * * *',
  '--network',
  'instagram',
  '--scope',
  'posts',
]

describe('socsync schedule on a file', { timeout: 240_000 }, () => {
  let folder: ReturnType<typeof tempFolder>
  let db: string
  beforeEach(() => {
    folder = tempFolder()
    db = folder.file("a 100%'s.db")
  })
  afterEach(() => folder[Symbol.dispose]())

  const schedule = (...args: readonly string[]) => socsync(args, { env: { ...sandbox.env, SOCSYNC_DB: db } })
  const listed = async () =>
    JSON.parse((await schedule('schedule', 'list', '--json')).stdout) as {
      workers: null
      schedules: Record<string, unknown>[]
    }

  test('the line of a crontab that it prints does the run', async () => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
    const added = await schedule(...ADD, '--time-zone', zone, 'one.post', 'albums.only')
    expect(added).toMatchObject({ code: 0 })
    expect(added.stderr).toMatch(/^nightly is stored; next at \d{4}-.* UTC\. A file has nobody who starts it/)
    const [, line = ''] = /^0 3 \* \* \* (.*)\n$/.exec(added.stdout) ?? []
    // As cron does it: from another folder, and \% is a %.
    const env = { ...sandbox.env, PATH: process.env.PATH ?? '' }
    await execCron(line, env)
    const [found] = (await listed()).schedules
    expect(found).toMatchObject({
      name: 'nightly',
      cron: '0 3 * * *',
      time_zone: zone,
      network: 'instagram',
      profiles: 2,
      scopes: ['posts'],
      last_run: { id: 1, trigger: 'schedule', state: 'ended', jobs: { succeeded: 2 } },
    })
    expect(Date.parse(String(found?.next_at))).toBeGreaterThan(Date.now())
    expect(query(db, 'select schedule, trigger from sync_runs')).toEqual([
      { schedule: 'nightly', trigger: 'schedule' },
    ])
  })

  const execCron = async (line: string, env: Record<string, string>): Promise<void> => {
    const { ended } = startProgram('/bin/sh', ['-c', line.replaceAll('\\%', '%')], { cwd: '/', env })
    expect(await ended).toMatchObject({ code: 0 })
  }

  test('in another time zone the crontab says so, and the units of systemd do without', async () => {
    const zone = 'Pacific/Chatham'
    const added = await schedule(...ADD, '--time-zone', zone.toLowerCase(), 'one.post')
    expect(added.stdout).toMatch(/^CRON_TZ=Pacific\/Chatham\n0 3 \* \* \* /)
    expect(added.stderr).toContain('give --systemd there')
    const args = ['schedule', 'add', 'both', '--cron', '*/20 3-5 1,15 jan-mar mon', '--time-zone', zone]
    const units = await schedule(...args, '--systemd', '--network', 'instagram', 'one.post')
    expect(units.stdout).toMatch(/^# \/etc\/systemd\/system\/socsync-both\.service\n\[Unit\]\n/)
    expect(units.stdout).toContain('\n# /etc/systemd/system/socsync-both.timer\n[Unit]\n')
    expect(units.stdout).toContain(`"${db.replaceAll('%', '%%')}"`)
    expect([...units.stdout.matchAll(/^OnCalendar=(.*)$/gm)].map(([, event]) => event)).toEqual([
      '*-1,2,3-1,15 3,4,5:0,20,40:00 Pacific/Chatham',
      'Mon *-1,2,3-* 3,4,5:0,20,40:00 Pacific/Chatham',
    ])
  })

  test('run-now ends with the code of a run, and removing a schedule leaves what it brought', async () => {
    await schedule(...ADD, 'one.post', 'gone.by.now')
    expect(await schedule('schedule', 'run-now', 'nightly', '--quiet')).toMatchObject({ code: 0 })
    expect(await schedule('schedule', 'run-now', 'nightly', '--quiet', '--strict')).toMatchObject({ code: 3 })
    const again = await schedule(...ADD, 'one.post')
    expect(again).toMatchObject({ code: 2, stdout: '' })
    expect(again.stderr).toContain('there is a schedule nightly already')
    expect((await schedule('schedule', 'list')).stdout).toMatch(/last run {2}2 · .* · 1 (succeeded|skipped)/)
    expect(await schedule('schedule', 'remove', 'nightly')).toMatchObject({ code: 0 })
    expect((await listed()).schedules).toEqual([])
    expect(query(db, 'select count(*) as n from sync_runs')).toEqual([{ n: 2 }])
  })

  test('what is wrong is told in a line, before anything is stored', async () => {
    const refused = async (args: readonly string[], words: string) => {
      const told = await schedule(...args)
      expect([told.code, told.stdout]).toEqual([2, ''])
      expect(told.stderr).toContain(words)
    }
    const cron = (text: string, ...more: readonly string[]) => [
      'schedule',
      'add',
      'x',
      '--cron',
      text,
      '--network',
      'instagram',
      ...more,
      'one.post',
    ]
    await refused(cron('0 3 * *'), 'it has 4 fields, not five')
    await refused(cron('61 3 * * *'), '--cron "61 3 * * *" is no cron expression')
    await refused(cron('0 3 * * *', '--time-zone', 'Europe/Zurch'), 'did you mean Europe/Zurich?')
    await refused(cron('0 3 * * *', '--scope', 'everything'), 'everything')
    await refused(cron('0 3 * * *', '--transform', 'nothing'), 'no transform is configured')
    await refused(['schedule', 'add', 'a/b', '--cron', '0 3 * * *', 'x'], '"a/b" is no name of a schedule')
    await refused(['schedule', 'add', 'x', '--network', 'instagram', 'one.post'], "'--cron <expression>'")
    await refused(['schedule', 'list'], 'no database at')
    await schedule(...ADD, 'one.post')
    await refused(['schedule', 'run-now', 'other'], 'there is no schedule "other"')
    await refused(['schedule', 'remove', 'other'], 'there is no schedule "other"')
    expect((await listed()).schedules).toHaveLength(1)
  })
})

test('a time that comes while the database is away orders one run once it is back', {
  timeout: 300_000,
}, async () => {
  await using server = await startServer()
  const env = { ...sandbox.env, SOCSYNC_DB: server.url }
  const ask = async (sql: string): Promise<number> =>
    Number((await rowsAt(server.url, sql).catch(() => [])).at(0)?.n ?? -1)
  const until = (holds: () => Promise<boolean>): Promise<void> => eventually(holds, 200_000)
  const [now] = await rowsAt(server.url, 'select extract(epoch from now())::bigint * 1000 as ms')
  // A minute that comes soon, and no other one of the day: late enough that workers have handed it over.
  const at = new Date(Math.ceil((Number(now?.ms) + 25_000) / 60_000) * 60_000)
  const cron = `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`
  const add = ['schedule', 'add', 'once', '--cron', cron, '--network', 'instagram', 'one.post']
  expect(await socsync(add, { env })).toMatchObject({ code: 0 })
  const workers = [start(['worker'], { env }), start(['worker'], { env })]
  try {
    await until(async () => workers.every(({ stderr }) => stderr().includes('worker.started')))
    await until(async () => (await ask('select count(*) as n from socsync_schedules.job')) === 1)
    await server.stop('SIGKILL')
    await new Promise(resume => setTimeout(resume, at.getTime() + 2_000 - Date.now()))
    await server.start()
    await until(
      async () => (await ask('select count(*) as n from sync_runs where finished_at is not null')) === 1,
    )
    await until(
      async () =>
        (await ask("select count(*) as n from socsync_schedules.job where state <> 'completed'")) === 0,
    )
    expect(await rowsAt(server.url, 'select id, trigger, schedule from sync_runs')).toEqual([
      { id: 1, trigger: 'schedule', schedule: 'once' },
    ])
    expect(await rowsAt(server.url, 'select last_tick_at, passed_over_at from schedules')).toEqual([
      { last_tick_at: at.toISOString(), passed_over_at: null },
    ])
    for (const { kill } of workers) kill('SIGTERM')
    for (const { ended } of workers) {
      const { code, stderr } = await ended
      expect(code, stderr).toBe(0)
    }
  } finally {
    for (const { kill, ended } of workers) {
      kill('SIGKILL')
      await ended
    }
  }
})

describe('socsync schedule on PostgreSQL', { timeout: 300_000 }, () => {
  let db: TestDatabase
  let started: Running[]
  beforeEach(async () => {
    db = await openTestDatabase('empty')
    started = []
  })
  afterEach(async () => {
    for (const { kill, ended } of started) {
      kill('SIGKILL')
      await ended
    }
    await db[Symbol.asyncDispose]()
  })

  const schedule = (...args: readonly string[]) =>
    socsync(args, { env: { ...sandbox.env, SOCSYNC_DB: db.url } })
  const worker = (env: Readonly<Record<string, string>> = {}): Running => {
    const running = start(['worker'], { env: { ...sandbox.env, SOCSYNC_DB: db.url, ...env } })
    started.push(running)
    return running
  }
  const until = async (condition: () => Promise<boolean>, ms = 150_000): Promise<void> => {
    const giveUpAt = Date.now() + ms
    while (!(await condition())) {
      if (Date.now() > giveUpAt) throw new Error('it does not come to that')
      await new Promise(resume => setTimeout(resume, 100))
    }
  }
  const one = async (sql: string) => (await db.rows(sql))[0]?.n
  const there = "select count(*) as n from workers where purpose = 'worker'"
  /** As if it had been made a week ago: the newest of its times is due. */
  const missed = () =>
    db.rows(
      "update schedules set created_at = '2026-01-01T00:00:00.000Z', last_tick_at = null returning name",
    )
  const ended = async () =>
    Number(await one('select count(*) as n from sync_runs where finished_at is not null')) >= 1
  const ordered = (workers: readonly Running[]): number =>
    workers.flatMap(({ stderr }) => stderr().match(/schedule\.ordered/g) ?? []).length

  test('each time orders one run, whatever the number of workers', async () => {
    expect((await schedule(...ADD, 'one.post')).stdout).toContain('once a worker is there')
    await missed()
    const workers = [worker(), worker(), worker()]
    await until(ended)
    // Each of them has looked by now, and its second look is over for all.
    await new Promise(resume => setTimeout(resume, 20_000))
    expect(ordered(workers)).toBe(1)
    expect(await db.rows('select id, trigger, schedule from sync_runs')).toEqual([
      { id: 1, trigger: 'schedule', schedule: 'nightly' },
    ])
    const told = JSON.parse((await schedule('schedule', 'list', '--json')).stdout)
    expect(told).toMatchObject({
      workers: 3,
      schedules: [{ last_run: { id: 1, state: 'ended', jobs: { succeeded: 1 } }, crontab: null }],
    })
  })

  test('a minute is waited for, while two of three workers are killed', async () => {
    await schedule('schedule', 'add', 'often', '--cron', '* * * * *', '--network', 'instagram', 'one.post')
    const workers = [worker(), worker(), worker()]
    await until(async () => (await one(there)) === 3)
    for (const dies of workers.slice(0, 2)) dies.kill('SIGKILL')
    await until(ended)
    const told = workers.flatMap(({ stderr }) =>
      stderr()
        .split('\n')
        .filter(line => line.includes('.ordered')),
    )
    const first = JSON.parse(told[0] ?? '{}') as { at: string; time: string; run_id: number }
    expect(first).toMatchObject({ schedule: 'often', run_id: 1, at: expect.stringMatching(/:00\.000Z$/) })
    // The server's clock says when, and the log has the worker's: both are this machine's.
    expect(first.time >= first.at).toBe(true)
  })

  test.each(['tick.due', 'tick.answered'])('one is killed at %s: another answers it, once', async point => {
    await schedule(...ADD, 'one.post')
    await missed()
    const dies = worker({ SOCSYNC_CRASH_AT: point })
    expect((await dies.ended).signal).toBe('SIGKILL')
    expect(await one('select count(*) as n from sync_runs')).toBe(point === 'tick.due' ? 0 : 1)
    worker()
    await until(ended)
    const left = "select count(*) as n from socsync_schedules.job where state <> 'completed'"
    await until(async () => (await one(left)) === 0)
    expect(await one('select count(*) as n from sync_runs')).toBe(1)
  })

  test('what is due while its run before goes on is passed over, and run-now says so', async () => {
    sandbox.setSwitch('slow', { value: 3000 })
    await schedule(...ADD, 'two.pages.of.50')
    expect((await schedule('schedule', 'run-now', 'nightly')).stdout).toContain('run 1 waits for a worker')
    const twice = await schedule('schedule', 'run-now', 'nightly')
    expect(twice).toMatchObject({ code: 4, stdout: '' })
    expect(twice.stderr).toContain('run 1 of the schedule nightly waits or is still going on')
    await missed()
    const lives = worker()
    await until(async () => (await one('select count(passed_over_at) as n from schedules')) === 1)
    expect(lives.stderr()).toContain('schedule.passed-over')
    sandbox.switches.clear()
    await until(ended)
    expect(await one('select count(*) as n from sync_runs')).toBe(1)
    expect((await schedule('schedule', 'list')).stdout).toMatch(
      /passed over 2.*the run before was still going on/,
    )
  })

  test('a removed schedule orders nothing, though its time was handed over before', async () => {
    await schedule('schedule', 'add', 'often', '--cron', '* * * * *', '--network', 'instagram', 'one.post')
    const lives = worker()
    const waits = 'select count(*) as n from socsync_schedules.job'
    await until(async () => Number(await one(waits).catch(() => 0)) > 0)
    await schedule('schedule', 'remove', 'often')
    await until(async () => Number(await one(`${waits} where state <> 'completed'`)) === 0)
    expect(await one('select count(*) as n from sync_runs')).toBe(Number(ordered([lives])))
  })

  test('a role that may make no schema is told which one it needs, and that one is enough', async () => {
    const admin = await superuserAt(db.url)
    const { username, pathname, password } = new URL(db.url)
    await rowsAt(admin, `alter database ${pathname.slice(1)} owner to current_user`)
    await rowsAt(admin, `revoke create on database ${pathname.slice(1)} from ${username}, public`)
    await rowsAt(admin, `grant create, usage on schema public to ${username}`)
    const told = await schedule(...ADD, 'one.post')
    expect(told).toMatchObject({ code: 2, stdout: '' })
    expect(told.stderr).toContain('lets this user make no schema, and schedules need one')
    expect(told.stderr).not.toContain(password)
    expect(await one('select count(*) as n from schedules')).toBe(0)
    const [, statement = ''] = /says once: (.*)/.exec(told.stderr) ?? []
    await rowsAt(admin, statement)
    expect(await schedule(...ADD, 'one.post')).toMatchObject({ code: 0 })
    await missed()
    worker()
    await until(ended)
  })

  test('a server that lets nobody in for a while kills no worker, and says no password', async () => {
    await schedule(...ADD, 'one.post')
    const lives = worker()
    // Before it has said so a server that goes away ends it.
    await until(async () => lives.stderr().includes('worker.started'))
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${new URL(db.url).pathname.slice(1)}'`
    for (let i = 0; i < 5; i++) {
      await asSuperuser(cut)
      await new Promise(resume => setTimeout(resume, 1_000))
    }
    await missed()
    await until(ended)
    lives.kill('SIGTERM')
    expect(await lives.ended).toMatchObject({ code: 0 })
    expect(lives.stderr()).not.toContain(new URL(db.url).password)
  })
})
