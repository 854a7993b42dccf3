import { describe, expect, test } from 'vitest'
import { instant } from '../../../src/core/instant.ts'
import type { Params } from '../../../src/core/params.ts'
import type { IncrementalPolicy } from '../../../src/core/stream.ts'
import {
  coveredSince,
  isWider,
  moved,
  movesWatermark,
  startOf,
  type Watermark,
  type Watermarks,
  wantedOf,
} from '../../../src/core/watermark.ts'
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

describe('what is wanted without a beginning', () => {
  const wanted = (entityId: string, marks: Watermarks, since: string | null = null): string | null =>
    wantedOf(entityId, { ...EVERYTHING, kinds: ['profile', 'posts'], since }, marks).since

  test.each<[string, string | null, string | null]>([
    ['of a profile all', wanted('ada', { posts: mark({ from: ago(90) }) }), null],
    ['of a playlist all', wanted('playlist:1', { posts: mark({ from: ago(90) }) }), null],
    ['of a tag the network’s own reach', wanted('tag:bread', {}), null],
    ['of a tag that is covered no more', wanted('tag:bread', { posts: mark({ from: ago(90) }) }), ago(90)],
    [
      'of a search what the newest full pass read',
      wanted('search:rye', {
        posts: mark({ from: ago(90), older: { before: ago(30), lastFullAt: ago(60), replies: null } }),
      }),
      ago(30),
    ],
    ['what the user names', wanted('tag:bread', { posts: mark({ from: ago(90) }) }, ago(200)), ago(200)],
  ])('%s', (_, since, expected) => expect(since).toBe(expected))
})

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

describe('a job is wider than earlier ones', () => {
  const bounded = { posts: mark({ from: ago(60) }), comments: mark({ from: ago(60), replies: 'full' }) }
  const wider = (marks: Watermarks, params: Partial<Params> = {}, fullEveryMs = MONTH): boolean =>
    isWider(marks, { ...EVERYTHING, ...params }, POLICY, fullEveryMs, NOW)
  const older = { before: ago(20), lastFullAt: ago(40), replies: 'full' } as const

  test.each([
    ['without the bound that they had', wider(bounded), true],
    ['with an earlier one', wider(bounded, { since: ago(61) }), true],
    ['where posts were read further back than comments', wider({ ...bounded, posts: mark() }), true],
    ['with an end', wider(COVERED, { until: ago(0) }), true],
    ['to an id', wider(COVERED, { sinceId: '1' }), true],
    ['not with the same bound', wider(bounded, { since: ago(60) }), false],
    ['not the first time', wider({}), false],
    ['not where comments are wanted for the first time', wider({ posts: mark({ from: ago(60) }) }), false],
    ['not where a full pass is due anyway', wider(bounded, {}, DAY), false],
    [
      'nor where one is of what it reaches',
      wider({ ...bounded, comments: mark({ from: ago(60), replies: 'full', older }) }),
      false,
    ],
    [
      'not where deeper replies are wanted',
      wider({ ...bounded, comments: mark({ from: ago(60), replies: 'none' }) }),
      false,
    ],
  ])('%s: %s', (_, is, expected) => {
    expect(is).toBe(expected)
  })

  test('a pass that is due of older posts alone is due for who reaches them', () => {
    const marks = { posts: mark({ older: { ...older, replies: null } }), comments: mark({ replies: 'full' }) }
    expect(start(marks)).toBeNull()
    expect(start(marks, { since: ago(20) })).toBe(ago(7))
    expect(start(marks, { since: ago(21) })).toBeNull()
  })
})

