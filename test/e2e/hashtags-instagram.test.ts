// @module-tag long
import { describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { perTest } from '../support/fresh.ts'
import { job, jobsOf } from '../support/jobs.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { checkFile, differences, query } from '../support/tables.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const sandbox = perTest(() => startSandbox({ networks }))
const folder = perTest(tempFolder)
const db = (): string => folder().file('socsync.db')

const call = (args: readonly string[], { on = sandbox(), env = {} }: With = {}): Promise<Ended> =>
  socsync([...args, '--db', db()], { env: { ...on.env, ...env } })
const run = (ids: readonly string[], more: readonly string[] = [], how: With = {}): Promise<Ended> =>
  call(['run', '--network', 'instagram', '--quiet', '--scope', 'posts', ...more, ...ids], how)
const plan = async (ids: readonly string[], how: With = {}) => {
  const args = ['plan', '--network', 'instagram', '--scope', 'posts', '--json', ...ids]
  return JSON.parse((await call(args, how)).stdout)
}
interface With {
  readonly on?: TestSandbox
  readonly env?: Readonly<Record<string, string>>
}

/** The calls about hashtags, by the last part of their path. */
const asked = (on = sandbox()): string[] =>
  on.log.calls.flatMap(({ path }) => /(ig_hashtag_search|top_media|recent_media)$/.exec(path)?.[1] ?? [])
/** What each pool was charged. */
const used = () =>
  Object.fromEntries(
    query(db(), 'select pool, sum(used) as used from quota group by pool').map(row => [row.pool, row.used]),
  )
const pool = (on = sandbox()): string => `hashtags:${on.env.SOCSYNC_INSTAGRAM_USER_ID}`
const total = (units: Readonly<Record<string, unknown>>): number =>
  Object.values(units).reduce<number>((sum, n) => sum + Number(n), 0)
const itemsOf = (tag: string): unknown[] =>
  query(db(), `select post_id from collection_items where collection_id = 'tag:${tag}'`).map(
    row => row.post_id,
  )
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, n) => `tag:pier${from + n}`)

