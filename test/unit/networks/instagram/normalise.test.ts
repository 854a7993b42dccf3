import { describe, expect, it } from 'vitest'
import { COMMENTS, normalise, OWN, PARAMS, readPart } from './harness.ts'

const COFFEE = { externalId: 'northpier.coffee' }

describe('another account', () => {
  const page = normalise('discovery', COFFEE, {}, readPart('discovery'))

  it('is a profile: asked and absent is null, not asked has no key', () => {
    expect(page.records[0]).toEqual({
      type: 'profile',
      id: '17841400000000777',
      username: 'northpier.coffee',
      name: null,
      bio: 'Roasts by the water',
      url: 'https://www.instagram.com/northpier.coffee/',
      website: null,
      avatarUrl: 'https://cdn.example/p.jpg?oe=69A5F000',
      followersCount: 20411,
      postsCount: 5,
      extra: { ig_id: 4100200300 },
    })
    expect(page.identities).toEqual([
      { externalId: 'northpier.coffee', entityId: 'northpier.coffee', profileId: '17841400000000777' },
    ])
  })

  it('has its albums whole, one medium per child, in their order', () => {
    expect(page.records.slice(1, 4)).toEqual([
      {
        type: 'post',
        id: '17900000000000031',
        profileId: '17841400000000777',
        kind: 'carousel',
        caption: 'First snow on the #pier, with @north.pier',
        permalink: 'https://www.instagram.com/p/DAbCdEfGh1J/',
        createdAt: '2026-01-11T08:02:44.000Z',
        likeCount: 97,
        commentsCount: 4,
        viewCount: null,
        hashtags: ['pier'],
        mentions: ['north.pier'],
        shortcode: 'DAbCdEfGh1J',
        productType: 'FEED',
        altText: 'a pier in snow',
        extra: null,
      },
      {
        type: 'media',
        postId: '17900000000000031',
        position: 0,
        id: '17900000000000032',
        kind: 'photo',
        url: 'https://cdn.example/32.jpg?oe=69A5F000',
        altText: 'snow on planks',
      },
      {
        type: 'media',
        postId: '17900000000000031',
        position: 1,
        id: '17900000000000033',
        kind: 'video',
        url: null,
        altText: null,
      },
    ])
  })

  it('has reels without a file, with hidden likes as null, and unknown fields in extra', () => {
    expect(page.records[4]).toMatchObject({
      kind: 'reel',
      likeCount: null,
      caption: null,
      viewCount: 5310,
      shortcode: 'C_zYxWvUt9s',
      productType: 'REELS',
      altText: null,
      extra: { something_new: { a: 1 } },
    })
    expect(page.records[5]).toEqual({
      type: 'media',
      postId: '18000000000000044',
      position: 0,
      id: '18000000000000044',
      kind: 'video',
      url: null,
      altText: null,
    })
  })

  it('notes what cannot be read and goes on', () => {
    expect(page.records[6]).toMatchObject({ id: '17900000000000055', likeCount: null, createdAt: null })
    expect(page.rejects.map(({ path, reason }) => [path, reason])).toEqual([
      ['$.business_discovery.media.data[2].timestamp', 'expected a date'],
      ['$.business_discovery.media.data[2].like_count', 'expected a whole number'],
      ['$.business_discovery.media.data[3]', 'a media without an id'],
    ])
  })

  it('goes on by its cursor, and ends where there is none', () => {
    const child = { stream: 'discovery-media', externalId: 'northpier.coffee', declared: 5, begun: true }
    expect(page.children).toEqual([{ ...child, next: { after: 'QVFIUmV4YW1wbGUx' } }])
    const last = normalise('discovery-media', COFFEE, {}, readPart('discovery-last'))
    expect(last).toMatchObject({ next: null, reason: null })
    expect(last.records).toHaveLength(2)
    expect(last.records[0]).toEqual({
      type: 'post',
      id: '17900000000000066',
      profileId: '17841400000000777',
      kind: 'video',
      createdAt: '2020-05-05T05:05:05.000Z',
      extra: null,
    })
  })

  it('keeps to the limits of the user', () => {
    const few = normalise(
      'discovery',
      COFFEE,
      { params: { ...PARAMS, limitPosts: 3 } },
      readPart('discovery'),
    )
    expect(few.children).toMatchObject([{ next: null, reason: 'limited' }])
    const since = { ...PARAMS, since: '2026-01-01T00:00:00.000Z' }
    const young = normalise('discovery-media', COFFEE, { params: since }, readPart('discovery'))
    expect(young.records.filter(({ type }) => type === 'post').map(post => 'id' in post && post.id)).toEqual([
      '17900000000000031',
      '17900000000000055',
    ])
    expect(young.next).not.toBeNull()
    const old = normalise('discovery-media', COFFEE, { params: since }, readPart('discovery-last'))
    expect(old).toMatchObject({ records: [], next: null })
  })

  it('that does not come is unreadable', () => {
    const part = { ...readPart('discovery'), json: { id: OWN } }
    expect(() => normalise('discovery', COFFEE, {}, part)).toThrow('without an account')
  })
})

