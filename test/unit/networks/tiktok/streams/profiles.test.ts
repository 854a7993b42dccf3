import { describe, expect, test } from 'vitest'
import { EVERYTHING } from '../../../../support/params.ts'
import { fixture, OPEN_ID, ok, openTiktok, refusal, serve, task, walk } from '../harness.ts'

const USER =
  '{"display_name":"Ada Bakes","bio_description":"","is_verified":false,"follower_count":1204,"following_count":88,"likes_count":3400123456,"video_count":312,"avatar_url":"https://p16.example/a.jpeg","badge":"new"}'
const HIDDEN = refusal(403, 'invalid_params', 'information cannot be returned')
const ADA = task('user', 'ada.bakes')

describe('a profile by its username', () => {
  test('is named by what it was asked by; unknown fields are kept', async () => {
    await using server = await serve(() => ok(USER))
    await using opened = openTiktok(server.origin)
    const { pages, records, children } = await walk(opened, [ADA])
    expect(records).toEqual([
      {
        type: 'profile',
        id: 'ada.bakes',
        username: 'ada.bakes',
        name: 'Ada Bakes',
        bio: '',
        website: null,
        url: 'https://www.tiktok.com/@ada.bakes',
        avatarUrl: 'https://p16.example/a.jpeg',
        verified: false,
        followersCount: 1204,
        followingCount: 88,
        likesCount: 3400123456,
        postsCount: 312,
        extra: { badge: 'new' },
      },
    ])
    expect(pages[0]?.identities).toEqual([
      { externalId: 'ada.bakes', entityId: 'ada.bakes', profileId: 'ada.bakes' },
    ])
    expect(children).toEqual([
      { stream: 'videos', externalId: 'ada.bakes', profileId: 'ada.bakes', next: 'start', declared: 312 },
    ])
    expect(server.calls).toHaveLength(1)
  })

  test('without videos nothing is searched for', async () => {
    await using server = await serve(() => ok('{"video_count":0}'))
    await using opened = openTiktok(server.origin)
    const { children } = await walk(opened, [ADA])
    expect(children).toMatchObject([{ stream: 'videos', next: null, reason: 'none', declared: 0 }])
  })

  test.each([
    ['renamed', 400, '`username: ada.bakes` is invalid: cannot find the user', 'not-found', 'not-found'],
    ['private', 403, '`username: ada.bakes` is private', 'forbidden', 'private'],
    ['refused', 400, "API cannot return this user's information", 'forbidden', 'refused'],
  ])('%s', async (_, status, message, kind, reason) => {
    await using server = await serve(() => refusal(status, 'invalid_params', message))
    await using opened = openTiktok(server.origin)
    expect((await walk(opened, [ADA])).fault).toEqual({ kind, code: 'invalid_params', reason })
    expect(server.calls).toHaveLength(1)
  })

  test('a 500 that carries the profile is a success, one that does not is tried again', async () => {
    await using server = await serve((_, nth) =>
      nth < 3 ? refusal(500, 'internal_error', 'Server Internal Error') : { status: 500, body: ok(USER) },
    )
    await using opened = openTiktok(server.origin)
    const { records } = await walk(opened, [ADA])
    expect(records).toHaveLength(1)
    expect(opened.charged.get('main')).toBe(3)
  })

  test('an answer without anything in it is no profile: asked three times, then it is not to be had', async () => {
    await using server = await serve(() => ok('{}'))
    await using opened = openTiktok(server.origin)
    const { fault, records } = await walk(opened, [ADA])
    expect(fault).toEqual({ kind: 'not-found', code: 'empty', reason: 'unavailable' })
    expect(records).toEqual([])
    expect(server.calls).toHaveLength(3)
  })

  test('a known one is read further without its own answer', async () => {
    await using opened = openTiktok('http://127.0.0.1:9')
    const stream = opened.source.streams.find(({ name }) => name === 'user')
    const known = { profileId: 'ada.bakes', declared: 312 }
    const videos = { externalId: 'ada.bakes', profileId: 'ada.bakes', stream: 'videos', declared: 312 }
    expect(stream?.onward?.(known, ADA, EVERYTHING)).toEqual([{ ...videos, next: 'start' }])
    expect(stream?.onward?.({ ...known, declared: 0 }, ADA, EVERYTHING)).toMatchObject([{ next: null }])
  })

  test('a client without approval is told so by the first answer, and no field is left out for it', async () => {
    await using server = await serve(() => refusal(401, 'scope_not_authorized', 'not authorized'))
    await using opened = openTiktok(server.origin)
    const { fault } = await walk(opened, [ADA])
    expect(fault).toMatchObject({
      kind: 'misconfigured',
      advice: expect.stringContaining('this client has no Research approval'),
    })
    expect(server.calls).toHaveLength(1)
  })

  test('a cut answer is tried again', async () => {
    await using server = await serve((_, nth) => (nth === 1 ? ok(USER).slice(0, 40) : ok(USER)))
    await using opened = openTiktok(server.origin)
    expect((await walk(opened, [ADA])).records).toHaveLength(1)
  })
})

