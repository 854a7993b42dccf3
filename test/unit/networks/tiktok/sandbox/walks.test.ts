import { describe, expect, test } from 'vitest'
import type { SocialRecord } from '../../../../../src/core/records.ts'
import type { TaskRef } from '../../../../../src/core/stream.ts'
import { tiktok } from '../../../../../src/networks/tiktok/index.ts'
import { CAST, DISPLAY, FORMER_NAME, likesTruth } from '../../../../../src/networks/tiktok/sandbox.ts'
import type { SwitchRule } from '../../../../../src/sandbox/switches.ts'
import { startSandbox, type TestSandbox } from '../../../../support/sandbox.ts'
import { type OpenedTiktok, openTiktok, task, type Walked, walk } from '../harness.ts'

/** The moment at which the sandbox's world stands still. */
const NOW = Date.UTC(2026, 9, 1)
const SINCE = '2024-10-01T00:00:00.000Z'

const start = (...rules: readonly Omit<SwitchRule, 'network'>[]): Promise<TestSandbox> =>
  startSandbox({
    networks: [tiktok],
    now: NOW,
    rules: rules.map(rule => ({ ...rule, network: 'tiktok' })),
  })

const open = ({ origin, clock, environment }: TestSandbox): OpenedTiktok =>
  openTiktok(origin, {
    clock,
    values: {
      client_key: environment.SOCSYNC_TIKTOK_CLIENT_KEY ?? '',
      client_secret: environment.SOCSYNC_TIKTOK_CLIENT_SECRET ?? '',
    },
  })

/** Profile pages of some creators, then the tasks of the videos that they name. */
const walkProfiles = async (opened: OpenedTiktok, names: readonly string[]) => {
  const walks: Walked[] = []
  for (const name of names) walks.push(await walk(opened, [task('user', name)]))
  const tasks = walks.flatMap(({ children }) => children).flatMap(childTask)
  return { records: walks.flatMap(({ records }) => records), tasks }
}

const childTask = ({
  stream,
  externalId,
  profileId = '',
  postId = null,
  next,
  declared = null,
}: Walked['children'][number]): TaskRef[] =>
  next === null ? [] : [task(stream, externalId, { profileId, postId, declared })]

/** As the store keeps them (docs/design.md §4), and only what the truth speaks of. */
const expectTruth = (records: readonly SocialRecord[], truth: readonly SocialRecord[]): void => {
  const keyOf = (record: SocialRecord) => `${record.type} ${'id' in record ? record.id : ''}`
  const stored = new Map(records.map(record => [keyOf(record), clean(record)]))
  expect([...stored.keys()].sort()).toEqual(truth.map(keyOf).sort())
  for (const record of truth) expect(stored.get(keyOf(record))).toMatchObject(record)
}

const clean = (record: SocialRecord): object =>
  Object.fromEntries(
    Object.entries(record).map(([key, value]) => [
      key,
      typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\ufffd') : value,
    ]),
  )

const ofKind = (truth: readonly SocialRecord[], ...types: readonly SocialRecord['type'][]) =>
  truth.filter(({ type }) => types.includes(type))

