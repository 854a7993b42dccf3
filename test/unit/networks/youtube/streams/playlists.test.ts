import { describe, expect, test } from 'vitest'
import { entityKey } from '../../../../../src/core/entity.ts'
import type { FetchContext, PageRequest, Source } from '../../../../../src/core/stream.ts'
import type { Channel, Playlist, PlaylistItem, Video } from '../../../../../src/networks/youtube/wire.ts'
import { taskRef } from '../../../../support/task-ref.ts'
import {
  type Answer,
  type Call,
  context,
  listOf,
  open,
  params,
  refusal,
  serve,
  streamOf,
} from '../harness.ts'

const PIER = 'UCnorthPierChannel0001-w'
const RAIN = 'PLrainOnThePier0123456789abcdefghij'
const WIND = 'PLwindOnThePier0123456789abcdefghij'
const SHORTS = 'UUSHnorthPierChannel0001-w'

/** One page of a stream over these playlists; `stored` posts are known and there. */
const page = async (
  source: Source,
  name: 'playlist' | 'playlist-items',
  ids: readonly string[],
  more: Partial<PageRequest> & {
    readonly declared?: number | null
    readonly stored?: readonly string[]
  } = {},
) => {
  const { declared = null, stored = [], ...request } = more
  const stream = streamOf(source, name)
  const { ctx, spent } = context()
  const here = async (asked: readonly string[]) => new Set(asked.filter(id => stored.includes(id)))
  const knowing: FetchContext = { ...ctx, known: here, there: (_, asked) => here(asked) }
  const whole = {
    tasks: ids.map(id => taskRef(stream, id, { entityId: entityKey('playlist', id), declared })),
    cursor: null,
    params: params(),
    room: null,
    startedAt: '',
    ...request,
  }
  const raw = await stream.fetch(whole, knowing)
  return {
    page: stream.normalise(JSON.parse(JSON.stringify(raw)), whole),
    units: spent.default ?? 0,
    parts: raw.parts.length,
  }
}

const told = (...ids: readonly string[]): Answer =>
  listOf<Playlist>(
    'playlist',
    ids.map(id => ({
      id,
      snippet: {
        title: 'Rain',
        description: '',
        channelId: PIER,
        channelTitle: 'Pier',
        publishedAt: '2026-01-01T00:00:00Z',
      },
      contentDetails: { itemCount: 3 },
      status: { privacyStatus: 'public' },
    })),
  )
const items = (more = {}): Answer =>
  listOf<PlaylistItem>('playlistItem', [], { pageInfo: { totalResults: 7, resultsPerPage: 1 }, ...more })

describe('playlists', () => {
  const over = (left: (id: string) => Answer) => (call: Call) =>
    call.path.endsWith('/playlists') ? told(RAIN) : left(call.query.playlistId ?? '')

  test('come together, with the number of their items', async () => {
    await using server = await serve(() => told(RAIN, WIND))
    const { page: got, units } = await page(open(server.baseUrl), 'playlist', [RAIN, WIND])
    expect(units).toBe(1)
    expect(server.calls[0]?.query).toEqual({
      part: 'snippet,contentDetails,status',
      id: `${RAIN},${WIND}`,
      maxResults: '50',
    })
    expect(got.records[0]).toEqual({
      type: 'collection',
      id: `playlist:${RAIN}`,
      kind: 'playlist',
      profileId: PIER,
      title: 'Rain',
      description: '',
      url: `https://www.youtube.com/playlist?list=${RAIN}`,
      createdAt: '2026-01-01T00:00:00.000Z',
      itemsCount: 3,
      extra: { privacyStatus: 'public' },
    })
    expect(got.children).toEqual(
      [RAIN, WIND].map(id => ({
        stream: 'playlist-items',
        externalId: id,
        entityId: `playlist:${id}`,
        next: 'start',
        declared: 3,
      })),
    )
    expect(got.missing).toEqual([])
  })

  test('have no items read where no posts are wanted', async () => {
    await using server = await serve(() => told(RAIN))
    const request = { params: params({ kinds: ['profile'] }) }
    expect((await page(open(server.baseUrl), 'playlist', [RAIN], request)).page.children).toEqual([])
  })

  test.each([
    ['gone', WIND, () => refusal(404, 'playlistNotFound', 'youtube.playlistItem'), 'not-found', 2],
    ['private', WIND, () => refusal(403, 'playlistItemsNotAccessible', 'youtube.playlistItem'), 'private', 2],
    ['of the site, and not found today', SHORTS, () => refusal(404, 'playlistNotFound'), 'unavailable', 2],
    ['not to be asked for just now', WIND, () => refusal(503, 'backendError'), 'unavailable', 5],
  ])('that are left out: %s', async (_, left, answer, reason, cost) => {
    await using server = await serve(over(answer))
    const { page: got, units } = await page(open(server.baseUrl), 'playlist', [RAIN, left])
    expect(units).toBe(cost)
    expect(got.missing).toEqual([{ subject: 'collection', id: `playlist:${left}`, reason }])
    expect(got.children.map(({ externalId }) => externalId)).toEqual([RAIN])
  })

  test.each([
    ['are left out', listOf<Playlist>('playlist', [])],
    ['come without any word of them', listOf('playlist', [{}, {}])],
    ['are refused together', refusal(403, 'playlistForbidden', 'youtube.playlist')],
  ])(
    'that %s though their items are listed are there: nothing known of them is overwritten',
    async (_, answer) => {
      await using server = await serve(({ path }) => (path.endsWith('/playlists') ? answer : items()))
      const { page: got } = await page(open(server.baseUrl), 'playlist', [RAIN, SHORTS])
      const url = 'https://www.youtube.com/playlist?list='
      expect(got.records).toEqual([
        { type: 'collection', id: `playlist:${RAIN}`, kind: 'playlist', url: url + RAIN, itemsCount: 7 },
        {
          type: 'collection',
          id: `playlist:${SHORTS}`,
          kind: 'playlist',
          url: url + SHORTS,
          profileId: PIER,
          itemsCount: 7,
        },
      ])
      expect(got.children.map(({ declared }) => declared)).toEqual([7, 7])
      expect(got.missing).toEqual([])
    },
  )
})

