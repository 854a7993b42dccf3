import { describe, expect, test } from 'vitest'
import type { FetchContext, PageRequest, Source } from '../../../../../src/core/stream.ts'
import type { PlaylistItem, Video } from '../../../../../src/networks/youtube/wire.ts'
import { taskRef } from '../../../../support/task-ref.ts'
import {
  type Answer,
  type Call,
  context,
  faultOf,
  follow,
  listOf,
  open,
  params,
  refusal,
  serve,
  step,
  streamOf,
} from '../harness.ts'

const PIER = 'UCnorthPierChannel0001-w'
const WELL_KNOWN = 'jNQXAC9IVRw'

/** Entries a1 … an, fifty on a page, newest first; details as `videos` says. */
const channel =
  (total: number, videos: (ids: readonly string[]) => Answer) =>
  ({ path, query }: Call): Answer => {
    if (path.endsWith('/videos')) return videos((query.id ?? '').split(','))
    const from = Number(query.pageToken ?? 0)
    const to = Math.min(from + 50, total)
    return listOf<PlaylistItem>(
      'playlistItem',
      Array.from({ length: to - from }, (_, n) => ({
        contentDetails: { videoId: `a${total - from - n}`, videoPublishedAt: '2026-02-01T00:00:00Z' },
      })),
      to < total ? { nextPageToken: String(to) } : {},
    )
  }

const all = (ids: readonly string[]): Answer =>
  listOf<Video>(
    'video',
    ids.map(id => ({ id, snippet: { title: id }, statistics: { commentCount: '0' } })),
  )
const none = (): Answer => listOf<Video>('video', [])
const sick = (): Answer => refusal(503, 'backendError')

const uploadsOf = (source: Source) => ({
  ...source,
  opening: () => ({ tasks: [{ stream: 'uploads', externalId: PIER }], skipped: [], exclusive: false }),
})

/** One page of a stream, where some posts are stored already. */
const page = async (
  source: Source,
  name: string,
  request: Partial<PageRequest>,
  stored: readonly string[],
) => {
  const stream = streamOf(source, name)
  const { ctx, spent } = context()
  const knowing: FetchContext = { ...ctx, known: async ids => new Set(ids.filter(id => stored.includes(id))) }
  const whole = {
    tasks: [taskRef(stream, PIER, { profileId: PIER })],
    cursor: null,
    params: params(),
    room: null,
    startedAt: '',
    ...request,
  }
  const raw = await stream.fetch(whole, knowing)
  return { raw, page: stream.normalise(JSON.parse(JSON.stringify(raw)), whole), spent }
}

describe('a page of uploads whose details cannot be had', () => {
  test.each([
    ['an outage', sick],
    ['a refusal without a known reason', () => refusal(400, 'somethingNew')],
    ['an answer without any of them', none],
    ['what is no list', () => ({ body: { status: 'ok' } })],
  ])('%s: the list goes on, and they are asked for by themselves', async (_, first) => {
    let isSick = true
    const videos = (ids: readonly string[]): Answer => (isSick && ids.includes('a100') ? first() : all(ids))
    await using server = await serve(call => {
      if (call.query.id === WELL_KNOWN || call.query.id?.endsWith(`,${WELL_KNOWN}`)) return none()
      // The second page is read when the first one's details have failed: from then on all is well.
      if (call.query.pageToken !== undefined) isSick = false
      return channel(120, videos)(call)
    })
    const source = uploadsOf(open(server.baseUrl))
    const { records, faults, pages } = await follow(source, [PIER], { kinds: ['profile', 'posts'] })
    expect(faults).toEqual([])
    expect(records.filter(({ type }) => type === 'post')).toHaveLength(120)
    expect(pages.flatMap(({ children }) => children.map(({ stream }) => stream))).toEqual(['details'])
  })

  test('says what is owed, with the oldest as its name', async () => {
    await using server = await serve(channel(3, sick))
    const { page: got, spent } = await page(open(server.baseUrl), 'uploads', {}, ['a2'])
    expect(spent).toEqual({ default: 2 })
    expect(got.records).toEqual([])
    expect(got.children).toEqual([
      { stream: 'details', externalId: 'a1', profileId: PIER, next: { ids: ['a3', 'a1'] } },
    ])
    expect(got.listed).toEqual(['a2'])
  })

  test('is no sign that an incremental walk has come far enough, nor that a list is empty', async () => {
    await using server = await serve(channel(120, sick))
    const source = open(server.baseUrl)
    const { page: first } = await page(source, 'uploads', {}, [])
    expect(first).toMatchObject({ tail: null, window: '2026-02-01T00:00:00.000Z', next: { pageToken: '50' } })
    const cursor = { pageToken: '100', seen: 100 }
    const { page: last } = await page(source, 'uploads', { cursor }, [])
    expect(last).toMatchObject({ tail: '2026-02-01T00:00:00.000Z', next: null })
  })

  test('owes nothing that is stored already', async () => {
    await using server = await serve(channel(3, sick))
    const { page: got } = await page(open(server.baseUrl), 'uploads', {}, ['a1', 'a2', 'a3'])
    expect(got.children).toEqual([])
    expect(got.listed).toEqual(['a3', 'a2', 'a1'])
  })

  test('is waited for where so many posts are wanted and no more', async () => {
    await using server = await serve(channel(3, sick))
    const { fault } = await faultOf(
      step(open(server.baseUrl), 'uploads', [PIER], { params: { limitPosts: 2 } }),
    )
    expect(fault).toMatchObject({ kind: 'transient', code: 'backendError' })
  })

  test.each([
    ['the quota', () => refusal(403, 'quotaExceeded', 'youtube.quota'), 'quota-exhausted'],
    ['the key', () => refusal(400, 'keyInvalid', 'usageLimits'), 'unauthorised'],
    ['the set-up', () => refusal(403, 'accessNotConfigured', 'usageLimits'), 'misconfigured'],
  ])('is no page where %s is what fails', async (_, videos, kind) => {
    await using server = await serve(channel(3, videos))
    expect((await faultOf(step(open(server.baseUrl), 'uploads', [PIER]))).fault.kind).toBe(kind)
  })
})

