import { describe, expect, it } from 'vitest'
import type { CommentRecord, PostRecord, SocialRecord } from '../../../../../src/core/records.ts'
import { UNAVAILABLE } from '../../../../../src/networks/instagram/sandbox/world/cast.ts'
import {
  commentId,
  igId,
  mediaId,
  readCommentId,
  readMediaId,
  readUserId,
  shortcode,
  userId,
} from '../../../../../src/networks/instagram/sandbox/world/ids.ts'
import { DAY, type Opened, open, type Wire } from './open.ts'

const FIRST_DAY = Date.UTC(2026, 0, 1)

const of = <T extends SocialRecord['type']>(all: readonly SocialRecord[], type: T) =>
  all.filter((record): record is Extract<SocialRecord, { type: T }> => record.type === type)

const postsOf = (world: Opened, entity?: string): PostRecord[] =>
  of(world.truth(entity), 'post').filter(({ kind }) => kind !== 'story')

describe('ids', () => {
  it('can be read back, and show neither order nor place', () => {
    const places = Array.from({ length: 2000 }, (_, at) => ({
      account: at % 9,
      post: at * 7,
      child: at % 21,
    }))
    const media = places.map(mediaId)
    expect(media.map(readMediaId)).toEqual(places)
    expect(new Set(media).size).toBe(2000)
    expect(media.toSorted()).not.toEqual(media)
    const replies = places.map(({ account, post }) => ({
      account,
      post,
      comment: post % 9999,
      reply: account,
    }))
    expect(replies.map(commentId).map(readCommentId)).toEqual(replies)
    expect(readUserId(userId(20_001))).toBe(20_001)
    expect([
      userId(0),
      media[5]?.length,
      commentId({ account: 1, post: 2, comment: 3, reply: 4 }).length,
    ]).toEqual([expect.stringMatching(/^17841\d{12}$/), 17, 17])
    expect([readMediaId('17841400000000001'), readCommentId('180'), readUserId('x')]).toEqual([
      null,
      null,
      null,
    ])
  })

  it('shortcodes are the base64url of the 19-digit id, whose high bits are the time', () => {
    for (const [at, bits] of [
      [Date.UTC(2016, 1, 1), 0],
      [Date.UTC(2026, 8, 30, 12, 1, 2), 0x7fffff],
      [Date.UTC(2024, 5, 1), 123_456],
    ] as const) {
      const id = BigInt(igId(at, bits))
      expect(String(id)).toHaveLength(19)
      expect(Number(id >> 23n) + 1_314_220_021_721).toBe(at)
      const padded = Buffer.from(id.toString(16).padStart(18, '0'), 'hex').toString('base64url')
      expect(shortcode(at, bits)).toBe(padded.replace(/^A+/, ''))
    }
  })
})

