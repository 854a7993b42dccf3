import { describe, expect, test } from 'vitest'
import { DISPLAY } from '../../../../../src/networks/tiktok/sandbox.ts'
import type { SwitchRule } from '../../../../../src/sandbox/switches.ts'
import { type Data, open, SEPTEMBER } from './open.ts'

describe('switches', () => {
  test.each<[string, Omit<SwitchRule, 'name'>, number, string | undefined]>([
    ['error-500', { value: 'Server Internal Error' }, 500, 'internal_error'],
    ['good-500', {}, 500, 'ok'],
    ['gateway-504', { value: 1 }, 504, undefined],
    ['rate-limited', { value: 7 }, 429, 'rate_limit_exceeded'],
    ['token-dead', {}, 401, 'access_token_invalid'],
    ['not-authorized', {}, 401, 'scope_not_authorized'],
    ['invalid-cursor', {}, 400, 'invalid_params'],
    ['cut-json', {}, 200, undefined],
    ['missing-data', {}, 200, 'ok'],
    ['refused-fields', { value: ['voice_to_text'] }, 400, 'scope_permission_missed'],
  ])('%s', async (name, rule, status, code) => {
    const world = open()
    await world.search('ada.bakes', SEPTEMBER)
    world.on(name, { times: 1, ...rule })
    const answer = await world.search('ada.bakes', SEPTEMBER)
    expect([answer.status, answer.error?.code]).toEqual([status, code])
    if (name === 'missing-data') expect(answer.data).toBeUndefined()
    if (name === 'good-500') expect(answer.data.videos.length).toBeGreaterThan(0)
    if (name === 'rate-limited') expect(answer.headers?.['retry-after']).toBe('7')
    world.off(name)
    expect((await world.search('ada.bakes', SEPTEMBER)).data.videos.length).toBeGreaterThan(0)
  })

  test('pages that bend', async () => {
    const world = open()
    const place = { max_count: 20, cursor: 20 }
    const straight = (await world.search('swept.shelf', SEPTEMBER, place)).data
    const bent = async (name: string, value: string | boolean = true) => {
      world.on(name, { value })
      const { data } = await world.search('swept.shelf', SEPTEMBER, place)
      world.off(name)
      return data
    }
    expect(await bent('empty-page')).toMatchObject({ videos: [], cursor: 40, has_more: true })
    expect(await bent('stuck-cursor')).toMatchObject({ videos: straight.videos, cursor: 20, has_more: true })
    const first = (await world.search('swept.shelf', SEPTEMBER, { max_count: 20 })).data
    const again = (await bent('duplicate-item')).videos
    expect(again.length).toBe(straight.videos.length + 1)
    expect(again[0].id).toBe(first.videos.at(-1).id)
    world.on('duplicate-item', { value: 10 })
    const twice = (await world.search('swept.shelf', SEPTEMBER, place)).data.videos
    world.off('duplicate-item')
    const ids = (videos: Data) => videos.map(({ id }: Data) => id)
    expect(ids(twice)).toEqual([...ids(first.videos).slice(-10), ...ids(straight.videos)])
    const end = { max_count: 100, cursor: 200 }
    world.on('last-cursor', { value: 'missing' })
    expect((await world.search('swept.shelf', SEPTEMBER, end)).data).not.toHaveProperty('cursor')
  })
})

