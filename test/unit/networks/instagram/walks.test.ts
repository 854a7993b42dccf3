import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Params } from '../../../../src/core/params.ts'
import type { SocialRecord } from '../../../../src/core/records.ts'
import type { RawPage } from '../../../../src/core/stream.ts'
import { learnedOf } from '../../../../src/networks/evidence.ts'
import { isListing } from '../../../../src/networks/instagram/insights-calls.ts'
import type { LoggedCall } from '../../../../src/sandbox/log.ts'
import { eachSandbox } from './each-sandbox.ts'
import { COMMENTS, keyOf, openInstagram, PARAMS, type Walked, walk } from './harness.ts'

const HOUR = 3_600_000
/** Tokens of the sandbox with one trait each; none is good for anything else. */
const WITHOUT_COMMENTS = 'EAAJsandboxWithoutComments'
const WITHOUT_INSIGHTS = 'EAAJsandboxWithoutInsights'
const OF_INSTAGRAM_LOGIN = 'IGAAJsandboxInstagram'

const at = eachSandbox()

const setting = (name: string): string => at().sandbox.environment[`SOCSYNC_INSTAGRAM_${name}`] ?? ''
const own = (): string => setting('USER_ID')

interface Wish {
  readonly params?: Params
  readonly token?: string
  readonly maxWaitMs?: number
  readonly without?: readonly string[]
}

const sync = (entityId: string, { params = PARAMS, token, ...more }: Wish = {}): Promise<Walked> => {
  const source = openInstagram(
    {
      access_token: token ?? setting('ACCESS_TOKEN'),
      user_id: own(),
      app_id: setting('APP_ID'),
      app_secret: setting('APP_SECRET'),
    },
    at().openWith,
  )
  return walk(source, entityId, params, { clock: at().sandbox.clock, ...more })
}

/** Comments and replies of an own account, without a call per post for insights. */
const syncOwn = (wish: Wish = {}): Promise<Walked> =>
  sync(own(), { params: COMMENTS, without: ['insights'], ...wish })

const KEPT_TEXT = ['caption', 'content']

/**
 * Holds what came against what a perfect sync stores: the same records, and each true value. In a fresh store a key
 * left out is NULL, and the store makes text well-formed. Views of an own film have their own test.
 */
const expectTruth = (walked: Walked, entityId: string, wanted = (_: SocialRecord): boolean => true): void => {
  const truth = at().sandbox.truth('instagram', entityId).filter(wanted)
  expect(truth.length).toBeGreaterThan(0)
  expect([...walked.records.keys()].sort()).toEqual(truth.map(keyOf).sort())
  for (const record of truth) {
    const came = new Map<string, unknown>(Object.entries(walked.records.get(keyOf(record)) ?? {}))
    for (const [key, value] of Object.entries(record)) {
      if (key === 'viewCount' && entityId === own()) continue
      expect([keyOf(record), key, storable(key, came.get(key) ?? null)]).toEqual([keyOf(record), key, value])
    }
  }
}

const storable = (key: string, value: unknown): unknown =>
  typeof value === 'string' && KEPT_TEXT.includes(key)
    ? value.toWellFormed().replaceAll('\u0000', '\ufffd')
    : value

const pathsOf = ({ raw }: Walked): string[] =>
  raw.flatMap(({ parts }) => parts.map(({ request }) => String(request.path)))