describe('hashtags in a list', () => {
  it('come as collections of posts that are nobody’s, in the fewest calls, as plan says', async () => {
    const list = ['tag:Bread', 'tag:#bread', 'https://www.instagram.com/explore/tags/%E3%83%91%E3%83%B3/']
    const before = await plan(list)
    const { code, stderr } = await run([...list, 'tag:fyp', 'tag:quiet'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const tags = ['bread', 'パン', 'fyp', 'quiet']
    expect(jobsOf(db())).toEqual(tags.map(tag => job(`tag:${tag}`, 'succeeded')))
    const truth = tags.flatMap(tag => sandbox().truth('instagram', `tag:${tag}`))
    expect(differences(db(), 'instagram', truth)).toEqual([])
    expect(checkFile(db())).toEqual({ integrity: 'ok', foreignKeys: [] })
    const sizes = tags.map(tag => itemsOf(tag).length)
    expect(sizes[0]).toBeGreaterThan(50)
    expect(sizes[2]).toBeGreaterThan(100)
    expect(sizes[3]).toBe(0)
    // Whose they are cannot be said.
    expect(query(db(), 'select count(*) as n from posts')).toEqual([{ n: 0 }])

    const recent = asked().filter(name => name === 'recent_media').length
    expect(asked().filter(name => name === 'ig_hashtag_search')).toHaveLength(4)
    expect(asked().filter(name => name === 'top_media')).toHaveLength(4)
    expect(recent).toBeGreaterThan(4)
    expect(used()).toMatchObject({ app: asked().length, [pool()]: 4 })
    // Of each its name, its id, its top hits, and a page of recent ones.
    expect(before.plan.units).toMatchObject({ low: 8, likely: 8 })
  })

  it('a night that is known costs what plan says, asks for no id again, and stops where nothing is new', async () => {
    await using moving = await startSandbox({ networks, moving: true })
    const list = ['tag:bread', 'tag:fyp']
    await run(list, [], { on: moving })
    const pagesBefore = asked(moving).length
    let before = total(used())
    for (const [wait, most] of [
      [DAY, pagesBefore],
      [HOUR, 5],
    ] as const) {
      moving.advance(wait)
      moving.log.clear()
      const { units } = (await plan(list, { on: moving })).plan
      expect((await run(list, [], { on: moving })).code).toBe(0)
      expect(asked(moving)).not.toContain('ig_hashtag_search')
      expect(asked(moving).length).toBeLessThanOrEqual(most)
      const paid = total(used()) - before
      expect(paid).toBe(asked(moving).length)
      if (wait === DAY) expect(Math.abs(units.likely - paid)).toBeLessThanOrEqual(Math.max(1, paid * 0.05))
      before += paid
    }
    const truth = moving
      .truth('instagram', 'tag:bread')
      .flatMap(row => (row.type === 'item' ? row.postId : []))
    expect(truth.filter(id => !itemsOf('bread').includes(id))).toEqual([])
    expect(used()[pool(moving)]).toBe(2)
    // After a week it counts anew, by an id that is known.
    moving.advance(7 * DAY)
    moving.log.clear()
    await run(list, [], { on: moving })
    expect(asked(moving)).not.toContain('ig_hashtag_search')
    expect(used()[pool(moving)]).toBe(4)
  })

  it('bring no more than the limit allows and what lies between the dates, and are made anew out of what was kept', async () => {
    expect((await run(['tag:bread', 'tag:fyp'], ['--limit-posts', '7'])).code).toBe(0)
    expect([itemsOf('bread').length, itemsOf('fyp').length]).toEqual([7, 7])
    expect(asked()).not.toContain('recent_media')
    const since = new Date(sandbox().clock.now() - 30 * DAY).toISOString().slice(0, 10)
    await run(['tag:パン'], ['--since', since])
    const all = sandbox().truth('instagram', 'tag:パン').length - 1
    expect(itemsOf('パン').length).toBeLessThan(all)
    await run(['tag:パン'])
    expect(itemsOf('パン')).toHaveLength(all)
    const before = itemsOf('bread')
    const { code, stderr } = await socsync(['db', 'rebuild', '--db', db(), '--sandbox'])
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(itemsOf('bread')).toEqual(before)
    expect(itemsOf('パン')).toHaveLength(all)
  })

  it('are read on after a kill: nothing is asked for twice', async () => {
    const first = await run(['tag:fyp'], [], { env: { SOCSYNC_CRASH_AT: 'page.committed:2' } })
    expect(first.signal).toBe('SIGKILL')
    expect(asked()).toEqual(['ig_hashtag_search', 'top_media', 'recent_media'])
    expect((await run(['tag:fyp'])).code).toBe(0)
    expect(asked().filter(name => name !== 'recent_media')).toEqual(['ig_hashtag_search', 'top_media'])
    expect(differences(db(), 'instagram', sandbox().truth('instagram', 'tag:fyp'))).toEqual([])
    expect(used()).toMatchObject({ app: asked().length, [pool()]: 1 })
  })

  it('the 31st in seven days waits until the first counts no more, and profiles do not', async () => {
    await run(numbered(1, 10))
    sandbox().advance(3 * DAY)
    const list = [...numbered(11, 31), 'one.post']
    const { pools } = (await plan(list)).plan.networks[0]
    expect(pools.find((one: { pool: string }) => one.pool === pool())).toMatchObject({
      units: { low: 21, likely: 21, high: 21 },
      allowance: 30,
    })
    sandbox().log.clear()
    const { code } = await run(list)
    expect(code).toBe(75)
    expect(asked()).toHaveLength(20 * 3)
    const late = query(
      db(),
      `select external_id, status, error_type, last_error, not_before from sync_tasks where status <> 'succeeded' and stream = 'tag'`,
    )
    expect(late).toHaveLength(1)
    expect(late[0]).toMatchObject({ status: 'pending', error_type: 'quota_exhausted' })
    expect(late[0]?.last_error).toContain('has named 30 hashtags within seven days')
    const waits = Date.parse(String(late[0]?.not_before)) - sandbox().clock.now()
    expect(waits / DAY).toBeCloseTo(4, 1)
    expect(query(db(), 'select count(*) as n from profiles')).toEqual([{ n: 1 }])
    // The others are read as ever: they count already.
    sandbox().advance(DAY)
    expect((await run(['tag:pier11'])).code).toBe(0)
    sandbox().advance(4 * DAY)
    expect((await run([`tag:${late[0]?.external_id}`])).code).toBe(0)
    expect(itemsOf(String(late[0]?.external_id)).length).toBeGreaterThan(0)
  })

  it('a limit that others have used up is believed whatever its code, and asked again a day later', async () => {
    sandbox().setSwitch('hashtags', { network: 'instagram', value: 1 })
    expect((await run(['tag:pier1', 'tag:pier2'])).code).toBe(75)
    const late = query(db(), `select not_before from sync_tasks where status = 'pending'`)
    expect(late).toHaveLength(1)
    expect((Date.parse(String(late[0]?.not_before)) - sandbox().clock.now()) / DAY).toBeCloseTo(1, 1)
  })

  it('that wait keep nothing else waiting', async () => {
    sandbox().setSwitch('hashtags', { network: 'instagram', value: 1 })
    sandbox().setSwitch('fault', { network: 'instagram', match: 'business_discovery', value: 'app-limit' })
    const list = [...numbered(1, 40), 'one.post']
    expect((await run(list, ['--max-wait', '1m'])).code).toBe(75)
    const waiting = query(
      db(),
      `select stream, count(*) as n from sync_tasks where status = 'pending' group by 1 order by 1`,
    )
    expect(waiting).toEqual([
      { stream: 'discovery', n: 1 },
      { stream: 'tag', n: 39 },
    ])
    sandbox().switches.clear()
    sandbox().setSwitch('hashtags', { network: 'instagram', value: 1 })
    sandbox().advance(2 * HOUR)
    await run(list)
    expect(query(db(), 'select count(*) as n from profiles')).toEqual([{ n: 1 }])
  })

  it('one that is not there is said to be so; a field that is refused is done without', async () => {
    sandbox().setSwitch('refuses', {
      network: 'instagram',
      match: '_media',
      value: {
        name: 'caption',
        message: '(#100) Tried accessing nonexisting field (caption) on node type (IGMedia)',
      },
    })
    await run(['tag:nosuchtag', 'tag:bread'])
    expect(jobsOf(db())).toEqual([
      job('tag:nosuchtag', 'skipped', 'not-found'),
      job('tag:bread', 'succeeded'),
    ])
    expect(differences(db(), 'instagram', sandbox().truth('instagram', 'tag:bread'))).toEqual([])
  })

  it('are not to be had with Instagram Login, which is said and asks for nothing', async () => {
    const env = { SOCSYNC_INSTAGRAM_ACCESS_TOKEN: 'IGAAJsandboxInstagram' }
    await run(['tag:bread'], [], { env })
    expect(asked()).toEqual([])
    expect(jobsOf(db())).toEqual([job('tag:bread', 'skipped', 'unsupported-by-network')])
  })
})
