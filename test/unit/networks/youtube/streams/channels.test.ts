import { describe, expect, test } from 'vitest'
import type { Channel } from '../../../../../src/networks/youtube/wire.ts'
import {
  type Call,
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
        extra: {
          defaultLanguage: 'en',
          hiddenSubscriberCount: false,
          privacyStatus: 'public',
          isLinked: true,
          longUploadsStatus: 'longUploadsUnspecified',
          madeForKids: false,
          topicCategories: ['https://topics.example/Technology'],
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
    await using server = await serve(() => ({
      body: { kind: 'youtube#channelListResponse', pageInfo: { totalResults: 0, resultsPerPage: 5 } },
    }))
    const { page } = await step(open(server.baseUrl), 'channels', ['@nobody'])
    expect(page).toMatchObject({ records: [], identities: [], children: [] })
    expect(page.missing).toEqual([{ subject: 'profile', id: '@nobody', reason: 'not-found' }])
  })

  test('optional parts are left out after two outages, and for a week where that helped', async () => {
    await using server = await serve(call =>
      call.query.part?.includes('topicDetails') ? refusal(503, 'backendError') : found(call),
    )
    let now = NOON
    const clock = { now: () => now, sleep: async () => {} }
    const source = open(server.baseUrl, { clock, memory: remember() })
    const withTopics = () => server.calls.splice(0).map(call => call.query.part?.includes('topicDetails'))
    const again = () => follow(source, [PIER], { kinds: ['profile'] }, () => now)

    expect((await again()).spent).toEqual({ default: 3 })
    expect(withTopics()).toEqual([true, true, false])
    now += 6 * 86_400_000
    await again()
    expect(withTopics()).toEqual([false])
    now += 2 * 86_400_000
    await again()
    expect(withTopics()).toEqual([true, true, false])
  })
})

describe('a job', () => {
  test('starts with the profile; who liked is never told', () => {
    const source = open('http://127.0.0.1:9')
    expect(source.opening('@north.pier', params())).toEqual({
      tasks: [{ stream: 'channels', externalId: '@north.pier' }],
      skipped: [{ kind: 'likes', reason: 'unsupported-by-network' }],
      exclusive: false,
    })
    expect(source.opening(PIER, params({ kinds: ['profile'] }))?.skipped).toEqual([])
  })
})
