import { describe, expect, test } from 'vitest'
import type { CommentRecord } from '../../../../src/core/records.ts'
import { type Page, page } from '../../../../src/core/stream.ts'
import { perTest } from '../../../support/fresh.ts'
import { commentsOf, DAY_MS, day, openScripted, PROFILE, postsPage } from '../../../support/scripted.ts'

const file = perTest(openScripted)

describe('posts where no look-up confirms it', () => {
  const missing = () =>
    file().rows('select id, missing_since as at from posts where missing_since is not null')
  const read = (posts: Page, absence: { walks: number; overMs: number }) =>
    file().read({ pages: { profile: [PROFILE], posts: [posts] }, policy: { absence } })

  test.each([
    [1, 0, 1],
    [3, 0, 3],
    [1, 2.5, 4],
    [3, 4, 5],
  ])('absent from %i whole walks over %d days: missing on day %i', async (walks, days, since) => {
    const absence = { walks, overMs: days * DAY_MS }
    await read(postsPage({ a: 2, b: 3 }), absence)
    for (let night = 1; night < since; night++) {
      await read(postsPage({ b: 3 }), absence)
      expect(missing()).toEqual([])
    }
    await read(postsPage({ b: 3 }), absence)
    expect(missing()).toEqual([{ id: 'a', at: day(since) }])
  })

  test('one that is back meanwhile is counted anew', async () => {
    const absence = { walks: 2, overMs: 0 }
    for (const ids of [{ a: 2, b: 3 }, { b: 3 }, { a: 2, b: 3 }, { b: 3 }])
      await read(postsPage(ids), absence)
    expect(missing()).toEqual([])
  })

  test('a story is never missing: it was to go', async () => {
    const story = { type: 'post', id: 's', profileId: '1', kind: 'story', createdAt: day(0) } as const
    const first = postsPage({ a: 2 })
    const absence = { walks: 1, overMs: 0 }
    await read({ ...first, records: [...first.records, story] }, absence)
    await read(postsPage({ b: 3 }), absence)
    expect(missing()).toEqual([{ id: 'a', at: day(1) }])
  })
})

describe('comments', () => {
  const comment = (id: string, part: Partial<CommentRecord> = {}): CommentRecord => ({
    type: 'comment',
    id,
    postId: 'a',
    parentId: null,
    ...part,
  })
  const reply = (id: string, parentId: string) => comment(id, { parentId })
  const missing = () =>
    file()
      .rows('select id from comments where missing_since is not null order by id')
      .map(({ id }) => id)
  /** The post `a` with its comments, each page of which is read anew. */
  const read = (comments: Page, rest: Readonly<Record<string, readonly Page[]>> = {}) => {
    const posts = postsPage({ a: 0 }, { children: [commentsOf('a', 9)] })
    return file().read({ pages: { profile: [PROFILE], posts: [posts], comments: [comments], ...rest } })
  }
  const thread = page({ records: [comment('1'), reply('1.1', '1'), reply('1.2', '1'), comment('2')] })

  test.each<[string, Page, readonly string[]]>([
    ['all of them', thread, []],
    ['a thread and its reply alone', page({ records: [comment('1'), reply('1.1', '1')] }), ['1.2', '2']],
    ['the other: replies go with their thread', page({ records: [comment('2')] }), ['1', '1.1', '1.2']],
    [
      'a thread that says that it has more replies than came',
      page({ records: [comment('1', { replyCount: 2 }), reply('1.1', '1'), comment('2')] }),
      [],
    ],
    [
      'a thread whose replies are as many as it says',
      page({ records: [comment('1', { replyCount: 1 }), reply('1.1', '1'), comment('2')] }),
      ['1.2'],
    ],
    ['a part, as much as the network shows', page({ records: [comment('2')], reason: 'capped' }), []],
    ['none, although nine are declared', page({}), []],
  ])('a whole walk brings %s', async (_, second, gone) => {
    await read(thread)
    expect(missing()).toEqual([])
    await read(second)
    expect(missing()).toEqual(gone)
  })

  test('replies with a walk of their own are missing by that alone', async () => {
    const replies = { stream: 'replies', externalId: '1', postId: 'a', next: 'start', declared: 2 } as const
    const top = page({ records: [comment('1', { replyCount: 2 }), comment('2')], children: [replies] })
    const both = page({ records: [reply('1.1', '1'), reply('1.2', '1')] })
    await read(top, { replies: [both] })
    const fewer = { ...top, children: [{ ...replies, declared: 1 }] }
    expect(await read(fewer, { replies: [page({ records: [reply('1.2', '1')] })] })).toContain('replies')
    expect(missing()).toEqual(['1.1'])
  })
})