describe('where --since last begins', () => {
  const since = (posts: string | null, comments?: string | null) => ({
    posts: mark({ from: posts }),
    ...(comments !== undefined && { comments: mark({ from: comments }) }),
  })
  test.each<[string, Watermarks, string | null | undefined]>([
    ['nothing is covered', {}, undefined],
    ['all is', since(null, null), null],
    ['posts from a day on', since(ago(60)), ago(60)],
    ['comments from a later day on than posts', since(null, ago(60)), ago(60)],
    ['posts from a later day on than comments', since(ago(30), ago(60)), ago(30)],
  ])('%s', (_, marks, expected) => {
    expect(coveredSince(marks, EVERYTHING.kinds)).toBe(expected)
  })

  test('comments that are not wanted do not count', () => {
    expect(coveredSince(since(null, ago(60)), ['profile', 'posts'])).toBeNull()
  })

  test('is never below what is covered, whatever runs there were', () => {
    const step = fc.record({
      since: fc.option(fc.integer({ min: 0, max: 400 })),
      comments: fc.boolean(),
      full: fc.boolean(),
      days: fc.integer({ min: 0, max: 40 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), steps => {
        let now = NOW
        let marks: Watermarks = {}
        // What was really read of posts, by the day on which they were made.
        const read = new Set<number>()
        for (const { since: days, comments, full: isFull, days: passed } of steps) {
          now += passed * DAY
          const since = days === null ? null : instant(now - days * DAY)
          const kinds: Params['kinds'] = comments ? ['posts', 'comments'] : ['posts']
          const of = { ...EVERYTHING, kinds, since }
          const how = [marks, of, POLICY, isFull ? 0 : MONTH, now] as const
          const from = startOf(...how)
          const params = isWider(...how) ? ({ ...of, widens: true } as const) : of
          const first = Date.parse(from ?? since ?? instant(NOW - 900 * DAY))
          for (let at = first; at <= now; at += DAY) read.add(Math.floor(at / DAY))
          marks = moved(marks, params, { from, startedAt: instant(now) }, 0)
          const covered = coveredSince(marks, ['posts'])
          const end = Math.floor(Date.parse(marks.posts?.to ?? '') / DAY)
          const begin = Math.floor((covered == null ? NOW - 900 * DAY : Date.parse(covered)) / DAY)
          for (let day = begin; day <= end; day++) expect(read.has(day)).toBe(true)
        }
      }),
    )
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
    const before = { posts: mark({ from: ago(30) }) }
    for (const of of [{}, before])
      expect(moved(of, params, { from: null, startedAt }, DAY).posts).toEqual({ ...full, from: ago(60) })
  })

  test('to where the user begins, within what is covered: that stays, and so does when the rest of it was read', () => {
    const since = ago(60)
    const params = { ...EVERYTHING, since }
    const after = moved(COVERED, params, { from: null, startedAt }, DAY)
    const older = { before: since, lastFullAt: ago(10) }
    expect(after).toEqual({
      posts: { ...full, older: { ...older, replies: null } },
      comments: { ...full, replies: 'full', older: { ...older, replies: 'full' } },
    })
    const again = moved(after, { ...params, since: ago(20) }, { from: null, startedAt: ago(-40) }, DAY)
    expect(again.posts?.older).toEqual({ ...older, before: ago(20), replies: null })
    expect(moved(again, EVERYTHING, { from: null, startedAt }, DAY).posts).toEqual(full)
  })

  test('beyond a time that nobody read: what is covered stays as it was, or is given up by a full pass', () => {
    const since = ago(2)
    const before = { posts: mark({ to: ago(5) }) }
    const params = { ...EVERYTHING, kinds: ['posts'] as const, since }
    expect(moved(before, params, { from: since, startedAt }, DAY)).toEqual(before)
    expect(moved(before, params, { from: null, startedAt }, DAY).posts).toEqual({ ...full, from: since })
  })

  test('further back than before: the comments that were known were not read again, nor deeper', () => {
    const day = ago(60)
    const before = {
      posts: mark({ from: day }),
      comments: mark({
        from: day,
        replies: 'full',
        older: { before: ago(40), lastFullAt: ago(20), replies: 'full' },
      }),
    }
    const params = { ...EVERYTHING, replies: 'inline', widens: true } as const
    expect(moved(before, params, { from: null, startedAt }, DAY)).toEqual({
      posts: full,
      comments: { ...before.comments, from: null, to, replies: 'inline' },
    })
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
