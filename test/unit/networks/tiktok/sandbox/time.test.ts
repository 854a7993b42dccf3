import { describe, expect, test } from 'vitest'
import { DAY, type Data, open } from './open.ts'

describe('time', () => {
  test('a still world does not move, whatever the clock says', async () => {
    const world = open()
    const before = [...world.box.truth('ada.bakes')]
    world.advance(90 * DAY)
    expect([...world.box.truth('ada.bakes')]).toEqual(before)
    expect((await world.search('ada.bakes', ['20261002', '20261101'])).data.videos).toEqual([])
  })

  test('delays can be switched on in a still world', async () => {
    const world = open()
    const before = world.posts('swept.shelf')
    world.on('index-delay', { value: 10 * 86_400 })
    world.on('stats-delay', { value: 10 * 86_400 })
    const after = world.posts('swept.shelf')
    expect(after.length).toBeLessThan(before.length)
    expect(after.every(({ createdAt }) => (createdAt ?? '') <= '2026-09-21T00:00:00.000Z')).toBe(true)
    const views = new Map(before.map(({ id, viewCount }) => [id, viewCount ?? 0]))
    expect(after.some(({ id, viewCount }) => (viewCount ?? 0) < (views.get(id) ?? 0))).toBe(true)
    expect((await world.search('swept.shelf', ['20260922', '20261001'])).data.videos).toEqual([])
  })

  test('a moving world: new videos after two days, counters of ten days ago, deletions, edits, comments', async () => {
    const world = open({ moving: true })
    const names = [...world.box.entities()].slice(0, 40)
    const look = () =>
      new Map(
        names
          .flatMap(name => [...world.box.truth(name)])
          .map(record => ['id' in record ? `${record.type} ${record.id}` : '', record]),
      )
    const before = look()
    world.advance(60 * DAY)
    const after = look()
    const fresh = [...after.values()].filter(
      record => record.type === 'post' && !before.has(`post ${record.id}`),
    )
    const lost = [...before.keys()].filter(key => key.startsWith('post ') && !after.has(key))
    const changed = (type: string, field: string) =>
      [...before].filter(
        ([key, record]) =>
          record.type === type &&
          after.has(key) &&
          (record as Data)[field] !== (after.get(key) as Data)[field],
      )
    expect(fresh.length).toBeGreaterThan(50)
    expect(lost.length).toBeGreaterThan(5)
    for (const [type, field] of [
      ['profile', 'followersCount'],
      ['profile', 'bio'],
      ['post', 'caption'],
      ['post', 'viewCount'],
      ['post', 'commentsCount'],
      ['comment', 'likeCount'],
      ['comment', 'replyCount'],
    ] as const) {
      expect(changed(type, field).length, `${type} ${field}`).toBeGreaterThan(0)
    }
    const newest = Math.max(
      ...fresh.map(record => Date.parse(('createdAt' in record && record.createdAt) || '')),
    )
    expect(newest).toBeLessThanOrEqual(world.options.now() - 2 * DAY)
    expect(newest).toBeGreaterThan(world.options.now() - 5 * DAY)
    const { data } = await world.search(names, ['20261115', '20261130'])
    const wired = data.videos.map(({ id }: Data) => id)
    expect(wired.length).toBeGreaterThan(20)
    expect(
      wired.every(
        (id: string) =>
          after.has(`post ${id}`) || /gone/.test(data.videos.find((video: Data) => video.id === id).username),
      ),
    ).toBe(true)
  })

  test('a search goes on in the index of its first page; what is deleted meanwhile is hidden', async () => {
    const world = open({ moving: true, rules: [{ name: 'search-id-lifetime', value: 40 * 86_400 }] })
    const names = [...world.box.entities()]
    const walk = async (search_id?: string) => {
      const pages: Data[] = []
      do {
        const place = { search_id: pages[0]?.search_id ?? search_id, cursor: pages.at(-1)?.cursor ?? 0 }
        pages.push((await world.search(names, ['20260908', '20261008'], place)).data)
      } while (pages.at(-1).has_more)
      const ids: string[] = pages.flatMap(({ videos }) => videos.map(({ id }: Data) => id))
      return { ids, end: pages.at(-1).cursor, search_id: pages[0].search_id }
    }
    world.advance(5 * DAY)
    const before = await walk()
    world.advance(30 * DAY)
    world.leave()
    const same = await walk(before.search_id)
    const anew = await walk()
    expect(same.end).toBe(before.end)
    expect(same.ids.length).toBeLessThan(before.ids.length)
    expect(before.ids).toEqual(expect.arrayContaining(same.ids))
    expect(new Set(same.ids).size).toBe(same.ids.length)
    expect(anew.end).toBeGreaterThan(before.end)
  })
})
