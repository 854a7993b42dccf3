import { describe, expect, it } from 'vitest'
import type { PostRecord } from '../../../../../src/core/records.ts'
import { TOKENS } from '../../../../../src/networks/instagram/sandbox/tokens.ts'
import { codeOf, ORIGIN, open, type Reply, type Wire } from './open.ts'

const { own, get, send, follow, discover, truth, set, clear } = open()
const posts = truth().filter(
  (record): record is PostRecord => record.type === 'post' && record.kind !== 'story',
)
const ids = (list: readonly Wire[] = []): string[] => list.map(({ id }) => id)

/** The post with most comments. */
const [longest] = posts
  .toSorted((a, b) => (b.commentsCount ?? 0) - (a.commentsCount ?? 0))
  .map(({ id }) => id)
const album = posts.find(({ kind }) => kind === 'carousel')?.id ?? ''

describe('fields', () => {
  it('gives the default ones where none are asked for', () => {
    expect(Object.keys(get(own).json)).toEqual(['id'])
    expect(Object.keys(get(`${own}/media`).json.data[0])).toEqual(['id'])
    const comments = get(`${longest}/comments`, { limit: '50' }).json.data
    expect(new Set(comments.flatMap(Object.keys))).toEqual(new Set(['timestamp', 'text', 'id']))
  })

  it('always adds the id, last where it was not asked for, also to what is nested', () => {
    const { json } = get(album, { fields: 'media_type,children{media_type}' })
    expect(Object.keys(json)).toEqual(['media_type', 'children', 'id'])
    expect(Object.keys(json.children.data[0])).toEqual(['media_type', 'id'])
  })

  it('takes modifiers in any order, aliases, spaces and encoded braces', () => {
    const page = get(own, { fields: 'media.limit(3){id}' }).json.media
    const after = page.paging.cursors.after
    const one = get(own, { fields: `media.after(${after}).limit(2){id}` }).json.media
    const other = get(own, { fields: ` media.limit(2).after( ${after} ) { id } , username ` }).json
    expect(ids(one.data)).toEqual(ids(other.media.data))
    expect(one.data).toHaveLength(2)
    expect(get(own, { fields: 'media.limit(1).as(newest){id}' }).json.newest.data).toHaveLength(1)
  })

  it.each([
    ['id,', 2500],
    ['media{id', 2500],
    ['media.limit(5{id}', 2500],
    ['id}', 2500],
    ['constructor', 100],
    ['username{id}', 100],
    ['view_count', 100],
  ])('refuses %s', (fields, code) => {
    expect(get(own, { fields }).json.error.code).toBe(code)
  })

  it('leaves out what has no value, and hides likes from lists but not from the owner who asks directly', () => {
    const hidden = posts.find(({ likeCount }) => likeCount === null)?.id ?? ''
    const found = get(`${own}/media`, { fields: 'like_count,caption', limit: '100' })
    const listed = pages(found).flatMap(page => page.data)
    expect(listed.find(({ id }) => id === hidden)).not.toHaveProperty('like_count')
    expect(get(hidden, { fields: 'like_count' }).json.like_count).toBeGreaterThan(0)
    expect(listed.some(item => !('caption' in item))).toBe(true)
    expect(JSON.stringify(listed)).not.toContain('null')
  })

  it('knows what each route refuses', () => {
    const post = (fields: string) => codeOf(get(posts[0]?.id ?? '', { fields }))
    const found = (fields: string) => discover('one.post', fields).error?.code
    expect(post('view_count')).toBe('36104')
    expect(codeOf(get(album, { fields: 'children{like_count}' }))).toBe('100')
    expect([found('live_media'), found('stories'), found('insights')]).toEqual([36104, 10, 100])
    expect([found('media{shortcode}'), found('media{comments}'), found('media{saved_count}')]).toEqual([
      100, 100, 100,
    ])
    set('discovery-refuses', 'follows_count,thumbnail_url')
    expect([found('follows_count'), found('media{thumbnail_url}'), found('name')]).toEqual([
      100,
      100,
      undefined,
    ])
    clear()
  })

  it('writes times, escapes and numbers as the network does', () => {
    const reply = get(own, { fields: 'ig_id,media.limit(1){timestamp,permalink,ig_id}' })
    const [item] = reply.json.media.data
    expect(item.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/)
    expect(reply.text).toContain('https:\\/\\/www.instagram.com\\/')
    expect([typeof reply.json.ig_id, typeof item.ig_id, item.ig_id.length]).toEqual(['number', 'string', 19])
    const strange = get(own, {
      fields: 'business_discovery.username(strange.texts){media.limit(50){caption}}',
    })
    expect(strange.text).toMatch(/^[\x20-\x7e]+$/)
    expect(strange.text).toContain('\\u0000')
  })

  it('signs addresses anew at each read', () => {
    const read = () => get(album, { fields: 'media_url' }).json.media_url
    const [one, other] = [read(), read()]
    expect(one).not.toBe(other)
    expect(Number.parseInt(new URL(one).searchParams.get('oe') ?? '', 16) * 1000).toBeGreaterThan(
      Date.UTC(2026, 2, 2),
    )
  })
})