describe('other accounts', () => {
  it.each([
    ['no.posts.yet', 1],
    ['one.page.of.50', 1],
    ['two.pages.of.50', 2],
    ['hollow.middle', 5],
    ['albums.only', 1],
    ['reels.only', 2],
    ['likes.hidden', 1],
    ['strange.texts', 1],
  ])('%s comes whole for %i calls', async (name, calls) => {
    const walked = await sync(name)
    expect(walked.faults).toEqual([])
    expect(walked.charged).toEqual({ app: calls })
    expectTruth(walked, name)
  })

  it('comes without media where posts are not asked for', async () => {
    const walked = await sync('two.pages.of.50', { params: { ...PARAMS, kinds: ['profile'] } })
    expectTruth(walked, 'two.pages.of.50', ({ type }) => type === 'profile')
    expect(walked.children).toEqual([])
  })

  it.each([
    [20, 1],
    [70, 2],
  ])('stops at %i posts after %i calls', async (limitPosts, calls) => {
    const walked = await sync('two.pages.of.50', { params: { ...PARAMS, limitPosts } })
    expect([...walked.records.keys()].filter(key => key.startsWith('post'))).toHaveLength(limitPosts)
    expect(walked.charged).toEqual({ app: calls })
  })

  it('stops at since, and leaves out what is not before until', async () => {
    const times = at()
      .sandbox.truth('instagram', 'two.pages.of.50')
      .flatMap(record => (record.type === 'post' && record.createdAt ? [record.createdAt] : []))
    const since = times[30] ?? ''
    const until = times[10] ?? ''
    const walked = await sync('two.pages.of.50', { params: { ...PARAMS, since, until } })
    expect([...walked.records.keys()].filter(key => key.startsWith('post'))).toHaveLength(20)
  })

  it('are followed no further than to the first page that is all before since', async () => {
    const times = at()
      .sandbox.truth('instagram', 'hollow.middle')
      .flatMap(record => (record.type === 'post' && record.createdAt ? [record.createdAt] : []))
    const walked = await sync('hollow.middle', { params: { ...PARAMS, since: times[9] ?? '' } })
    expect([...walked.records.keys()].filter(key => key.startsWith('post'))).toHaveLength(10)
    // Two pages come empty and say nothing, the fourth is old; the fifth is not read.
    expect(walked.charged).toEqual({ app: 4 })
  })

  it('that are absent, private or personal are not found', async () => {
    for (const name of ['nobody.here', 'private.person'])
      expect((await sync(name)).faults).toEqual(['discovery not-found 110/2207013'])
  })

  it('come with less where the API refuses fields, which is believed after three of them', async () => {
    at().sandbox.setSwitch('discovery-refuses', { value: 'name,alt_text' })
    const first = await sync('one.page.of.25')
    expect(first.faults).toEqual([])
    expect(first.records.size).toBeGreaterThan(25)
    expect([...first.records.values()].filter(record => 'name' in record)).toEqual([])
    expect(first.charged.app).toBeLessThan(24)
    expect(learnedOf(at().memory.values, at().sandbox.clock.now())).toEqual([])
    for (const name of ['one.page.of.50', 'albums.only']) {
      expect((await sync(name)).charged.app).toBeGreaterThan(1)
    }
    const learned = learnedOf(at().memory.values, at().sandbox.clock.now())
    expect(learned.map(({ account, fact }) => `${account}: ${fact}`).sort()).toEqual([
      `${own()}: the field media.alt_text of other accounts`,
      `${own()}: the field media.children.alt_text of other accounts`,
      `${own()}: the field name of other accounts`,
    ])
    expect((await sync('likes.hidden')).charged).toEqual({ app: 1 })
  })

  it('come in smaller pages where they are too heavy, which is believed after three of them', async () => {
    at().sandbox.setSwitch('media-limit', { value: 25 })
    const first = await sync('two.pages.of.50')
    expect(first.charged).toEqual({ app: 5 })
    expectTruth(first, 'two.pages.of.50')
    // What was too heavy once is not tried again, another one is.
    expect((await sync('two.pages.of.50')).charged).toEqual({ app: 4 })
    expect((await sync('one.page.of.50')).charged).toEqual({ app: 3 })
    expect((await sync('albums.only')).charged).toEqual({ app: 3 })
    expect((await sync('likes.hidden')).charged).toEqual({ app: 2 })
  })

  it('are given up where one item is too heavy', async () => {
    at().sandbox.setSwitch('fault', { value: 'reduce' })
    const walked = await sync('one.post')
    expect(walked.faults).toEqual(['discovery rejected 1'])
    expect(walked.charged).toEqual({ app: 6 })
  })
})

/** What was asked for a page itself, and not beside it. */
const listingOf = ({ parts }: RawPage): RawPage => ({ parts: parts.filter(isListing) })

const isOfInsights = ({ path, fields }: LoggedCall): boolean =>
  path.endsWith('/insights') || fields.fields?.includes('insights.metric') === true

