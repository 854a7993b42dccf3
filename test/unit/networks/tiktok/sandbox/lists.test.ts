import { describe, expect, test } from 'vitest'
import { likesTruth } from '../../../../../src/networks/tiktok/sandbox.ts'
import { COMMENT_FIELDS, type Data, open } from './open.ts'

describe('comments', () => {
  const busy = (world: ReturnType<typeof open>) => {
    const count = new Map<string, number>()
    for (const { postId } of world.comments('busy.kitchen')) count.set(postId, (count.get(postId) ?? 0) + 1)
    return [...count].sort((a, b) => b[1] - a[1])[0] ?? ['', 0]
  }
  const walk = async (world: ReturnType<typeof open>, of: object) => {
    const rows: Data[] = []
    for (let cursor = 0, more = true; more; ) {
      const answer = await world.ask(`/v2/research/video/comment/list/?fields=${COMMENT_FIELDS}`, {
        ...of,
        cursor,
        max_count: 100,
      })
      if (answer.status !== 200) return { rows, answer }
      rows.push(...(answer.data.comments ?? []))
      more = answer.data.has_more
      cursor = answer.data.cursor
    }
    return { rows, answer: null }
  }

  test('the list of a video has its replies among it, by falling likes', async () => {
    const world = open()
    const [video, count] = busy(world)
    expect(count).toBeGreaterThan(1_000)
    const { rows } = await walk(world, { video_id: video })
    expect(rows.map(({ id }) => id).sort()).toEqual(
      world
        .comments('busy.kitchen')
        .filter(({ postId }) => postId === video)
        .map(({ id }) => id)
        .sort(),
    )
    expect(rows.map(({ like_count }) => like_count)).toEqual(
      rows.map(({ like_count }) => like_count).sort((a, b) => b - a),
    )
    const replies = rows.filter(({ parent_comment_id }) => parent_comment_id !== video)
    expect(replies.length).toBeGreaterThan(100)
    const answered = rows.find(({ id }) => id === replies[0].parent_comment_id)
    const { rows: apart } = await walk(world, { comment_id: answered.id })
    expect(apart.length).toBe(answered.reply_count)
    expect(apart.map(({ id }) => id).sort()).toEqual(
      replies
        .filter(({ parent_comment_id }) => parent_comment_id === answered.id)
        .map(({ id }) => id)
        .sort(),
    )
  })

  test('with the cap the list breaks off at 1,000, and truth holds what can be had', async () => {
    const world = open({ rules: [{ name: 'comment-cap' }] })
    const [video] = busy(world)
    const { rows, answer } = await walk(world, { video_id: video })
    expect(rows.length).toBe(1_000)
    expect(answer).toMatchObject({
      status: 400,
      error: { code: 'invalid_params', message: 'Invalid count or cursor' },
    })
    const truth = world.comments('busy.kitchen').filter(({ postId }) => postId === video)
    expect(truth.length).toBeGreaterThanOrEqual(1_000)
    expect(truth.length).toBeLessThan(
      open()
        .comments('busy.kitchen')
        .filter(({ postId }) => postId === video).length,
    )
    const held = new Set(truth.map(({ id }) => id))
    expect(rows.every(({ id }) => held.has(id))).toBe(true)
  })

  test('replies stay out of the list, and take the shape of the docs, where switches say so', async () => {
    const world = open({
      rules: [
        { name: 'inline-replies', value: 'none' },
        { name: 'reply-shape', value: 'docs' },
      ],
    })
    const [video] = busy(world)
    const { rows } = await walk(world, { video_id: video })
    expect(rows.every(({ parent_comment_id }) => parent_comment_id === video)).toBe(true)
    const { rows: replies } = await walk(world, {
      comment_id: rows.find(({ reply_count }) => reply_count > 0).id,
    })
    expect(replies[0]).toMatchObject({ display_name: expect.any(String) })
    expect(replies[0]).not.toHaveProperty('video_id')
  })

  test('no comments, no list; the comments of what is gone likewise, or an error', async () => {
    const world = open()
    const silent = world.posts('ada.bakes').find(({ commentsCount }) => commentsCount === 0)
    const ask = (video: string | undefined) =>
      world.ask(`/v2/research/video/comment/list/?fields=id`, { video_id: video })
    expect((await ask(silent?.id)).data).toEqual({ cursor: 0, has_more: false })
    expect((await ask('7000000000000000001')).data).toEqual({ cursor: 0, has_more: false })
    world.on('comments-of-gone', { value: 'error' })
    expect((await ask('7000000000000000001')).status).toBe(400)
  })
})

