import { describe, expect, test } from 'vitest'
import { type Data, open } from './open.ts'

describe('the Display API', () => {
  test('videos newest first, by a cursor of milliseconds, 20 at most; ids in quotes', async () => {
    const { display, posts } = open()
    const ids: string[] = []
    for (let cursor: number | undefined, more = true; more; ) {
      const { data } = await display('/v2/video/list/?fields=id,create_time', {
        max_count: 20,
        ...(cursor !== undefined && { cursor }),
      })
      ids.push(...data.videos.map(({ id }: Data) => id))
      cursor = data.cursor
      more = data.has_more
    }
    expect(ids).toEqual(posts('ada.bakes').map(({ id }) => id))
    const { body } = await display('/v2/video/query/?fields=id', {
      filters: { video_ids: [ids.at(-1), '7000000000000000001'] },
    })
    expect(body).toContain('"videos":[{"id":"7391112223334445557"}]')
    const before = await display('/v2/video/list/?fields=id', { cursor: 1720877446000 })
    expect(before.data.videos).toEqual([])
    expect((await display('/v2/video/list/?fields=id', { max_count: 21 })).status).toBe(400)
  })

  test('600 calls in any minute', async () => {
    const { display, advance } = open()
    const info = async () => (await display('/v2/user/info/?fields=open_id', null)).status
    for (let n = 0; n < 300; n++) expect(await info()).toBe(200)
    advance(40_000)
    for (let n = 0; n < 300; n++) expect(await info()).toBe(200)
    expect(await info()).toBe(429)
    advance(20_000)
    expect(await info()).toBe(200)
  })
})