describe('an own account', () => {
  const page = normalise(
    'media',
    { externalId: OWN, profileId: OWN },
    { params: COMMENTS },
    readPart('own-media'),
  )

  it('has counts that only its owner is told', () => {
    expect(page.records[0]).toMatchObject({ kind: 'reel', viewCount: 900, shareCount: 3, saveCount: 2 })
    expect(page.records.filter(({ type }) => type === 'post')).toHaveLength(4)
  })

  it('has its comments and replies inline', () => {
    expect(page.records.filter(({ type }) => type === 'comment')).toEqual([
      {
        type: 'comment',
        id: '17990000000000501',
        postId: '17900000000000101',
        parentId: null,
        authorId: '900000000000123',
        authorName: 'lena_w',
        content: 'where is this?',
        likeCount: 1,
        createdAt: '2026-02-01T10:00:03.000Z',
        extra: { hidden: false },
      },
      expect.objectContaining({
        id: '17990000000000502',
        parentId: '17990000000000501',
        authorId: null,
        authorName: 'northpier.coffee',
        likeCount: 0,
      }),
      expect.objectContaining({
        id: '17990000000000503',
        authorId: '900000000000124',
        authorName: null,
        content: null,
        likeCount: null,
      }),
      expect.objectContaining({ id: '17990000000000504', postId: '17900000000000102', parentId: null }),
    ])
  })

  it('names what is left of them, and of insights', () => {
    const comments = (id: string) => ({ stream: 'comments', externalId: id, postId: id })
    const insights = (id: string, sort: string, madeAt: string) => ({
      stream: 'insights',
      externalId: id,
      postId: id,
      next: { sort, madeAt },
      declared: null,
    })
    expect(page.children).toEqual([
      { ...comments('17900000000000101'), declared: 6, next: { after: 'Q09NTUVOVFM' } },
      {
        stream: 'replies',
        externalId: '17990000000000501',
        postId: '17900000000000101',
        next: { after: 'UkVQTElFUw' },
      },
      { ...comments('17900000000000102'), declared: 1, next: null, reason: 'inline' },
      { ...comments('17900000000000103'), declared: 0, next: null, reason: 'comments-disabled' },
      { ...comments('17900000000000104'), declared: 0, next: null, reason: 'none' },
      insights('17900000000000101', 'reel', '2026-02-01T09:00:00.000Z'),
      insights('17900000000000102', 'feed', '2026-01-20T09:00:00.000Z'),
      insights('17900000000000103', 'feed', '2026-01-19T09:00:00.000Z'),
    ])
    expect(page.next).toEqual({ after: 'QUZURVI' })
  })

  const children = (name: string, params = COMMENTS, ...aside: readonly string[]) =>
    normalise('media', { externalId: OWN }, { params }, ...aside.map(readPart), readPart(name))
      .children.filter(({ stream }) => stream !== 'insights')
      .map(({ stream, next, reason }) => [stream, next, reason])

  it('follows replies as far as the user wants', () => {
    expect(children('own-media', { ...COMMENTS, replies: 'inline' })[1]).toEqual(['replies', null, 'limited'])
    expect(children('own-media', { ...COMMENTS, replies: 'none' })[1]).toEqual(['comments', null, 'inline'])
    expect(children('own-media', { ...COMMENTS, limitComments: 3 })[0]).toEqual(['comments', null, 'limited'])
    expect(children('own-media', PARAMS)).toEqual([])
  })

  it('reads comments again where replies were too heavy, and the count says that there are some', () => {
    expect(children('own-media-flat')).toEqual([
      ['comments', 'start', undefined],
      ['comments', null, 'inline'],
    ])
    expect(children('own-media-flat', { ...COMMENTS, replies: 'none' })[0]).toEqual([
      'comments',
      null,
      'inline',
    ])
  })

  it('reads comments by themselves where they were too heavy, and not at all where they are refused', () => {
    expect(children('own-media-plain')).toEqual([
      ['comments', 'start', undefined],
      ['comments', null, 'none'],
    ])
    expect(children('own-media-plain', COMMENTS, 'refused')[0]).toEqual(['comments', null, 'refused'])
  })

  it('takes the place of the next page from the address, never the token', () => {
    const plain = normalise('media', { externalId: OWN }, {}, readPart('own-media-plain'))
    expect(plain.next).toEqual({ until: '1768899600' })
  })

  it('ends where there is no next, although there is an after', () => {
    expect(normalise('media', { externalId: OWN }, {}, readPart('own-media-flat')).next).toBeNull()
  })

  it('ends as capped where the API serves it no deeper, and as truncated where it does not say how it goes on', () => {
    expect(normalise('media', { externalId: OWN }, {}, readPart('too-deep'))).toMatchObject({
      next: null,
      reason: 'capped',
    })
    const part = { ...readPart('own-media-flat'), json: { data: [], paging: { next: 'https://x.example/' } } }
    expect(normalise('media', { externalId: OWN }, {}, part)).toMatchObject({
      next: null,
      reason: 'truncated',
    })
  })

  it('keeps to since and until even where the API does not', () => {
    const ids = (since: string | null, until: string | null) => {
      const params = { ...PARAMS, since, until }
      const { records, next } = normalise('media', { externalId: OWN }, { params }, readPart('own-media'))
      return [records.filter(({ type }) => type === 'post').length, next !== null]
    }
    expect(ids('2026-01-19T09:00:00.000Z', '2026-02-01T09:00:00.000Z')).toEqual([2, true])
    expect(ids('2026-02-02T00:00:00.000Z', null)).toEqual([0, false])
  })

  it('has insights as snapshots, with the parts of a breakdown, and none for what has no data', () => {
    const task = { externalId: '17900000000000101', entityId: OWN }
    expect(normalise('insights', task, {}, readPart('insights')).snapshots).toEqual([
      { subject: 'post', subjectId: '17900000000000101', name: 'reach', value: 120 },
      { subject: 'post', subjectId: '17900000000000101', name: 'navigation', value: 9 },
      { subject: 'post', subjectId: '17900000000000101', name: 'navigation.tap_forward', value: 7 },
      { subject: 'post', subjectId: '17900000000000101', name: 'navigation.swipe_forward', value: 2 },
    ])
  })
})
