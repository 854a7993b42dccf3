import { describe, expect, it } from 'vitest'
import { networks } from '../../src/networks/registry.ts'
import { FORMER_NAME, likesTruth } from '../../src/networks/tiktok/sandbox.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { parseCsv } from '../support/csv.ts'
import { perTest } from '../support/fresh.ts'
import { job, jobsOf } from '../support/jobs.ts'
import { START, startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { checkFile, differences, query, type Row, resultRows } from '../support/tables.ts'

/** Of the oldest video of `ada.bakes`; no JavaScript number can hold it. */
const ID = '7391112223334445557'
const TWO_YEARS_AGO = '2024-10-01'

const sandbox = perTest(startSandbox)
const folder = perTest(tempFolder)
const db = (): string => folder().file('socsync.db')

const call = (...args: readonly string[]): Promise<Ended> =>
  socsync([...args, '--db', db()], { env: sandbox().env })
const run = (scope: string, ...rest: readonly string[]): Promise<Ended> =>
  call('run', '--network', 'tiktok', '--scope', scope, ...rest)
const switchOn = (name: string, rule: Parameters<TestSandbox['setSwitch']>[1] = {}): void =>
  sandbox().setSwitch(name, { network: 'tiktok', ...rule })
/** What a run that starts at a day brings of these profiles, comments or not. */
const truth = (ids: readonly string[], since: string, comments = false) => {
  const old = new Set<string>()
  return ids
    .flatMap(id => sandbox().truth('tiktok', id))
    .filter(record => {
      if (record.type === 'post' && (record.createdAt ?? '') < since) old.add(record.id)
      if (record.type === 'comment' && !comments) return false
      return record.type === 'post' ? !old.has(record.id) : !('postId' in record && old.has(record.postId))
    })
}
/** The first so many creators that have videos to read. */
const creators = (count: number): string[] =>
  sandbox()
    .entities('tiktok')
    .filter(name => {
      const [profile] = sandbox().sandboxes.get('tiktok')?.truth(name) ?? []
      return profile?.type === 'profile' && (profile.postsCount ?? 0) > 0
    })
    .slice(0, count)
/** Calls of the API by their last part; those for tokens apart. */
const asked = (): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { path } of sandbox().log.calls) {
    const name = path.replace(/^\/v2\/(research\/)?|\/$/g, '')
    if (name !== 'oauth/token') counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
const jobs = (): Row[] => jobsOf(db())
const tasks = (stream: string): Row[] =>
  query(
    db(),
    `select external_id, status, reason, items from sync_tasks where stream = '${stream}' order by id`,
  )

describe('ids', () => {
  it('are equal byte for byte in SQLite, JSON, JSONL, CSV, log and status --json', async () => {
    // The comments of the one video of that day fail once and then end early: log and status speak of it.
    switchOn('error-500', { value: `no comments of ${ID}`, match: 'comment/list', times: 1 })
    switchOn('stuck-cursor', { match: 'comment/list' })
    const window = ['--since', '2024-07-13', '--until', '2024-07-14']
    const args = [
      'run',
      '--network',
      'tiktok',
      '--scope',
      'all',
      '--verbose',
      '--log-format',
      'json',
      ...window,
      'ada.bakes',
    ]
    const { stderr } = await call(...args)
    const messages = stderr
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line).msg)
    expect(messages.some(text => text?.includes(ID))).toBe(true)

    const post = (rows: readonly Row[]) => rows.map(({ id, profile_id }) => [id, profile_id])
    const expected = [[ID, 'ada.bakes']]
    expect(query(db(), 'select id, typeof(id) as type from posts')).toEqual([{ id: ID, type: 'text' }])
    expect(query(db(), 'select id, post_id from media')).toEqual([{ id: `${ID}:0`, post_id: ID }])
    const exported = async (format: string) => (await call('export', 'posts', '--format', format)).stdout
    expect(post(JSON.parse(await exported('json')))).toEqual(expected)
    expect(
      (await exported('jsonl'))
        .trim()
        .split('\n')
        .map(line => JSON.parse(line).id),
    ).toEqual([ID])
    expect(post(parseCsv(await exported('csv')))).toEqual(expected)
    for (const of of [
      ['status', '--json'],
      ['status', '1', '--json'],
    ]) {
      const { run: whole, job: one } = JSON.parse((await call(...of)).stdout)
      const gaps: { what: string; examples: string[] }[] = (whole ?? one).gaps
      expect(gaps.find(({ what }) => what === 'comments')?.examples).toEqual([ID])
    }
    const raw = [
      stderr,
      await exported('json'),
      await exported('csv'),
      (await call('status', '--json')).stdout,
    ]
    const alike = raw.flatMap(text => text.match(/73911122233344\d{5}/g) ?? [])
    expect(new Set(alike)).toEqual(new Set([ID]))
  })
})