describe('own accounts', () => {
  it('come whole, a call per 25 posts with their albums, comments and replies', async () => {
    const walked = await syncOwn()
    expect(walked.faults).toEqual([])
    expectTruth(walked, own())
    const paths = pathsOf({ ...walked, raw: walked.raw.map(listingOf) })
    const calls = (end: string): number => paths.filter(path => path.endsWith(end)).length
    expect(calls(own())).toBe(1)
    expect(calls('/media')).toBe(Math.ceil(320 / 25))
    expect(calls('/stories')).toBe(1)
    // Nested lists that did not end in their page, and nothing else.
    const open = walked.children.filter(
      ({ stream, next }) => /comments|replies/.test(stream) && next !== null,
    )
    expect(open.length).toBeGreaterThan(0)
    const lists = paths.filter(path => /comments|replies/.test(path)).map(path => path.split('/')[2])
    expect(new Set(lists)).toEqual(new Set(open.map(({ externalId }) => externalId)))
  })

  it('tell the views of their films, where the Facebook side does', async () => {
    const walked = await syncOwn({ params: PARAMS })
    const views = (kind: string): unknown[] =>
      [...walked.records.values()].flatMap(record =>
        record.type === 'post' && record.kind === kind ? [record.viewCount] : [],
      )
    expect(views('reel').length).toBeGreaterThan(0)
    expect(views('reel').every(Number.isInteger)).toBe(true)
    expect(new Set(views('image'))).toEqual(new Set([null]))
  })

  it('hold no secret in what is stored, and send it in no address', async () => {
    const walked = await syncOwn()
    const proof = createHmac('sha256', setting('APP_SECRET')).update(setting('ACCESS_TOKEN')).digest('hex')
    const stored = JSON.stringify([walked.raw, walked.children])
    expect(stored).not.toContain(setting('ACCESS_TOKEN'))
    expect(stored).not.toContain(proof)
    const { calls } = at().sandbox.log
    expect(calls.filter(({ fields }) => 'access_token' in fields)).toEqual([])
    expect(calls.filter(({ fields }) => 'appsecret_proof' in fields)).toHaveLength(calls.length)
  })

  it('come whole where a page is too heavy for all that is nested in it', async () => {
    at().sandbox.setSwitch('heaviest-answer', { value: 60 })
    const walked = await syncOwn()
    expect(walked.faults).toEqual([])
    expectTruth(walked, own())
  })

  it('come without replies where they are not wanted', async () => {
    const walked = await syncOwn({ params: { ...COMMENTS, replies: 'none' } })
    const isReply = (record: SocialRecord): boolean => record.type === 'comment' && record.parentId !== null
    expectTruth(walked, own(), record => !isReply(record))
    expect(walked.children.filter(({ stream }) => stream === 'replies')).toEqual([])
  })

  it('come without comments where the permission is missing, which is asked once', async () => {
    const walked = await syncOwn({ token: WITHOUT_COMMENTS })
    expect(walked.faults).toEqual([])
    expectTruth(walked, own(), ({ type }) => type !== 'comment')
    const reasons = walked.children.filter(({ stream }) => stream === 'comments').map(({ reason }) => reason)
    expect(new Set(reasons)).toEqual(new Set(['refused', 'none', 'comments-disabled']))
    const paths = pathsOf({ ...walked, raw: walked.raw.map(listingOf) })
    expect(paths.filter(path => path.endsWith('/media'))).toHaveLength(Math.ceil(320 / 100) + 1)
  })

  it('come through Instagram Login too', async () => {
    const walked = await syncOwn({ token: OF_INSTAGRAM_LOGIN })
    expect(walked.faults).toEqual([])
    const truth = at().sandbox.truth('instagram', own())
    expect([...walked.records.keys()].sort()).toEqual(truth.map(keyOf).sort())
    expect(walked.records.get(`profile ${own()}`)).toMatchObject({ id: own() })
  })

  it('have insights: a snapshot per metric, none from before the conversion', async () => {
    const walked = await sync(own(), { params: { ...PARAMS, limitPosts: 25 } })
    expect(new Set(walked.faults)).toEqual(new Set(['insights unsupported 100/2108006']))
    const posts = new Set(walked.snapshots.map(({ subjectId }) => subjectId))
    expect(posts.size).toBeGreaterThan(200)
    const names = new Set(walked.snapshots.map(({ name }) => name))
    for (const name of [
      'reach',
      'saved',
      'ig_reels_avg_watch_time',
      'navigation',
      'total_views',
      'day.reach',
    ])
      expect(names).toContain(name)
    const ofAccount = walked.snapshots.filter(({ subject }) => subject === 'profile')
    const tables = ofAccount.filter(({ name }) => name.includes('demographics'))
    expect(ofAccount).toHaveLength(12 * 89 + tables.length)
    // Two metrics by age, city, country, gender: each with how many it counts.
    expect(tables).toHaveLength(2 * (7 + 4 + 4 + 3 + 4))
    // Where they begin is remembered, and nothing is believed to be refused.
    expect([...at().memory.values.keys()]).toEqual([`insights/since/${own()}`])
  })

  it('have no insights without the permission, which is believed after three', async () => {
    const walked = await sync(own(), { token: WITHOUT_INSIGHTS })
    expect(new Set(walked.faults)).toEqual(
      new Set(['account-insights forbidden 10', 'demographics forbidden 10', 'insights forbidden 10']),
    )
    expect(walked.faults.length).toBeGreaterThan(200)
    // The account's own insights and its demographics are one of the three.
    expect(at().sandbox.log.calls.filter(isOfInsights)).toHaveLength(4)
  })

  it('stop at so many comments under each post, those of its page counted', async () => {
    const params = { ...COMMENTS, limitComments: 60, replies: 'none' } as const
    const walked = await syncOwn({ params })
    const counts = new Map<string, number>()
    for (const record of walked.records.values())
      if (record.type === 'comment') counts.set(record.postId, (counts.get(record.postId) ?? 0) + 1)
    expect(Math.max(...counts.values())).toBe(60)
  })
})

