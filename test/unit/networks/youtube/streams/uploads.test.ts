import { describe, expect, test } from 'vitest'
import type { PlaylistItem, Video } from '../../../../../src/networks/youtube/wire.ts'
import {
  type Answer,
  type Call,
  faultOf,
  fixture,
  follow,
  listOf,
  open,
  refusal,
  requestFor,
  serve,
  step,
  streamOf,
} from '../harness.ts'

const PIER = 'UCnorthPierChannel0001-w'
const UPLOADS = 'UUnorthPierChannel0001-w'

const answers = ({ path }: Call) => ({ body: fixture(path.endsWith('/videos') ? 'videos' : 'uploads') })

/** A playlist of so many entries, one published each day back from 2026-03-01, and all of their videos. */
const playlist =
  (total: number, claimed = total) =>
  ({ path, query }: Call): Answer => {
    if (path.endsWith('/videos')) {
      const ids = (query.id ?? '').split(',')
      return listOf<Video>(
        'video',
        ids.map(id => ({ id, snippet: { publishedAt: dayOf(Number(id.slice(1))) } })),
      )
    }
    const from = Number(query.pageToken ?? 0)
    const to = Math.min(from + Number(query.maxResults), total)
    const entries = Array.from({ length: to - from }, (_, n) => ({
      contentDetails: { videoId: `v${from + n}`, videoPublishedAt: dayOf(from + n) },
    }))
    return listOf<PlaylistItem>('playlistItem', entries, {
      ...(to < total && { nextPageToken: String(to) }),
      pageInfo: { totalResults: claimed, resultsPerPage: 50 },
    })
  }

const dayOf = (n: number): string => new Date(Date.UTC(2026, 2, 1) - n * 86_400_000).toISOString()

const idsOf = (records: readonly { type: string; id?: string }[]) =>
  records.filter(record => record.type === 'post').map(record => record.id)

/** The uploads alone, from the first page to the last. */
const walk = async (baseUrl: string, wanted = {}) => {
  const source = open(baseUrl)
  const opening = { tasks: [{ stream: 'uploads', externalId: PIER }], skipped: [], exclusive: false }
  return follow({ ...source, opening: () => opening }, [PIER], { kinds: ['profile', 'posts'], ...wanted })
}

describe('a page of uploads', () => {
  test('becomes posts with their media, newest upload first, for two units', async () => {
    await using server = await serve(answers)
    const { page, units } = await step(open(server.baseUrl), 'uploads', [PIER])
    expect(units).toBe(2)
    expect(server.calls.map(({ path, query }) => [path, query])).toEqual([
      ['/youtube/v3/playlistItems', { part: 'contentDetails', playlistId: UPLOADS, maxResults: '50' }],
      [
        '/youtube/v3/videos',
        {
          part: 'snippet,statistics,contentDetails,status,liveStreamingDetails,topicDetails,paidProductPlacementDetails,player',
          maxHeight: '720',
          id: 'vidLive000A,vidPlain00A,vidPrivat0A,vidShort00A,vidUpcomi0A,vidNoStat0A',
        },
      ],
    ])
    expect(idsOf(page.records)).toEqual([
      'vidLive000A',
      'vidPlain00A',
      'vidShort00A',
      'vidUpcomi0A',
      'vidNoStat0A',
    ])
    expect(page.records.slice(2, 4)).toEqual([
      {
        type: 'post',
        id: 'vidPlain00A',
        profileId: PIER,
        kind: 'video',
        title: 'Rain on the pier',
        caption: 'line\nbreak 🌊 #pier @north.pier',
        permalink: 'https://www.youtube.com/watch?v=vidPlain00A',
        createdAt: '2026-02-20T10:20:30.000Z',
        likeCount: 7034,
        commentsCount: 410,
        viewCount: 9_007_199_254_740,
        hashtags: ['pier'],
        mentions: ['north.pier'],
        tags: ['a', 'b c'],
        categoryId: '28',
        language: 'en',
        audioLanguage: 'de',
        definition: 'hd',
        madeForKids: false,
        liveScheduledAt: null,
        liveScheduledEndAt: null,
        liveStartedAt: null,
        liveEndedAt: null,
        extra: {
          liveBroadcastContent: 'none',
          fieldOfNextYear: { mood: 'calm' },
          dimension: '2d',
          caption: 'true',
          licensedContent: false,
          contentRating: {},
          projection: 'rectangular',
          uploadStatus: 'processed',
          privacyStatus: 'public',
          license: 'youtube',
          embeddable: true,
          publicStatsViewable: true,
        },
      },
      {
        type: 'media',
        postId: 'vidPlain00A',
        position: 0,
        id: 'vidPlain00A:0',
        kind: 'video',
        url: 'https://www.youtube.com/watch?v=vidPlain00A',
        thumbnailUrl: 'https://pictures.example/fhd.jpg',
        durationMs: 93_784_000,
      },
    ])
    expect(page.next).toEqual({ pageToken: 'EAAaBlBUOkNESQ', seen: 8, below: false })
  })

  test('says null of what is hidden, and nothing of counters that did not come', async () => {
    await using server = await serve(answers)
    const { page } = await step(open(server.baseUrl), 'uploads', [PIER])
    const byId = new Map(page.records.map(record => ['id' in record ? record.id : '', record]))
    expect(byId.get('vidShort00A')).toMatchObject({
      kind: 'video',
      viewCount: 10,
      likeCount: null,
      commentsCount: 0,
    })
    expect(byId.get('vidShort00A:0')).toMatchObject({ durationMs: 45_000, thumbnailUrl: null })
    expect(byId.get('vidLive000A')).toMatchObject({
      kind: 'live',
      likeCount: 0,
      commentsCount: null,
      liveScheduledAt: '2026-02-28T17:30:00.000Z',
      liveScheduledEndAt: '2026-02-28T19:30:00.000Z',
      liveStartedAt: '2026-02-28T18:00:00.000Z',
      liveEndedAt: null,
      extra: { concurrentViewers: '12' },
    })
    expect(byId.get('vidLive000A:0')).toMatchObject({ durationMs: null })
    expect(byId.get('vidUpcomi0A')).toMatchObject({ kind: 'live', viewCount: null, commentsCount: 2 })
    expect(byId.get('vidNoStat0A')).toMatchObject({ kind: 'video', title: null })
    expect(byId.get('vidNoStat0A')).not.toHaveProperty('likeCount')
    expect(page.rejects.map(({ path }) => path)).toEqual([
      'playlistItems.items[4]',
      'videos.items[4].snippet.title',
      'videos.items[4].contentDetails',
    ])
  })

  test('tells which videos are not shown, and which have comments to read', async () => {
    await using server = await serve(answers)
    const { page } = await step(open(server.baseUrl), 'uploads', [PIER])
    expect(page.missing).toEqual([{ subject: 'post', id: 'vidPrivat0A', reason: 'unavailable' }])
    const child = (id: string) => ({ stream: 'threads', externalId: id, profileId: PIER, postId: id })
    expect(page.children).toEqual([
      { ...child('vidLive000A'), next: null, reason: 'comments-disabled', declared: null },
      { ...child('vidPlain00A'), next: 'start', declared: 410 },
      { ...child('vidShort00A'), next: null, reason: 'none', declared: 0 },
      { ...child('vidUpcomi0A'), next: 'start', declared: 2 },
      { ...child('vidNoStat0A'), next: 'start', declared: null },
    ])
    const posts = await step(open(server.baseUrl), 'uploads', [PIER], {
      params: { kinds: ['profile', 'posts'] },
    })
    expect(posts.page.children).toEqual([])
  })

  test('is read from the stored answer as it was from the fresh one', async () => {
    await using server = await serve(answers)
    const source = open(server.baseUrl)
    const { raw, page } = await step(source, 'uploads', [PIER])
    const stream = streamOf(source, 'uploads')
    const request = requestFor(stream, PIER)
    expect(stream.normalise(JSON.parse(JSON.stringify(raw)), request)).toEqual(page)
  })
})