describe('a frozen world', () => {
  const world = open()
  const truth = world.truth()

  it('is the same bytes for the same seed, and another for another', () => {
    const read = (seed: number) => {
      const { get, own } = open({ seed })
      return get(`${own}/media`, { fields: 'id,caption,media_url,comments{text}', limit: '50' }).text
    }
    expect(read(1)).toBe(read(1))
    expect(read(1)).not.toBe(read(2))
  })

  it('does not change with the clock', () => {
    const other = open()
    other.advance(200 * DAY)
    expect(other.truth()).toEqual(truth)
    expect([...other.sandbox.entities()]).toEqual([...world.sandbox.entities()])
  })

  it('names enough profiles, the own one last, and each has a truth', () => {
    const entities = [...world.sandbox.entities()]
    expect(entities.length).toBeGreaterThan(70)
    expect(new Set(entities).size).toBe(entities.length)
    expect(entities.at(-1)).toBe(world.own)
    const profiles = entities.map(entity => [...world.truth(entity)][0])
    expect(profiles.every(record => record?.type === 'profile')).toBe(true)
    expect(new Set(profiles.map(record => (record?.type === 'profile' ? record.id : ''))).size).toBe(
      entities.length,
    )
  })

  it('finds nobody who is private, personal, age-gated, absent, or written differently', () => {
    for (const name of [...UNAVAILABLE, '@one.post', 'one.post1', 'field.cedar170000']) {
      expect(world.discover(name, 'id').error).toMatchObject({ code: 110, error_subcode: 2207013 })
      expect(world.truth(name)).toEqual([])
    }
    expect(world.discover('ONE.POST', 'username').username).toBe('one.post')
  })

  it('has accounts of none, one, one page exactly, and several', () => {
    const sizes = ['no.posts.yet', 'one.post', 'one.page.of.25', 'one.page.of.50', 'two.pages.of.50'].map(
      name => postsOf(world, name).length,
    )
    expect(sizes).toEqual([0, 1, 25, 50, 100])
    expect(postsOf(world).length).toBeGreaterThan(200)
  })

  it('has every trait that an adapter trips over', () => {
    const crowd = [...world.sandbox.entities()].slice(0, -1).flatMap(entity => world.truth(entity))
    const posts = [...of(crowd, 'post'), ...of(truth, 'post')]
    const media = [...of(crowd, 'media'), ...of(truth, 'media')]
    const comments = of(truth, 'comment')
    const traits: Readonly<Record<string, boolean>> = {
      'hidden likes': posts.some(({ likeCount }) => likeCount === null),
      'no caption': posts.some(({ caption }) => caption === null),
      'a long caption': posts.some(({ caption }) => (caption?.length ?? 0) > 95_000),
      'a NUL, replaced': posts.some(({ caption }) => caption === 'a NUL \ufffd in the middle'),
      'half of an emoji, replaced': posts.some(({ caption }) => caption === 'half of an emoji: \ufffd'),
      'no address of a reel': media.some(({ kind, url }) => kind === 'video' && url === null),
      'more than ten children': media.some(({ position }) => position > 10),
      'films in albums': media.some(({ position, kind }) => position > 0 && kind === 'video'),
      'every kind': new Set(posts.map(({ kind }) => kind)).size === 5,
      'stories without a count of comments': posts.some(({ commentsCount }) => commentsCount === null),
      'no bio': of(crowd, 'profile').some(({ bio }) => bio === null),
      'no picture': of(crowd, 'profile').some(({ avatarUrl }) => avatarUrl === null),
      'comments without a writer': comments.some(({ authorId, authorName }) => !authorId && !authorName),
      'comments without a name': comments.some(({ authorId, authorName }) => authorId && !authorName),
      'comments without an id': comments.some(({ authorId, authorName }) => !authorId && authorName),
      'comments without text': comments.some(({ content }) => content === null),
      'comments by the owner': comments.some(({ authorId }) => authorId === world.own),
      'a long thread of replies': [...countBy(comments, ({ parentId }) => parentId)].some(
        ([parent, count]) => parent !== null && count > 50,
      ),
    }
    expect(Object.entries(traits).filter(([, there]) => !there)).toEqual([])
  })

  it('counts comments that it does not list, and never the other way', () => {
    const listed = countBy(of(truth, 'comment'), ({ postId }) => postId)
    const gaps = postsOf(world).map(({ id, commentsCount }) => (commentsCount ?? 0) - (listed.get(id) ?? 0))
    expect(Math.min(...gaps)).toBe(0)
    expect(gaps.filter(gap => gap > 0).length).toBeGreaterThan(10)
    const counts = new Set(postsOf(world).map(({ commentsCount }) => commentsCount ?? 0))
    expect(counts.has(0)).toBe(true)
    expect(of(truth, 'comment').length).toBeGreaterThan(2500)
  })

  it('lists what the owner hid, unless it is switched otherwise', () => {
    const all = of(world.truth(), 'comment').length
    world.set('hidden-comments', false)
    const [most] = [...countBy(of(truth, 'comment'), ({ postId }) => postId)].toSorted((a, b) => b[1] - a[1])
    const { data } = world.get(`${most?.[0]}/comments`, { fields: 'hidden', limit: '50' }).json
    expect(data.some(({ hidden }: Wire) => hidden)).toBe(false)
    expect(of(world.truth(), 'comment').length).toBeLessThan(all)
    world.clear()
  })

  it('has friends who post together', () => {
    const collaborators = postsOf(world).flatMap(
      ({ id }) => world.get(`${id}/collaborators`).json.data as Wire[],
    )
    expect(collaborators.length).toBeGreaterThan(3)
    expect(collaborators[0]).toEqual({
      id: expect.any(String),
      username: expect.any(String),
      invite_status: 'Accepted',
    })
    expect(
      world.get(`${world.own}/collaborative_media`, { fields: 'username' }).json.data.length,
    ).toBeGreaterThan(1)
  })
})