describe('refusals', () => {
  it.each([
    ['disguise', 2],
    ['disguise-in-text', 2],
    ['unavailable', 4],
    ['server', 4],
  ])('%s passes after %i tries', async (value, times) => {
    at().sandbox.setSwitch('fault', { value, times })
    const walked = await sync('one.post')
    expect(walked.faults).toEqual([])
    expect(walked.waits).toHaveLength(times)
  })

  it('of comments in the middle of their list are asked about again at its beginning', async () => {
    at().sandbox.setSwitch('fault', { value: 'disguise', match: '/comments?' })
    const { faults } = await syncOwn()
    expect(new Set(faults)).toEqual(new Set(['comments cursor-expired 100/33']))
  })

  it.each([
    ['app-limit', 'one.post'],
    ['user-limit', 'one.post'],
    ['blocked', 'one.post'],
    ['account-limit', null],
  ])('%s is waited for', async (value, name) => {
    at().sandbox.setSwitch('fault', { value, times: 1 })
    const entity = name ?? own()
    const patient = await sync(entity, { params: { ...PARAMS, kinds: ['profile'] }, maxWaitMs: 7 * HOUR })
    expect(patient.faults).toEqual([])
    expect(patient.waits).toEqual([value === 'blocked' ? 6 * HOUR : HOUR])
  })

  it.each([
    ['expired', 'unauthorised 190/463'],
    ['session', 'unauthorised 102'],
    ['no-permission', 'forbidden 10'],
    ['too-deep', null],
    ['cursor-refused', 'cursor-expired 100'],
  ])('%s in the middle of a walk', async (value, fault) => {
    at().sandbox.setSwitch('fault', { value, match: 'after' })
    const walked = await sync('two.pages.of.50')
    expect(walked.faults).toEqual(fault === null ? [] : [`discovery-media ${fault}`])
    expect([...walked.records.keys()].filter(key => key.startsWith('post'))).toHaveLength(50)
  })

  it('are seen coming: usage headers slow the lane before it is refused', async () => {
    at().sandbox.setSwitch('media-limit', { value: 6 })
    at().sandbox.setSwitch('app-allowance', { value: 22 })
    const before = at().sandbox.clock.now()
    const walked = await sync('two.pages.of.50', { maxWaitMs: 2 * HOUR })
    expect(walked.charged).toEqual({ app: 20 })
    expect(walked.waits).toEqual([])
    expect(at().sandbox.clock.now()).toBeGreaterThan(before)
  })
})
