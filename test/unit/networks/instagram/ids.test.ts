import { describe, expect, it } from 'vitest'
import type { Params } from '../../../../src/core/params.ts'
import { instagram } from '../../../../src/networks/instagram/index.ts'
import { openInstagram, PARAMS, requestFor, streamOf } from './harness.ts'

describe('parseId', () => {
  it.each([
    ['natgeo', 'natgeo'],
    ['@NatGeo', 'natgeo'],
    ['https://www.instagram.com/NatGeo/', 'natgeo'],
    ['http://instagram.com/nat.geo_1?hl=en', 'nat.geo_1'],
    ['m.instagram.com/natgeo/reels/', 'natgeo'],
    ['https://www.instagram.com/_u/NatGeo', 'natgeo'],
    ['https://www.instagram.com/_n/natgeo/', 'natgeo'],
    ['instagram.com/n/nat.geo_1?utm_source=qr', 'nat.geo_1'],
    ['https://www.instagram.com/n', 'n'],
    ['me', 'me'],
    ['17841400000000001', '17841400000000001'],
    ['123456789', '123456789'],
  ])('%s is %s', (text, key) => {
    expect(instagram.parseId(text)).toBe(key)
  })

  it.each([
    'https://www.instagram.com/p/DAbCdEfGh1J/',
    'https://www.instagram.com/reel/C_zYxWvUt9s/',
    'https://www.instagram.com/natgeo/p/DAbCdEfGh1J/',
    'https://www.instagram.com/_u/natgeo/reel/C_zYxWvUt9s/',
    'https://www.instagram.com/_u/p/DAbCdEfGh1J/',
    'https://www.instagram.com/invites/contact/?igsh=invented',
    'https://www.instagram.com/channel/AbYinvented/',
    'https://www.instagram.com/stories/natgeo/3100000000000000000',
    'https://www.instagram.com/',
    'https://www.youtube.com/natgeo',
    'https://instagram.com.evil.example/natgeo',
    '@17841400000000001',
    '@',
    '',
    '../etc/passwd',
    'a..b',
    '.hidden',
    'two words',
    'name{id}',
    'name).limit(1',
    'x'.repeat(31),
  ])('%j is no profile', text => {
    expect(instagram.parseId(text)).toBeNull()
  })
})

describe('explainId', () => {
  it.each([
    ['https://www.instagram.com/p/DAbCdEfGh1J/', 'a post'],
    ['https://www.instagram.com/natgeo/reel/C_zYxWvUt9s/', 'a reel'],
    ['https://www.instagram.com/invites/contact/?igsh=invented', 'an invitation'],
    ['instagram.com/channel/AbYinvented/', 'a channel'],
    ['https://www.instagram.com/stories/natgeo/3100000000000000000', 'a story'],
  ])('%s is the address of %s', (text, what) => {
    expect(instagram.explainId?.(text)).toContain(what)
  })

  it.each(['two words', 'https://www.youtube.com/natgeo', 'https://www.instagram.com/natgeo/', 'natgeo'])(
    '%s: nothing particular',
    text => {
      expect(instagram.explainId?.(text)).toBeNull()
    },
  )
})

describe('posts', () => {
  const post = instagram.others.post

  it.each(['17900000000000031', '18012345678901234', '17900000000123'])('%s is the id of one', id => {
    expect(post?.parse(id)).toBe(id)
  })

  it.each([
    ['https://www.instagram.com/p/DAbCdEfGh1J/', 'the address of a post: it holds a shortcode'],
    ['instagram.com/reel/C_zYxWvUt9s/?igsh=invented', 'the address of a reel: it holds a shortcode'],
    ['https://www.instagram.com/natgeo/tv/DAbCdEfGh1J/', 'the address of a video: it holds a shortcode'],
    ['https://www.instagram.com/reels/C_zYxWvUt9s/', 'the address of a reel: it holds a shortcode'],
    ['DAbCdEfGh1J', 'it looks like a shortcode'],
    ['3100000000000000000_17841400000000001', 'an id of another API'],
    ['https://www.instagram.com/natgeo/', 'the address of a profile'],
    ['https://www.instagram.com/stories/natgeo/3100000000000000000', 'the address of a story'],
  ])('%s is none: %s', (text, why) => {
    expect(post?.parse(text)).toBeNull()
    expect(post?.explain?.(text)).toContain(why)
  })

  it.each(['two words', '', '123', 'post'])('%j is none, and nothing particular', text => {
    expect(post?.parse(text)).toBeNull()
    expect(post?.explain?.(text)).toBeNull()
  })

  it('an address of one is told what to give where a profile may be meant, too', () => {
    expect(instagram.explainId?.('https://www.instagram.com/p/DAbCdEfGh1J/')).toContain(
      "give the media's numeric id, which `export posts` and the API tell, of your own account alone",
    )
  })
})

