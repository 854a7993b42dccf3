import { describe, expect, test } from 'vitest'
import {
  commentId,
  commentPlace,
  ROOM,
  videoId,
  videoPlace,
} from '../../../../../src/networks/tiktok/sandbox/world/ids.ts'
import { CAST, FORMER_NAME } from '../../../../../src/networks/tiktok/sandbox.ts'
import { DAY, type Data, open, SEPTEMBER } from './open.ts'

describe('the world', () => {
  test('every place has an id of its own, and the id leads back to it', () => {
    const last = { creator: ROOM.creators - 1, index: ROOM.videos - 1, comment: ROOM.comments - 1 }
    for (const place of [
      { creator: 0, index: 0, comment: 0 },
      { creator: 7, index: 1023, comment: 4097 },
      last,
    ]) {
      expect(videoPlace(videoId(place, 1_790_000_000))).toEqual({
        creator: place.creator,
        index: place.index,
      })
      expect(commentPlace(commentId(place, 1_790_000_017))).toEqual(place)
    }
    const { box } = open()
    const seen = new Set<string>()
    let records = 0
    for (const name of box.entities()) {
      for (const record of box.truth(name)) {
        if (!('id' in record)) continue
        seen.add(`${record.type} ${record.id}`)
        records++
      }
    }
    expect(seen.size).toBe(records)
    expect(records).toBeGreaterThan(40_000)
  })

  test('same seed, same bytes, whatever was asked before; another seed, another world', async () => {
    const first = open()
    const again = open()
    await again.search('ada.bakes', ['20260101', '20260131'])
    const bodies = [first, again, open({ seed: 2 })].map(
      async world => (await world.search('busy.kitchen', SEPTEMBER)).body,
    )
    const [one, two, other] = await Promise.all(bodies)
    expect(two).toBe(one)
    expect(other).not.toBe(one)
  })

  test('ada.bakes has the video 7391112223334445557, written bare and unrounded', async () => {
    const { search, posts } = open()
    const answer = await search('ada.bakes', ['20240713', '20240713'])
    expect(answer.body).toMatch(/"id":7391112223334445557[,}]/)
    expect(answer.data.videos[0]).toMatchObject({
      create_time: 1720877446,
      username: 'ada.bakes',
      region_code: 'IE',
    })
    expect(posts('ada.bakes').at(-1)).toMatchObject({
      id: '7391112223334445557',
      createdAt: '2024-07-13T13:30:46.000Z',
    })
  })

  test('most of at least 60 profiles have 10 to 120 videos over two years', () => {
    const { box, posts } = open()
    const names = [...box.entities()]
    const spans = names.map(name => posts(name).map(post => Date.parse(post.createdAt ?? '')))
    const ample = spans.filter(
      times =>
        times.length >= 9 && times.length <= 120 && Math.max(...times) - Math.min(...times) > 640 * DAY,
    )
    expect(names.length).toBeGreaterThanOrEqual(60)
    expect(new Set(names).size).toBe(names.length)
    expect(ample.length).toBeGreaterThan(names.length * 0.7)
  })

  test('holds what recordings hold', async () => {
    const { box, search } = open()
    const all = [...box.entities()].flatMap(name => [...box.truth(name)])
    const posts = all.filter(record => record.type === 'post')
    const comments = all.filter(record => record.type === 'comment')
    expect(
      posts.some(
        ({ likeCount, commentsCount, shareCount }) =>
          likeCount === null && commentsCount === 0 && shareCount === 0,
      ),
    ).toBe(true)
    expect(posts.some(({ likeCount, viewCount }) => (likeCount ?? 0) > (viewCount ?? 0))).toBe(true)
    expect(posts.some(({ caption }) => caption === null)).toBe(true)
    expect(posts.some(({ caption }) => caption?.endsWith(' '))).toBe(true)
    expect(comments.some(({ content }) => content === '')).toBe(true)
    const held = new Map<string, number>()
    for (const { postId } of comments) held.set(postId, (held.get(postId) ?? 0) + 1)
    expect(posts.some(({ id, commentsCount }) => (commentsCount ?? 0) > (held.get(id) ?? 0))).toBe(true)
    expect(posts.every(({ id, commentsCount }) => (commentsCount ?? 0) >= (held.get(id) ?? 0))).toBe(true)
    expect(comments.some(({ content }) => /\d\*{6}\d/.test(content ?? ''))).toBe(true)
    expect(JSON.stringify(all)).not.toContain('\\u0000')
    expect(JSON.stringify(all)).toContain('\ufffd')

    const { body, data } = await search([...box.entities()], SEPTEMBER)
    expect(body).toContain('\\u0000')
    expect(new Set(data.videos.map((video: object) => Object.keys(video).join())).size).toBeGreaterThan(10)
    expect(data.videos.filter((video: object) => 'voice_to_text' in video).length).toBeLessThan(
      data.videos.length / 2,
    )
    expect(data.videos.some((video: Data) => video.hashtag_names.length === 0)).toBe(true)
    expect(body).not.toContain(':null')
    const ids = data.videos.map(({ id }: Data) => BigInt(id))
    expect(ids).toEqual([...ids].sort((a, b) => (a < b ? 1 : -1)))
  })
})

