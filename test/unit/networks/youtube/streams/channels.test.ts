import { describe, expect, test } from 'vitest'
import type { Channel, PlaylistItem } from '../../../../../src/networks/youtube/wire.ts'
import {
  type Answer,
  type Call,
  faultOf,
  fixture,
  follow,
  listOf,
  NOON,
  open,
  params,
  refusal,
  remember,
  serve,
  step,
  streamOf,
} from '../harness.ts'

const PIER = 'UCnorthPierChannel0001-w'
const QUIET = 'UChiddenChannelNumber2-A'

/** Finds every channel that is asked for. */
const found = ({ query }: Call) =>
  listOf<Channel>(
    'channel',
    (query.id?.split(',') ?? [PIER]).map(id => ({ id, statistics: { videoCount: '3' } })),
  )

const channelId = (n: number): string => `UC${String(n).padStart(21, '0')}A`

describe('channels', () => {
  test('are read into profiles, each beside the id that it was asked by', async () => {
    await using server = await serve(() => ({ body: fixture('channels') }))
    const gone = channelId(1)
    const { page, raw, units } = await step(open(server.baseUrl), 'channels', [PIER, gone, QUIET])
    expect(units).toBe(1)
    expect(server.calls[0]?.query.id).toBe(`${PIER},${gone},${QUIET}`)
    expect(raw.parts[0]?.request).toMatchObject({
      method: 'GET',
      path: '/youtube/v3/channels',
      query: { maxResults: '50' },
    })
    expect(page.records).toEqual([
      {
        type: 'profile',
        id: PIER,
        username: 'north.pier',
        name: 'North Pier',
        bio: 'Bread & rain ☕️',
        url: `https://www.youtube.com/channel/${PIER}`,
        avatarUrl: 'https://pictures.example/s800',
        country: 'NL',
        createdAt: '2015-05-05T05:05:05.000Z',
        followersCount: 2_620_000,
        postsCount: 6398,
        viewsCount: 33_370_907_400,
        language: 'en',
        topics: ['https://topics.example/Technology'],
        madeForKids: false,
        extra: {
          hiddenSubscriberCount: false,
          privacyStatus: 'public',
          isLinked: true,
          longUploadsStatus: 'longUploadsUnspecified',
          keywords: 'pier "two words"',
          unsubscribedTrailer: 'vidPlain00A',
          bannerExternalUrl: 'https://pictures.example/banner',
        },
      },
      expect.objectContaining({
        id: QUIET,
        username: 'quietpier',
        bio: '',
        avatarUrl: 'https://pictures.example/s800',
        country: null,
        followersCount: null,
        postsCount: 0,
        extra: { hiddenSubscriberCount: true },
      }),
    ])
    expect(page.identities).toEqual(
      [PIER, QUIET].map(id => ({ externalId: id, entityId: id, profileId: id })),
    )
    expect(page.missing).toEqual([{ subject: 'profile', id: gone, reason: 'not-found' }])
    expect(page.children).toEqual([
      { stream: 'uploads', externalId: PIER, profileId: PIER, next: 'start', declared: 6398 },
      { stream: 'uploads', externalId: QUIET, profileId: QUIET, next: 'start', declared: 0 },
    ])
    expect(page.rejects).toEqual([])
    expect(page.next).toBeNull()
  })

  test('120 of them, profile only, cost 3 units', async () => {
    await using server = await serve(found)
    const ids = Array.from({ length: 120 }, (_, n) => channelId(n))
    const { records, spent, pages } = await follow(open(server.baseUrl), ids, { kinds: ['profile'] })
    expect(spent).toEqual({ default: 3 })
    expect(server.calls.map(call => call.query.id?.split(',').length)).toEqual([50, 50, 20])
    expect(records.map(record => 'id' in record && record.id)).toEqual(ids)
    expect(pages.flatMap(page => page.children)).toEqual([])
  })

  test('a handle and an old username are asked alone, and tell the id to ask by from then on', async () => {
    await using server = await serve(found)
    const { pages, spent } = await follow(open(server.baseUrl), ['@north.pier', 'user/northpier', PIER], {
      kinds: ['profile'],
    })
    expect(spent).toEqual({ default: 3 })
    expect(server.calls.map(({ query: { part: _, maxResults: __, ...filter } }) => filter)).toEqual([
      { forHandle: '@north.pier' },
      { forUsername: 'northpier' },
      { id: PIER },
    ])
    expect(pages.flatMap(page => page.identities)).toEqual(
      ['@north.pier', 'user/northpier', PIER].map(externalId => ({
        externalId,
        entityId: PIER,
        profileId: PIER,
      })),
    )
  })

  test('no hit is an answer without items', async () => {
    await using server = await serve(() => listOf<Channel>('channel', []))
    const { page, units } = await step(open(server.baseUrl), 'channels', ['@nobody'])
    expect(page).toMatchObject({ records: [], identities: [], children: [] })
    expect(page.missing).toEqual([{ subject: 'profile', id: '@nobody', reason: 'not-found' }])
    expect(units).toBe(1)
  })

  test('no hit by id is confirmed by a channel that is there: the one seen last, and one that always was', async () => {
    const gone = channelId(1)
    await using server = await serve(call => (call.query.id === gone ? listOf('channel', []) : found(call)))
    const source = open(server.baseUrl)
    await step(source, 'channels', [PIER])
    const { page, units } = await step(source, 'channels', [gone])
    expect(page.missing).toEqual([{ subject: 'profile', id: gone, reason: 'not-found' }])
    expect(units).toBe(2)
    expect(server.calls.at(-1)?.query).toMatchObject({ part: 'id', id: `${PIER},UCLA_DiR1FfKNvjuUpBHmylQ` })
  })

  test('no hit by id is not believed where nothing at all comes', async () => {
    await using server = await serve(() => listOf<Channel>('channel', []))
    const { fault } = await faultOf(step(open(server.baseUrl), 'channels', [PIER, QUIET]))
    expect(fault).toEqual({ kind: 'transient', code: 'empty' })
    expect(server.calls).toHaveLength(2)
  })

  /** A server on which PIER is left out wherever it is asked about, and with it all that is asked together with it. */
  const withoutPier = (uploads: Answer) =>
    serve(call => {
      if (call.path.endsWith('playlistItems')) return uploads
      return call.query.id?.includes(PIER) ? listOf('channel', []) : found(call)
    })
  const LISTED = listOf<PlaylistItem>('playlistItem', [{ contentDetails: { videoId: 'x' } }])

  test('no hit by ids that were there before is not believed of all of them together', async () => {
    await using server = await withoutPier(LISTED)
    const asked = step(open(server.baseUrl), 'channels', [PIER, QUIET], { there: [PIER, QUIET] })
    expect((await faultOf(asked)).fault).toEqual({ kind: 'transient', code: 'empty' })
  })

  test('one that was there before is gone with its uploads, else unavailable', async () => {
    await using listed = await withoutPier(LISTED)
    const { fault } = await faultOf(step(open(listed.baseUrl), 'channels', [PIER], { there: [PIER] }))
    expect(fault).toEqual({ kind: 'not-found', code: 'empty', reason: 'unavailable' })
    await using gone = await withoutPier(refusal(404, 'playlistNotFound'))
    const { page, units } = await step(open(gone.baseUrl), 'channels', [PIER], { there: [PIER] })
    expect(page.missing).toEqual([{ subject: 'profile', id: PIER, reason: 'not-found' }])
    // The channel, something that is there for certain, and the uploads.
    expect(units).toBe(3)
  })

  test.each([
    ['fields', { id: PIER }],
    ['an id', { snippet: { title: 'North Pier' } }],
    ['anything', {}],
  ])('an answer without %s is none', async (_, item) => {
    await using server = await serve(() => listOf('channel', [item]))
    for (const id of [PIER, '@north.pier']) {
      const { fault } = await faultOf(step(open(server.baseUrl), 'channels', [id]))
      expect(fault).toEqual({ kind: 'transient', code: 'empty', tries: 3 })
    }
    expect(server.calls).toHaveLength(6)
  })

  test('one of many that comes without fields or id is unavailable, and the others are read', async () => {
    await using server = await serve(({ query }) =>
      listOf('channel', [
        { id: PIER, snippet: { title: 'North Pier' } },
        query.id?.includes(QUIET) ? { id: QUIET } : {},
      ]),
    )
    for (const other of [QUIET, channelId(7)]) {
      const { page } = await step(open(server.baseUrl), 'channels', [PIER, other])
      expect(page.records.map(record => 'id' in record && record.id)).toEqual([PIER])
      expect(page.identities.map(({ externalId }) => externalId)).toEqual([PIER])
      expect(page.missing).toEqual([{ subject: 'profile', id: other, reason: 'unavailable' }])
      expect(page.rejects).toHaveLength(1)
    }
  })

  test('of a known one the uploads are read though its own page cannot be had', () => {
    const stream = streamOf(open('http://127.0.0.1:9'), 'channels')
    const task = { externalId: PIER, entityId: PIER }
    const known = { profileId: PIER, declared: 6398 }
    expect(stream.onward?.(known, task, params())).toEqual([
      { stream: 'uploads', externalId: PIER, profileId: PIER, next: 'start', declared: 6398 },
    ])
    expect(stream.onward?.(known, task, params({ kinds: ['profile'] }))).toEqual([])
  })

  test('optional parts are left out after two outages, and for a month where that helped three times', async () => {
    let sick = true
    await using server = await serve(call =>
      sick && call.query.part?.includes('topicDetails') ? refusal(503, 'backendError') : found(call),
    )
    let now = NOON
    const clock = { now: () => now, sleep: async () => {} }
    const source = open(server.baseUrl, { clock, memory: remember() })
    const withTopics = async (id: string) => {
      await follow(source, [id], { kinds: ['profile'] }, () => now)
      return server.calls.splice(0).map(call => call.query.part?.includes('topicDetails'))
    }
    const tried = [true, true, false]
    for (const id of [PIER, PIER, channelId(1), channelId(2)]) expect(await withTopics(id)).toEqual(tried)
    expect(await withTopics(PIER)).toEqual([false])
    now += 29 * 86_400_000
    expect(await withTopics(channelId(3))).toEqual([false])
    now += 2 * 86_400_000
    expect(await withTopics(PIER)).toEqual(tried)
    expect(await withTopics(channelId(1))).toEqual(tried)
    sick = false
    expect(await withTopics(channelId(2))).toEqual([true])
    sick = true
    for (const id of [channelId(2), channelId(4), channelId(5)]) expect(await withTopics(id)).toEqual(tried)
    expect(await withTopics(PIER)).toEqual([false])
  })
})