describe('opening', () => {
  const all: Params = { ...PARAMS, kinds: ['profile', 'posts', 'comments', 'likes'] }
  const own = '17841400000000001'

  it('reads another account through discovery, without comments and likes', () => {
    expect(openInstagram({ user_id: own }).opening('natgeo', all)).toEqual({
      tasks: [{ stream: 'discovery', externalId: 'natgeo' }],
      skipped: [
        { kind: 'comments', reason: 'unsupported-by-network' },
        { kind: 'likes', reason: 'unsupported-by-network' },
      ],
      exclusive: false,
    })
  })

  it('skips nothing that was not asked for', () => {
    expect(openInstagram({ user_id: own }).opening('natgeo', PARAMS)?.skipped).toEqual([])
  })

  it('reads an own account with no other token', () => {
    expect(openInstagram({ user_id: own }).opening(own, all)).toEqual({
      tasks: [{ stream: 'account', externalId: own }],
      skipped: [{ kind: 'likes', reason: 'unsupported-by-network' }],
      exclusive: true,
    })
  })

  it('reads any own account with a token of Facebook Login, which may manage several', () => {
    const other = '17841400000000002'
    expect(openInstagram({ user_id: own }).opening(other, PARAMS)?.tasks).toEqual([
      { stream: 'account', externalId: other },
    ])
  })

  it('of another account without an account to ask with ends at its first call, which is not sent', async () => {
    const source = openInstagram({})
    const [task] = source.opening('natgeo', all)?.tasks ?? []
    const stream = streamOf(source, task?.stream ?? '')
    const ctx = {
      signal: new AbortController().signal,
      call: () => Promise.reject(new Error('no call expected')),
      usage: () => {},
      now: () => 0,
      known: async () => new Set<string>(),
      there: async () => new Set<string>(),
      counters: async () => new Map(),
      observed: async () => [],
    }
    const page = stream.fetch(requestFor(stream, { externalId: 'natgeo' }), ctx)
    await expect(page).rejects.toMatchObject({
      fault: { kind: 'misconfigured', advice: expect.stringContaining('SOCSYNC_INSTAGRAM_USER_ID') },
    })
  })

  it('takes `me` for the account that asks, or for the one that the token has', () => {
    const tasks = [{ stream: 'account', externalId: own }]
    expect(openInstagram({ user_id: own }).opening('me', all)).toMatchObject({ tasks, exclusive: true })
    const login = openInstagram({ access_token: 'IGAAinvented' })
    expect(login.opening('me', all)?.tasks).toEqual([{ stream: 'account', externalId: 'me' }])
  })

  it('reads its own account alone with a token of Instagram Login', () => {
    const source = openInstagram({ access_token: 'IGAAinvented', user_id: own })
    expect(source.opening('natgeo', PARAMS)).toEqual({
      tasks: [],
      skipped: PARAMS.kinds.map(kind => ({ kind, reason: 'unsupported-by-network' })),
      exclusive: false,
    })
    expect(source.opening('17841400000000002', PARAMS)).toBeNull()
    expect(source.opening(own, PARAMS)?.exclusive).toBe(true)
  })

  it('names its owner without telling the token', () => {
    const token = 'EAAinvented-and-long-enough'
    expect(openInstagram({ access_token: token, app_id: '645600000000077' }).owner).toBe('645600000000077')
    const { owner } = openInstagram({ access_token: token })
    expect(owner).toBe(openInstagram({ access_token: token }).owner)
    expect(owner).not.toBe(openInstagram({ access_token: `${token}2` }).owner)
    expect(owner).not.toContain('invented')
  })

  it('reads a post by its id, whoever it is of', () => {
    expect(openInstagram({ user_id: own }).opening('post:17900000000000031', all)).toEqual({
      tasks: [{ stream: 'named', externalId: '17900000000000031' }],
      skipped: [{ kind: 'likes', reason: 'unsupported-by-network' }],
      exclusive: false,
    })
  })
})

describe('hashtags', () => {
  const parse = (text: string) => instagram.others.tag?.parse(text)

  it.each([
    ['bread', 'bread'],
    ['#Bread', 'bread'],
    ['#パン', 'パン'],
    ['https://www.instagram.com/explore/tags/Bread/', 'bread'],
    ['instagram.com/explore/tags/%E3%83%91%E3%83%B3/?hl=en', 'パン'],
    ['#', null],
    ['two words', null],
    ['bread🍞', null],
    ['https://www.instagram.com/explore/tags/%E3/', null],
    ['https://www.instagram.com/explore/', null],
    ['https://www.instagram.com/bread/', null],
  ])('%s is %s', (text, name) => expect(parse(text)).toBe(name))

  it('are read on the Facebook side alone, without comments and likes', () => {
    const all: Params = { ...PARAMS, kinds: ['profile', 'posts', 'comments', 'likes'] }
    const skipped = (...kinds: readonly string[]) =>
      kinds.map(kind => ({ kind, reason: 'unsupported-by-network' }))
    expect(openInstagram({ user_id: '17841400000000001' }).opening('tag:bread', all)).toEqual({
      tasks: [{ stream: 'tag', externalId: 'bread' }],
      skipped: skipped('comments', 'likes'),
      exclusive: false,
    })
    const login = openInstagram({ access_token: 'IGAAinvented' })
    expect(login.opening('tag:bread', all)).toEqual({
      tasks: [],
      skipped: skipped(...all.kinds),
      exclusive: false,
    })
  })
})