const countBy = <T, K>(list: readonly T[], key: (item: T) => K): Map<K, number> => {
  const counts = new Map<K, number>()
  for (const item of list) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1)
  return counts
}

describe('a moving world', () => {
  /** The own account's posts and comments after so many days, by id. */
  const on = (days: number, entity?: string) => {
    const all = open({ moving: true, now: FIRST_DAY + days * DAY }).truth(entity)
    return {
      posts: new Map(of(all, 'post').map(post => [post.id, post] as const)),
      comments: new Map(of(all, 'comment').map(comment => [comment.id, comment] as const)),
    }
  }
  const first = on(0)
  const later = on(120)
  const both = [...first.posts.values()].flatMap(post => {
    const meanwhile = later.posts.get(post.id)
    return meanwhile === undefined ? [] : [[post, meanwhile] as const]
  })

  it('is the same on the same day, however it came there', () => {
    const world = open({ moving: true, now: FIRST_DAY })
    world.advance(120 * DAY)
    expect(new Map(of(world.truth(), 'post').map(post => [post.id, post]))).toEqual(later.posts)
  })

  it('has new posts every few days, newest first, and older ones do not move', () => {
    const fresh = [...later.posts.values()].filter(({ id, kind }) => kind !== 'story' && !first.posts.has(id))
    expect(fresh.length).toBeGreaterThan(60)
    expect(fresh.every(({ createdAt }) => Date.parse(createdAt ?? '') > FIRST_DAY)).toBe(true)
    expect(both.every(([post, meanwhile]) => post.createdAt === meanwhile.createdAt)).toBe(true)
  })

  it('edits captions, hides likes, and lets counters grow', () => {
    const edited = both.filter(([post, meanwhile]) => post.caption !== meanwhile.caption)
    const hidden = both.filter(([post, meanwhile]) => post.likeCount !== null && meanwhile.likeCount === null)
    const grown = both.filter(([post, meanwhile]) => (meanwhile.likeCount ?? 0) > (post.likeCount ?? 0))
    expect([edited.length, hidden.length, grown.length].every(count => count > 3)).toBe(true)
    expect(edited.length + hidden.length).toBeLessThan(both.length / 3)
  })

  it('deletes posts, and brings some of them back', () => {
    const world = open({ moving: true, now: FIRST_DAY })
    const listed = (): Set<string> => {
      const ids = new Set<string>()
      let page = world.get(`${world.own}/media`, { limit: '100' }).json
      for (;;) {
        for (const { id } of page.data) ids.add(id)
        if (page.paging.next === undefined) return ids
        page = world.follow(page.paging.next).json
      }
    }
    const days = Array.from({ length: 25 }, (_, at) => {
      if (at > 0) world.advance(10 * DAY)
      return listed()
    })
    const presence = [...(days[0] ?? [])].map(id => days.map(ids => (ids.has(id) ? '+' : '-')).join(''))
    expect(presence.filter(line => /^\++-+$/.test(line)).length).toBeGreaterThan(3)
    expect(presence.filter(line => /^\++-+\++$/.test(line)).length).toBeGreaterThan(1)
  })

  it('brings new comments on old posts, and late replies to old comments', () => {
    const fresh = [...later.comments.values()].filter(({ id }) => !first.comments.has(id))
    const onOld = fresh.filter(({ postId }) => first.posts.has(postId))
    const late = onOld.filter(({ parentId }) => parentId !== null && first.comments.has(parentId))
    expect(onOld.length).toBeGreaterThan(50)
    expect(late.length).toBeGreaterThan(10)
    const gone = [...first.comments.values()].filter(
      ({ id, postId, parentId }) =>
        !later.comments.has(id) &&
        later.posts.has(postId) &&
        (parentId === null || later.comments.has(parentId)),
    )
    expect(gone.length).toBeGreaterThan(10)
    const isLater = ({ createdAt }: CommentRecord): boolean => Date.parse(createdAt ?? '') >= FIRST_DAY
    expect(late.filter(isLater)).toEqual(late)
  })

  it('replaces stories within a day', () => {
    const stories = (days: number) =>
      [...on(days).posts.values()].filter(({ kind }) => kind === 'story').map(({ id }) => id)
    expect(stories(3).length).toBeGreaterThan(1)
    expect(stories(3).filter(id => stories(4).includes(id))).toEqual([])
  })

  it('renames an account, and makes one personal for a while', () => {
    const world = open({ moving: true, now: FIRST_DAY + 60 * DAY })
    const { id } = world.discover('renamed.later', 'id')
    expect(world.discover('turns.personal', 'id')).toHaveProperty('id')
    world.advance(30 * DAY)
    expect(world.discover('renamed.later', 'id').error.code).toBe(110)
    expect(world.discover('renamed.since', 'id').id).toBe(id)
    expect(world.discover('turns.personal', 'id').error.code).toBe(110)
    expect([...world.sandbox.entities()]).not.toContain('turns.personal')
    world.advance(30 * DAY)
    expect(world.discover('turns.personal', 'id')).toHaveProperty('id')
  })

  it.each([
    ['empty', []],
    ['error', '100'],
    ['ignored', 'the rest'],
  ])('a cursor whose post is gone: %s', (value, expected) => {
    const world = open({ moving: true, now: FIRST_DAY })
    const deleted = [...first.posts.values()].find(({ id, kind }) => kind !== 'story' && !later.posts.has(id))
    const page = world.get(`${world.own}/media`, { until: deleted?.createdAt ?? '', limit: '1' }).json
    expect(page.data[0].id).toBe(deleted?.id)
    world.set('vanished-cursor', value)
    world.advance(120 * DAY)
    const { json } = world.get(`${world.own}/media`, { after: page.paging.cursors.after, limit: '5' })
    const seen = json.error === undefined ? json.data : String(json.error.code)
    expect(seen.length === 5 && Array.isArray(seen) ? 'the rest' : seen).toEqual(expected)
  })
})

