import { describe, expect, test } from 'vitest'
import { type Page, page } from '../../../src/core/stream.ts'
import {
  lengthen,
  limitOf,
  NO_STREAK,
  type PageFacts,
  type Streak,
  verdict,
} from '../../../src/core/verdict.ts'
import { fc } from '../../support/fc.ts'
import { EVERYTHING } from '../../support/params.ts'

const MORE = page({ next: 'more' })
const BROUGHT: PageFacts = {
  items: 50,
  unseen: 50,
  cursorSeen: false,
  rejected: 0,
  lost: 0,
  emptiness: null,
  allKnownAndOld: false,
}
const STALE: PageFacts = { ...BROUGHT, unseen: 0 }
const EMPTY: PageFacts = { ...BROUGHT, items: 0, unseen: 0 }

/** The streak after these pages. */
const streakOf = (...pages: readonly (readonly [Page, PageFacts])[]): Streak =>
  pages.reduce((streak, [page, facts]) => lengthen(streak, page, facts), NO_STREAK)
const times = (count: number, facts: PageFacts, one: Page = MORE) =>
  Array.from({ length: count }, () => [one, facts] as const)

describe('lengthen', () => {
  test.each([
    ['items that were not seen before', times(2, BROUGHT), { stale: 0, empty: 0, brought: 100 }],
    ['pages without anything new', times(2, STALE), { stale: 2, empty: 0, brought: 0 }],
    ['something new ends that', [...times(2, STALE), ...times(1, BROUGHT)], { stale: 0, brought: 50 }],
    ['an empty page does not', [...times(2, STALE), ...times(1, EMPTY)], { stale: 2, empty: 1 }],
    ['empty pages', times(4, EMPTY), { empty: 4, stale: 0 }],
    [
      'items end empty pages, known ones too',
      [...times(4, EMPTY), ...times(1, STALE)],
      { empty: 0, stale: 1 },
    ],
    [
      'empty pages count within one window',
      [...times(4, EMPTY, page({ window: 'may' })), ...times(2, EMPTY, page({ window: 'june' }))],
      { empty: 2, window: 'june' },
    ],
  ])('%s', (_, pages, expected) => {
    expect(streakOf(...pages)).toMatchObject(expected)
  })

  test('counts items that could not be read, and those that were not met before', () => {
    const spoiled = { ...BROUGHT, rejected: 2, lost: 1 }
    expect(streakOf([MORE, spoiled], [MORE, spoiled])).toMatchObject({ rejected: 4, lost: 2 })
  })
})

describe('verdict', () => {
  const END = { goOn: false, status: 'succeeded', reason: null, whole: true, caughtUp: true }
  const CUT = { ...END, whole: false, caughtUp: false }
  const LOOP = { ...CUT, status: 'partial', reason: 'loop' }
  const fresh = (part: Partial<Streak>): Streak => ({ ...NO_STREAK, ...part })

  test.each([
    ['there is more', MORE, BROUGHT, NO_STREAK, null, { goOn: true }],
    ['the last page', page({}), BROUGHT, NO_STREAK, null, END],
    ['an empty list', page({}), EMPTY, NO_STREAK, null, END],
    [
      'the network shows no more: all of it that can be had',
      page({ reason: 'capped' }),
      BROUGHT,
      NO_STREAK,
      null,
      { ...END, reason: 'capped', whole: false },
    ],
    [
      'the network broke off: more can be had',
      page({ reason: 'truncated' }),
      BROUGHT,
      NO_STREAK,
      null,
      { ...CUT, status: 'partial', reason: 'truncated' },
    ],
    [
      'the last page was cut by the limit of the user',
      page({ reason: 'limited' }),
      BROUGHT,
      NO_STREAK,
      50,
      { ...CUT, reason: 'limited' },
    ],
    ['the limit is reached', MORE, BROUGHT, NO_STREAK, 50, { ...CUT, reason: 'limited' }],
    ['the limit is nearly reached', MORE, BROUGHT, NO_STREAK, 51, { goOn: true }],
    ['a limit of none', MORE, EMPTY, NO_STREAK, 0, { ...CUT, reason: 'limited' }],
    [
      'all is known and old',
      MORE,
      { ...STALE, allKnownAndOld: true },
      fresh({ stale: 9 }),
      null,
      { ...CUT, caughtUp: true },
    ],
    ['a cursor that was used before', MORE, { ...BROUGHT, cursorSeen: true }, NO_STREAK, null, LOOP],
    ['two pages without anything new', MORE, STALE, fresh({ stale: 2 }), null, { goOn: true }],
    ['three of them', MORE, STALE, fresh({ stale: 3 }), null, LOOP],
    ['nine empty pages', MORE, EMPTY, fresh({ empty: 9 }), null, { goOn: true }],
    ['ten of them', MORE, EMPTY, fresh({ empty: 10 }), null, LOOP],
    ['three without anything new, and the last', page({}), STALE, fresh({ stale: 3 }), null, END],
  ] as const)('%s', (_, page, facts, streak, room, expected) => {
    expect(verdict(page, facts, streak, room)).toEqual(expected)
  })
})

test('a network that never brings anything new is given up, whatever it answers', () => {
  const answer = fc.record({ items: fc.nat(3), window: fc.constantFrom('may', 'june') })
  fc.assert(
    fc.property(fc.array(answer, { minLength: 60, maxLength: 60 }), answers => {
      let streak = NO_STREAK
      // Windows come one after the other, and none twice.
      for (const { items, window } of answers.toSorted((a, b) => (a.window < b.window ? -1 : 1))) {
        const one = page({ next: 'more', window })
        const facts = { ...STALE, items }
        streak = lengthen(streak, one, facts)
        if (!verdict(one, facts, streak, null).goOn) return true
      }
      return false
    }),
  )
})

test('the limit of posts is for posts, that of comments for comments', () => {
  const params = { ...EVERYTHING, limitPosts: 3, limitComments: 5 }
  expect(['profile', 'posts', 'comments', 'likes'].map(kind => limitOf(kind, params))).toEqual([
    null,
    3,
    5,
    null,
  ])
})
