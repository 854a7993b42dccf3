import { describe, expect, test } from 'vitest'
import type { CommentRecord, PostRecord, SocialRecord } from '../../../../../src/core/records.ts'
import {
  channelId,
  readChannelId,
  readReplyId,
  readThreadId,
  readVideoId,
  replyId,
  threadId,
  videoId,
} from '../../../../../src/networks/youtube/sandbox/world/ids.ts'
import { YOUTUBE_SPECIALS } from '../../../../../src/networks/youtube/sandbox.ts'
import { DAY, OCTOBER, open } from './open.ts'

const { channels, forms, threads, big } = YOUTUBE_SPECIALS

const isPost = (record: SocialRecord): record is PostRecord => record.type === 'post'
const isComment = (record: SocialRecord): record is CommentRecord => record.type === 'comment'

describe('ids', () => {
  test('have the real forms and are turned back into what they stand for', () => {
    for (let n = 0; n < 500; n++) {
      const place = [(n * 7_919) % 0xffffff, (n * 104_729) % 0xfffff, (n * 31) % 0xfffff] as const
      const id = { channel: channelId(place[0]), video: videoId(place[0], place[1]) }
      expect(id.channel).toMatch(/^UC[\w-]{21}[AQgw]$/)
      expect(id.video).toMatch(/^[\w-]{10}[AEIMQUYcgkosw048]$/)
      expect(readChannelId(id.channel)).toBe(place[0])
      expect(readVideoId(id.video)).toEqual(place.slice(0, 2))
      for (const [era, form] of [
        ['Ug', /^Ug[w-z][\w-]{16}4AaABAg$/],
        ['Ugi', /^Ugi[\w-]{11}gCoAEC$/],
        ['z12', /^z12[0-9a-z]{30}$/],
      ] as const) {
        const thread = threadId(place, era)
        expect(thread).toMatch(form)
        expect(readThreadId(thread)).toEqual({ place: [...place], era })
        expect(replyId(thread, n)).toMatch(/\.[\w-]{22}$/)
        expect(readReplyId(replyId(thread, n))).toEqual({ thread, reply: n })
      }
    }
  })

  test('that nobody made are of nothing', () => {
    expect(readChannelId('UCq0ExampleChannel00001w')).toBeNull()
    expect(readVideoId('vid0Exmpl0A')).toBeNull()
    expect(readThreadId('UgzExampleThread0014AaABAg')).toBeNull()
    expect(readReplyId('UgzExampleThread0014AaABAg.9AbCdEfGhIj9KlMnOpQrSt')).toBeNull()
    for (const junk of ['', 'z12', '.', '../', 'UC']) {
      expect([readChannelId(junk), readVideoId(junk), readThreadId(junk), readReplyId(junk)]).toEqual([
        null,
        null,
        null,
        null,
      ])
    }
  })
})

