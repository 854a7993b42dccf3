import { describe, expect, test } from 'vitest'
import type { Json } from '../../../../../src/core/json.ts'
import type { CommentRecord } from '../../../../../src/core/records.ts'
import { learnedOf } from '../../../../../src/networks/evidence.ts'
import { count, settle } from '../../../../../src/networks/tiktok/streams/tally.ts'
import { EVERYTHING } from '../../../../support/params.ts'
import { stillClock } from '../../../../support/still-clock.ts'
import { fixture, type OpenedTiktok, ok, openTiktok, refusal, serve, task, walk } from '../harness.ts'

const VIDEO = '7391112223334445557'
const COMMENTS = task('comments', VIDEO, { kind: 'comments', profileId: 'ada.bakes', postId: VIDEO })
const INVALID = refusal(400, 'invalid_params', 'Invalid count or cursor')

const list = () =>
  serve(({ body }) =>
    fixture(body.comment_id ? 'replies' : body.cursor === undefined ? 'comments-1' : 'comments-2'),
  )

describe('comments of a video', () => {
  test('replies are told from top level, and read apart only where the list did not bring them', async () => {
    await using server = await list()
    await using opened = openTiktok(server.origin)
    const { records, children, end } = await walk(opened, [COMMENTS])
    expect(records).toHaveLength(7)
    expect(records[0]).toEqual({
      type: 'comment',
      id: '7391200000000000123',
      postId: VIDEO,
      parentId: null,
      authorId: null,
      authorName: null,
      content: 'call 40******30',
      likeCount: 314,
      replyCount: 2,
      createdAt: '2026-02-12T12:04:14.000Z',
      extra: null,
    })
    expect(records[1]).toMatchObject({ parentId: '7391200000000000123' })
    expect(records[3]).toMatchObject({ content: '', parentId: null })
    expect(records[6]).toMatchObject({ likeCount: null })
    expect(children).toEqual([
      {
        stream: 'replies',
        externalId: '7391200000000000127',
        postId: VIDEO,
        profileId: 'ada.bakes',
        next: 'start',
        declared: 3,
      },
    ])
    expect(end).toBeNull()
    expect(server.calls.map(({ body }) => body)).toEqual([
      { video_id: VIDEO, max_count: 100 },
      { video_id: VIDEO, max_count: 100, cursor: 4 },
    ])
  })

  test.each([
    ['none', 4],
    ['inline', 7],
  ] as const)('--replies %s opens no walk', async (replies, rows) => {
    await using server = await list()
    await using opened = openTiktok(server.origin)
    const { records, children, cursors } = await walk(opened, [COMMENTS], { replies })
    expect(records).toHaveLength(rows)
    expect(children).toEqual([])
    expect(cursors).toEqual([{ index: 4, tally: {} }])
  })

  test('replies by their comment: the video and the parent are known from the question', async () => {
    await using server = await list()
    await using opened = openTiktok(server.origin)
    const { records } = await walk(opened, [task('replies', '7391200000000000127', { postId: VIDEO })])
    const links = records.map(record => record.type === 'comment' && [record.postId, record.parentId])
    expect(links).toEqual(Array(3).fill([VIDEO, '7391200000000000127']))
    expect(server.calls[0]?.body).toEqual({ comment_id: '7391200000000000127', max_count: 100 })
  })

  test.each(['refused', 'ended'])(
    'a cap of 1,000 (%s there) is capped, and what is owed is still read',
    async how => {
      await using server = await serve(({ body }) => {
        const cursor = Number(body.cursor ?? 0)
        if (cursor + Number(body.max_count) > 1000) return INVALID
        // Pages run short: 90 of 100.
        const next = Math.min(1000, cursor + 90)
        const more = how === 'refused' || next < 1000
        const rows = `{"id":${7391200000000000}${1000 + cursor},"parent_comment_id":${VIDEO},"reply_count":1}`
        return ok(`{"comments":[${rows}],"cursor":${next},"has_more":${more}}`)
      })
      await using opened = openTiktok(server.origin)
      const { end, children } = await walk(opened, [{ ...COMMENTS, declared: 1300 }])
      expect(end).toBe('capped')
      expect(children).toHaveLength(12)
      expect(server.calls).toHaveLength(how === 'refused' ? 13 : 12)
    },
  )

  test('an invalid place before the cap is waited out', async () => {
    await using server = await serve((_, nth) => (nth < 4 ? INVALID : fixture('comments-2')))
    await using opened = openTiktok(server.origin)
    expect((await walk(opened, [COMMENTS])).end).toBeNull()
    expect(server.calls).toHaveLength(4)
  })

  test.each([
    ['has_more without a place', '{"comments":[],"has_more":true}', 'truncated', 1],
    ['a place that does not move', '{"comments":[],"cursor":0,"has_more":true}', 'loop', 2],
    ['no comments at all', '{"has_more":false}', null, 1],
    ['a video that is gone', null, 'not-found', 1],
  ])('%s', async (_, data, end, calls) => {
    await using server = await serve(() =>
      data === null ? refusal(400, 'invalid_params', 'cannot find the video') : ok(data),
    )
    await using opened = openTiktok(server.origin)
    const walked = await walk(opened, [COMMENTS])
    expect(walked.end).toBe(end)
    expect(server.calls).toHaveLength(calls)
  })
})