/** A first page and all that follow. */
const pages = (first: Reply): Wire[] => {
  const all = [first.json]
  while (all.at(-1).paging?.next !== undefined) all.push(follow(all.at(-1).paging.next).json)
  return all
}

const shape = ({ data, paging }: Wire): unknown => [
  data.length,
  paging === undefined
    ? null
    : [...Object.keys(paging.cursors), ...Object.keys(paging).filter(key => key !== 'cursors')],
]

describe('paging', () => {
  it('of media: both cursors always, addresses where a page follows', () => {
    const all = pages(get(`${own}/media`, { fields: 'id', limit: '100' }))
    expect(all.map(page => shape(page))).toEqual([
      [expect.any(Number), ['before', 'after', 'next']],
      [expect.any(Number), ['before', 'after', 'next', 'previous']],
      [expect.any(Number), ['before', 'after', 'next', 'previous']],
      [expect.any(Number), ['before', 'after', 'previous']],
    ])
    expect(all.flatMap(page => ids(page.data))).toEqual(ids(posts))
    const beyond = get(`${own}/media`, { after: all.at(-1).paging.cursors.after })
    expect(beyond.json).toEqual({ data: [] })
  })

  it('of media: short pages, and an empty one in the middle that leads on', () => {
    const all = pages(get(`${own}/media`))
    const sizes = all.map(({ data }) => data.length)
    expect(sizes.slice(0, -1)).toContain(0)
    expect(sizes.some(size => size > 0 && size < 25)).toBe(true)
  })

  it('of comments: newest first, no paging at all on the last page', () => {
    const all = pages(get(`${longest}/comments`, { limit: '60', fields: 'id,timestamp' }))
    expect(all.map(shape)).toEqual([
      [expect.any(Number), ['after', 'next']],
      [expect.any(Number), ['after', 'next']],
      [expect.any(Number), null],
    ])
    const times = all.flatMap(page => page.data.map(({ timestamp }: Wire) => timestamp))
    expect(times).toEqual(times.toSorted().toReversed())
    expect(all[0].data.length).toBeLessThanOrEqual(50)
  })

  it('of a nested edge: an address of that edge, which gives the rest', () => {
    const fields = 'comments.limit(10){id,replies.limit(5){id}}'
    const { comments } = get(longest ?? '', { fields }).json
    const rest = pages(follow(comments.paging.next))
    const whole = pages(get(`${longest}/comments`, { fields: 'id,replies.limit(5){id}', limit: '50' }))
    expect([comments, ...rest].flatMap(page => ids(page.data))).toEqual(whole.flatMap(page => ids(page.data)))
    expect(new URL(comments.paging.next).searchParams.get('access_token')).toBe(TOKENS.system)
    const answered = whole.flatMap(page => page.data).find(({ replies }) => replies?.paging !== undefined)
    expect(answered.replies.data).toHaveLength(5)
    expect(comments.paging.next.startsWith(`${ORIGIN}/v26.0/${longest}/comments?`)).toBe(true)
  })

  it('of discovery: cursors and never an address', () => {
    const read = (place: string): Wire => discover('two.pages.of.50', `media${place}.limit(40){id}`).media
    const first = read('')
    const second = read(`.after(${first.paging.cursors.after})`)
    const third = read(`.after(${second.paging.cursors.after})`)
    expect([first, second, third].map(({ paging }) => Object.keys(paging))).toEqual([
      ['cursors'],
      ['cursors'],
      ['cursors'],
    ])
    expect([first, second, third].map(({ paging }) => Object.keys(paging.cursors))).toEqual([
      ['after'],
      ['before', 'after'],
      ['before'],
    ])
    expect(ids(read(`.before(${third.paging.cursors.before})`).data)).toEqual(ids(second.data))
    expect(discover('no.posts.yet', 'media_count,media{id}')).toEqual({
      media_count: 0,
      id: expect.any(String),
    })
  })

  it('by date: unix seconds, days, ISO and what JavaScript prints', () => {
    const since = posts[40]?.createdAt ?? ''
    const until = posts[20]?.createdAt ?? ''
    const between = ids(posts.slice(20, 41))
    const forms = [
      (at: string) => String(Date.parse(at) / 1000),
      (at: string) => at,
      (at: string) => new Date(at).toString(),
    ]
    for (const form of forms) {
      const page = get(`${own}/media`, { since: form(since), until: form(until), limit: '100' })
      expect(ids(page.json.data)).toEqual(between)
    }
    expect(codeOf(get(`${own}/media`, { since: 'soon' }))).toBe('100')
  })

  it('refuses cursors of another edge, too large pages, and depths beyond the cap', () => {
    const { after } = get(`${own}/media`, { limit: '5' }).json.paging.cursors
    expect(codeOf(get(`${longest}/comments`, { after }))).toBe('100')
    expect(get(`${own}/media`, { limit: '101' })).toMatchObject({ status: 500, json: { error: { code: 1 } } })
    set('depth', 12)
    const all = pages(get(`${own}/media`, { limit: '5' }))
    expect(all.flatMap(page => page.data)).toHaveLength(12)
    const deeper = get(`${own}/media`, { limit: '20' }).json.paging
    expect(deeper).not.toHaveProperty('next')
    clear()
    const deep = get(`${own}/media`, { limit: '20' }).json.paging.cursors.after
    set('depth', 12)
    expect(get(`${own}/media`, { after: deep }).json.error.message).toContain('exceeds the max limit')
    clear()
  })

  it('asks for less where an answer grows too heavy', () => {
    set('heaviest-answer', 60)
    const fields = 'id,comments.limit(50){id}'
    expect(get(`${own}/media`, { fields, limit: '50' }).json.error.message).toContain('reduce the amount')
    expect(get(`${own}/media`, { fields, limit: '2' }).status).toBe(200)
    clear()
  })
})