describe('lists of a user', () => {
  const walk = async (world: ReturnType<typeof open>, path: string, key: string, username: string) => {
    const items: Data[] = []
    const sizes: number[] = []
    for (let cursor: unknown = 0, more = true; more; ) {
      const { data, status } = await world.ask(path, { username, max_count: 100, cursor })
      expect(status).toBe(200)
      items.push(...(data[key] ?? []))
      sizes.push(data[key]?.length ?? 0)
      more = data.has_more
      cursor = data.cursor
    }
    return { items, sizes }
  }

  test('liked videos come whole by a cursor of milliseconds, and not at all unless shared', async () => {
    const world = open()
    const { items, sizes } = await walk(
      world,
      '/v2/research/user/liked_videos/?fields=id,create_time',
      'user_liked_videos',
      'open.heart',
    )
    const likes = [...likesTruth(world.options, 'open.heart')]
    expect(items.map(({ id }) => id)).toEqual(likes.map(({ postId }) => postId))
    expect(new Set(likes.map(({ postId }) => postId)).size).toBe(likes.length)
    expect(likes.every(({ authorId }) => authorId === 'open.heart')).toBe(true)
    expect(sizes.length).toBeGreaterThan(1)
    expect(sizes[0]).toBeLessThan(100)
    const times = items.map(({ create_time }) => create_time)
    expect(times).not.toEqual([...times].sort((a, b) => b - a))
    const closed = await world.ask('/v2/research/user/liked_videos/?fields=id', { username: 'closed.heart' })
    expect(closed).toMatchObject({
      status: 403,
      error: { message: expect.stringContaining('information cannot be returned') },
    })
    expect([...likesTruth(world.options, 'closed.heart')]).toEqual([])
  })

  test('pinned in one page, reposted by index', async () => {
    const world = open()
    const pinned = await world.ask('/v2/research/user/pinned_videos/?fields=id,username', {
      username: 'pinned.board',
    })
    expect(pinned.data.pinned_videos_list.length).toBe(3)
    expect(
      (await world.ask('/v2/research/user/pinned_videos/?fields=id', { username: 'ada.bakes' })).data,
    ).toEqual({})
    const { items, sizes } = await walk(
      world,
      '/v2/research/user/reposted_videos/?fields=id',
      'reposted_videos',
      'pinned.board',
    )
    expect(items.length).toBeGreaterThan(50)
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length)
    expect(sizes.length).toBeGreaterThan(1)
  })

  test('followers: names only, short pages, an end long before the count; charged to a pool of their own', async () => {
    const world = open()
    const { items, sizes } = await walk(world, '/v2/research/user/followers/', 'user_followers', 'wide.open')
    expect(Object.keys(items[0]).sort()).toEqual(['display_name', 'username'])
    expect(sizes[0]).toBeLessThan(100)
    expect(sizes[0]).toBeGreaterThan(80)
    expect(items.length).toBeGreaterThan(3_500)
    expect(items.length).toBeLessThan(4_500)
    expect(items.some(({ username }) => /\u0000\d$/.test(username))).toBe(true)
    expect(world.box.quota()).toEqual([
      { owner: expect.any(String), pool: 'main', used: 0 },
      { owner: expect.any(String), pool: 'follow', used: sizes.length },
    ])
    expect((await world.ask('/v2/research/user/following/', { username: 'closed.heart' })).status).toBe(403)
    const few = await world.ask('/v2/research/user/followers/', { username: 'wide.open', max_count: 7 })
    expect(few.data.user_followers).toEqual(items.slice(0, few.data.user_followers.length))
    const next = { username: 'wide.open', max_count: 7, cursor: few.data.cursor }
    const more = (await world.ask('/v2/research/user/followers/', next)).data.user_followers
    expect(more[0]).toEqual(items[few.data.user_followers.length])
    expect(Math.max(few.data.user_followers.length, more.length)).toBeLessThanOrEqual(7)
  })

  test('a playlist comes with HTTP 500 and good data', async () => {
    const world = open()
    const { data } = await world.search('shelf.keeper', ['20260801', '20260831'])
    const id = data.videos.find((video: Data) => video.playlist_id !== undefined).playlist_id
    const answer = await world.ask('/v2/research/playlist/info/', `{"playlist_id":${id},"max_count":100}`)
    expect(answer.status).toBe(500)
    expect(answer.error.code).toBe('ok')
    expect(answer.body).toContain(`"playlist_id":${id}`)
    const held = new Set(world.posts('shelf.keeper').map(post => post.id))
    expect(answer.data.playlist_video_ids.every((video: string) => held.has(video))).toBe(true)
  })
})