describe('the world', () => {
  test('is of its seed: the same bytes, or others', () => {
    const read = (seed: number): string =>
      open({ seed }).ask('commentThreads', {
        part: 'snippet,replies',
        allThreadsRelatedToChannelId: channels.threads,
      }).text
    expect(read(3)).toBe(read(3))
    expect(read(4)).not.toBe(read(3))
  })

  test('has at least 130 channels, most with 10 to 80 videos', () => {
    const { sandbox, ask } = open()
    const ids = [...sandbox.entities()]
    const sizes: number[] = []
    for (let at = 0; at < ids.length; at += 50) {
      const { items = [] } = ask('channels', { part: 'statistics', id: ids.slice(at, at + 50).join() }).body
      sizes.push(...items.map(({ statistics }) => Number(statistics.videoCount)))
    }
    expect(sizes.length).toBe(ids.length)
    expect(sizes.length).toBeGreaterThan(130)
    expect(sizes.filter(size => size >= 8 && size <= 80).length / sizes.length).toBeGreaterThan(0.9)
    expect(ids).not.toContain(channels.terminated)
  })

  test('has a big channel of 1,000 videos and 50,000 comments, that costs what is said of it (docs/networks/youtube.md §10)', () => {
    const { ask, truth } = open()
    const [profile, ...records] = truth(channels.big)
    expect(profile).toMatchObject({ type: 'profile', postsCount: 1_000 })
    const posts = records.filter(isPost)
    const comments = records.filter(isComment)
    expect([posts.length, comments.length]).toEqual([1_000, 50_000])
    expect(posts.reduce((sum, { commentsCount }) => sum + commentsCount!, 0)).toBe(50_000)

    const pages = (count: number): number => Math.ceil(count / 100)
    const tops = comments.filter(({ parentId }) => parentId === null)
    const perVideo = Map.groupBy(tops, ({ postId }) => postId)
    const walked = tops.filter(({ replyCount }) => replyCount! > 5)
    const calls =
      1 +
      2 * Math.ceil(posts.length / 50) +
      [...perVideo.values()].reduce((sum, threads) => sum + pages(threads.length), 0) +
      walked.reduce((sum, { replyCount }) => sum + pages(replyCount!), 0)
    expect(calls).toBe(2_646)
    expect(big.calls).toBe(calls)

    const shapes = Map.groupBy(perVideo.entries(), ([, threads]) => threads.length)
    expect([...shapes].map(([threads, videos]) => [threads, videos.length]).toSorted()).toEqual([
      [250, 5],
      [30, 700],
      [60, 195],
    ])
    for (const [, [first]] of shapes) {
      const { items = [] } = ask('commentThreads', {
        part: 'snippet,replies',
        videoId: first![0],
        maxResults: 100,
      }).body
      for (const { snippet, replies } of items) {
        expect(replies?.comments.length ?? 0).toBe(Math.min(5, snippet.totalReplyCount))
      }
    }
  })

  test('has what is odd where it is said to be', () => {
    const opened = open()
    const { ask, truth } = opened
    const list = (videoId: string) =>
      ask('commentThreads', { part: 'snippet,replies', videoId, maxResults: 100 }).body.items ?? []
    const shape = (videoId: string) =>
      list(videoId)
        .map(({ snippet, replies }) => [snippet.totalReplyCount, replies?.comments.length ?? 0])
        .toReversed()
    expect(shape(threads.replies)).toEqual([
      [0, 0],
      [5, 5],
      [6, 5],
      [101, 5],
      [500, 5],
    ])
    expect(shape(threads.fewerInlined)).toEqual([
      [1, 0],
      [3, 2],
      [12, 3],
      [126, 4],
    ])
    const inlined = (videoId: string): string[] =>
      list(videoId)[0]?.replies.comments.map(
        (reply: { snippet: { publishedAt: string } }) => reply.snippet.publishedAt,
      )
    expect(inlined(threads.newestInlined)).toEqual(inlined(threads.newestInlined).toSorted().toReversed())
    expect(inlined(threads.oldestInlined)).toEqual(inlined(threads.oldestInlined).toSorted())
    const times = list(threads.pinned).map(({ snippet }) => snippet.topLevelComment.snippet.publishedAt)
    expect(times[0] < times[99]).toBe(true)
    expect(times.slice(1)).toEqual(times.slice(1).toSorted().toReversed())

    const comments = truth(channels.threads).filter(isComment)
    expect(comments.filter(({ postId }) => postId === threads.overcounted).length).toBe(2 + 4 + 500)
    expect(comments.filter(({ createdAt, updatedAt }) => createdAt! < updatedAt!).length).toBe(1)
    expect(comments.filter(({ authorId }) => authorId === null).map(({ postId }) => postId)).toEqual([
      threads.anonymous,
    ])
    expect(comments.some(({ content }) => content!.includes('\u0000'))).toBe(false)
    expect(comments.every(({ content }) => content!.isWellFormed())).toBe(true)
    expect(
      new Set(
        truth(channels.old)
          .filter(isComment)
          .filter(({ parentId }) => parentId === null)
          .map(({ id }) => id.length),
      ),
    ).toEqual(new Set([20, 26, 33]))

    const order = truth(channels.forms).filter(isPost)
    const scheduled = order.findIndex(({ id }) => id === forms.scheduled)
    expect(order.slice(0, scheduled).some(({ createdAt }) => createdAt! < order[scheduled]!.createdAt!)).toBe(
      true,
    )
    expect(order.map(({ id }) => id)).not.toContain(forms.gone)
    expect(order.filter(({ kind }) => kind === 'live').map(({ id }) => id)).toEqual([
      forms.live,
      forms.upcoming,
    ])
  })

  test('stays as it is, whatever the clock says, unless it moves', () => {
    const { setNow, truth } = open()
    const before = truth(channels.prolific)
    for (const moment of [Date.UTC(2020, 0), Date.UTC(2030, 0)]) {
      setNow(moment)
      expect(truth(channels.prolific)).toEqual(before)
    }
  })
})

