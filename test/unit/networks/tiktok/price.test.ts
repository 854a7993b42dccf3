import { describe, expect, test } from 'vitest'
import type { CommentStats, ProfileFacts, Remaining } from '../../../../src/core/price.ts'
import { ownPricing, researchPricing } from '../../../../src/networks/tiktok/price.ts'
import { EVERYTHING } from '../../../support/params.ts'

const left = (entityId: string, remaining: readonly Remaining[]): ProfileFacts => ({
  entityId,
  stored: true,
  postsCount: 100,
  whole: false,
  gone: false,
  from: null,
  widens: false,
  posts: { count: 90, recent: 0, young: 0, missing: 0, stories: 0, storiesLately: 0, byAge: [90] },
  newest: new Map(),
  comments: [],
  playlists: null,
  remaining,
})
const windows = (tasks: number): Remaining => ({
  stream: 'window',
  tasks,
  incremental: false,
  fails: false,
  declared: null,
  items: 0,
})

describe('periods that were left', () => {
  test('are a search each; profiles that lack the same ones share them', () => {
    const price = researchPricing.open(EVERYTHING, researchPricing.assumed, '2026-03-01T12:00:00.000Z')
    price.add(left('ada', [windows(2)]))
    price.add(left('bea', [windows(1)]))
    expect(price.costs()).toEqual([{ kind: 'posts', pool: 'main', calls: { low: 2, likely: 2, high: 3 } }])
  })
})

const NOW = '2026-03-01T12:00:00.000Z'
const ID = (moment: string, nth = 0): string =>
  String((BigInt(Date.parse(moment) / 1000) << 32n) | BigInt(nth + 1))
const ofPost = (id: string, part: Partial<ProfileFacts> = {}): ProfileFacts => ({
  ...left(`post:${id}`, []),
  stored: false,
  postsCount: null,
  posts: { count: 0, recent: 0, young: 0, missing: 0, stories: 0, storiesLately: 0, byAge: [] },
  playlists: null,
  newest: new Map(),
  remaining: null,
  ...part,
})
const stats = (part: Partial<CommentStats>): CommentStats => ({
  posts: 1,
  declared: 250,
  state: 'moved',
  settled: true,
  more: 5,
  threads: null,
  replyCalls: null,
  ...part,
})

describe('videos that the list names', () => {
  const costsOf = (facts: readonly ProfileFacts[], part: Partial<typeof EVERYTHING> = {}) => {
    const params = { ...EVERYTHING, replies: 'inline' as const, ...part }
    const price = researchPricing.open(params, researchPricing.assumed, NOW)
    for (const known of facts) price.add(known)
    return Object.fromEntries(price.costs().map(({ kind, calls }) => [kind, calls]))
  }
  const exactly = (n: number) => ({ low: n, likely: n, high: n })
  const month = Array.from({ length: 130 }, (_, nth) => ID('2025-06-03T00:00:00Z', nth))
  const stored = { stored: true, comments: [stats({ state: 'known' })] }

  test('are a search a hundred of a month, known ones with no comments that did not move', () => {
    const known = [...month, ID('2025-08-03T00:00:00Z')].map(id => ofPost(id, stored))
    expect(costsOf(known)).toEqual({ posts: exactly(3) })
  })

  test('that are not stored may be looked for twice; those that were gone are', () => {
    const one = ofPost(ID('2025-06-03T00:00:00Z'))
    expect(costsOf([one], { kinds: ['posts'] })).toEqual({ posts: { low: 1, likely: 1, high: 2 } })
    expect(costsOf([{ ...one, gone: true }])).toEqual({ posts: exactly(2) })
    const young = ofPost(ID('2026-02-27T00:00:00Z'), { gone: true })
    expect(costsOf([young])).toEqual({ posts: exactly(1) })
  })

  test('have their comments read where the number moved, and as assumed where nothing is stored', () => {
    const id = ID('2025-06-03T00:00:00Z')
    const price = (part: Partial<CommentStats>) =>
      costsOf([ofPost(id, { stored: true, comments: [stats(part)] })])
    expect(price({})).toEqual({ posts: exactly(1), comments: exactly(3) })
    expect(price({ state: 'unread' })).toEqual({ posts: exactly(1), comments: exactly(3) })
    expect(price({ state: 'closed' })).toEqual({ posts: exactly(1) })
    expect(costsOf([ofPost(id)]).comments).toEqual({ low: 0, likely: 1, high: 2 })
  })

  test('share calls where the user limits posts too, and are priced as what is left', () => {
    const known = month.slice(0, 3).map(id => ofPost(id, stored))
    expect(costsOf(known, { limitPosts: 5 })).toEqual({ posts: exactly(1) })
    const rest = { ...windows(1), stream: 'named' }
    expect(costsOf(known.map(one => ({ ...one, remaining: [rest] })))).toEqual({ posts: exactly(1) })
    const talk = { ...windows(1), stream: 'comments', declared: 150 }
    expect(costsOf(known.map(one => ({ ...one, remaining: [talk] })))).toEqual({ comments: exactly(6) })
  })

  test('of a token are twenty in a call', () => {
    const price = ownPricing.open(EVERYTHING, ownPricing.assumed, NOW)
    for (const id of month.slice(0, 41)) price.add(ofPost(id))
    expect(price.costs()).toEqual([
      { kind: 'posts', pool: 'video.query', calls: exactly(3) },
      { kind: 'posts', pool: 'user.info', calls: exactly(1) },
    ])
  })
})

describe('a hashtag', () => {
  const NOTHING = left('', []).posts
  const callsOf = (part: Partial<ProfileFacts>, bounds: Partial<typeof EVERYTHING> = {}) => {
    const params = { ...EVERYTHING, kinds: ['profile', 'posts'] as const, ...bounds }
    const price = researchPricing.open(params, researchPricing.assumed, NOW)
    price.add({ ...ofPost('1'), entityId: 'tag:bread', ...part })
    return price.costs().map(({ kind, pool, calls }) => [kind, pool, calls.low, calls.likely, calls.high])
  }

  test('is a call for its last thirty days, and one for each further hundred videos that may come', () => {
    expect(callsOf({})).toEqual([['posts', 'main', 1, 3, 51]])
    expect(callsOf({}, { since: '2025-03-01T00:00:00.000Z' })).toEqual([['posts', 'main', 13, 15, 63]])
    expect(callsOf({}, { limitPosts: 50 })).toEqual([['posts', 'main', 1, 1, 1]])
  })

  test('that is known is a call for each hundred that came of each window', () => {
    const posts = { ...NOTHING, count: 700, recent: 250, byAge: [350, 0, 120] }
    expect(callsOf({ stored: true, posts })).toEqual([['posts', 'main', 1, 4, 4]])
    const since = '2025-12-15T00:00:00.000Z'
    expect(callsOf({ stored: true, posts }, { since })).toEqual([['posts', 'main', 3, 7, 7]])
    const night = { stored: true, posts, from: '2026-02-15T00:00:00.000Z' } as const
    expect(callsOf(night, { since })).toEqual([['posts', 'main', 1, 3, 3]])
  })
})