describe('against the sandbox', () => {
  test('forty creators over two years: every post of them, for the calls that the issue allows', async () => {
    await using sandbox = await start()
    await using opened = open(sandbox)
    const shown = sandbox.entities('tiktok').filter(name => sandbox.truth('tiktok', name).length > 0)
    const names = shown.slice(0, 40)
    const { records, tasks } = await walkProfiles(opened, names)
    const groups = [tasks.slice(0, 20), tasks.slice(20, 40)]
    let found: SocialRecord[] = [...records]
    for (const group of groups) {
      const { records: posts, end } = await walk(opened, group, { since: SINCE })
      expect(end).toBeNull()
      found = [...found, ...posts]
    }
    const truth = names.flatMap(name => sandbox.truth('tiktok', name))
    const wanted = ofKind(truth, 'profile', 'post', 'media').filter(
      record => record.type !== 'post' || (record.createdAt ?? '') >= SINCE,
    )
    const kept = new Set(wanted.flatMap(record => (record.type === 'post' ? record.id : [])))
    expectTruth(
      found,
      wanted.filter(record => record.type !== 'media' || kept.has(record.postId)),
    )
    expect(names).toHaveLength(40)
    expect(opened.charged.get('main')).toBeLessThanOrEqual(40 + 2 * 25 + Math.ceil(kept.size / 100))
    expect(opened.charged.get('main')).toBe(sandbox.sandboxes.get('tiktok')?.quota()[0]?.used)
  })

  test.each([
    { name: 'search-id-warm-up', value: 20 },
    { name: 'search-id-lifetime', value: 0 },
    { name: 'invalid-search-id', times: 3 },
    { name: 'invalid-cursor', times: 3, match: '/video/query/' },
    { name: 'max-cursor', value: 100 },
    { name: 'token-dead', after: 3, times: 1 },
    { name: 'one-client-token' },
    { name: 'good-500', value: 'bare' },
    { name: 'error-500', after: 2, times: 4 },
    { name: 'error-500', after: 1, times: 5, match: '/video/query/' },
    { name: 'gateway-504', after: 2, times: 2 },
    { name: 'cut-json', after: 2, times: 2 },
    { name: 'missing-data', after: 2, times: 2 },
    { name: 'duplicate-item' },
    { name: 'stuck-cursor', times: 1, match: '/video/query/' },
    { name: 'strangers', value: 1 },
    { name: 'favorites-spelling', value: 'favourites_count' },
    { name: 'refused-fields', value: ['favorites_count'] },
    { name: 'last-cursor', value: 'missing' },
    { name: 'last-cursor', value: 'unchanged' },
    { name: 'in-limit', value: 2 },
    { name: 'rate-limited', value: 3, after: 2, times: 2 },
  ])('no post is lost to $name $value', async rule => {
    await using sandbox = await start(rule)
    await using opened = open(sandbox)
    const names = ['ada.bakes', 'swept.shelf', 'nul.and.void', 'wide.open']
    const { tasks } = await walkProfiles(opened, names)
    const { records, end } = await walk(opened, tasks, { since: '2026-06-01T00:00:00.000Z' })
    const truth = names.flatMap(name => sandbox.truth('tiktok', name))
    expect(end).toBeNull()
    expect([...new Set(postIds(records))].sort()).toEqual(postIds(truth, '2026-06-01T00:00:00.000Z').sort())
  })

  test('what cannot be read has its reason', async () => {
    await using sandbox = await start()
    await using opened = open(sandbox)
    const ends: Record<string, unknown> = {}
    for (const name of [FORMER_NAME, 'gone.author', 'behind.curtain', 'under.review'] as const) {
      const { fault } = await walk(opened, [task('user', name)])
      ends[name] = fault !== null && 'reason' in fault ? [fault.kind, fault.reason] : fault
    }
    expect(ends).toEqual({
      [FORMER_NAME]: ['not-found', 'not-found'],
      'gone.author': ['not-found', 'not-found'],
      'behind.curtain': ['forbidden', 'private'],
      'under.review': ['forbidden', 'refused'],
    })
    const { tasks } = await walkProfiles(opened, ['quiet.page'])
    expect(tasks).toEqual([])
  })

  test.each(['all', 'some', 'none'] as const)('all comments and replies, %s of them inline', async inline => {
    await using sandbox = await start({ name: 'inline-replies', value: inline })
    await using opened = open(sandbox)
    const { tasks } = await walkProfiles(opened, ['ada.bakes'])
    const posts = await walk(opened, tasks, { since: '2026-07-01T00:00:00.000Z' })
    const lists = posts.children.flatMap(childTask)
    const found: SocialRecord[] = []
    let apart = 0
    for (const list of lists) {
      const comments = await walk(opened, [list])
      const threads = comments.children.flatMap(childTask)
      apart += threads.length
      found.push(...comments.records)
      for (const thread of threads) found.push(...(await walk(opened, [thread])).records)
    }
    const wanted = new Set(postIds(posts.records))
    const truth = sandbox.truth('tiktok', 'ada.bakes')
    expectTruth(
      found,
      truth.filter(record => record.type === 'comment' && wanted.has(record.postId)),
    )
    expect(found.length).toBeGreaterThan(100)
    // Where the list brings all replies, no call is spent on them.
    if (inline === 'all') expect(apart).toBe(0)
    else expect(apart).toBeGreaterThan(0)
  })

  test('a list that TikTok ends at 1,000 is capped, and its first 1,000 are there', async () => {
    await using sandbox = await start({ name: 'comment-cap' })
    await using opened = open(sandbox)
    const { tasks } = await walkProfiles(opened, ['busy.kitchen'])
    const { children } = await walk(opened, tasks)
    const declared = CAST['busy.kitchen'].talkedOf.comments
    const [busy] = children.filter(child => child.declared === declared).flatMap(childTask)
    const { records, end } = await walk(opened, busy ? [busy] : [])
    expect(records).toHaveLength(1000)
    expect(end).toBe('capped')
  })

  test("a token's own account, over the day that its token dies", async () => {
    await using sandbox = await start()
    await using opened = openTiktok(sandbox.origin, {
      clock: sandbox.clock,
      kind: 'user token',
      values: {
        access_token: DISPLAY.SOCSYNC_TIKTOK_ACCESS_TOKEN,
        refresh_token: DISPLAY.SOCSYNC_TIKTOK_REFRESH_TOKEN,
        client_key: sandbox.environment.SOCSYNC_TIKTOK_CLIENT_KEY ?? '',
        client_secret: sandbox.environment.SOCSYNC_TIKTOK_CLIENT_SECRET ?? '',
      },
    })
    const { raws } = await walk(opened, [task('own-profile', 'whoever it is')])
    const openId = /"open_id":"([^"]+)"/.exec(raws[0]?.parts[0]?.text ?? '')?.[1] ?? ''
    expect(tiktok.parseId(openId)).toBe(openId)
    sandbox.advance(25 * 3_600_000)
    const profile = await walk(opened, [task('own-profile', openId)])
    const videos = await walk(opened, profile.children.flatMap(childTask))
    expect(opened.renewed).toMatchObject([{ open_id: openId }])
    expect(postIds(videos.records).sort()).toEqual(postIds(sandbox.truth('tiktok', 'ada.bakes')).sort())
    expect(videos.end).toBeNull()
  })

  test('likes are real where they are shared, and said not to be where they are not', async () => {
    await using sandbox = await start()
    await using opened = open(sandbox)
    const likesOf = (name: string) => walk(opened, [task('liked', name)])
    const { records } = await likesOf('open.heart')
    const board = { seed: 1, size: 'small', now: sandbox.clock.now, origin: '', moving: false } as const
    const switches = { take: () => undefined, peek: () => undefined }
    expect(records).toEqual([...likesTruth({ ...board, switches }, 'open.heart')])
    expect((await likesOf('closed.heart')).fault).toMatchObject({ reason: 'not-shared' })
    const shown = await walk(opened, [task('user', 'pinned.board')], { lists: ['pinned', 'reposted'] })
    expect(shown.records[0]).toMatchObject({
      extra: { pinned_video_ids: { length: 3 }, reposted_video_ids: expect.any(Array) },
    })
    expect(shown.records.filter(row => row.type === 'item' && row.position != null)).toHaveLength(3)
  })
})

/** Of posts at or after a moment. */
const postIds = (records: readonly SocialRecord[], since = ''): string[] =>
  records.flatMap(record => (record.type === 'post' && (record.createdAt ?? '') >= since ? [record.id] : []))