describe('the cast', () => {
  test.each([
    [FORMER_NAME, 400, '`username: once.called.that` is invalid: cannot find the user'],
    ['gone.author', 400, '`username: gone.author` is invalid: cannot find the user'],
    ['under.review', 400, "API cannot return this user's information"],
    ['behind.curtain', 403, 'is private'],
  ])('%s is refused by user/info, and no truth is told of it', async (username, status, message) => {
    const { ask, box } = open()
    const answer = await ask('/v2/research/user/info/?fields=display_name', { username })
    expect(answer.status).toBe(status)
    expect(answer.error.message).toContain(message)
    expect([...box.truth(username)]).toEqual([])
  })

  test('the search still finds who is gone, and not who is hidden, in Canada, or brand new', async () => {
    const { search, posts, box, on } = open()
    const found = async (name: string) => (await search(name, ['20260801', '20260831'])).data.videos.length
    const gone = await search('gone.author', ['20260801', '20260831'])
    expect(gone.data.videos.every((video: Data) => video.username === 'gone.author')).toBe(true)
    expect(gone.data.videos.length).toBeGreaterThan(0)
    for (const name of ['behind.curtain', 'under.review', 'maple.loop', FORMER_NAME, 'nobody.here'])
      expect(await found(name)).toBe(0)
    expect([...box.truth('maple.loop')][0]).toMatchObject({ type: 'profile', postsCount: expect.any(Number) })
    expect(posts('maple.loop')).toEqual([])
    on('canada')
    expect(await found('maple.loop')).toBe(
      posts('maple.loop').filter(({ createdAt }) => createdAt?.startsWith('2026-08')).length,
    )
  })

  test('strangers come with a username, more of them where a switch says so', async () => {
    const { search, on } = open()
    const names = async () =>
      new Set((await search('ada.bakes', SEPTEMBER)).data.videos.map((video: Data) => video.username))
    expect(await names()).toEqual(new Set(['ada.bakes', 'ada.bakes.fan']))
    on('strangers', { value: 0.5 })
    expect((await names()).size).toBeGreaterThan(10)
  })

  test('counters go beyond 32 bits, and quiet.page has nothing', async () => {
    const { ask, posts } = open()
    const famous = await ask('/v2/research/user/info/?fields=likes_count,is_verified', {
      username: 'Wide.Open',
    })
    expect(famous.data.likes_count).toBeGreaterThan(2 ** 32)
    expect(famous.data.is_verified).toBe(true)
    expect(posts('quiet.page')).toEqual([])
    expect(Object.keys(CAST)).toContain('quiet.page')
  })
})
