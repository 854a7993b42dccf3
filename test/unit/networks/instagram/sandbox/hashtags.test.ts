import { describe, expect, it } from 'vitest'
import { TOKENS } from '../../../../../src/networks/instagram/sandbox/tokens.ts'
import { codeOf, DAY, type Opened, open } from './open.ts'

const search = ({ get, own }: Opened, q: string) => get('ig_hashtag_search', { user_id: own, q })
const idOf = (world: Opened, name: string): string => search(world, name).json.data[0].id
const page = (world: Opened, path: string, fields = 'id', more = {}) =>
  world.get(path, { user_id: world.own, fields, ...more })

describe('ig_hashtag_search', () => {
  it('tells an id that is the same for ever, and nothing of what is not there', () => {
    const world = open()
    expect(search(world, 'bread').json).toEqual({ data: [{ id: expect.stringMatching(/^17843\d{12}$/) }] })
    expect(idOf(open({ seed: 9 }), 'Bread')).toBe(idOf(world, 'bread'))
    expect(codeOf(search(world, 'nosuchtag'))).toBe('24/2207024')
  })

  it('wants an account that the token manages, and the Facebook host', () => {
    const { get, own } = open()
    expect(codeOf(get('ig_hashtag_search', { q: 'bread' }))).toBe('100')
    expect(codeOf(get('ig_hashtag_search', { q: 'bread', user_id: '17841400000000009' }))).toBe('100/33')
    expect(codeOf(get('ig_hashtag_search', { q: 'bread', user_id: own }, TOKENS.instagram))).toBe('2500')
    expect(codeOf(get('ig_hashtag_search', { q: 'bread', user_id: own }, TOKENS.withoutInsights))).toBe('10')
  })

  it('is of thirty hashtags in any seven days, each once; hits of another one count too', () => {
    const world = open()
    const bread = idOf(world, 'bread')
    for (let n = 1; n <= 29; n++) expect(search(world, `pier${n}`).status).toBe(200)
    expect(codeOf(search(world, 'pier30'))).toBe('18')
    expect(search(world, 'pier29').status).toBe(200)
    const late = idOf(open(), 'pier31')
    expect(codeOf(page(world, `${late}/top_media`))).toBe('18')
    world.advance(6 * DAY)
    expect(page(world, `${bread}/top_media`).status).toBe(200)
    expect(codeOf(search(world, 'pier30'))).toBe('18')
    world.advance(DAY)
    expect(search(world, 'pier30').status).toBe(200)
  })

  it('is paid for by the app', () => {
    const world = open()
    page(world, `${idOf(world, 'bread')}/recent_media`)
    expect(world.sandbox.quota()).toMatchObject([{ pool: 'app', used: 2 }])
  })
})

describe('hits of a hashtag', () => {
  it('come 50 at most, and nothing is said on the last page', () => {
    const world = open()
    const id = idOf(world, 'fyp')
    const ids: string[] = []
    let reply = page(world, `${id}/recent_media`, 'id', { limit: '100' })
    for (;;) {
      const { data, paging } = reply.json
      ids.push(...data.map((hit: { id: string }) => hit.id))
      expect(data.length).toBeLessThanOrEqual(50)
      if (paging === undefined) break
      expect(Object.keys(paging)).toEqual(['cursors', 'next'])
      reply = world.follow(paging.next)
    }
    expect(ids.length).toBeGreaterThan(100)
    expect(new Set(ids).size).toBe(ids.length)
    expect(page(world, `${id}/top_media`).json.data).toHaveLength(25)
    expect(page(world, `${idOf(world, 'quiet')}/top_media`).json).toEqual({ data: [] })
  })

  it('do not say whose they are; of an album its pictures alone have an address', () => {
    const world = open()
    const id = idOf(world, 'bread')
    const fields =
      'id,caption,children{id,media_url},comments_count,like_count,media_type,media_url,permalink,timestamp'
    const { data } = page(world, `${id}/top_media`, fields, { limit: '50' }).json
    const albums = data.filter((hit: { media_type: string }) => hit.media_type === 'CAROUSEL_ALBUM')
    expect(albums.length).toBeGreaterThan(0)
    for (const album of albums) {
      expect(album).not.toHaveProperty('media_url')
      expect(album.children.data[0]).toHaveProperty('media_url')
    }
    expect(codeOf(page(world, `${id}/top_media`, 'id,username'))).toBe('100')
    expect(codeOf(page(world, `${id}/media`))).toBe('2500')
  })

  it('are of others, the recent ones of the last 24 hours', () => {
    const world = open({ moving: true })
    const now = Date.UTC(2026, 2, 1, 12)
    const { data } = page(world, `${idOf(world, 'bread')}/recent_media`, 'id,timestamp').json
    expect(data.length).toBeGreaterThan(0)
    for (const { timestamp } of data) expect(Date.parse(timestamp)).toBeGreaterThan(now - DAY)
  })
})