describe('--lists', () => {
  const likes = '{"user_liked_videos":[{"id":7391112223334445557,"username":"bea"},{"username":"carl"}]'

  test('pinned and reposted videos are collections, their ids in the profile too, null where they are not shared', async () => {
    await using server = await serve(({ path }) => {
      if (path.endsWith('/pinned_videos/')) return ok('{"pinned_videos_list":[{"id":7391112223334445557}]}')
      return path.endsWith('/info/') ? ok(USER) : HIDDEN
    })
    await using opened = openTiktok(server.origin)
    const { records, children, pages } = await walk(opened, [ADA], { lists: ['liked', 'pinned', 'reposted'] })
    const id = 'pinned:ada.bakes'
    expect(records).toMatchObject([
      { extra: { badge: 'new', pinned_video_ids: ['7391112223334445557'], reposted_video_ids: null } },
      { type: 'collection', id, kind: 'pinned', profileId: 'ada.bakes', itemsCount: 1 },
      { type: 'item', collectionId: id, postId: '7391112223334445557', position: 0 },
    ])
    expect(pages[0]?.entire).toEqual([id])
    expect(children.map(({ stream }) => stream)).toEqual(['videos', 'liked'])
    expect(server.calls.map(({ body }) => body)).toEqual([
      { username: 'ada.bakes' },
      { username: 'ada.bakes' },
      { username: 'ada.bakes', max_count: 100 },
    ])
  })

  test.each([
    [[], [], undefined],
    [['liked'], [], undefined],
    [['pinned'], ['pinned_videos'], { pinned_video_ids: ['7391112223334445557'] }],
    [['reposted'], ['reposted_videos'], { reposted_video_ids: ['7391112223334445557'] }],
  ] as const)('%j asks for %j beside the profile, and for no other list', async (lists, asked, extra) => {
    await using server = await serve(({ path }) =>
      ok(
        path.endsWith('/info/')
          ? USER
          : '{"pinned_videos_list":[{"id":7391112223334445557}],"reposted_videos":[{"id":7391112223334445557}]}',
      ),
    )
    await using opened = openTiktok(server.origin)
    const { records, children } = await walk(opened, [ADA], { lists })
    expect(server.calls.map(({ path }) => path.split('/').at(-2))).toEqual(['info', ...asked])
    const [profile] = records
    expect(profile).toMatchObject({ extra: { badge: 'new', ...extra } })
    expect(Object.keys(Object(profile).extra)).toHaveLength(1 + asked.length)
    expect(children.map(({ stream }) => stream)).toEqual([
      'videos',
      ...lists.filter(name => name === 'liked'),
    ])
  })

  test('a list that goes on says nothing of what it does not bring', async () => {
    const list = '{"reposted_videos":[{"id":7391112223334445557}],"cursor":100,"has_more":true}'
    await using server = await serve(({ path }) => ok(path.endsWith('/info/') ? USER : list))
    await using opened = openTiktok(server.origin)
    const { records, pages } = await walk(opened, [ADA], { lists: ['reposted'] })
    expect(records.slice(1)).toMatchObject([
      { type: 'collection', id: 'reposted:ada.bakes', itemsCount: null },
      { type: 'item', position: null },
    ])
    expect(pages[0]?.entire).toEqual([])
  })

  test('a list that fails leaves the profile as it is, and its key out', async () => {
    await using server = await serve(({ path }) =>
      path.endsWith('/info/') ? ok(USER) : refusal(500, 'internal_error', 'Something is wrong.'),
    )
    await using opened = openTiktok(server.origin)
    const { records } = await walk(opened, [ADA], { lists: ['pinned', 'reposted'] })
    expect(records).toMatchObject([{ name: 'Ada Bakes', extra: { badge: 'new' } }])
    expect(records[0]).not.toHaveProperty('extra.pinned_video_ids')
  })

  test('liked videos are likes of the profile; the cursor goes back as it came', async () => {
    await using server = await serve(({ body }) =>
      ok(`${likes},"cursor":1770877446000,"has_more":${body.cursor === undefined}}`),
    )
    await using opened = openTiktok(server.origin)
    const { records, pages } = await walk(opened, [task('liked', 'ada.bakes')])
    expect(records[0]).toEqual({ type: 'like', postId: '7391112223334445557', authorId: 'ada.bakes' })
    expect(pages[0]?.rejects).toMatchObject([{ reason: 'a liked video without an id' }])
    expect(server.calls[1]?.body.cursor).toBe(1770877446000)
  })

  test('not shared is no failure', async () => {
    await using server = await serve(() => HIDDEN)
    await using opened = openTiktok(server.origin)
    const { fault } = await walk(opened, [task('liked', 'ada.bakes')])
    expect(fault).toEqual({ kind: 'forbidden', code: 'invalid_params', reason: 'not-shared' })
  })
})

