import { describe, expect, test } from 'vitest'
import type { Params } from '../../../../src/core/params.ts'
import type { ProfileFacts } from '../../../../src/core/price.ts'
import { youtubePricing } from '../../../../src/networks/youtube/price.ts'
import { NOTHING_KNOWN } from '../../../support/known.ts'
import { NOON, params } from './harness.ts'

const key = (n: number): string => `playlist:PL${String(n).padStart(32, '0')}`

/** Units of all kinds together, of playlists with these facts. */
const priced = (facts: readonly Partial<ProfileFacts>[], kinds: ReturnType<typeof params>['kinds']) => {
  const { assumed } = youtubePricing
  const opened = youtubePricing.open(params({ kinds }), assumed, new Date(NOON).toISOString())
  for (const [n, known] of facts.entries()) opened.add({ ...NOTHING_KNOWN, entityId: key(n), ...known })
  return opened.costs().reduce(
    (sum, { calls }) => ({
      low: sum.low + calls.low,
      likely: sum.likely + calls.likely,
      high: sum.high + calls.high,
    }),
    { low: 0, likely: 0, high: 0 },
  )
}

describe('the price of playlists', () => {
  test('is 50 of them in a call, where nothing else is wanted', () => {
    expect(priced(new Array(51).fill({}), ['profile'])).toEqual({ low: 2, likely: 2, high: 2 })
  })

  test('is by the page: its items, their videos, and at most their channels', () => {
    const one = priced([{ postsCount: 120 }], ['profile', 'posts'])
    // Of the playlist one; three pages, for each at most a call for videos and one for channels.
    expect(one).toEqual({ low: 1 + 3, likely: 1 + 3 + 3 + 2, high: 1 + 3 + 3 + 3 })
    expect(priced([{ postsCount: 0 }], ['profile', 'posts'])).toEqual({ low: 2, likely: 2, high: 2 })
  })

  test('of unknown size is assumed', () => {
    const { low, likely, high } = priced([{}], ['profile', 'posts'])
    expect([low, likely, high]).toEqual([1 + 1, 1 + 1 + 1 + 1, 1 + 100 * 3])
  })

  test('of one that was not there is a call more, and nothing else', () => {
    expect(priced([{ gone: true }], ['profile', 'posts', 'comments'])).toEqual({ low: 2, likely: 2, high: 2 })
  })

  test('goes by what moved where its posts are stored', () => {
    const stats = { posts: 3, declared: 10, settled: true, threads: 10, replyCalls: 0, more: 0 } as const
    const known = { postsCount: 3, whole: true }
    const quiet = { ...known, comments: [{ ...stats, state: 'known' }] } as const
    const moved = { ...known, comments: [{ ...stats, state: 'moved', more: 1 }] } as const
    const kinds = ['profile', 'posts', 'comments'] as const
    const base = priced([quiet], ['profile', 'posts'])
    expect(priced([quiet], kinds)).toEqual(base)
    // What was read and is not stored cannot be seen: of more than that nothing speaks.
    const hidden = { ...quiet, postsCount: 5, whole: false }
    expect(priced([hidden], kinds).likely).toBe(priced([hidden], ['profile', 'posts']).likely)
    // A call for the new comments of each, and at times one for their replies.
    expect(Math.round(priced([moved], kinds).likely)).toBe(base.likely + 3)
  })
})

describe('the price of what a channel shows beside its uploads', () => {
  const CHANNEL = 'UCnorthPierChannel0001-w'
  const callsOf = (lists: Params['lists'], known: Partial<ProfileFacts>, kinds: Params['kinds']) => {
    const { assumed } = youtubePricing
    const opened = youtubePricing.open(params({ kinds, lists }), assumed, new Date(NOON).toISOString())
    opened.add({ ...NOTHING_KNOWN, entityId: CHANNEL, stored: true, ...known })
    return Object.fromEntries(opened.costs().map(({ kind, pool, calls }) => [`${kind} ${pool}`, calls]))
  }
  const POSTS = ['profile', 'posts'] as const
  const more = (lists: Params['lists'], known: Partial<ProfileFacts>, cost: string): number =>
    (callsOf(lists, known, POSTS)[cost]?.likely ?? 0) - (callsOf([], known, POSTS)[cost]?.likely ?? 0)

  test('is a call for 50 playlists and, where all is read, those for their items', () => {
    const known = { postsCount: 10, playlists: [120, 53, 0] }
    expect(more(['playlists'], known, 'profile default')).toBe(1)
    // Five pages, what they hold of other channels, and half as often these channels.
    expect(more(['playlists'], known, 'posts default')).toBe(5 + 5 + 3)
    expect(more(['playlists'], { ...known, playlists: [] }, 'posts default')).toBe(0)
    const night = { ...known, from: new Date(NOON - 86_400_000).toISOString() }
    expect(more(['playlists'], night, 'profile default')).toBe(1)
    expect(more(['playlists'], night, 'posts default')).toBe(0)
  })

  test('is assumed where they were never asked for', () => {
    expect(more(['playlists'], { postsCount: 10, playlists: null }, 'posts default')).toBeGreaterThan(0)
  })

  test('is a search for 49 videos beyond the newest 20,000, at a whole reading alone', () => {
    const known = { postsCount: 20_490 }
    expect(more(['older'], known, 'posts search')).toBe(10 + 1)
    expect(more(['older'], known, 'posts default')).toBe(10)
    expect(more(['older'], { postsCount: 20_000 }, 'posts search')).toBe(0)
    const night = { ...known, from: new Date(NOON - 86_400_000).toISOString() }
    expect(more(['older'], night, 'posts search')).toBe(0)
  })
})