describe('forty creators over 24 months', () => {
  it('posts only: 40 profiles, 2 groups of 25 windows, and pages beyond the first of a window', {
    tags: ['long'],
  }, async () => {
    const ids = creators(40)
    expect(ids).toHaveLength(40)
    expect(await run('posts', '--since', TWO_YEARS_AGO, ...ids)).toMatchObject({ code: 0 })
    const known = truth(ids, TWO_YEARS_AGO)
    const videos = known.filter(({ type }) => type === 'post').length
    expect(videos).toBeGreaterThan(1000)
    const { 'user/info': profiles, 'video/query': searches = 0, ...others } = asked()
    expect({ profiles, others }).toEqual({ profiles: 40, others: {} })
    expect(searches).toBeLessThanOrEqual(2 * 25 + Math.ceil(videos / 100))
    const bodies = sandbox().log.calls.flatMap(({ body }) =>
      body.includes('start_date') ? [JSON.parse(body)] : [],
    )
    const names = new Set(bodies.map(({ query }) => JSON.stringify(query.and[0].field_values)))
    expect([...names].map(list => JSON.parse(list).length)).toEqual([20, 20])
    expect(differences(db(), 'tiktok', known)).toEqual([])
    expect(query(db(), 'select pool, used from quota')).toEqual([{ pool: 'main', used: 40 + searches }])
  })

  it('quota gone in the middle: partial, 75, no call before the next day, then the rows of an undisturbed run', {
    tags: ['long'],
  }, async () => {
    const ids = creators(40)
    const whole = folder().file('undisturbed.db')
    const args = [
      'run',
      '--network',
      'tiktok',
      '--scope',
      'posts',
      '--quiet',
      '--since',
      TWO_YEARS_AGO,
      ...ids,
    ]
    expect((await socsync([...args, '--db', whole], { env: sandbox().env })).code).toBe(0)
    const undisturbed = resultRows(whole)
    const again = (): Promise<Ended> => call(...args)
    sandbox().advance(86_400_000)
    sandbox().log.clear()

    switchOn('main-allowance', { value: 60 })
    expect((await again()).code).toBe(75)
    const until = new Date(START + 86_400_000 + 43_200_000 + 300_000).toISOString()
    expect(until).toBe('2026-10-03T00:05:00.000Z')
    const ended = (runId: number): Row[] =>
      query(
        db(),
        `select distinct status, error_type, not_before from sync_jobs
        where run_id = ${runId} and status <> 'succeeded'`,
      )
    const waiting = { status: 'partial', error_type: 'quota_exhausted', not_before: until }
    expect(ended(1)).toEqual([waiting])
    // One of each of the two walks that were in flight, and none to see whether it is over.
    expect([1, 2]).toContain(sandbox().log.calls.filter(({ status }) => status === 429).length)
    expect(JSON.parse((await call('status', '--json')).stdout).run.not_before).toBe(until)

    sandbox().log.clear()
    sandbox().advance(Date.parse(until) - sandbox().clock.now() - 60_000)
    switchOn('main-allowance', { value: 1_000 })
    expect((await again()).code).toBe(75)
    expect(ended(2)).toEqual([waiting])
    expect(asked()).toEqual({})

    sandbox().switches.clear()
    sandbox().advance(60_000)
    expect((await again()).code).toBe(0)
    expect(query(db(), 'select distinct status from sync_jobs where run_id = 3')).toEqual([
      { status: 'succeeded' },
    ])
    expect(resultRows(db())).toEqual(undisturbed)
    expect(differences(db(), 'tiktok', truth(ids, TWO_YEARS_AGO))).toEqual([])
    expect(checkFile(db())).toEqual({ integrity: 'ok', foreignKeys: [] })
  })
})

