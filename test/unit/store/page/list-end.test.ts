import { describe, expect, test } from 'vitest'
import type { Page } from '../../../../src/core/stream.ts'
import { perTest } from '../../../support/fresh.ts'
import { day, type Night, openScripted, PROFILE, postsPage } from '../../../support/scripted.ts'

const file = perTest(openScripted)

const read = (posts: readonly Page[], night: Omit<Night, 'pages'> = {}): Promise<readonly string[]> =>
  file().read({ pages: { profile: [PROFILE], posts, 'look-up': [postsPage({})] }, ...night })
const marks = () => JSON.parse(String(file().rows('select watermarks from entities')[0]?.watermarks))
const missing = () =>
  file().rows('select id, missing_since as at from posts where missing_since is not null order by id')

/** What the first night brings: posts of one, five and sixty days. */
const FIRST = [postsPage({ c: 1, b: 5 }, { next: 2 }), postsPage({ a: 60 })]

test('a list of posts that was read whole moves the watermarks, less the lag of the network', async () => {
  expect(await read(FIRST, { policy: { lagMs: 3_600_000 } })).toEqual(['profile', 'posts'])
  const mark = { from: null, to: '2026-03-01T11:00:00.000Z', last_full_at: day(0) }
  expect(marks()).toEqual({ posts: { ...mark, replies: null }, comments: { ...mark, replies: 'full' } })
  const [job] = file().rows('select cursor from sync_jobs')
  expect(JSON.parse(String(job?.cursor)).watermark).toEqual({ from: null, reached: mark.to })
})

describe('the second night brings c alone', () => {
  const ONE = postsPage({ c: 1 })
  test.each<[string, readonly Page[], Omit<Night, 'pages'>, string, readonly string[]]>([
    ['to the end of the list: the others are missing', [ONE], {}, day(1), ['a', 'b']],
    ['on several pages', [{ ...ONE, next: 2 }, postsPage({})], {}, day(1), ['a', 'b']],
    ['as far as the network shows', [{ ...ONE, reason: 'capped' }], {}, day(1), []],
    ['as far as the network shows, which says how far', [{ ...ONE, reached: day(-30) }], {}, day(1), ['b']],
    ['broken off by the network', [{ ...ONE, reason: 'truncated' }], {}, day(0), []],
    [
      'cut by the limit of the user',
      [{ ...ONE, reason: 'limited' }],
      { params: { limitPosts: 1 } },
      day(0),
      [],
    ],
    ['from where the user begins', [ONE], { params: { since: day(-30) } }, day(1), ['b']],
    ['to an end of the user', [ONE], { params: { until: day(0) } }, day(0), []],
    ['from an id', [ONE], { params: { sinceId: 'a' } }, day(0), []],
    ['to an id', [ONE], { params: { untilId: 'd' } }, day(0), []],
    [
      'and something that could not be read',
      [{ ...ONE, rejects: [{ item: true, path: '$', reason: 'no id', value: null }] }],
      {},
      day(1),
      [],
    ],
    [
      'and the others without a word on them: they are there',
      [{ ...ONE, listed: ['a', 'b'] }],
      {},
      day(1),
      [],
    ],
  ])('%s', async (_, pages, night, to, gone) => {
    await read(FIRST)
    await read(pages, night)
    expect(marks().posts).toMatchObject({ to })
    expect(missing()).toEqual(gone.map(id => ({ id, at: day(1) })))
  })

  test('in a circle: nothing is known of the end', async () => {
    await read(FIRST)
    await read([1, 2, 3, 4].map(next => postsPage({}, { ...ONE, next })))
    expect(file().rows('select status, error_type from sync_jobs where id = 2')).toEqual([
      { status: 'partial', error_type: 'loop' },
    ])
    expect(marks().posts).toMatchObject({ to: day(0) })
    expect(missing()).toEqual([])
  })
})

test('what is back is not missing, and when it was is kept', async () => {
  await read(FIRST)
  await read([postsPage({ c: 1 })])
  await read(FIRST)
  expect(missing()).toEqual([])
  expect(
    file().rows(`select subject_id, text from revisions where field = 'missing_since' order by 1`),
  ).toEqual(['a', 'b'].map(subject_id => ({ subject_id, text: day(1) })))
})

describe('a network that can be asked by id', () => {
  test('is asked about what a whole walk did not bring: nothing is missing by itself', async () => {
    const asks = { asks: 'absent' } as const
    expect(await read(FIRST, asks)).toEqual(['profile', 'posts'])
    expect(await read([postsPage({ c: 1 })], asks)).toEqual(['profile', 'posts', 'look-up'])
    expect(missing()).toEqual([])
    expect(await read(FIRST, asks)).toEqual(['profile', 'posts'])
  })

  test('is asked about all that an incremental walk did not bring, if it tells counters so', async () => {
    const asks = { asks: 'stale' } as const
    expect(await read(FIRST, asks)).toEqual(['profile', 'posts'])
    const known = postsPage({ c: 1, b: 5 }, { next: 2, tail: day(-5) })
    expect(await read([known], asks)).toEqual(['profile', 'posts', 'look-up'])
    expect(await read(FIRST, asks)).toEqual(['profile', 'posts'])
  })

  test('is not asked where the user wants so many posts', async () => {
    const few = { asks: 'stale', params: { limitPosts: 9 } } as const
    await read(FIRST)
    expect(await read([postsPage({ c: 1 })], few)).toEqual(['profile', 'posts'])
  })
})