describe('a walk of uploads', () => {
  test.each([
    [1, 2],
    [50, 2],
    [51, 4],
    [1000, 40],
  ])('%i videos cost %i units', async (total, units) => {
    await using server = await serve(playlist(total))
    const { records, spent, pages } = await walk(server.baseUrl)
    expect(spent).toEqual({ default: units })
    expect(idsOf(records)).toHaveLength(total)
    expect(pages.at(-1)).toMatchObject({ next: null, reason: null })
  })

  test('a channel without public videos is whole and empty for one unit', async () => {
    await using server = await serve(() => refusal(404, 'playlistNotFound', 'youtube.playlistItem'))
    const { page, units } = await step(open(server.baseUrl), 'uploads', [PIER], { declared: 0 })
    expect(units).toBe(1)
    expect(page).toMatchObject({ records: [], next: null, reason: null, missing: [] })
  })

  test.each([500, null])('one that declares %s is not taken for empty', async declared => {
    await using server = await serve(() => refusal(404, 'playlistNotFound', 'youtube.playlistItem'))
    const { fault } = await faultOf(step(open(server.baseUrl), 'uploads', [PIER], { declared }))
    expect(fault).toEqual({ kind: 'transient', code: 'playlistNotFound', tries: 3 })
    expect(server.calls).toHaveLength(3)
  })

  test('ends as capped where the playlist is said to be longer than its 20,000 entries', async () => {
    const last = async (total: number, claimed: number) => {
      await using server = await serve(playlist(total, claimed))
      return await step(open(server.baseUrl), 'uploads', [PIER], {
        cursor: { pageToken: String(total - 10), seen: total - 10 },
      })
    }
    expect((await last(20_000, 31_000)).page.reason).toBe('capped')
    expect((await last(20_000, 20_000)).page.reason).toBeNull()
    // Entries that are private count in the size of a short list too.
    expect((await last(500, 503)).page.reason).toBeNull()
  })

  test('goes no further and pays for no details outside the dates', async () => {
    await using server = await serve(playlist(1000))
    const { records, spent, pages } = await walk(server.baseUrl, { since: dayOf(130), until: dayOf(110) })
    expect(idsOf(records)).toEqual(Array.from({ length: 20 }, (_, n) => `v${111 + n}`))
    // Entries 0–249 are listed: all of 200–249 are a month older than the first day. One page has details.
    expect(spent).toEqual({ default: 6 })
    expect(new Set(pages.filter(page => page.records.length === 0).map(page => page.window)).size).toBe(4)
  })

  test('between two ids is a part of the list', async () => {
    await using server = await serve(playlist(1000))
    const { records, spent } = await walk(server.baseUrl, { untilId: 'v60', sinceId: 'v120' })
    expect(idsOf(records)).toEqual(Array.from({ length: 59 }, (_, n) => `v${61 + n}`))
    expect(spent).toEqual({ default: 5 })
  })
})
