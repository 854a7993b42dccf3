import { describe, expect, it } from 'vitest'
import type { PostRecord, SocialRecord } from '../../src/core/records.ts'
import { videoOf } from '../../src/networks/tiktok/sandbox/world/videos.ts'
import { makeWorld } from '../../src/networks/tiktok/sandbox/world/world.ts'
import { DISPLAY } from '../../src/networks/tiktok/sandbox.ts'
import { type Ended, socsync, tempFolder } from '../support/cli.ts'
import { perTest } from '../support/fresh.ts'
import { job, jobsOf } from '../support/jobs.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'
import { checkFile, differences, query, type Row, resultRows } from '../support/tables.ts'

const DAY = 86_400_000
const sandbox = perTest(startSandbox)
const folder = perTest(tempFolder)
const db = (): string => folder().file('socsync.db')

const run = (
  ids: readonly string[],
  {
    scope = 'comments',
    more = [],
    env = {},
    on = sandbox(),
  }: {
    readonly scope?: string
    readonly more?: readonly string[]
    readonly env?: Readonly<Record<string, string>>
    readonly on?: TestSandbox
  } = {},
): Promise<Ended> =>
  socsync(['run', '--network', 'tiktok', '--scope', scope, '--quiet', '--db', db(), ...more, ...ids], {
    env: { ...on.env, ...env },
  })

const isPost = (record: SocialRecord): record is PostRecord => record.type === 'post'
const postsOf = (name: string, on = sandbox()): PostRecord[] => on.truth('tiktok', name).filter(isPost)
/** Of those of its videos, all that is told but the profile. */
const truthOf = (name: string, ids: readonly string[], comments = true, on = sandbox()): SocialRecord[] =>
  on
    .truth('tiktok', name)
    .filter(record => record.type !== 'comment' || comments)
    .filter(record =>
      isPost(record) ? ids.includes(record.id) : 'postId' in record && ids.includes(record.postId),
    )
/** A video of `swept.shelf` that was deleted. */
const deleted = (nth: number): string => {
  const creator = makeWorld(1, 'small').creators.named('swept.shelf')
  if (creator === null) throw new Error('swept.shelf is not there')
  return String(videoOf(creator, nth).id)
}
/** A video of nobody. */
const UNKNOWN = '7391112223334445559'

/** The ids of each search for videos. */
const searches = (on = sandbox()): string[][] =>
  on.log.calls
    .filter(({ path, body }) => path.endsWith('/video/query/') && body.includes('video_id'))
    // The log keeps a body's beginning.
    .map(({ body }) => body.match(/\d{19}/g) ?? [])
/** The videos whose comments were asked for, a page each. */
const talked = (on = sandbox()): string[] =>
  on.log.calls
    .filter(({ path }) => path.endsWith('/comment/list/'))
    .map(({ body }) => JSON.parse(body).video_id)
/** The fewest searches: thirty days each by the ids' own times, a hundred ids at most. */
const fewest = (ids: readonly string[]): number => {
  const days = ids.map(id => Math.floor(Number(BigInt(id) >> 32n) / 86_400)).toSorted((a, b) => a - b)
  let [count, taken, first] = [0, 0, Number.NEGATIVE_INFINITY]
  for (const day of days) {
    if (day > first + 29 || taken === 100) [count, taken, first] = [count + 1, 0, day]
    taken++
  }
  return count
}
const dayOf = (id: string): string =>
  new Date(Number(BigInt(id) >> 32n) * 1000).toISOString().slice(0, 10).replaceAll('-', '')
const tasks = (): Row[] =>
  query(db(), `select external_id, status, reason, items from sync_tasks where stream = 'named' order by id`)

