import { describe, expect, test } from 'vitest'
import { COMMENT_FIELDS, type Data, FIELDS, open } from './open.ts'

describe('requests', () => {
  const condition = { operation: 'EQ', field_name: 'username', field_values: ['ada.bakes'] }
  const good = { query: { and: [condition] }, start_date: '20260901', end_date: '20261001' }
  const QUERY = '/v2/research/video/query/?fields=id'
  const LIST = `/v2/research/video/comment/list/?fields=${COMMENT_FIELDS}`

  test.each<[string, string, string | object]>([
    ['no fields', '/v2/research/video/query/', good],
    ['an unknown field', '/v2/research/video/query/?fields=id,author', good],
    ['no query', QUERY, { ...good, query: {} }],
    ['empty lists', QUERY, { ...good, query: { and: [], or: [], not: [] } }],
    ['a bad date', QUERY, { ...good, start_date: '20260931' }],
    ['a date with dashes', QUERY, { ...good, start_date: '2026-09-01' }],
    ['no end', QUERY, { ...good, end_date: undefined }],
    ['end before start', QUERY, { ...good, end_date: '20260831' }],
    ['31 days', QUERY, { ...good, end_date: '20261002' }],
    ['max_count 101', QUERY, { ...good, max_count: 101 }],
    ['max_count 0', QUERY, { ...good, max_count: 0 }],
    ['a cursor beyond the end', QUERY, { ...good, cursor: 5000 }],
    ['EQ with two values', QUERY, { ...good, query: { and: [{ ...condition, field_values: ['a', 'b'] }] } }],
    ['an unknown operation', QUERY, { ...good, query: { and: [{ ...condition, operation: 'LIKE' }] } }],
    ['an unknown field_name', QUERY, { ...good, query: { and: [{ ...condition, field_name: 'user' }] } }],
    ['values that are no strings', QUERY, { ...good, query: { and: [{ ...condition, field_values: [1] }] } }],
    ['GT on a name', QUERY, { ...good, query: { and: [{ ...condition, operation: 'GT' }] } }],
    ['no JSON', QUERY, '{"query":'],
    ['neither video nor comment', LIST, { max_count: 10 }],
    ['both video and comment', LIST, { video_id: '1', comment_id: '2' }],
    ['an id that is none', LIST, { video_id: 'x' }],
    ['no username', '/v2/research/user/info/?fields=display_name', {}],
    [
      'a field that lists do not have',
      '/v2/research/user/pinned_videos/?fields=playlist_id',
      { username: 'ada.bakes' },
    ],
    ['no playlist', '/v2/research/playlist/info/', {}],
  ])('%s is 400 invalid_params', async (_, path, body) => {
    const answer = await open().ask(path, body)
    expect([answer.status, answer.error.code]).toEqual([400, 'invalid_params'])
    expect(answer.error.log_id).toMatch(/^\d{14}[0-9A-F]{20}$/)
  })

  test('lenient where real clients need it', async () => {
    const { ask } = open()
    const plain = await ask(QUERY, { ...good, max_count: 100 })
    const variants: [string, string | object, Record<string, string>?][] = [
      [QUERY, JSON.stringify({ ...good, max_count: 100 }), { 'content-type': 'text/plain' }],
      [QUERY, { ...good, max_count: '100', cursor: null, search_id: null, is_random: false }],
      [QUERY, { ...good, query: { and: [condition], or: [], not: [] }, max_count: 100, cursor: 0 }],
      ['/v2/research/video/query?fields=%20id%20%2C%2Cid', { ...good, max_count: 100 }],
      [QUERY, { ...good, query: { or: [condition] }, max_count: 100 }],
    ]
    for (const [path, body, headers] of variants) {
      expect((await ask(path, body, headers)).data.videos).toEqual(plain.data.videos)
    }
    const list = (video: string) =>
      ask(`/v2/research/video/comment/list/?fields=text`, `{"video_id":${video}}`)
    const id = plain.data.videos.at(-1).id
    expect((await list(id)).data).toEqual((await list(`"${id}"`)).data)
    expect(
      (
        await ask('/v2/research/user/pinned_videos/?fields=id', {
          username: 'pinned.board',
          max_count: 20,
          cursor: null,
        })
      ).status,
    ).toBe(200)
  })

  test('conditions select, and the three groups combine', async () => {
    const { ask, box } = open()
    const names = [...box.entities()]
    const within = { operation: 'IN', field_name: 'username', field_values: names }
    const run = async (query: object) =>
      (
        await ask(`/v2/research/video/query/?fields=${FIELDS}`, {
          ...good,
          query,
          max_count: 100,
          start_date: '20260801',
          end_date: '20260815',
        })
      ).data.videos
    const all = await run({ and: [within] })
    const by = (field_name: string, operation: string, ...field_values: string[]) => ({
      operation,
      field_name,
      field_values,
    })
    const cases: [object, (video: Data) => boolean][] = [
      [by('region_code', 'EQ', 'us'), video => video.region_code === 'US'],
      [by('view_count', 'GTE', '500'), video => video.view_count >= 500],
      [by('comment_count', 'LT', '3'), video => video.comment_count < 3],
      [by('hashtag_name', 'EQ', 'bread'), video => video.hashtag_names.includes('bread')],
      [by('keyword', 'EQ', 'Harbour'), video => (video.video_description ?? '').includes('harbour')],
      [by('video_length', 'EQ', 'SHORT'), video => video.video_duration < 15],
      [by('create_date', 'EQ', '20260805'), video => new Date(video.create_time * 1000).getUTCDate() === 5],
      [by('video_id', 'IN', all[0].id, all[3].id, '123'), video => [all[0].id, all[3].id].includes(video.id)],
      [by('music_id', 'EQ', all[1].music_id), video => video.music_id === all[1].music_id],
    ]
    expect(all.length).toBeGreaterThan(40)
    for (const [condition, wanted] of cases) {
      expect(await run({ and: [within, condition] })).toEqual(all.filter(wanted))
      expect(await run({ and: [within], not: [condition] })).toEqual(
        all.filter((video: Data) => !wanted(video)),
      )
      expect(all.filter(wanted).length).toBeGreaterThan(0)
    }
    const either = await run({ and: [within], or: cases.slice(0, 2).map(([condition]) => condition) })
    expect(either).toEqual(all.filter((video: Data) => cases.slice(0, 2).some(([, wanted]) => wanted(video))))
  })

  test('paths and methods that do not exist are 404', async () => {
    const { send, box } = open()
    expect((await send('/v2/research/user/likes/', {})).status).toBe(404)
    expect((await send('/v2/research/user/info/', '', {}, 'GET')).status).toBe(404)
    const request = { method: 'GET', query: new URLSearchParams(), headers: {}, body: '' }
    expect(box.owns({ ...request, path: '/v2/user/info/' })).toBe(true)
    expect(box.owns({ ...request, path: '/v23.0/me' })).toBe(false)
  })
})