describe('a large world', () => {
  it('has accounts beyond the cap, which are listed up to it', () => {
    const world = open({ size: 'large' })
    const name = [...world.sandbox.entities()].find(entity => {
      const [profile] = world.sandbox.truth(entity)
      return profile?.type === 'profile' && (profile.postsCount ?? 0) > 10_100
    })
    expect(name).toBeDefined()
    const last = { createdAt: '', count: 0 }
    for (const record of world.sandbox.truth(name ?? '')) {
      if (record.type !== 'post') continue
      last.createdAt = record.createdAt ?? ''
      last.count++
    }
    expect(last.count).toBeGreaterThan(9_500)
    expect(last.count).toBeLessThanOrEqual(10_000)
    const until = `until(${Date.parse(last.createdAt) / 1000 + 1})`
    const end = world.discover(name ?? '', `media.${until}.limit(50){timestamp}`).media
    expect(end.data.map(({ timestamp }: Wire) => new Date(timestamp).toISOString()).at(-1)).toBe(
      last.createdAt,
    )
    expect(end.paging?.cursors.after).toBeUndefined()
  })

  it('has about a million comments, and none of them before it is looked at', () => {
    const { get, own } = open({ size: 'large' })
    const page = get(`${own}/media`, { fields: 'comments_count', limit: '100' }).json
    const sum = page.data.reduce((total: number, post: Wire) => total + post.comments_count, 0)
    const { media_count: posts } = get(own, { fields: 'media_count' }).json
    expect(posts).toBe(10_000)
    expect((sum / page.data.length) * posts).toBeGreaterThan(900_000)
  })
})