describe('a part that is sick', () => {
  const sick = (value: Data) => open({ rules: [{ name: 'sick', value }] })

  test.each<[string, number, string | undefined]>([
    ['500', 500, 'internal_error'],
    ['400', 400, 'unheard_of'],
    ['invalid-cursor', 400, 'invalid_params'],
    ['cut', 200, undefined],
    ['empty', 200, 'ok'],
  ])('answers %s, always', async (how, status, code) => {
    const world = sick({ how })
    for (let n = 0; n < 2; n++) {
      const answer = await world.search('ada.bakes', SEPTEMBER)
      expect([answer.status, answer.error?.code]).toEqual([status, code])
      if (how === 'empty') expect(answer.data).toEqual({})
    }
  })

  test('is a day of searches, a name or an id, or what lies behind the first page; all else is well', async () => {
    const ends = async (value: Data, ...searches: Parameters<ReturnType<typeof open>['search']>[]) => {
      const world = sick(value)
      const statuses: number[] = []
      for (const search of searches) statuses.push((await world.search(...search)).status)
      return statuses
    }
    const window = (start: string, end: string) => [start, end] as const
    expect(
      await ends(
        { how: '500', from: '20260908', to: '20260910' },
        ['ada.bakes', window('20260901', '20260908')],
        ['ada.bakes', window('20260910', '20260920')],
        ['ada.bakes', window('20260901', '20260907')],
        ['ada.bakes', window('20260911', '20260911')],
      ),
    ).toEqual([500, 500, 200, 200])
    expect(
      await ends({ how: '500', of: ['ada.bakes'] }, ['ada.bakes', SEPTEMBER], ['swept.shelf', SEPTEMBER]),
    ).toEqual([500, 200])
    expect(
      await ends(
        { how: '500', later: true },
        ['swept.shelf', SEPTEMBER],
        ['swept.shelf', SEPTEMBER, { cursor: 20 }],
      ),
    ).toEqual([200, 500])
  })

  test('videos that are declared and not listed, names with NULs, replies that are not to be had by their comment', async () => {
    const world = open()
    world.on('unlisted', { value: ['swept.shelf'] })
    expect((await world.search('swept.shelf', SEPTEMBER)).data).toMatchObject({ videos: [], has_more: false })
    expect((await world.search('ada.bakes', SEPTEMBER)).data.videos.length).toBeGreaterThan(0)
    world.on('nul-names')
    expect((await world.search('ada.bakes', SEPTEMBER)).data.videos[0].username).toMatch(
      /^ada\.bakes\0{3}\d$/,
    )
    world.on('by-comment', { value: 'refused' })
    const asked = world.ask('/v2/research/video/comment/list/?fields=id', {
      comment_id: '7391112223334445557',
    })
    expect((await asked).error).toMatchObject({ code: 'invalid_params', message: 'video_id is required' })
  })
})

