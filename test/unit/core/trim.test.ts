import { describe, expect, test } from 'vitest'
import type { SocialRecord } from '../../../src/core/records.ts'
import { type Child, type Page, page } from '../../../src/core/stream.ts'
import { type TrimLimits, trim } from '../../../src/core/trim.ts'
import { fc } from '../../support/fc.ts'

const post = (id: string): SocialRecord => ({ type: 'post', id, profileId: 'p' })
const media = (postId: string): SocialRecord => ({
  type: 'media',
  postId,
  position: 0,
  id: `${postId}:0`,
  kind: 'photo',
})
const comment = (id: string, postId: string): SocialRecord => ({
  type: 'comment',
  id,
  postId,
  parentId: null,
})
const child = (externalId: string, part: Partial<Child> = {}): Child => ({
  stream: 'comments',
  externalId,
  next: 'start',
  ...part,
})

const limits = (room: number | null, perPost: number | null = null): TrimLimits => ({
  room,
  perPost,
  kindOf: stream => (stream === 'insights' ? 'posts' : 'comments'),
})
/** Ids of what is left: posts and comments by their own, media by that of the post. */
const left = ({ records }: Page): readonly string[] =>
  records.map(record =>
    record.type === 'media' ? `media of ${record.postId}` : 'id' in record ? record.id : '',
  )

const POSTS = page({
  records: [post('1'), media('1'), comment('1a', '1'), post('2'), media('2'), comment('2a', '2'), post('3')],
  children: [child('1'), child('2'), child('2a', { postId: '2', stream: 'replies' }), child('3')],
  next: 'more',
})

describe('room', () => {
  test.each([
    [null, 7, 4],
    [3, 7, 4],
    [2, 6, 3],
    [1, 3, 1],
    [0, 0, 0],
  ])('of %s posts: what hangs on a post that is cut goes with it', (room, records, children) => {
    const trimmed = trim(POSTS, 'posts', limits(room))
    expect([trimmed.records.length, trimmed.children.length]).toEqual([records, children])
    expect(trimmed.next).toBe('more')
    expect(trimmed.reason).toBeNull()
  })

  test('on the last page of a list: the cut is the limit of the user', () => {
    const last = { ...POSTS, next: null }
    expect(trim(last, 'posts', limits(2)).reason).toBe('limited')
    expect(trim(last, 'posts', limits(3)).reason).toBeNull()
    expect(trim({ ...last, reason: 'capped' }, 'posts', limits(3)).reason).toBe('capped')
  })

  test('of comments: their posts stay', () => {
    const comments = page({
      records: [post('1'), comment('a', '1'), comment('b', '1')],
      children: [child('b')],
    })
    const trimmed = trim(comments, 'comments', limits(1))
    expect(left(trimmed)).toEqual(['1', 'a'])
    expect(trimmed.children).toEqual([])
  })
})

describe('comments that come with their posts', () => {
  const inline = page({
    records: [post('1'), comment('a', '1'), comment('b', '1'), post('2'), comment('c', '2')],
    children: [
      child('1', { next: 'more' }),
      child('2', { next: 'more' }),
      child('1', { stream: 'insights' }),
      child('b', { stream: 'replies', postId: '1' }),
    ],
  })

  test('no more of them than are wanted on each, and none are looked for where there are as many', () => {
    const trimmed = trim(inline, 'posts', limits(null, 1))
    expect(left(trimmed)).toEqual(['1', 'a', '2', 'c'])
    expect(trimmed.children).toEqual([
      child('1', { next: null, reason: 'limited' }),
      child('2', { next: null, reason: 'limited' }),
      child('1', { stream: 'insights' }),
    ])
  })

  test('where there are fewer, more are looked for', () => {
    const trimmed = trim(inline, 'posts', limits(null, 2))
    expect(left(trimmed)).toEqual(left(inline))
    expect(trimmed.children.map(({ next }) => next)).toEqual([null, 'more', 'start', null])
  })

  test('a walk over comments has its own limit', () => {
    expect(trim(inline, 'comments', limits(null, 1))).toBe(inline)
  })
})

test('what is left is as many as are wanted, the first ones, and nothing hangs on what is gone', () => {
  const record = fc.oneof(
    fc.nat(9).map(id => post(String(id))),
    fc.nat(9).map(id => media(String(id))),
    fc.tuple(fc.nat(99), fc.nat(9)).map(([id, on]) => comment(`c${id}`, String(on))),
  )
  const records = fc.uniqueArray(record, { selector: one => JSON.stringify(one) })
  fc.assert(
    fc.property(records, fc.nat(10), (all, room) => {
      // A network tells a post before what hangs on it.
      const told = all.toSorted((a, b) => Number(b.type === 'post') - Number(a.type === 'post'))
      const posts = told.filter(({ type }) => type === 'post')
      const trimmed = trim(page({ records: told }), 'posts', limits(room))
      const kept = trimmed.records.filter(({ type }) => type === 'post')
      expect(kept).toEqual(posts.slice(0, room))
      const gone = new Set(posts.slice(room).map(one => one.type === 'post' && one.id))
      expect(trimmed.records.filter(one => 'postId' in one && gone.has(one.postId))).toEqual([])
    }),
  )
})