describe('details that are owed', () => {
  test('are asked for as far as no other page brought them', async () => {
    await using server = await serve(channel(3, all))
    const request = { cursor: { ids: ['a3', 'a2', 'a1'] } }
    const source = open(server.baseUrl)
    const { page: got, spent } = await page(source, 'details', request, ['a2'])
    expect(server.calls.map(({ query }) => query.id)).toEqual(['a3,a1'])
    expect(spent).toEqual({ default: 1 })
    expect(got.records.flatMap(record => (record.type === 'post' ? record.id : []))).toEqual(['a3', 'a1'])
    const again = await page(source, 'details', request, ['a1', 'a2', 'a3'])
    expect(again.page).toMatchObject({ records: [], next: null })
    expect(again.spent).toEqual({})
  })

  test('fail after three tries', async () => {
    await using server = await serve(channel(3, sick))
    const { fault } = await faultOf(page(open(server.baseUrl), 'details', { cursor: { ids: ['a1'] } }, []))
    expect(fault).toMatchObject({ kind: 'transient', code: 'backendError' })
    expect(server.calls).toHaveLength(3)
  })
})

describe('a look-up that brings nothing', () => {
  test('is believed where something comes that is known to be there', async () => {
    await using server = await serve(
      channel(3, ids => (ids.includes(WELL_KNOWN) ? all([WELL_KNOWN]) : none())),
    )
    const source = open(server.baseUrl)
    const { page: got, spent } = await page(source, 'videos', { ids: ['a1', 'a2'] }, [])
    expect(got.missing.map(({ id }) => id)).toEqual(['a1', 'a2'])
    // Asked twice as ever, and one call more.
    expect(spent).toEqual({ default: 3 })
    expect(server.calls.map(({ query }) => query.id)).toEqual(['a1,a2', WELL_KNOWN, 'a1,a2'])
  })

  test('is not believed where nothing comes at all: nothing is called missing', async () => {
    await using server = await serve(channel(3, none))
    const { fault } = await faultOf(page(open(server.baseUrl), 'videos', { ids: ['a1', 'a2'] }, []))
    expect(fault).toEqual({ kind: 'transient', code: 'empty' })
    expect(server.calls).toHaveLength(2)
  })

  test('is confirmed by what came last in this process too', async () => {
    await using server = await serve(
      channel(3, ids => all(ids.filter(id => id !== 'a1' && id !== WELL_KNOWN))),
    )
    const source = open(server.baseUrl)
    await page(source, 'videos', { ids: ['a2'] }, [])
    const { page: got } = await page(source, 'videos', { ids: ['a1'] }, [])
    expect(got.missing.map(({ id }) => id)).toEqual(['a1'])
  })
})

describe('a video of which nothing came but its id', () => {
  test('is noted, is not missing, and nothing that is known of it is lost', async () => {
    await using server = await serve(
      channel(2, ids =>
        listOf<Video>(
          'video',
          ids.map(id => ({ id })),
        ),
      ),
    )
    const { page: got } = await page(open(server.baseUrl), 'uploads', {}, [])
    expect(got).toMatchObject({ records: [], missing: [], children: [] })
    expect(got.rejects.map(({ reason, item }) => [reason, item])).toEqual([
      ['no snippet', true],
      ['no snippet', true],
    ])
  })
})