interface Sent {
  readonly id: string
  readonly privacy?: string
  /** False = without the day it was published on. */
  readonly dated?: boolean
}

const listed = (entries: readonly Sent[], more = {}): Answer =>
  listOf<PlaylistItem>(
    'playlistItem',
    entries.map(({ id, privacy = 'public', dated = true }, position) => ({
      snippet: { position, publishedAt: '2026-02-02T00:00:00Z' },
      contentDetails: { videoId: id, ...(dated && { videoPublishedAt: '2026-02-01T00:00:00Z' }) },
      status: { privacyStatus: privacy },
    })),
    more,
  )
const videos = (ids: readonly string[]): Answer =>
  listOf<Video>(
    'video',
    ids.map(id => ({
      id,
      snippet: { title: id, channelId: PIER, publishedAt: '2026-02-01T00:00:00Z' },
      statistics: { commentCount: '2' },
    })),
  )

describe('items of a playlist', () => {
  /** What is asked, and what comes: all videos but those of `lacks`. */
  const script =
    (list: Answer, { lacks = [], video, channel }: Script = {}) =>
    ({ path, query }: Call): Answer => {
      const ids = (query.id ?? '').split(',')
      if (path.endsWith('/playlistItems')) return list
      if (path.endsWith('/videos')) return video?.() ?? videos(ids.filter(id => !lacks.includes(id)))
      return channel?.() ?? listOf<Channel>('channel', [{ id: ids[0] ?? '', snippet: { title: 'Pier' } }])
    }
  interface Script {
    readonly lacks?: readonly string[]
    readonly video?: () => Answer
    readonly channel?: () => Answer | undefined
  }
  const asked = (calls: readonly Call[], method: string): readonly (string | undefined)[] =>
    calls.filter(({ path }) => path.endsWith(`/${method}`)).map(({ query }) => query.id)

  test('come with their videos and channels; what bears both signs of being hidden is not asked for', async () => {
    const sent = [
      { id: 'a1' },
      { id: 'a2', privacy: 'private', dated: false },
      { id: 'a3', privacy: 'privacyStatusUnspecified', dated: false },
      { id: 'a4', privacy: 'unlisted' },
      { id: 'a5', dated: false },
      // As its owner sees it.
      { id: 'a6', privacy: 'private' },
      { id: 'a1' },
    ]
    await using server = await serve(script(listed(sent)))
    const { page: got, units } = await page(open(server.baseUrl), 'playlist-items', [RAIN])
    expect(units).toBe(3)
    expect(asked(server.calls, 'videos')).toEqual(['a1,a4,a5,a6'])
    expect(asked(server.calls, 'channels')).toEqual([PIER])
    expect(got.records.flatMap(row => (row.type === 'item' ? [[row.postId, row.position]] : []))).toEqual([
      ['a1', 6],
      ['a2', 1],
      ['a3', 2],
      ['a4', 3],
      ['a5', 4],
      ['a6', 5],
    ])
    expect(got.records.filter(({ type }) => type === 'profile')).toHaveLength(1)
    expect(got.children.map(({ stream, postId }) => [stream, postId])).toEqual(
      ['a1', 'a4', 'a5', 'a6'].map(id => ['threads', id]),
    )
    expect(got.missing).toEqual([])
  })

  test('are not paid for again within the hour where they are stored', async () => {
    await using server = await serve(script(listed([{ id: 'a1' }, { id: 'a2' }])))
    const source = open(server.baseUrl)
    await page(source, 'playlist-items', [RAIN])
    const { page: got, units } = await page(source, 'playlist-items', [WIND], { stored: ['a1'] })
    // What was told and is not stored is asked for once more.
    expect(asked(server.calls, 'videos')).toEqual(['a1,a2', 'a2'])
    expect(units).toBe(2)
    expect(got.listed).toEqual(['a1'])
    expect(got.records.filter(({ type }) => type === 'item')).toHaveLength(2)
    const { units: third } = await page(source, 'playlist-items', [WIND], { stored: ['a1', 'a2'] })
    expect(third).toBe(1)
  })

  test('that were there and do not come are asked for once more, and are missing then', async () => {
    const sent = [{ id: 'a1' }, { id: 'a2' }, { id: 'a3', privacy: 'private', dated: false }, { id: 'a4' }]
    await using server = await serve(script(listed(sent), { lacks: ['a2', 'a3', 'a4'] }))
    const { page: got } = await page(open(server.baseUrl), 'playlist-items', [RAIN], {
      stored: ['a1', 'a2', 'a3'],
    })
    expect(asked(server.calls, 'videos')).toEqual(['a1,a2,a4,a3', 'a2,a3'])
    expect(got.missing).toEqual(['a2', 'a3'].map(id => ({ subject: 'post', id, reason: 'unavailable' })))
    expect(got.records.filter(({ type }) => type === 'item')).toHaveLength(4)
  })

  test('are kept where their details cannot be had, which are owed then', async () => {
    const video = (): Answer => refusal(503, 'backendError')
    await using server = await serve(script(listed([{ id: 'a1' }, { id: 'a2' }]), { video }))
    const { page: got } = await page(open(server.baseUrl), 'playlist-items', [RAIN], { stored: ['a1'] })
    expect(got.records.map(({ type }) => type)).toEqual(['item', 'item'])
    expect(got.children).toEqual([{ stream: 'details', externalId: 'a2', next: { ids: ['a2'] } }])
    expect(got.listed).toEqual(['a1'])
  })

  test('are kept where their channels cannot be had, which the next page asks for again', async () => {
    let isSick = true
    const channel = (): Answer | undefined => (isSick ? refusal(503, 'backendError') : undefined)
    await using server = await serve(script(listed([{ id: 'a1' }]), { channel }))
    const source = open(server.baseUrl)
    const { page: got } = await page(source, 'playlist-items', [RAIN])
    expect(got.records.map(({ type }) => type).toSorted()).toEqual(['item', 'media', 'post'])
    isSick = false
    const { page: next } = await page(source, 'playlist-items', [WIND])
    expect(next.records.filter(({ type }) => type === 'profile')).toHaveLength(1)
  })

  test('that nobody wants, or nobody sees, are no sign of a loop', async () => {
    const old = listed([{ id: 'a1' }, { id: 'a2', privacy: 'private', dated: false }], { nextPageToken: 'x' })
    await using server = await serve(script(old))
    const request = { params: params({ since: '2026-02-15T00:00:00.000Z' }) }
    const { page: first, units } = await page(open(server.baseUrl), 'playlist-items', [RAIN], request)
    const { page: second } = await page(open(server.baseUrl), 'playlist-items', [RAIN], {
      ...request,
      cursor: first.next,
    })
    expect(units).toBe(1)
    expect(first.records.map(({ type }) => type)).toEqual(['item', 'item'])
    expect([first.window, second.window]).toEqual(['2', '4'])
    expect(first.tail).not.toBeNull()
  })

  test('are none where none is declared and the list is not found', async () => {
    await using server = await serve(() => refusal(404, 'playlistNotFound', 'youtube.playlistItem'))
    const { page: got, units } = await page(open(server.baseUrl), 'playlist-items', [RAIN], { declared: 0 })
    expect(units).toBe(1)
    expect(got.records).toEqual([])
  })
})