describe('requests', () => {
  it.each([`/v18.0//${own}/`, `//v26.0/${own}`, `/${own}`])('serves %s', path => {
    const reply = send('GET', `${ORIGIN}${path}?access_token=${TOKENS.system}`)
    expect(reply.json).toEqual({ id: own })
    expect(reply.headers['facebook-api-version']).toBe(path.includes('v18') ? 'v21.0' : 'v26.0')
  })

  it('takes the token from a header, and ignores a body that comes with GET', () => {
    const headers = { authorization: `Bearer ${TOKENS.system}`, 'content-type': 'application/json' }
    expect(send('GET', `/v26.0/${own}`, { headers, body: '{}' }).json).toEqual({ id: own })
  })

  it('owns its paths and no others', () => {
    const { sandbox } = open()
    const owns = (path: string, query = '', body = '') =>
      sandbox.owns({ method: 'GET', path, query: new URLSearchParams(query), headers: {}, body })
    const ours = [
      '/v26.0',
      '/v26.0/1',
      '/17841',
      '/me',
      '/me/accounts',
      '/oauth/access_token',
      '/debug_token',
    ]
    const theirs = [
      '/v2/user/info/',
      '/youtube/v3/channels',
      '/sandbox/clock',
      '/',
      '/oauth2/token',
      '/video/list/',
    ]
    expect(ours.map(path => owns(path))).toEqual(ours.map(() => true))
    expect(theirs.map(path => owns(path))).toEqual(theirs.map(() => false))
    expect([owns('/', 'ids=1'), owns('/', '', 'batch=[]'), owns('/', '', '{"batch":[]}')]).toEqual([
      true,
      true,
      true,
    ])
  })

  it('answers batches as form and as JSON, each part with its own status', () => {
    const batch = [
      { method: 'GET', relative_url: `${own}?` },
      { method: 'GET', relative_url: `v26.0/${album}/children?fields=id&access_token=${TOKENS.revoked}` },
      { method: 'POST', relative_url: `${own}/media` },
    ]
    const type = (name: string) => ({ 'content-type': name })
    const url = `/v26.0?access_token=${TOKENS.system}`
    const json = send('POST', url, { headers: type('application/json'), body: JSON.stringify({ batch }) })
    const form = send('POST', url, {
      headers: type('application/x-www-form-urlencoded'),
      body: new URLSearchParams({ batch: JSON.stringify(batch), include_headers: 'false' }).toString(),
    })
    for (const { json: parts } of [json, form]) {
      expect(parts.map(({ code }: Wire) => code)).toEqual([200, 400, 400])
      expect(JSON.parse(parts[0].body)).toEqual({ id: own })
      expect(JSON.parse(parts[1].body).error.code).toBe(190)
    }
    expect(json.json[0].headers).toContainEqual({
      name: 'x-business-use-case-usage',
      value: expect.stringContaining(own),
    })
    expect(form.json[0]).not.toHaveProperty('headers')
    const many = JSON.stringify(Array.from({ length: 51 }, () => batch[0]))
    expect(codeOf(send('POST', `${url}&${new URLSearchParams({ batch: many })}`))).toBe('100')
  })

  it('one bad id spoils a multi-get, unless it is switched otherwise', () => {
    const some = { ids: `${album},17900000000000001`, fields: 'id' }
    expect(codeOf(get('', some))).toBe('100/33')
    set('multi-get-spoils', false)
    expect(get('', some).json).toEqual({ [album]: { id: album } })
    clear()
  })
})