describe('a list of videos', () => {
  it('bare, by address and by prefix: thirty days a search, comments where there are any, and what is not there by name', async () => {
    const ada = postsOf('ada.bakes').slice(0, 40)
    const busy = postsOf('busy.kitchen').filter(({ commentsCount }) => commentsCount === 1300)
    const [gone, ids] = [deleted(30), [...ada, ...busy].map(({ id }) => id)]
    const written = ids.map((id, nth) =>
      nth % 3 === 0
        ? id
        : nth % 3 === 1
          ? `post:${id}`
          : `https://www.tiktok.com/@ada.bakes/video/${id}?lang=en`,
    )
    const { code, stderr } = await run([...written, gone, UNKNOWN], { more: ['--as', 'post'] })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })

    expect(jobsOf(db())).toEqual([
      ...ids.map(id => job(`post:${id}`, 'succeeded')),
      ...[gone, UNKNOWN].map(id => job(`post:${id}`, 'skipped', 'not-found')),
    ])
    expect(
      differences(db(), 'tiktok', [...truthOf('ada.bakes', ids), ...truthOf('busy.kitchen', ids)]),
    ).toEqual([])
    expect(checkFile(db())).toEqual({ integrity: 'ok', foreignKeys: [] })

    const all = [...ids, gone, UNKNOWN]
    expect(searches()).toHaveLength(fewest(all) + 2)
    expect(searches().flat().toSorted()).toEqual([...all, gone, UNKNOWN].toSorted())
    const declared = [...ada, ...busy].map(({ commentsCount }) => commentsCount ?? 0)
    expect(talked()).toHaveLength(declared.reduce((sum, count) => sum + Math.ceil(count / 100), 0))
    const { calls } = sandbox().log.counts().tiktok ?? { calls: 0 }
    expect(query(db(), 'select pool, used from quota')).toEqual([{ pool: 'main', used: calls - 1 }])
  })

  it('is read again from the answers that were kept, refused ones among them', async () => {
    const ids = postsOf('ada.bakes')
      .slice(0, 12)
      .map(({ id }) => id)
    const sick = ids[5] ?? ''
    const value = { how: '500', of: [sick] }
    sandbox().setSwitch('sick', { network: 'tiktok', match: 'video/query', value })
    await run([...ids, UNKNOWN], { more: ['--as', 'post'] })
    const stored = resultRows(db())
    expect(stored.posts).toHaveLength(11)
    const { code, stdout } = await socsync(['db', 'rebuild', '--db', db(), '--sandbox'])
    expect({ code, stdout }).toMatchObject({ code: 0 })
    expect(resultRows(db())).toEqual(stored)
  })

  it('240 of two months: a search a hundred, and one more where some lack', async () => {
    const ids = postsOf('swept.shelf').map(({ id }) => id)
    const gone = Array.from({ length: 140 }, (_, nth) => deleted(nth + 21))
    expect((await run([...ids, ...gone], { scope: 'posts', more: ['--as', 'post'] })).code).toBe(0)
    const of = (reason: string | null): number => tasks().filter(task => task.reason === reason).length
    expect([of(null), of('not-found')]).toEqual([100, 140])
    expect(differences(db(), 'tiktok', truthOf('swept.shelf', ids, false))).toEqual([])
    // Those that are deleted lie in some of them.
    expect(fewest([...ids, ...gone])).toBe(3)
    expect(searches().length).toBeLessThanOrEqual(3 + 3)
  })

  it('is read on after a kill: no search is made twice', async () => {
    const ids = postsOf('ada.bakes')
      .slice(0, 30)
      .map(({ id }) => id)
    const list = ids.map(id => `post:${id}`)
    const first = await run(list, {
      env: { SOCSYNC_CRASH_AT: 'page.committed:5' },
      more: ['--concurrency', '1'],
    })
    expect(first.signal).toBe('SIGKILL')
    expect(searches()).toHaveLength(5)
    expect((await run(list)).code).toBe(0)
    expect(searches()).toHaveLength(fewest(ids))
    expect(differences(db(), 'tiktok', truthOf('ada.bakes', ids))).toEqual([])
  })

  it('a second night searches again, and reads the comments of those alone whose number moved', async () => {
    await using moving = await startSandbox({ moving: true })
    const at = moving.clock.now() - 30 * DAY
    const ids = ['ada.bakes', 'pinned.board', 'wide.open', 'nul.and.void']
      .flatMap(name => postsOf(name, moving))
      .filter(({ createdAt }) => Date.parse(createdAt ?? '') < at)
      .slice(0, 120)
      .map(({ id }) => id)
    const list = ids.map(id => `post:${id}`)
    const counts = (): Map<unknown, unknown> =>
      new Map(query(db(), 'select id, comments_count from posts').map(row => [row.id, row.comments_count]))
    expect((await run(list, { on: moving })).code).toBe(0)
    const before = counts()
    moving.log.clear()
    moving.advance(20 * DAY)
    expect((await run(list, { on: moving })).code).toBe(0)
    const moved = [...counts()].filter(([id, count]) => before.get(id) !== count).map(([id]) => id)
    expect(new Set(talked(moving))).toEqual(new Set(moved))
    expect(moved.length).toBeLessThan(ids.length)
    expect(searches(moving).length).toBeLessThanOrEqual(fewest(ids) + 2)
  })
})

