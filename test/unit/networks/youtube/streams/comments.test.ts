import { describe, expect, test } from 'vitest'
import type { Comment } from '../../../../../src/networks/youtube/wire.ts'
import { faultOf, fixture, listOf, open, refusal, serve, step } from '../harness.ts'

const VIDEO = 'vidPlain00A'
const PINNED = 'UgzPinnedThread00014AaABAg'

const comments = async (name: 'threads' | 'replies', replies: 'none' | 'inline' | 'full' = 'full') => {
  await using server = await serve(() => ({ body: fixture(name) }))
  const [id, options] = name === 'threads' ? [VIDEO, {}] : [PINNED, { postId: VIDEO }]
  const { page } = await step(open(server.baseUrl), name, [id], { ...options, params: { replies } })
  return { page, query: server.calls[0]?.query }
}

describe('threads', () => {
  test('become comments with the replies that came along', async () => {
    const { page, query } = await comments('threads')
    expect(query).toEqual({
      part: 'snippet,replies',
      videoId: VIDEO,
      order: 'time',
      textFormat: 'plainText',
      maxResults: '100',
    })
    expect(page.records).toEqual([
      {
        type: 'comment',
        id: PINNED,
        postId: VIDEO,
        parentId: null,
        authorId: 'UCviewerChannelNumber1-A',
        authorName: '@viewer',
        content: 'a & b\nc 👋',
        likeCount: 3,
        replyCount: 3,
        createdAt: '2026-02-20T11:02:03.000Z',
        updatedAt: '2026-02-21T01:02:03.000Z',
        extra: { imageUrl: 'https://pictures.example/attached' },
      },
      {
        type: 'comment',
        id: `${PINNED}.9AbCdEfGhIj9KlMnOpQrSt`,
        postId: VIDEO,
        parentId: PINNED,
        authorId: null,
        authorName: '',
        content: 'only displayed',
        likeCount: 0,
        createdAt: '2026-02-20T12:02:03.123Z',
        updatedAt: '2026-02-20T12:02:03.000Z',
        extra: null,
      },
      expect.objectContaining({
        id: `${PINNED}.9AbCdEfGhIj9KlMnOpQrSu`,
        authorId: null,
        authorName: 'Old Name',
      }),
      expect.objectContaining({ id: 'UgiOldThread12gCoAEC', postId: VIDEO, parentId: null, replyCount: 1 }),
      expect.objectContaining({ id: 'UgzQuietThread000014AaABAg', replyCount: 0 }),
    ])
    expect(page.rejects.map(({ path, reason }) => [path, reason])).toEqual([
      ['commentThreads.items[3]', 'no top-level comment'],
    ])
    expect(page.next).toMatchObject({ pageToken: 'Z2V0X25ld2VzdF9maXJzdC0tQ2dnSQ==' })
  })

  test('are followed to the replies that did not come along, as far as the user wants', async () => {
    const of = { stream: 'replies', postId: VIDEO }
    const pinned = { ...of, externalId: PINNED, declared: 3 }
    const old = { ...of, externalId: 'UgiOldThread12gCoAEC', declared: 1 }
    expect((await comments('threads', 'full')).page.children).toEqual([
      { ...pinned, next: 'start' },
      { ...old, next: 'start' },
    ])
    const inline = await comments('threads', 'inline')
    expect(inline.page.children).toEqual([
      { ...pinned, next: null, reason: 'inline' },
      { ...old, next: null, reason: 'inline' },
    ])
    expect(inline.page.records).toHaveLength(5)
    const none = await comments('threads', 'none')
    expect(none.query?.part).toBe('snippet')
    expect(none.page.children).toEqual([])
  })
})

describe('replies', () => {
  test('stand under the video and the comment that their walk is for', async () => {
    const { page, query } = await comments('replies')
    expect(query).toEqual({ part: 'snippet', parentId: PINNED, textFormat: 'plainText', maxResults: '100' })
    expect(page.records).toEqual([
      {
        type: 'comment',
        id: `${PINNED}.9AbCdEfGhIj9KlMnOpQrSv`,
        postId: VIDEO,
        parentId: PINNED,
        authorId: 'UCviewerChannelNumber4-A',
        authorName: '@d',
        content: 'third',
        likeCount: 2,
        createdAt: '2026-02-20T14:02:03.000Z',
        updatedAt: '2026-02-20T14:02:03.000Z',
        extra: null,
      },
    ])
    expect(page).toMatchObject({ next: null, reason: null, children: [], rejects: [] })
  })

  test.each([
    [500, 750, 'capped'],
    [500, 500, null],
    [7, 9, null],
    [7, null, null],
  ])('%i of %s declared end as %s', async (seen, declared, reason) => {
    await using server = await serve(() => ({ body: fixture('replies') }))
    const cursor = { pageToken: 'R0FJ', seen: seen - 1 }
    const { page } = await step(open(server.baseUrl), 'replies', [PINNED], {
      cursor,
      declared,
      postId: VIDEO,
    })
    expect(page.reason).toBe(reason)
  })
})

describe('a page that cannot be processed', () => {
  test('is asked for three times, then the walk may start again', async () => {
    await using server = await serve(() => refusal(400, 'processingFailure', 'youtube.commentThread'))
    const deep = await faultOf(
      step(open(server.baseUrl), 'threads', [VIDEO], { cursor: { pageToken: 'deep', seen: 51_000 } }),
    )
    expect(deep.fault).toEqual({ kind: 'cursor-expired', code: 'processingFailure' })
    expect(server.calls).toHaveLength(3)
  })

  test('is never an answer where it is the first', async () => {
    await using server = await serve(() => refusal(400, 'processingFailure', 'youtube.commentThread'))
    for (const stream of ['threads', 'replies']) {
      const first = await faultOf(step(open(server.baseUrl), stream, [VIDEO], { postId: VIDEO }))
      expect(first.fault).toEqual({ kind: 'transient', code: 'processingFailure', tries: 3 })
    }
    expect(server.calls).toHaveLength(6)
  })
})

describe('a comment of which nothing came but its id', () => {
  test('is noted, and nothing that is known of it is lost', async () => {
    await using server = await serve(() => listOf<Comment>('comment', [{ id: `${PINNED}.a` }]))
    const { page } = await step(open(server.baseUrl), 'replies', [PINNED], { postId: VIDEO })
    expect(page.records).toEqual([])
    expect(page.rejects).toMatchObject([{ reason: 'no snippet', item: true }])
  })
})