describe('each with its status and reason', () => {
  const since = '2026-09-01'

  it.each([
    ['renamed', FORMER_NAME, 'not-found'],
    ['private', 'behind.curtain', 'private'],
    ['refused', 'under.review', 'refused'],
  ])('a %s user', async (_, name, reason) => {
    const { code } = await run('posts', '--since', since, name, 'now.called.this')
    expect(code).toBe(0)
    expect(jobs()).toEqual([job(name, 'skipped', reason), job('now.called.this', 'succeeded')])
    expect(tasks('user').at(0)).toEqual({ external_id: name, status: 'skipped', reason, items: 0 })
    expect(asked()['user/info']).toBe(2)
    expect(differences(db(), 'tiktok', truth(['now.called.this'], since))).toEqual([])
  })

  it('a page with has_more and no items', async () => {
    expect((await run('posts', '--since', since, 'swept.shelf')).code).toBe(0)
    expect(jobs()).toEqual([job('swept.shelf', 'succeeded')])
    expect(tasks('videos')).toEqual([
      { external_id: 'swept.shelf', status: 'succeeded', reason: null, items: 100 },
    ])
    // The second page of the month has none of its hundred videos left.
    const places = sandbox().log.calls.flatMap(({ body }) =>
      body.includes('"20260901"') ? [JSON.parse(body).cursor] : [],
    )
    expect(places).toEqual([undefined, 100, 200])
    expect(differences(db(), 'tiktok', truth(['swept.shelf'], since))).toEqual([])
  })

  it('a cursor that does not move, in comments', async () => {
    switchOn('stuck-cursor', { match: 'comment/list' })
    expect((await run('all', '--since', '2026-09-20', 'ada.bakes')).code).toBe(3)
    expect(jobs()).toEqual([{ ...job('ada.bakes', 'partial'), error_type: 'loop' }])
    const [video] = query(db(), 'select id, comments_reason from posts')
    expect(video?.comments_reason).toBe('loop')
    expect(tasks('comments')).toMatchObject([{ external_id: video?.id, status: 'partial', reason: 'loop' }])
    expect(asked()['video/comment/list']).toBe(2)
  })

  it('a cursor that does not move, in a search', async () => {
    switchOn('stuck-cursor', { match: 'video/query' })
    const { code, stdout } = await run('posts', '--since', since, 'swept.shelf')
    expect(code).toBe(3)
    expect(stdout).toContain('TikTok does not give the videos of 2026-09-01..2026-10-01')
    expect(stdout).toContain('its pages do not go on from 0')
    expect(jobs()).toMatchObject([{ entity_id: 'swept.shelf', status: 'partial' }])
    expect(tasks('videos')).toMatchObject([{ status: 'succeeded', reason: 'unavailable' }])
    expect(tasks('window')).toMatchObject([
      { external_id: 'swept.shelf 2026-09-01..2026-10-01', status: 'failed' },
    ])
  })

  it('a comment cap of 1,000', async () => {
    switchOn('comment-cap', { value: true })
    const all = sandbox().truth('tiktok', 'busy.kitchen')
    const talkedOf = all.find(record => record.type === 'post' && record.commentsCount === 1300)
    if (talkedOf?.type !== 'post') throw new Error('busy.kitchen has no video with 1,300 comments')
    const day = talkedOf.createdAt?.slice(0, 10) ?? ''
    const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
    expect((await run('all', '--since', day, '--until', next, 'busy.kitchen')).code).toBe(0)
    expect(jobs()).toEqual([job('busy.kitchen', 'succeeded')])
    expect(tasks('comments')).toEqual([
      { external_id: talkedOf.id, status: 'succeeded', reason: 'capped', items: 1000 },
    ])
    expect(query(db(), 'select id, comments_count, comments_reason from posts')).toEqual([
      { id: talkedOf.id, comments_count: 1300, comments_reason: 'capped' },
    ])
    const own = all.filter(
      record =>
        record.type === 'profile' ||
        ('postId' in record ? record.postId : record.type === 'post' && record.id) === talkedOf.id,
    )
    expect(differences(db(), 'tiktok', own)).toEqual([])
  })
})

describe('--lists', () => {
  it('makes likes rows where a profile shares them, and says not-shared where it does not', async () => {
    const since = '2026-09-01'
    const ids = ['open.heart', 'closed.heart']
    expect((await run('likes', '--lists', 'liked', '--since', since, ...ids)).code).toBe(0)
    expect(jobs()).toEqual(ids.map(id => job(id, 'succeeded')))
    const { clock, origin, switches } = sandbox()
    const world = { seed: 1, size: 'small', moving: false } as const
    const shared = (id: string) => [
      ...likesTruth({ ...world, now: clock.now, origin, switches: switches.of('tiktok') }, id),
    ]
    const likes = shared('open.heart')
    expect(likes.length).toBeGreaterThan(100)
    expect(differences(db(), 'tiktok', [...truth(ids, since), ...likes])).toEqual([])
    expect(tasks('liked').toSorted((a, b) => (String(a.status) < String(b.status) ? -1 : 1))).toEqual([
      { external_id: 'closed.heart', status: 'skipped', reason: 'not-shared', items: 0 },
      { external_id: 'open.heart', status: 'succeeded', reason: null, items: likes.length },
    ])
  })
})

describe('socsync networks', () => {
  it('prints what each network gives, by scope and by kind of credential', async () => {
    const { code, stdout } = await socsync(['networks'])
    expect(code).toBe(0)
    const sections = stdout.trim().split('\n\n')
    expect(sections.map(text => /\(--network (\w+)\)/.exec(text)?.[1])).toEqual([
      'instagram',
      'youtube',
      'tiktok',
    ])
    for (const [index, { abilities, credentials, others }] of networks.entries()) {
      const section = sections[index] ?? ''
      for (const [kind, { forms }] of Object.entries(others))
        expect(section).toContain(`as a ${kind}: ${forms}`)
      for (const { name, quota } of credentials) {
        const of = abilities.filter(({ credential }) => credential === name)
        expect(of.map(({ what }) => what)).toEqual(
          expect.arrayContaining(['profile', 'posts', 'comments', 'likes']),
        )
        const [, mine = ''] = section.split(`  ${name} · ${quota}\n`)
        for (const { what, gives, price, cap, delay, note } of of) {
          const line = mine.split('\n').find(each => each.trim().split(/ {2,}/)[0] === what) ?? ''
          for (const word of [gives, price, cap, delay, note]) expect(line).toContain(word ?? '')
        }
      }
    }
    const listed = JSON.parse((await socsync(['networks', '--json'])).stdout).networks
    expect(listed.map(({ gives }: { gives: unknown }) => gives)).toEqual(
      networks.map(({ abilities }) => abilities),
    )
  })
})
