import { describe, expect, test } from 'vitest'
import { instant } from '../../../src/core/instant.ts'
import type { Params } from '../../../src/core/params.ts'
import type { IncrementalPolicy } from '../../../src/core/stream.ts'
import { moved, movesWatermark, startOf, type Watermark } from '../../../src/core/watermark.ts'
import { fc } from '../../support/fc.ts'
import { EVERYTHING } from '../../support/params.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 9, 1, 12)
const ago = (days: number): string => instant(NOW - days * DAY)
const POLICY: IncrementalPolicy = {
  overlapMs: 2 * DAY,
  lookbackMs: 7 * DAY,
  lagMs: DAY,
  absence: { walks: 1, overMs: 0 },
}
const MONTH = 30 * DAY

/** Of a first whole sync so many days ago, read again since. */
const mark = (part: Partial<Watermark> = {}): Watermark => ({
  from: null,
  to: ago(1),
  lastFullAt: ago(10),
  replies: null,
  ...part,
})
const COVERED = { posts: mark(), comments: mark({ replies: 'full' }) }
const start = (
  marks: Parameters<typeof startOf>[0],
  params: Partial<Params> = {},
  fullEveryMs = MONTH,
): string | null => startOf(marks, { ...EVERYTHING, ...params }, POLICY, fullEveryMs, NOW)

describe('where a job starts', () => {
  test.each<[string, string | null, string | null]>([
    ['all that is young is looked at again', start(COVERED), ago(7)],
    [
      'the watermark less the overlap, where that is older',
      start({ ...COVERED, posts: mark({ to: ago(6) }) }),
      ago(8),
    ],
    [
      'the older of two watermarks',
      start({ ...COVERED, comments: mark({ to: ago(9), replies: 'full' }) }),
      ago(11),
    ],
    ['as far back as the user says', start(COVERED, { lookbackMs: 20 * DAY }), ago(20)],
    ['no look-back: the overlap remains', start(COVERED, { lookbackMs: 0 }), ago(3)],
    ['where the user begins, if that is younger', start(COVERED, { since: ago(4) }), ago(4)],
    ['where the user begins, if that is older: the watermark', start(COVERED, { since: ago(90) }), ago(7)],
    [
      'a comment is not wanted: its watermark does not count',
      start({ posts: mark() }, { kinds: ['posts'] }),
      ago(7),
    ],
  ])('%s', (_, from, expected) => {
    expect(from).toBe(expected)
  })
})

describe('a job reads all', () => {
  const bounded = { ...COVERED, posts: mark({ from: ago(60) }) }
  test.each([
    ['the first time', start({})],
    ['where comments were not wanted before', start({ posts: mark() })],
    [
      'where the last full pass lies a month back',
      start({ ...COVERED, posts: mark({ lastFullAt: ago(30) }) }),
    ],
    ['half a day sooner, as cron goes', start({ ...COVERED, posts: mark({ lastFullAt: ago(29.5) }) })],
    ['where more is wanted than is covered', start(bounded)],
    ['where the user begins before what is covered', start(bounded, { since: ago(61) })],
    ['where deeper replies are wanted', start({ ...COVERED, comments: mark({ replies: 'inline' }) })],
    ['with an end', start(COVERED, { until: ago(0) })],
    ['from an id', start(COVERED, { sinceId: '1' })],
    ['to an id', start(COVERED, { untilId: '1' })],
    ['where no posts are wanted', start(COVERED, { kinds: ['profile'] })],
  ])('%s', (_, from) => {
    expect(from).toBeNull()
  })

  test('and not a little sooner, nor where it begins within what is covered, or wants flatter replies', () => {
    expect(start({ ...COVERED, posts: mark({ lastFullAt: ago(29.4) }) })).toBe(ago(7))
    expect(start(bounded, { since: ago(60) })).toBe(ago(7))
    expect(start(COVERED, { replies: 'none' })).toBe(ago(7))
  })

  test('a quarter of it sooner where it is short: each day, six hours', () => {
    const at = (hours: number) => {
      const part = { lastFullAt: ago(hours / 24) }
      return start({ posts: mark(part), comments: mark({ ...part, replies: 'full' }) }, {}, DAY)
    }
    expect([at(17.9), at(18)]).toEqual([ago(7), null])
  })

  test('each time where full passes are wanted each time', () => {
    expect(start({ ...COVERED, posts: mark({ lastFullAt: ago(0) }) }, {}, 0)).toBeNull()
  })
})

test.each([
  [{}, true],
  [{ since: ago(3) }, true],
  [{ limitPosts: 3 }, true],
  [{ until: ago(3) }, false],
  [{ sinceId: '1' }, false],
  [{ untilId: '1' }, false],
])('a finished walk with %o moves the watermark: %s', (params, moves) => {
  expect(movesWatermark({ ...EVERYTHING, ...params })).toBe(moves)
})

describe('the watermarks after a list was read', () => {
  const startedAt = ago(0)
  const to = ago(1)
  const full = { from: null, to, lastFullAt: startedAt, replies: null }

  test('to its beginning: that is a full pass, up to the lag of the network', () => {
    expect(moved({}, EVERYTHING, { from: null, startedAt }, DAY)).toEqual({
      posts: full,
      comments: { ...full, replies: 'full' },
    })
  })

  test('to where the user begins', () => {
    const params = { ...EVERYTHING, since: ago(60) }
    expect(moved(COVERED, params, { from: null, startedAt }, DAY).posts).toEqual({ ...full, from: ago(60) })
  })

  test('to the last watermark: the end moves, the full pass stays', () => {
    const before = { posts: mark({ to: ago(3) }), comments: mark({ to: ago(3), replies: 'full' }) }
    expect(moved(before, EVERYTHING, { from: ago(7), startedAt }, DAY)).toEqual({
      posts: mark({ to }),
      comments: mark({ to, replies: 'full' }),
    })
  })

  test('without comments: theirs stays', () => {
    const before = { posts: mark({ to: ago(3) }), comments: mark({ to: ago(3), replies: 'full' }) }
    const params: Params = { ...EVERYTHING, kinds: ['profile', 'posts'] }
    const after = moved(before, params, { from: ago(7), startedAt }, DAY)
    expect(after).toEqual({ posts: mark({ to }), comments: before.comments })
  })

  test('it never goes back, whatever the clock says', () => {
    const days = fc.integer({ min: -100, max: 100 })
    fc.assert(
      fc.property(days, days, fc.nat(10), (last, began, lag) => {
        const before = { posts: mark({ to: ago(last) }) }
        const params: Params = { ...EVERYTHING, kinds: ['posts'] }
        const after = moved(before, params, { from: ago(last + 2), startedAt: ago(began) }, lag * DAY)
        expect((after.posts?.to ?? '') >= before.posts.to).toBe(true)
      }),
    )
  })

  test('a night that follows on a full pass begins at or before its end: nothing falls between them', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 29, noNaN: true }), fc.nat(10), (days, lag) => {
        const walk = { from: null, startedAt: ago(days) }
        const marks = moved({}, EVERYTHING, walk, lag * DAY)
        const from = startOf(marks, EVERYTHING, POLICY, MONTH, NOW)
        expect(from !== null && from <= (marks.posts?.to ?? '')).toBe(true)
      }),
    )
  })
})