describe('replies that are not to be had by their comment', () => {
  const REFUSED = refusal(400, 'invalid_params', 'video_id is required')
  const thread = (n: number) => task('replies', `739120000000000012${n}`, { postId: VIDEO })
  const read = (opened: OpenedTiktok, n: number) => walk(opened, [thread(n)])

  test('are asked for once in a run, by whoever comes first, and then given up with the words', async () => {
    await using server = await serve(() => REFUSED)
    await using opened = openTiktok(server.origin)
    const ends = await Promise.all([1, 2, 3, 4].map(n => read(opened, n)))
    expect(ends.map(({ fault }) => fault)).toEqual(
      Array(4).fill({ kind: 'unsupported', code: 'comment_id', reason: 'unsupported-by-network' }),
    )
    expect(server.calls).toHaveLength(1)
    const stream = opened.source.streams.find(({ name }) => name === 'replies')
    const request = { tasks: [thread(5)], cursor: null, params: EVERYTHING, room: null, startedAt: '' }
    await expect(stream?.fetch(request, opened.context())).rejects.toThrow('video_id is required')
  })

  test('after three runs they are not asked for, for thirty days; one that is answered makes all new', async () => {
    const clock = stillClock()
    let isRefused = true
    await using server = await serve(() => (isRefused ? REFUSED : fixture('replies')))
    const memory = new Map<string, Json>()
    const runs = async (n: number): Promise<number> => {
      await using opened = openTiktok(server.origin, { clock, memory })
      server.calls.length = 0
      await read(opened, n)
      return server.calls.length
    }
    expect([await runs(1), await runs(2), await runs(3), await runs(4)]).toEqual([1, 1, 1, 0])
    expect(learnedOf(memory, clock.now())).toMatchObject([
      { account: 'key-of-nobody', fact: 'replies by their comment' },
    ])
    await clock.sleep(30 * 86_400_000)
    isRefused = false
    expect(await runs(4)).toBe(1)
    expect(learnedOf(memory, clock.now())).toEqual([])
  })

  test('one thread that is refused among others says nothing of them', async () => {
    await using server = await serve(({ body }) =>
      body.comment_id === thread(2).externalId
        ? refusal(400, 'invalid_params', 'bad video_id')
        : fixture('replies'),
    )
    await using opened = openTiktok(server.origin)
    expect((await read(opened, 1)).fault).toBeNull()
    expect((await read(opened, 2)).fault).toMatchObject({ kind: 'rejected' })
    expect((await read(opened, 3)).fault).toBeNull()
  })
})

describe('the tally of replies', () => {
  const comment = (id: string, replyCount: number, parentId: string | null = null): CommentRecord => ({
    type: 'comment',
    id,
    postId: VIDEO,
    parentId,
    replyCount,
  })

  test('stays small in a cursor: the oldest are read apart', () => {
    const rows = Array.from({ length: 600 }, (_, n) => comment(`739120000000000${1000 + n}`, 2))
    const { tally, owing } = count({}, rows)
    expect(owing.map(({ id }) => id)).toEqual(rows.slice(0, 100).map(({ id }) => id))
    expect(Object.keys(tally)).toHaveLength(500)
    expect(JSON.stringify(tally).length).toBeLessThan(20_000)
    expect(settle(tally)).toHaveLength(500)
  })

  test('goes through JSON and over pages, in whatever order replies come', () => {
    const first = count({}, [comment('r1', 0, 'c'), comment('d', 1)])
    const second = count(JSON.parse(JSON.stringify(first.tally)), [comment('c', 2), comment('r2', 0, 'c')])
    expect(settle(second.tally)).toEqual([{ id: 'd', declared: 1 }])
  })
})