describe('open questions, answered the other way', () => {
  const liked = (world: ReturnType<typeof open>, username: string, more: object = {}) =>
    world.ask('/v2/research/user/liked_videos/?fields=id', { username, ...more })
  const USED = { used: 0 }

  test('refusals of users have another status and code', async () => {
    const world = open({
      rules: [
        { name: 'refusal-status', value: 400 },
        { name: 'refusal-code', value: 'not_shared' },
      ],
    })
    for (const username of ['behind.curtain', 'under.review', 'closed.heart']) {
      expect(await liked(world, username)).toMatchObject({ status: 400, error: { code: 'not_shared' } })
    }
  })

  test('the cursor of liked videos is in seconds', async () => {
    const world = open()
    const inMs = (await liked(world, 'open.heart')).data
    world.on('liked-cursor', { value: 's' })
    const inSeconds = (await liked(world, 'open.heart')).data
    expect(inSeconds.cursor).toBe(inMs.cursor / 1_000)
    const next = (await liked(world, 'open.heart', { cursor: inSeconds.cursor })).data
    world.off('liked-cursor')
    expect(next.user_liked_videos).toEqual(
      (await liked(world, 'open.heart', { cursor: inMs.cursor })).data.user_liked_videos,
    )
  })

  test('searches take short lists, end at a cursor, and spell favourites', async () => {
    const world = open({
      rules: [
        { name: 'in-limit', value: 2 },
        { name: 'max-cursor', value: 150 },
      ],
    })
    expect((await world.search(['ada.bakes', 'b', 'c'], SEPTEMBER)).status).toBe(400)
    expect((await world.search(['ada.bakes', 'b'], SEPTEMBER)).status).toBe(200)
    expect((await world.search('swept.shelf', SEPTEMBER, { cursor: 150 })).status).toBe(200)
    expect((await world.search('swept.shelf', SEPTEMBER, { cursor: 151 })).error.message).toBe(
      'Invalid count or cursor',
    )
    const { search_id } = (await world.search('swept.shelf', SEPTEMBER)).data
    world.on('invalid-search-id', { times: 1 })
    const again = () => world.search('swept.shelf', SEPTEMBER, { cursor: 100, search_id })
    expect([(await again()).status, (await again()).status]).toEqual([400, 200])
    world.on('favorites-spelling', { value: 'favourites_count' })
    expect((await world.search('ada.bakes', SEPTEMBER, {}, 'favorites_count')).status).toBe(400)
    const spelled = await world.search('ada.bakes', SEPTEMBER, {}, 'favourites_count')
    expect(Object.keys(spelled.data.videos[0])).toEqual(['favourites_count'])
  })

  test('some replies are in the list of a video', async () => {
    const world = open()
    const [video] = world
      .posts('busy.kitchen')
      .sort((a, b) => (b.commentsCount ?? 0) - (a.commentsCount ?? 0))
    const replies = async () => {
      const list = await world.ask('/v2/research/video/comment/list/?fields=parent_comment_id', {
        video_id: video?.id,
        max_count: 100,
      })
      return list.data.comments.filter(({ parent_comment_id }: Data) => parent_comment_id !== video?.id)
        .length
    }
    const all = await replies()
    world.on('inline-replies', { value: 'some' })
    expect(await replies()).toBeLessThan(all)
    expect(await replies()).toBeGreaterThan(0)
  })

  test('a playlist is a plain 200', async () => {
    const world = open({ rules: [{ name: 'playlist-status', value: 200 }] })
    const { data } = await world.search('shelf.keeper', ['20260801', '20260831'])
    const { playlist_id } = data.videos.find((video: Data) => video.playlist_id !== undefined)
    expect((await world.ask('/v2/research/playlist/info/', { playlist_id })).status).toBe(200)
    expect(
      (await world.ask('/v2/research/playlist/info/', { playlist_id: '7000000000000000001' })).status,
    ).toBe(400)
  })

  test('a new client token ends the older ones', async () => {
    const world = open({ rules: [{ name: 'one-client-token' }] })
    expect((await liked(world, 'open.heart')).status).toBe(200)
    await world.oauth({ grant_type: 'client_credentials' })
    expect((await liked(world, 'open.heart')).status).toBe(401)
    expect((await world.display('/v2/user/info/?fields=open_id', null)).status).toBe(200)
  })

  test('dead tokens cost, batch compliance does not, and other allowances hold', async () => {
    const rules = [
      { name: 'charge-compliance', value: false },
      { name: 'follow-allowance', value: 1 },
      { name: 'display-per-minute', value: 1 },
    ]
    const world = open({ rules })
    await world.ask('/v2/research/validation_task_status/get/', { task_id: '1' })
    expect(world.box.quota()[0]).toMatchObject(USED)
    await world.ask('/v2/research/user/info/?fields=display_name', {}, { authorization: 'Bearer clt.no' })
    expect(world.box.quota()[0]).toMatchObject(USED)
    world.on('charge-401')
    await world.ask(
      '/v2/research/user/info/?fields=display_name',
      {},
      { authorization: `Bearer ${DISPLAY.SOCSYNC_TIKTOK_ACCESS_TOKEN}` },
    )
    expect(world.box.quota()[0]).toMatchObject({ used: 1 })
    const followers = () => world.ask('/v2/research/user/followers/', { username: 'ada.bakes' })
    expect([(await followers()).status, (await followers()).error.code]).toEqual([
      200,
      'daily_quota_limit_exceeded',
    ])
    const own = () => world.display('/v2/user/info/?fields=open_id', null)
    expect([(await own()).status, (await own()).error.code]).toEqual([200, 'rate_limit_exceeded'])
  })

  test('a compliance task takes its time, and fails', async () => {
    const world = open({ rules: [{ name: 'compliance-seconds', value: 60 }, { name: 'compliance-fails' }] })
    const body =
      '--b\r\nContent-Disposition: form-data; name="category"\r\n\r\nvideo\r\n--b\r\nContent-Disposition: form-data; name="file_data"\r\n\r\n1\r\n--b--'
    const { data } = await world.ask('/v2/research/validation_task/create/', body, {
      'content-type': 'multipart/form-data; boundary="b"',
    })
    const status = async () =>
      (await world.ask('/v2/research/validation_task_status/get/', data)).data.task_status
    world.advance(59_000)
    expect(await status()).toBe('Processing')
    world.advance(1_000)
    expect(await status()).toBe('Failed')
    expect((await world.ask('/v2/research/validation_task/download/', data)).status).toBe(400)
  })
})