describe("a token's own account", () => {
  const own = { kind: 'user token', values: { access_token: 'act.of-nobody-00' } }
  const PROFILE = task('own-profile', OPEN_ID)

  test('is known by its open_id', async () => {
    await using server = await serve(() => fixture('own-user'))
    await using opened = openTiktok(server.origin, own)
    const { records, children } = await walk(opened, [PROFILE])
    expect(records).toEqual([
      {
        type: 'profile',
        id: OPEN_ID,
        username: 'ada.bakes',
        name: 'Ada Bakes',
        bio: 'bread',
        url: 'https://www.tiktok.com/@ada.bakes',
        avatarUrl: 'https://p16.example/a.jpeg',
        verified: false,
        followersCount: 1204,
        followingCount: 88,
        likesCount: 3400123456,
        postsCount: 3,
        extra: { union_id: 'u-1' },
      },
    ])
    expect(children).toMatchObject([{ stream: 'own-videos', externalId: OPEN_ID, declared: 3 }])
    expect(opened.charged).toEqual(new Map([['user.info', 1]]))
  })

  test.each(['me', 'ada.bakes'])('is the same listed as %s', async name => {
    await using server = await serve(() => fixture('own-user'))
    await using opened = openTiktok(server.origin, own)
    const { records, pages } = await walk(opened, [task('own-profile', name)])
    expect(records).toMatchObject([{ id: OPEN_ID }])
    expect(pages[0]?.identities).toEqual([{ externalId: name, entityId: OPEN_ID, profileId: OPEN_ID }])
  })

  test('tells nothing where the token is for another one', async () => {
    await using server = await serve(() => fixture('own-user'))
    await using opened = openTiktok(server.origin, own)
    const { pages } = await walk(opened, [task('own-profile', `${OPEN_ID}-other`)])
    expect(pages).toMatchObject([
      { records: [], identities: [], missing: [{ id: `${OPEN_ID}-other`, reason: 'refused' }] },
    ])
  })

  test('a permission that was not given costs its fields, and is asked for again the next time', async () => {
    await using server = await serve(({ fields }) =>
      fields.includes('username') ? refusal(401, 'scope_not_authorized', 'scope') : fixture('own-user'),
    )
    await using opened = openTiktok(server.origin, own)
    const { records } = await walk(opened, [PROFILE])
    expect(records[0]).toMatchObject({ name: 'Ada Bakes', followersCount: 1204 })
    expect(records[0]).not.toHaveProperty('bio')
    expect(server.calls).toHaveLength(3)
    expect(opened.memory.size).toBe(0)
  })

  test('its videos come newest first from --until down to --since', async () => {
    await using server = await serve(() => fixture('own-videos'))
    await using opened = openTiktok(server.origin, own)
    const bounds = { since: '2026-01-01T00:00:00.000Z', until: '2026-03-01T00:00:00.000Z' }
    const { records, end } = await walk(opened, [task('own-videos', OPEN_ID)], bounds)
    expect(records).toEqual([
      {
        type: 'post',
        id: '7391112223334445557',
        profileId: OPEN_ID,
        kind: 'video',
        title: '#rye',
        caption: 'rye day #Bread by @north.pier #RYE',
        permalink: 'https://www.tiktok.com/@ada.bakes/video/7391112223334445557',
        createdAt: '2026-02-12T06:24:06.000Z',
        likeCount: 9,
        commentsCount: 2,
        viewCount: 5_000_000_000,
        shareCount: 0,
        hashtags: ['rye', 'Bread'],
        mentions: ['north.pier'],
        extra: { embed_link: 'https://www.tiktok.com/player/v1/7391112223334445557' },
      },
      expect.objectContaining({
        type: 'media',
        thumbnailUrl: 'https://p16.example/c.jpeg',
        width: 576,
        height: 1024,
        durationMs: 31_000,
      }),
    ])
    expect(end).toBeNull()
    expect(server.calls.map(({ body }) => body)).toEqual([{ max_count: 20, cursor: Date.UTC(2026, 2, 1) }])
  })

  test('the address of a video says nothing of who shared it, in the row and in the answer as it is kept', async () => {
    await using server = await serve(() =>
      ok(
        '{"videos":[{"id":"7391112223334445557","share_url":"https://www.tiktok.com/@ada.bakes/video/7391112223334445557?utm_campaign=tt4d_open_api&utm_source=awkeyofnobody"}],"has_more":false}',
      ),
    )
    await using opened = openTiktok(server.origin, own)
    const { records, raws } = await walk(opened, [task('own-videos', OPEN_ID)])
    expect(records[0]).toMatchObject({
      permalink: 'https://www.tiktok.com/@ada.bakes/video/7391112223334445557',
    })
    expect(JSON.stringify(raws)).not.toContain('awkeyofnobody')
    expect(raws[0]?.parts[0]?.text).toContain('7391112223334445557"}')
  })

  test('a list that goes on from where it is is a loop', async () => {
    await using server = await serve(() => fixture('own-videos'))
    await using opened = openTiktok(server.origin, own)
    const { end } = await walk(opened, [task('own-videos', OPEN_ID)])
    expect(end).toBe('loop')
    expect(server.calls).toHaveLength(2)
  })
})
