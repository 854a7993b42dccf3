// @module-tag long
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/core/json.ts'
import { learnedOf } from '../../../src/networks/evidence.ts'
import { TOKENS } from '../../../src/networks/instagram/sandbox/tokens.ts'
import { userId } from '../../../src/networks/instagram/sandbox/world/ids.ts'
import type { SwitchRule } from '../../../src/sandbox/switches.ts'
import { type Ended, socsync, tempFolder } from '../../support/cli.ts'
import { perTest } from '../../support/fresh.ts'
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts'
import { differences, query, type Row } from '../../support/tables.ts'

const DAY_MS = 86_400_000
const OWN = userId(0)
const OTHER_OWN = userId(1)
const PAGE_ID = '108000000000001'

const folder = perTest(tempFolder)
const db = (): string => folder().file('lasting.db')

type Env = Readonly<Record<string, string>>

/** One night's cron, and what it came to. */
interface Night extends Ended {
  /** `/v26.0/178…/insights?…` of every call. */
  readonly calls: readonly string[]
}

const runNight = async (
  sandbox: TestSandbox,
  ids: readonly string[],
  { scope = 'posts', env = {}, flags = [] }: { scope?: string; env?: Env; flags?: readonly string[] } = {},
): Promise<Night> => {
  sandbox.log.clear()
  const args = ['run', '--network', 'instagram', '--scope', scope, '--db', db(), ...flags]
  const ended = await socsync([...args, ...ids], { env: { ...sandbox.env, ...env } })
  expect(sandbox.log.errors).toEqual([])
  return { ...ended, calls: callsOf(sandbox) }
}

const callsOf = ({ log }: TestSandbox): readonly string[] =>
  log.calls.map(({ path, fields }) => `${path}?${new URLSearchParams(fields as Record<string, string>)}`)

/** What `status --json` says. */
const statusOf = async ({ env }: TestSandbox) =>
  JSON.parse((await socsync(['status', '--json', '--db', db()], { env })).stdout)

const on = (sandbox: TestSandbox, name: string, value: Json, rule: Omit<SwitchRule, 'name'> = {}): void =>
  sandbox.setSwitch(name, { network: 'instagram', value, ...rule })

const rows = (sql: string): Row[] => query(db(), sql)
/** How the newest job of each profile ended. */
const jobs = (): Row[] =>
  rows(`select entity_id, status, reason, error_type from sync_jobs
    where id in (select max(id) from sync_jobs group by entity_id) order by id`)
const tasks = (where: string): Row[] =>
  rows(`select stream, status, reason, error_type, failed_runs from sync_tasks where job_id in
    (select max(id) from sync_jobs group by entity_id) and ${where} order by id`)
const missing = (): Row[] =>
  rows(`select id from profiles where missing_since is not null
    union all select id from posts where missing_since is not null`)
const learned = (now: number): readonly string[] =>
  learnedOf(
    rows('select key, value from memory').map(
      ({ key, value }) => [String(key), JSON.parse(String(value))] as const,
    ),
    now,
  ).map(({ fact }) => fact)
const metricNames = (id: string): string[] =>
  rows(`select distinct name from metrics where subject = 'post' and subject_id = '${id}'
    and name not like '%_count'`).map(({ name }) => String(name))

/** The own posts, the youngest first. */
const ownPosts = (sandbox: TestSandbox, entity: string): string[] =>
  sandbox
    .truth('instagram', entity)
    .flatMap(record => (record.type === 'post' && record.kind !== 'story' ? [record.id] : []))

const whole = (sandbox: TestSandbox, ...ids: readonly string[]): readonly string[] =>
  differences(
    db(),
    'instagram',
    ids.flatMap(id => sandbox.truth('instagram', id)),
  )