describe('a world that moves', () => {
  const days = [0, 15, 30]
  const observe = () => {
    const { sandbox, setNow, truth } = open({ moving: true })
    const ids = [...sandbox.entities()].slice(0, 16)
    return days.map(day => {
      setNow(OCTOBER + day * DAY + 5_000)
      return ids.flatMap(id => truth(id))
    })
  }

  test('begins where the still one stands, and every day is the same from whichever side it is come to', () => {
    const { setNow, truth } = open({ moving: true })
    const still = open().truth(channels.prolific)
    expect(truth(channels.prolific)).toEqual(still)
    setNow(OCTOBER + 17 * DAY)
    const later = truth(channels.prolific)
    expect(later).not.toEqual(still)
    setNow(OCTOBER + 90 * DAY)
    truth(channels.prolific)
    setNow(OCTOBER + 18 * DAY - 1)
    expect(truth(channels.prolific)).toEqual(later)
  })

  test('has new, late, edited, hidden and restored videos, new threads, late replies and growing counters', () => {
    const seen = observe().map(records => ({
      posts: new Map(records.filter(isPost).map(post => [post.id, post])),
      comments: new Map(records.filter(isComment).map(comment => [comment.id, comment])),
    }))
    const [first, ...rest] = seen
    const last = seen.at(-1)!
    const startOf = (index: number): string => new Date(OCTOBER + days[index]! * DAY).toISOString()
    const posts = [...last.posts.values()]
    expect(
      posts.some(({ id, createdAt }) => !first!.posts.has(id) && createdAt! >= startOf(0)),
      'new',
    ).toBe(true)
    expect(
      posts.some(({ id, title }) => first!.posts.has(id) && first!.posts.get(id)!.title !== title),
      'edited',
    ).toBe(true)
    expect(
      [...first!.posts.keys()].some(id => !last.posts.has(id)),
      'hidden',
    ).toBe(true)
    expect(
      [...first!.posts.keys()].some(id => last.posts.has(id) && rest.some(({ posts }) => !posts.has(id))),
      'restored',
    ).toBe(true)
    expect(
      posts.some(({ id, viewCount }) => (first!.posts.get(id)?.viewCount ?? viewCount!) < viewCount!),
      'counters',
    ).toBe(true)
    const fresh = [...last.comments.values()].filter(({ id }) => !first!.comments.has(id))
    expect(
      fresh.some(({ parentId, postId }) => parentId === null && first!.posts.has(postId)),
      'threads',
    ).toBe(true)
    expect(
      fresh.some(({ parentId }) => parentId !== null && first!.comments.has(parentId)),
      'replies',
    ).toBe(true)
    expect(
      [...first!.comments.keys()].some(
        id => !last.comments.has(id) && last.posts.has(first!.comments.get(id)!.postId),
      ),
      'deleted comments',
    ).toBe(true)
    expect(
      [...last.comments.values()].some(
        ({ id, content, createdAt, updatedAt }) =>
          first!.comments.has(id) &&
          first!.comments.get(id)!.content !== content &&
          Date.parse(updatedAt!) - Date.parse(createdAt!) > 3 * DAY,
      ),
      'edited comments',
    ).toBe(true)
    for (const [index, { posts: shown, comments }] of seen.entries()) {
      const times = [...shown.values(), ...comments.values()].map(({ createdAt }) => createdAt!)
      expect(
        times.every(time => time < startOf(index)),
        'nothing of the future',
      ).toBe(true)
    }
  })

  test('lists a video that is published late below newer ones', () => {
    const { sandbox, setNow, truth } = open({ moving: true })
    const late = [...sandbox.entities()].slice(0, 60).some(id => {
      setNow(OCTOBER)
      const before = new Set(
        truth(id)
          .filter(isPost)
          .map(post => post.id),
      )
      setNow(OCTOBER + 30 * DAY)
      const after = truth(id).filter(isPost)
      const known = after.findIndex(post => before.has(post.id))
      return after
        .slice(known)
        .some(post => !before.has(post.id) && post.createdAt! > new Date(OCTOBER).toISOString())
    })
    expect(late).toBe(true)
  })
})