describe('insights', () => {
  const insights = (id: string, metric: string) => get(`${id}/insights`, { metric })
  const of = (kind: string) => posts.find(post => post.kind === kind)?.id ?? ''

  it('differ by product, and one wrong metric fails all', () => {
    expect(insights(of('reel'), 'reach,ig_reels_avg_watch_time').json.data).toHaveLength(2)
    expect(insights(of('image'), 'reach,ig_reels_avg_watch_time').json.error.message).toContain(
      'does not support the ig_reels_avg_watch_time metric',
    )
    expect(insights(of('image'), 'reach,impressions').json.error.message).toContain(
      'metric[1] must be one of',
    )
    expect(get(`${of('image')}/insights`).json.error.code).toBe(100)
  })

  it('are refused for posts from before the conversion and for stories hardly seen', () => {
    expect(codeOf(insights(posts.at(-1)?.id ?? '', 'reach'))).toBe('100/2108006')
    const stories = [1, 2, 3, 4, 5, 6].flatMap(seed => {
      const other = open({ seed })
      return ids(other.get(`${other.own}/stories`).json.data).map(id =>
        codeOf(other.get(`${id}/insights`, { metric: 'reach' })),
      )
    })
    expect(new Set(stories)).toEqual(new Set(['', '10']))
  })

  it('of an account: at most 30 days, and addresses that lead on for ever', () => {
    const read = (params: Record<string, string>) => get(`${own}/insights`, params)
    const month = { period: 'day', since: '2026-08-01', until: '2026-09-10' }
    expect(read({ metric: 'reach', ...month }).json.error.message).toContain('more than 30 days')
    expect(read({ metric: 'views', period: 'day' }).json.error.message).toContain('metric_type=total_value')
    const page = read({ metric: 'reach,follower_count', period: 'day' }).json
    expect(page.data).toHaveLength(2)
    expect(follow(follow(page.paging.next).json.paging.next).json.paging).toHaveProperty('next')
    const who = read({
      metric: 'follower_demographics',
      period: 'lifetime',
      metric_type: 'total_value',
      timeframe: 'this_month',
      breakdown: 'country',
    })
    expect(who.json.data[0].total_value.breakdowns[0].dimension_keys).toEqual(['country'])
  })
})