describe('docs/faults.md 1.8, Instagram', () => {
  it('122 a media without insights and a second page that is refused keep nothing else from being read', async () => {
    await using sandbox = await startSandbox({ moving: true })
    const others = ['two.pages.of.50', 'albums.only']
    const sick = ownPosts(sandbox, OTHER_OWN)[0] ?? ''
    const insights = `/${sick}/insights`
    const second = 'two.pages.of.50%29%7Bmedia.limit%2850%29.after'
    on(sandbox, 'fault', 'unavailable', { match: insights })
    on(sandbox, 'fault', { code: 100, message: 'Invalid parameter' }, { match: second })
    const codes: (number | null)[] = []
    for (let night = 0; night < 8; night++) {
      const { code, calls } = await runNight(sandbox, [OTHER_OWN, ...others])
      codes.push(code)
      const asked = (part: string): number => calls.filter(call => call.includes(part)).length
      expect(asked(insights), `night ${night}`).toBeLessThanOrEqual(night === 0 ? 5 : 3)
      expect(asked(second), `night ${night}`).toBeLessThanOrEqual(2)
      // All that is new of everybody is there, and the counters are of this night.
      for (const id of [OTHER_OWN, ...others]) {
        const [profile, ...rest] = sandbox.truth('instagram', id)
        if (profile?.type !== 'profile') throw new Error('a profile comes first')
        const counters = rows(`select followers_count, posts_count from profiles where id = '${profile.id}'`)
        expect(counters).toEqual([
          { followers_count: profile.followersCount, posts_count: profile.postsCount },
        ])
        const head = rest.filter(record => record.type === 'post').slice(0, 25)
        const likes = new Map(rows('select id, like_count from posts').map(row => [row.id, row.like_count]))
        expect(head.map(({ id }) => [id, likes.get(id)])).toEqual(
          head.map(({ id, likeCount }) => [id, likeCount]),
        )
      }
      sandbox.advance(DAY_MS)
    }
    expect(codes.slice(0, 2)).toEqual([3, 3])
    expect(codes.at(-1)).toBe(0)
    expect(jobs().map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded'])
    expect(missing()).toEqual([])

    // Tried on nights 0, 1, 3 and 7, and next on 15: what is well again by then comes with that one run.
    sandbox.switches.clear()
    sandbox.advance(7 * DAY_MS)
    const last = await runNight(sandbox, [OTHER_OWN, ...others])
    expect(last.code).toBe(0)
    expect(tasks('failed_runs > 0')).toEqual([])
    expect(metricNames(sick)).toContain('reach')
    const there = rows('select id from posts').map(({ id }) => id)
    const listed = others.flatMap(id => sandbox.truth('instagram', id))
    const posts = listed.flatMap(record => (record.type === 'post' ? [record.id] : []))
    expect(posts.filter(id => !there.includes(id))).toEqual([])
  }, 600_000)

  it('123 a metric that one post is refused is given for all others, now and later', async () => {
    await using sandbox = await startSandbox()
    const posts = ownPosts(sandbox, OTHER_OWN)
    const [sick = '', next = ''] = posts
    const withViews = await metricsOfHealthy(sandbox, next)
    on(sandbox, 'refuses', 'views', { match: `/${sick}/insights` })
    for (let night = 0; night < 5; night++) {
      expect((await runNight(sandbox, [OTHER_OWN])).code).toBe(0)
      sandbox.advance(DAY_MS)
    }
    expect(metricNames(sick)).not.toContain('views')
    expect(metricNames(sick)).toContain('reach')
    expect(metricNames(next)).toEqual(withViews)
    expect(learned(sandbox.clock.now())).toEqual([])
  }, 120_000)

  it.each([
    ['(#100) Starting from version v27.0 and above, the shares metric is no longer supported', 1],
    ['(#100) The metric shares is not supported for the queried media', 1],
    ['Invalid parameter', 7],
  ])(
    '124 a metric that is refused to all is left out: %s',
    async (message, most) => {
      // What is not asked for is told by the real clock.
      await using sandbox = await startSandbox({ now: Date.now() })
      on(sandbox, 'refuses', { name: 'shares', message }, { match: 'insights' })
      const { code, calls } = await runNight(sandbox, [OTHER_OWN], { flags: ['--concurrency', '1'] })
      expect(code).toBe(0)
      // Three of a sort say so; where many are asked for in one call, two of a page are enough for that page.
      const fact = 'the metric shares of stories'
      expect(learned(sandbox.clock.now())).toContain(fact)
      expect((await statusOf(sandbox)).not_asked).toContainEqual(
        expect.objectContaining({ account: OTHER_OWN, fact }),
      )
      const asked = calls.filter(call => call.includes('insights'))
      const [told] = rows(`select count(distinct subject_id) as media from metrics where subject = 'post'`)
      // Of the account each day that is kept but the one that pays for it, and who its followers are.
      const ofAccount = 88 + 4
      // Three of each sort at most pay for it, and the account.
      expect(asked.length).toBeLessThanOrEqual(Number(told?.media) + ofAccount + most * (3 * 3 + 1))
      const names = rows(`select distinct name from metrics`).map(({ name }) => String(name))
      expect(names).toEqual(expect.arrayContaining(['reach', 'views', 'saved']))
      expect(names).not.toContain('shares')
    },
    120_000,
  )

  it('125 an own account that is granted no longer is not gone', async () => {
    await using sandbox = await startSandbox()
    expect((await runNight(sandbox, [OWN], { scope: 'profile' })).code).toBe(0)
    sandbox.advance(DAY_MS)
    on(sandbox, 'fault', 'disguise', { match: `/v26.0/${OWN}?` })
    const { code, stderr, stdout } = await runNight(sandbox, [OWN], { scope: 'profile' })
    expect(code).toBe(5)
    expect(stderr + stdout).toContain('not granted to this token')
    expect(jobs()[0]).toMatchObject({ error_type: 'misconfigured' })
    expect(missing()).toEqual([])
    sandbox.switches.clear()
    sandbox.advance(DAY_MS)
    expect((await runNight(sandbox, [OWN], { scope: 'profile' })).code).toBe(0)
  }, 60_000)

  it.each([
    ['that of a Page', PAGE_ID],
    ['a name', 'north.pier'],
  ])(
    '126 the first call says that the id is %s',
    async (_, id) => {
      await using sandbox = await startSandbox()
      const env = { SOCSYNC_INSTAGRAM_USER_ID: id }
      const { code, calls, stderr, stdout } = await runNight(
        sandbox,
        ['one.post', 'albums.only', 'likes.hidden', 'no.posts.yet'],
        { env },
      )
      expect({ code, calls: calls.length }).toEqual({ code: 5, calls: 1 })
      expect(stderr + stdout).toMatch(/instagram_business_account/)
      expect(stderr + stdout).toMatch(/socsync auth status/)
      expect(new Set(jobs().map(({ reason }) => reason))).toEqual(new Set([null]))
      const told = await socsync(['auth', 'status', '--db', db()], { env: { ...sandbox.env, ...env } })
      expect(told.code).toBe(5)
      expect(told.stdout).toContain('instagram_business_account')
    },
    60_000,
  )

  it('127 without the id of who asks no call is made, and the variable is named', async () => {
    await using sandbox = await startSandbox()
    const env = { SOCSYNC_INSTAGRAM_USER_ID: '' }
    const { code, calls, stderr, stdout } = await runNight(sandbox, ['one.post'], { env })
    expect({ code, calls }).toEqual({ code: 5, calls: [] })
    expect(stderr + stdout).toContain('SOCSYNC_INSTAGRAM_USER_ID')
    expect(jobs()[0]).toMatchObject({ error_type: 'misconfigured' })
  }, 60_000)

  it.each([['north.pier.roasters'], ['@North.Pier.Roasters'], ['me']])(
    '127 an own account listed as %s is read as such, with its comments',
    async key => {
      await using sandbox = await startSandbox()
      const env = { SOCSYNC_INSTAGRAM_USER_ID: OTHER_OWN }
      const first = await runNight(sandbox, [key], { scope: 'all', env })
      expect(first.code).toBe(0)
      expect(first.calls.filter(call => /\?.*fields=id%2Cusername%2Cmedia_count/.test(call))).toHaveLength(1)
      expect(whole(sandbox, OTHER_OWN)).toEqual([])
      expect(rows('select entity_id from sync_jobs')).toEqual([{ entity_id: OTHER_OWN }])
      expect(rows("select kind from sync_tasks where reason = 'unsupported-by-network'")).toEqual([
        { kind: 'likes' },
      ])
      sandbox.advance(DAY_MS)
      const second = await runNight(sandbox, [key, OTHER_OWN], { scope: 'all', env })
      expect(second.code).toBe(0)
      expect(second.calls.filter(call => call.includes('media_count')).length).toBeLessThanOrEqual(1)
    },
    120_000,
  )

  it('127 named twice it is read once, and the other line is told to be a duplicate', async () => {
    await using sandbox = await startSandbox()
    const env = { SOCSYNC_INSTAGRAM_USER_ID: OTHER_OWN }
    const ids = [OTHER_OWN, 'north.pier.roasters', 'me']
    const { code, stdout } = await runNight(sandbox, ids, { env, flags: ['--json'] })
    expect({ code, duplicates: JSON.parse(stdout).duplicates }).toEqual({ code: 0, duplicates: 2 })
    expect(rows('select entity_id, status, reason from sync_jobs')).toEqual([
      { entity_id: OTHER_OWN, status: 'succeeded', reason: null },
    ])
  }, 60_000)

  it('128 a permission that is missing for all ends the run after three, and is named', async () => {
    await using sandbox = await startSandbox()
    const ids = ['one.post', 'albums.only', 'likes.hidden', 'no.posts.yet', 'reels.only', 'long.caption']
    on(sandbox, 'fault', 'no-permission', { match: 'business_discovery' })
    const { code, calls, stderr, stdout } = await runNight(sandbox, ids)
    expect(code).toBe(5)
    expect(calls.length).toBeLessThanOrEqual(4)
    expect(stderr + stdout).toMatch(/instagram_manage_insights/)
    expect(stderr + stdout).toMatch(/App Review/)
    expect(new Set(jobs().map(({ reason }) => reason))).toEqual(new Set([null]))
    sandbox.switches.clear()
    expect((await runNight(sandbox, ids)).code).toBe(0)
    expect(whole(sandbox, ...ids)).toEqual([])
  }, 60_000)

  it('128 refused for one name it is about that name', async () => {
    await using sandbox = await startSandbox()
    on(sandbox, 'fault', 'no-permission', { match: 'albums.only' })
    const ids = ['albums.only', 'one.post', 'likes.hidden']
    expect((await runNight(sandbox, ids)).code).toBe(0)
    expect(whole(sandbox, 'one.post', 'likes.hidden')).toEqual([])
    expect(jobs()[0]).toMatchObject({ entity_id: 'albums.only', status: 'skipped', reason: 'refused' })
    expect(missing()).toEqual([])
  }, 60_000)

  it('128 refused for the insights of one media it is about that media', async () => {
    await using sandbox = await startSandbox()
    const [sick = '', next = ''] = ownPosts(sandbox, OTHER_OWN)
    on(sandbox, 'fault', 'no-permission', { match: `/${sick}/insights` })
    expect((await runNight(sandbox, [OTHER_OWN])).code).toBe(0)
    expect(metricNames(sick)).toEqual([])
    expect(metricNames(next)).toContain('reach')
    const refused = tasks(`stream = 'insights' and reason = 'refused'`)
    expect(refused).toHaveLength(1)
  }, 60_000)

  it('129 an answer without the profile is no profile: it is skipped for now, and what is known stays', async () => {
    await using sandbox = await startSandbox()
    const body = JSON.stringify({ id: OWN })
    const empty = (): void => on(sandbox, 'status', { status: 200, body }, { match: 'albums.only' })
    empty()
    const first = await runNight(sandbox, ['albums.only'])
    expect(first.code).toBe(0)
    expect(first.calls.length).toBeLessThanOrEqual(5)
    expect(jobs()).toMatchObject([{ status: 'skipped', reason: 'unavailable' }])
    expect(rows('select * from profiles')).toEqual([])

    sandbox.switches.clear()
    sandbox.advance(DAY_MS)
    expect((await runNight(sandbox, ['albums.only', 'one.post'])).code).toBe(0)
    const known = rows('select * from profiles')
    expect(known).toHaveLength(2)
    sandbox.advance(DAY_MS)
    empty()
    await runNight(sandbox, ['albums.only', 'one.post'])
    const columns = 'id, username, followers_count, posts_count, missing_since'
    expect(rows(`select ${columns} from profiles order by id`)).toEqual(
      known
        .map(({ id, username, followers_count, posts_count }) => ({
          id,
          username,
          followers_count,
          posts_count,
          missing_since: null,
        }))
        .sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1)),
    )
    expect(missing()).toEqual([])
  }, 60_000)

  it.each([
    ['the access to data has ended', TOKENS.dataAccessEnded, /ended on 2026-/],
    ['nothing is permitted', TOKENS.withoutBasic, /instagram_basic/],
    ['other accounts are not permitted', TOKENS.withoutInsights, /instagram_manage_insights/],
  ])(
    '130 auth status says beforehand that %s',
    async (_, token, problem) => {
      await using sandbox = await startSandbox()
      const env = { ...sandbox.env, SOCSYNC_INSTAGRAM_ACCESS_TOKEN: token }
      const { code, stdout } = await socsync(['auth', 'status', '--json', '--db', db()], { env })
      expect(code).toBe(5)
      expect(JSON.parse(stdout).credentials[0]).toMatchObject({
        credential: 'instagram-1',
        works: false,
        problem: expect.stringMatching(problem),
      })
    },
    60_000,
  )

  it('131 usage of the asking account slows its discoveries, and rests them as long as it says', async () => {
    await using sandbox = await startSandbox()
    const waited = async (percent: number, minutes: number): Promise<number> => {
      sandbox.switches.clear()
      on(sandbox, 'usage', { percent, minutes }, { match: 'business_discovery' })
      const before = sandbox.clock.now()
      const ids = ['one.post', 'albums.only', 'likes.hidden']
      const { code } = await runNight(sandbox, ids, { flags: ['--max-wait', '1h'] })
      expect(code).toBe(0)
      return sandbox.clock.now() - before
    }
    const idle = await waited(50, 0)
    const slowed = await waited(85, 0)
    expect(slowed - idle).toBeGreaterThan(1000)
    expect(slowed).toBeLessThan(60_000)
    expect(await waited(100, 12)).toBeGreaterThan(12 * 60_000)
  }, 60_000)

  it.each([
    [80_000, '(#80000) There have been too many calls from this ad account.'],
    [80_014, '(#80014) Please wait a bit and try again.'],
    [32, '(#32) Page request limit reached'],
    [99_001, 'Too many calls. Please wait a while.'],
  ])(
    '131 code %i is a limit, with the minutes of its header',
    async (code, message) => {
      await using sandbox = await startSandbox()
      on(sandbox, 'usage', { percent: 100, minutes: 12 }, { match: 'business_discovery' })
      on(sandbox, 'fault', { code, message }, { match: 'business_discovery' })
      const began = sandbox.clock.now()
      const night = await runNight(sandbox, ['one.post', 'albums.only'], { flags: ['--max-wait', '1m'] })
      expect(night.code).toBe(75)
      const [{ until } = { until: null }] = rows(
        `select exhausted_until as until from quota where pool = 'app' and exhausted_until is not null`,
      )
      const rest = Date.parse(String(until)) - began
      expect(rest).toBeGreaterThan(11 * 60_000)
      expect(rest).toBeLessThan(14 * 60_000)
    },
    60_000,
  )

  it('132 pages of fifty that always fail are halved, and stay so', async () => {
    await using sandbox = await startSandbox()
    on(sandbox, 'fault', 'unavailable', { match: 'limit%2850%29' })
    const ids = ['two.pages.of.50', 'one.page.of.50']
    expect((await runNight(sandbox, ids)).code).toBe(0)
    expect(whole(sandbox, ...ids)).toEqual([])
    sandbox.advance(DAY_MS)
    const second = await runNight(sandbox, ids)
    expect(second.code).toBe(0)
    expect(second.calls.filter(call => call.includes('limit%2850%29'))).toEqual([])
    expect(whole(sandbox, ...ids)).toEqual([])
  }, 60_000)

  it('133 posts that are declared and not listed are known as a gap, for which nothing is asked', async () => {
    await using sandbox = await startSandbox()
    on(sandbox, 'depth', 3)
    const first = await runNight(sandbox, ['one.page.of.25'])
    expect(first.code).toBe(0)
    expect(rows('select posts_count from profiles')).toEqual([{ posts_count: 25 }])
    expect(rows('select count(*) as posts from posts')).toEqual([{ posts: 3 }])
    expect(jobs()).toMatchObject([{ status: 'succeeded' }])
    expect((await statusOf(sandbox)).run.completeness).toMatchObject({
      posts_declared: 25,
      posts_stored: 3,
      post_gaps: [{ reason: 'unlisted', profiles: 1, posts: 22 }],
    })
    sandbox.advance(DAY_MS)
    const second = await runNight(sandbox, ['one.page.of.25'])
    expect({ code: second.code, calls: second.calls.length }).toEqual({ code: 0, calls: 1 })
    expect(missing()).toEqual([])
  }, 60_000)
})

/** What a post's insights hold where nothing is wrong. */
const metricsOfHealthy = async (sandbox: TestSandbox, id: string): Promise<string[]> => {
  const other = folder().file('healthy.db')
  const args = ['run', '--network', 'instagram', '--scope', 'posts', '--db', other, '--quiet', OTHER_OWN]
  expect((await socsync(args, { env: sandbox.env })).code).toBe(0)
  return query(
    other,
    `select distinct name from metrics where subject = 'post' and subject_id = '${id}'
      and name not like '%_count'`,
  ).map(({ name }) => String(name))
}