describe('a video and its profile in one list', () => {
  it('are both read, and neither says of the other that it is gone', async () => {
    const since = '2026-09-01'
    const posts = postsOf('ada.bakes')
    const inside = posts[0]?.id ?? ''
    const old = posts.at(-1)?.id ?? ''
    const list = ['ada.bakes', `post:${inside}`, `post:${old}`]
    const args = { more: ['--since', since] }
    const expected = [
      ...sandbox()
        .truth('tiktok', 'ada.bakes')
        .filter(({ type }) => type === 'profile'),
      ...truthOf('ada.bakes', [
        ...posts.filter(({ createdAt }) => (createdAt ?? '') >= since).map(({ id }) => id),
        old,
      ]),
    ]
    for (const night of [1, 2]) {
      sandbox().log.clear()
      expect((await run(list, args)).code).toBe(0)
      expect(differences(db(), 'tiktok', expected)).toEqual([])
      expect(query(db(), 'select id from posts where missing_since is not null')).toEqual([])
      if (night === 2) expect(talked()).not.toContain(old)
      sandbox().advance(DAY)
    }
    expect(jobsOf(db()).map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 'succeeded'))
  })
})

describe('what may be otherwise than the sheet has it', () => {
  const names = ['ada.bakes', 'busy.kitchen', 'pinned.board']
  const list = (): string[] => names.flatMap(name => postsOf(name).map(({ id }) => id))
  const expected = (ids: readonly string[]) => names.flatMap(name => truthOf(name, ids, false))

  it.each([
    ['few ids in a search', 'in-limit', { value: 3 }],
    ['names that end in NULs', 'nul-names', { value: true }],
    ['an empty answer that goes on', 'empty-page', { times: 1 }],
    ['an internal error', 'error-500', { times: 3 }],
    ['half an answer', 'cut-json', { times: 3 }],
  ])('%s', async (_, name, rule) => {
    sandbox().setSwitch(name, { network: 'tiktok', match: 'video/query', ...rule })
    const ids = list()
    expect((await run(ids, { scope: 'posts', more: ['--as', 'post'] })).code).toBe(0)
    expect(differences(db(), 'tiktok', expected(ids))).toEqual([])
  })

  it('days that are not given leave out their own videos alone, which come another night', async () => {
    const ids = list()
    const sick = postsOf('ada.bakes')[20]?.id ?? ''
    const day = dayOf(sick)
    sandbox().setSwitch('sick', {
      network: 'tiktok',
      match: 'video/query',
      value: { how: '500', from: day, to: day },
    })
    await run(ids, { scope: 'posts', more: ['--as', 'post'] })
    const lacking = tasks().filter(({ reason }) => reason !== null)
    expect(lacking.map(({ external_id }) => external_id)).toContain(sick)
    expect(lacking.length).toBeLessThan(ids.length / 10)
    expect(new Set(lacking.map(({ reason }) => reason))).toEqual(new Set(['unavailable']))
    sandbox().switches.clear()
    sandbox().advance(DAY)
    expect((await run(ids, { scope: 'posts', more: ['--as', 'post'] })).code).toBe(0)
    expect(resultRows(db()).posts).toHaveLength(ids.length)
  })

  it('a stored video that is only refused today is not called missing', async () => {
    const ids = postsOf('ada.bakes')
      .slice(0, 3)
      .map(post => post.id)
    const [id = ''] = ids
    const args = { scope: 'all', more: ['--as', 'post'] }
    expect((await run(ids, args)).code).toBe(0)
    sandbox().setSwitch('sick', {
      network: 'tiktok',
      match: 'video/query',
      value: { how: 'empty', of: [id] },
    })
    sandbox().advance(DAY)
    await run([...ids, UNKNOWN], args)
    expect(jobsOf(db()).slice(3)).toMatchObject([
      { entity_id: `post:${id}`, status: 'skipped', reason: 'unavailable' },
      { status: 'succeeded' },
      { status: 'succeeded' },
      { entity_id: `post:${UNKNOWN}`, status: 'skipped', reason: 'not-found' },
    ])
    expect(query(db(), 'select id from posts where missing_since is not null')).toEqual([])
  })

  it('what the search may not have yet is asked for again, and then comes', async () => {
    sandbox().setSwitch('index-delay', { network: 'tiktok', value: 2 * 86_400 })
    const young = sandbox()
      .entities('tiktok')
      .flatMap(name => {
        const creator = makeWorld(1, 'small').creators.named(name)
        if (creator === null || creator.standing !== 'open') return []
        const last = videoOf(creator, creator.videosAtOpening - 1)
        return Date.UTC(2026, 8, 29, 12) / 1000 < last.created && last.created < Date.UTC(2026, 9, 1) / 1000
          ? [String(last.id)]
          : []
      })
    expect(young.length).toBeGreaterThan(0)
    await run(young, { scope: 'posts', more: ['--as', 'post'] })
    expect(searches()).toHaveLength(1)
    expect(new Set(tasks().map(({ reason }) => reason))).toEqual(new Set(['unavailable']))
    sandbox().switches.clear()
    sandbox().advance(2 * DAY)
    expect((await run(young, { scope: 'posts', more: ['--as', 'post'] })).code).toBe(0)
    expect(resultRows(db()).posts).toHaveLength(young.length)
  })
})

