import { describe, expect, test } from 'vitest'
import { EVERYTHING } from '../../../../support/params.ts'
import { ok, openTiktok, refusal, serve, task, walk } from '../harness.ts'

const [FIRST, SECOND] = ['7391112223334445557', '7391112223334445559']
const LIST = task('playlist', '7000000000000000001', {
  entityId: 'playlist:7000000000000000001',
  profileId: null,
})
const page = (ids: string, more: string): string =>
  ok(
    `{"playlist_id":7000000000000000001,"playlist_name":"Rye","playlist_item_total":3,"playlist_video_ids":[${ids}]${more}}`,
  )

describe('a playlist', () => {
  test('is a collection whose places are items in their order, with a task for each video, though it comes with a 500', async () => {
    await using server = await serve(() => ({ status: 500, body: page(`${FIRST},${SECOND}`, '') }))
    await using opened = openTiktok(server.origin)
    const { records, children } = await walk(opened, [LIST])
    expect(server.calls.map(({ body }) => body)).toEqual([
      { playlist_id: '7000000000000000001', max_count: 100 },
    ])
    const collectionId = 'playlist:7000000000000000001'
    expect(records).toEqual([
      { type: 'collection', id: collectionId, kind: 'playlist', title: 'Rye', itemsCount: 3, extra: null },
      { type: 'item', collectionId, postId: FIRST, position: 0 },
      { type: 'item', collectionId, postId: SECOND, position: 1 },
    ])
    expect(children).toMatchObject([
      { stream: 'collected', externalId: FIRST },
      { stream: 'collected', externalId: SECOND },
      { stream: 'playlist-items', next: null, reason: 'inline', declared: 3 },
    ])
  })

  test('goes on where it says, counts on, and notes what is no video', async () => {
    await using server = await serve(({ body }) =>
      body.cursor === undefined
        ? page(FIRST ?? '', ',"cursor":1,"has_more":true')
        : page(`"rye",${SECOND}`, ',"cursor":3,"has_more":false'),
    )
    await using opened = openTiktok(server.origin)
    const { children } = await walk(opened, [LIST])
    const next = children.at(-1)?.next
    expect(next).toEqual({ place: 1, seen: 1 })
    const stream = opened.source.streams.find(({ name }) => name === 'playlist-items')
    const request = {
      tasks: [task('playlist-items', LIST.externalId, { entityId: LIST.entityId })],
      cursor: next ?? null,
      params: EVERYTHING,
      room: null,
      startedAt: '2026-03-01T12:00:00.000Z',
    }
    const raw = await stream?.fetch(request, opened.context())
    const read = raw === undefined ? undefined : stream?.normalise(raw, request)
    expect(read).toMatchObject({
      records: [{ type: 'item', postId: SECOND, position: 1 }],
      rejects: [{ reason: 'a place without the id of a video' }],
      next: null,
    })
  })

  test('that nobody has is not found, and any other refusal is no answer', async () => {
    const message = '`playlist_id: 7` is invalid: cannot find the playlist'
    await using server = await serve(() => refusal(400, 'invalid_params', message))
    await using opened = openTiktok(server.origin)
    const { pages } = await walk(opened, [LIST])
    expect(pages[0]?.missing).toEqual([{ subject: 'collection', id: LIST.entityId, reason: 'not-found' }])
    await using other = await serve(() => refusal(400, 'invalid_params', 'playlist_id is wrong'))
    await using again = openTiktok(other.origin)
    expect((await walk(again, [LIST])).fault?.kind).toBe('rejected')
  })
})
