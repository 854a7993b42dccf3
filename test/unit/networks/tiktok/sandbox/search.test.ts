import { describe, expect, test } from 'vitest'
import { countSearchPages, OPENING } from '../../../../../src/networks/tiktok/sandbox.ts'
import { type Data, open, SEPTEMBER } from './open.ts'

describe('searching', () => {
  test('deleted videos keep their places: a short page, an empty page, a short page', async () => {
    const { search, posts, options } = open()
    const pages = []
    let place = {}
    for (let more = true; more; ) {
      const { data } = await search('swept.shelf', SEPTEMBER, place)
      pages.push(data)
      place = { cursor: data.cursor, search_id: data.search_id }
      more = data.has_more
    }
    expect(pages.map(({ videos, cursor, has_more }) => [videos.length, cursor, has_more])).toEqual([
      [79, 100, true],
      [0, 200, true],
      [21, 240, false],
    ])
    expect(new Set(pages.map(({ search_id }) => search_id)).size).toBe(1)
    expect(pages[2].videos.every((video: Data) => /^[a-z]{2}$/.test(video.region_code))).toBe(true)
    expect(pages.flatMap(({ videos }) => videos.map(({ id }: Data) => id)).sort()).toEqual(
      posts('swept.shelf')
        .map(({ id }) => id)
        .sort(),
    )
    const wanted = { usernames: ['swept.shelf'], from: SEPTEMBER[0], to: SEPTEMBER[1] }
    expect(countSearchPages(options, { ...wanted, size: 100 })).toBe(3)
    expect(countSearchPages(options, { ...wanted, size: 20 })).toBe(12)
    expect(countSearchPages(options, { ...wanted, usernames: ['quiet.page'], size: 20 })).toBe(1)
  })

  test('a search id is a string of its own time and query; nothing found has none', async () => {
    const { search, advance, on } = open()
    const { data } = await search('swept.shelf', SEPTEMBER, { max_count: 50 })
    expect(typeof data.search_id).toBe('string')
    expect(BigInt(data.search_id) >> 32n).toBe(BigInt(OPENING))
    const next = { cursor: 50, search_id: data.search_id }
    const refusal = { status: 400, error: { message: `Search Id ${data.search_id} is invalid or expired` } }
    expect(await search('quiet.page', SEPTEMBER)).toMatchObject({ data: { videos: [], has_more: false } })
    expect((await search('quiet.page', SEPTEMBER)).data).not.toHaveProperty('search_id')
    expect(await search('ada.bakes', SEPTEMBER, next)).toMatchObject(refusal)
    expect(await search('swept.shelf', ['20260902', '20261001'], next)).toMatchObject(refusal)
    on('search-id-warm-up', { value: 10 })
    expect(await search('swept.shelf', SEPTEMBER, next)).toMatchObject(refusal)
    advance(10_000)
    expect((await search('swept.shelf', SEPTEMBER, next)).status).toBe(200)
    on('search-id-lifetime', { value: 60 })
    advance(60_000)
    expect(await search('swept.shelf', SEPTEMBER, next)).toMatchObject(refusal)
  })

  test('random: some of the matches, no paging', async () => {
    const { search, advance } = open()
    const draw = async () => (await search('swept.shelf', SEPTEMBER, { is_random: true, max_count: 20 })).data
    const first = await draw()
    advance(1_000)
    expect(first.has_more).toBe(false)
    expect(first.videos.length).toBeGreaterThan(2)
    expect((await draw()).videos).not.toEqual(first.videos)
  })

  test('one in eight is missing where a switch says so, in truth as on the wire', async () => {
    const { search, posts, on } = open()
    const all = posts('swept.shelf').length
    on('random-missing')
    const few = posts('swept.shelf')
    expect(few.length).toBeLessThan(all * 0.97)
    expect(few.length).toBeGreaterThan(all * 0.75)
    const first = await search('swept.shelf', SEPTEMBER)
    const second = await search('swept.shelf', SEPTEMBER, { cursor: 100 })
    const third = second.data.has_more
      ? (await search('swept.shelf', SEPTEMBER, { cursor: 200 })).data.videos
      : []
    expect(first.data.videos.length + second.data.videos.length + third.length).toBe(few.length)
  })
})