describe('a token’s own videos', () => {
  it('come twenty in a call; another’s is refused', async () => {
    const ids = postsOf('ada.bakes')
      .slice(0, 45)
      .map(({ id }) => id)
    const foreign = postsOf('busy.kitchen')[0]?.id ?? ''
    const list = [...ids, foreign].map(id => `post:${id}`)
    expect((await run(list, { scope: 'all', env: { ...DISPLAY } })).code).toBe(0)
    expect(sandbox().log.calls.filter(({ path }) => path === '/v2/video/query/')).toHaveLength(3)
    expect(jobsOf(db())).toEqual([
      ...ids.map(id => job(`post:${id}`, 'succeeded')),
      job(`post:${foreign}`, 'skipped', 'refused'),
    ])
    const owned = 'select username, count(*) as count from posts join profiles on profiles.id = profile_id'
    expect(query(db(), owned)).toEqual([{ username: 'ada.bakes', count: 45 }])
  })
})

describe('a line that names no video', () => {
  it.each([
    ['post:739111222333444', 'is no tiktok post', '19 digits'],
    ['post:ada.bakes', 'is no tiktok post', 'a video id of 19 digits'],
    ['https://www.tiktok.com/@ada.bakes/video/73911', 'is no tiktok profile', '19 digits'],
    ['https://vm.tiktok.com/ZM123/', 'short link', 'open it in a browser'],
  ])('%s', async (text, what, hint) => {
    const { code, stderr } = await run([text])
    expect(code).toBe(2)
    expect(stderr).toContain(what)
    expect(stderr).toContain(hint)
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
    expect(sandbox().log.calls).toEqual([])
  })
})
