// @module-tag long
import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import type { LoggedCall } from '../../src/sandbox/log.ts'
import { socsync, tempFolder } from '../support/cli.ts'
import { startSandbox } from '../support/sandbox.ts'
import { query } from '../support/tables.ts'

const DAY_MS = 86_400_000

/** A sandbox, a database and a config file; the calls of one night after another. */
const openScene = async () => {
  const sandbox = await startSandbox({ networks })
  const folder = tempFolder()
  const db = folder.file('insights.db')
  const config = folder.file('config.json')
  const own = sandbox.env.SOCSYNC_INSTAGRAM_USER_ID ?? ''
  const list = ['--network', 'instagram', '--db', db, '--config', config]
  writeFileSync(config, '{}')
  return {
    sandbox,
    db,
    own,
    choose: (insights: unknown): void =>
      writeFileSync(config, JSON.stringify({ insights: { instagram: insights } })),
    command: (name: string, ...flags: string[]) =>
      socsync([name, ...list, ...flags, own], { env: sandbox.env }),
    async night(...flags: string[]): Promise<readonly LoggedCall[]> {
      sandbox.log.clear()
      const ended = await this.command('run', '--quiet', ...flags)
      expect(ended, ended.stdout + ended.stderr).toMatchObject({ code: 0 })
      expect(sandbox.log.errors).toEqual([])
      return sandbox.log.calls
    },
    [Symbol.asyncDispose]: async () => {
      await sandbox[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

const namesOf = (db: string, subject: string): unknown[] =>
  query(
    db,
    `select distinct name from metrics where subject = '${subject}' and name not like '%\\_count' escape '\\' order by name`,
  ).map(({ name }) => name)

describe('metrics of the user’s choice', () => {
  it('are read, and no others', async () => {
    await using scene = await openScene()
    scene.choose({
      demographics: ['follower_demographics'],
      account: ['reach'],
      pictures: ['saved'],
      films: ['reach'],
      reels: ['views'],
      stories: ['replies'],
    })
    await scene.night('--scope', 'posts')
    const names = namesOf(scene.db, 'profile').filter(name => !String(name).startsWith('follower_demo'))
    expect(names).toEqual(['day.reach'])
    expect(namesOf(scene.db, 'post')).toEqual(['reach', 'replies', 'saved', 'views'])
    const ofKind = query(
      scene.db,
      `select distinct posts.kind, metrics.name from metrics join posts on posts.id = metrics.subject_id
        where subject = 'post' and name not like '%\\_count' escape '\\' order by 1`,
    )
    expect(ofKind).toContainEqual({ kind: 'reel', name: 'views' })
    expect(ofKind).not.toContainEqual({ kind: 'reel', name: 'saved' })
  }, 120_000)

  it('that some posts refuse are left out of those, and read of the others', async () => {
    await using scene = await openScene()
    scene.choose({ pictures: ['reach', 'facebook_views'] })
    await scene.night('--scope', 'posts')
    const [counts] = query(
      scene.db,
      `select sum(name = 'facebook_views') as shown, sum(name = 'reach') as reached from metrics
        join posts on posts.id = metrics.subject_id where subject = 'post' and posts.kind in ('image', 'carousel')`,
    ) as [{ shown: number; reached: number }]
    expect(counts.shown).toBeGreaterThan(0)
    expect(counts.reached).toBeGreaterThan(counts.shown)
  }, 240_000)

  it('are checked before anything is asked, and shown by config show', async () => {
    await using scene = await openScene()
    scene.choose({ reels: ['impressions'] })
    const refused = await scene.command('run')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/insights\.instagram\.reels of .* must be one or more of reach, views, /)
    expect(scene.sandbox.log.calls).toEqual([])
    scene.choose({ reels: ['views'] })
    const shown = await socsync([
      'config',
      'show',
      '--json',
      '--config',
      `${scene.db.replace('insights.db', 'config.json')}`,
    ])
    expect(JSON.parse(shown.stdout).values).toContainEqual({
      name: 'insights.instagram.reels',
      value: ['views'],
      from: expect.stringContaining('config.json'),
    })
  })
})

const ofDays = (calls: readonly LoggedCall[]): readonly LoggedCall[] =>
  calls.filter(({ fields }) => fields.period === 'day')

const days = (db: string): unknown[] =>
  query(db, "select observed_at, value from metrics where name = 'day.reach' order by 1")

describe('insights of an account by the day', () => {
  it('are read as far back as they are kept, then only what is new or had not settled, through any gap', async () => {
    await using scene = await openScene()
    const { sandbox, db } = scene
    expect(ofDays(await scene.night('--scope', 'profile'))).toHaveLength(89)
    const [task] = query(db, "select status, reason from sync_tasks where stream = 'account-insights'")
    expect(task).toEqual({ status: 'succeeded', reason: 'capped' })
    const first = days(db)
    expect(first).toHaveLength(89)
    expect(first.at(-1)).toMatchObject({ observed_at: '2026-10-01T07:00:00.000Z' })
    expect(query(db, "select count(*) as n from metrics where name like 'day.%'")).toEqual([{ n: 89 * 12 }])

    sandbox.advance(DAY_MS)
    expect(ofDays(await scene.night('--scope', 'profile'))).toHaveLength(3)
    expect(days(db)).toHaveLength(90)
    // Two days were told before they had settled, and are told anew.
    const settled = days(db)
    expect(settled.slice(0, 87)).toEqual(first.slice(0, 87))
    sandbox.advance(DAY_MS)
    await scene.night('--scope', 'profile')
    const [before, after] = [first.at(-1), days(db).at(88)] as { observed_at: string; value: number }[]
    expect(after?.observed_at).toBe(before?.observed_at)
    expect(after?.value).toBeGreaterThan(before?.value ?? 0)
    const ended = "select reason from sync_tasks where stream = 'account-insights' order by id desc limit 1"
    expect(query(db, ended)).toEqual([{ reason: null }])

    sandbox.advance(20 * DAY_MS)
    expect(ofDays(await scene.night('--scope', 'profile'))).toHaveLength(22)
    expect(days(db)).toHaveLength(111)
    // More nights were left out than the network keeps: what is lost is said.
    sandbox.advance(100 * DAY_MS)
    expect(ofDays(await scene.night('--scope', 'profile'))).toHaveLength(89)
    expect(days(db)).toHaveLength(200)
    expect(query(db, ended)).toEqual([{ reason: 'capped' }])
  }, 180_000)

  it('are told as not told where there are none, and are not asked for again for that', async () => {
    await using scene = await openScene()
    scene.sandbox.setSwitch('insights-days', { value: 30 })
    expect(ofDays(await scene.night('--scope', 'profile'))).toHaveLength(89)
    const told = query(
      scene.db,
      "select count(value) as told, count(*) as n from metrics where name = 'day.reach'",
    )
    expect(told).toEqual([{ told: 30, n: 89 }])
    scene.sandbox.advance(DAY_MS)
    expect(ofDays(await scene.night('--scope', 'profile'))).toHaveLength(3)
  }, 120_000)

  it('go on where a killed run left them, and plan knows what they cost', async () => {
    await using scene = await openScene()
    const { sandbox, db } = scene
    const planned = async (): Promise<number> => {
      const { stdout } = await scene.command('plan', '--scope', 'profile', '--json')
      return (JSON.parse(stdout) as { plan: { units: { likely: number } } }).plan.units.likely
    }
    expect(await planned()).toBe(1 + 89 + 4)
    const crash = { ...sandbox.env, SOCSYNC_CRASH_AT: 'page.committed:7' }
    const args = ['run', '--network', 'instagram', '--db', db, '--quiet', '--scope', 'profile', scene.own]
    expect((await socsync(args, { env: crash })).code).not.toBe(0)
    const stored = days(db).length
    expect(stored).toBe(35)
    expect(await planned()).toBe(89 - 35)
    sandbox.log.clear()
    const resumed = await socsync(['resume', '--all', '--db', db, '--quiet'], { env: sandbox.env })
    expect(resumed, resumed.stderr).toMatchObject({ code: 0 })
    expect(ofDays(sandbox.log.calls)).toHaveLength(89 - 35)
    expect(days(db)).toHaveLength(89)
    sandbox.advance(3 * DAY_MS)
    expect(await planned()).toBe(1 + 5)
    expect(await scene.night('--scope', 'profile')).toHaveLength(1 + 5)
  }, 180_000)
})

const ofTables = (calls: readonly LoggedCall[]): unknown[] =>
  calls.flatMap(({ fields }) => (fields.period === 'lifetime' ? fields.breakdown : []))

describe('demographics', () => {
  const tables = (db: string): unknown[] =>
    query(
      db,
      `select observed_at, name, value from metrics where name like 'follower\\_demographics.gender%' escape '\\' order by 1, 2`,
    )

  it('are tables of one moment, a call for each breakdown, once a week', async () => {
    await using scene = await openScene()
    const { sandbox, db, own } = scene
    expect(ofTables(await scene.night('--scope', 'profile'))).toEqual(['age', 'city', 'country', 'gender'])
    const rows = tables(db) as { observed_at: string; name: string; value: number }[]
    expect(rows.map(({ name }) => name)).toEqual([
      'follower_demographics.gender',
      'follower_demographics.gender.F',
      'follower_demographics.gender.M',
      'follower_demographics.gender.U',
    ])
    expect(new Set(rows.map(({ observed_at }) => observed_at)).size).toBe(1)
    const [all, ...parts] = rows
    expect(parts.reduce((sum, { value }) => sum + value, 0)).toBe(all?.value)
    expect(query(db, `select followers_count as n from profiles where id = '${own}'`)).toEqual([
      { n: all?.value },
    ])
    const engaged = "select count(*) as n from metrics where name like 'engaged_audience_demographics.city.%'"
    expect(query(db, engaged)).toEqual([{ n: 4 }])
    sandbox.advance(DAY_MS)
    expect(ofTables(await scene.night('--scope', 'profile'))).toEqual([])
    sandbox.advance(6 * DAY_MS)
    const { stdout } = await scene.command('plan', '--scope', 'profile', '--json')
    const calls = await scene.night('--scope', 'profile')
    expect(ofTables(calls)).toHaveLength(4)
    expect((JSON.parse(stdout) as { plan: { units: { likely: number } } }).plan.units.likely).toBe(
      calls.length,
    )
    // The same numbers are told anew: without all of its rows a table means nothing.
    expect(tables(db)).toHaveLength(8)
  }, 120_000)

  it('that an account of too few followers has not are said to be none, and are not asked for each night', async () => {
    await using scene = await openScene()
    const { sandbox, db } = scene
    sandbox.setSwitch('demographics', { value: false })
    await scene.night('--scope', 'profile')
    expect(tables(db)).toMatchObject([{ name: 'follower_demographics.gender', value: null }])
    expect(query(db, "select status, reason from sync_tasks where stream = 'demographics'")).toEqual([
      { status: 'succeeded', reason: 'unsupported-by-network' },
    ])
    sandbox.advance(DAY_MS)
    expect(ofTables(await scene.night('--scope', 'profile'))).toEqual([])
  }, 120_000)
})
