import { describe, expect, it } from 'vitest'
import type { PlaylistItem, SearchResult } from '../../../../../src/networks/youtube/wire.ts'
import { type Call, faultOf, listOf, open, refusal, serve, step } from '../harness.ts'

const PIER = 'UCnorthPierChannel0001-w'
const OTHER = 'UCquietPierChannel0002-Q'
const DAY_MS = 86_400_000
/** Published one a day, back from here. */
const NEWEST = Date.UTC(2006, 0, 1)

const moment = (n: number): string => new Date(NEWEST - n * DAY_MS).toISOString().replace('.000', '')
const hit = (n: number, channelId = PIER, publishedAt = moment(n)): SearchResult => ({
  id: { kind: 'youtube#video', videoId: `v${n}` },
  snippet: { channelId, publishedAt },
})

/** A channel of so many videos, all of which a search finds. */
const channel =
  (videos: number, more: Partial<SearchResult>[] = []) =>
  ({ path, query }: Call) => {
    if (path.endsWith('/videos')) {
      const ids = (query.id ?? '').split(',')
      return listOf(
        'video',
        ids.map(id => ({ id, snippet: { channelId: PIER, publishedAt: moment(Number(id.slice(1))) } })),
      )
    }
    const all = Array.from({ length: videos }, (_, n) => hit(n))
    const before =
      query.publishedBefore === undefined ? Number.POSITIVE_INFINITY : Date.parse(query.publishedBefore)
    const after = Date.parse(query.publishedAfter ?? '1970-01-01')
    const found = all.filter(({ snippet }) => {
      const at = Date.parse(snippet?.publishedAt ?? '')
      return at < before && at >= after
    })
    return listOf('searchResult', [...more, ...found.slice(0, 50)], {
      regionCode: 'US',
      nextPageToken: 'CDIQAA',
    })
  }

const idsOf = (records: readonly { type: string; id?: string }[]): readonly string[] =>
  records.flatMap(({ type, id }) => (type === 'post' ? (id ?? []) : []))

describe('videos beyond the end of the uploads', () => {
  it('are searched for from where that is, 50 a call, each before the oldest of the last, until nothing comes', async () => {
    await using server = await serve(channel(120))
    const source = open(server.baseUrl)
    const found: string[] = []
    const searches: unknown[] = []
    let cursor: unknown = { before: new Date(NEWEST - 9.5 * DAY_MS).toISOString() }
    while (cursor !== null) {
      const { page, units } = await step(source, 'older', [PIER], { cursor: cursor as string })
      found.push(...idsOf(page.records))
      // A search is of its own allowance; details are a unit.
      expect(units).toBe(page.records.length > 0 ? 1 : 0)
      cursor = page.next
    }
    // The one at each boundary comes twice.
    expect([...new Set(found)]).toEqual(Array.from({ length: 110 }, (_, n) => `v${n + 10}`))
    for (const { path, query } of server.calls) if (path.endsWith('/search')) searches.push(query)
    expect(searches[0]).toEqual({
      part: 'snippet',
      channelId: PIER,
      type: 'video',
      order: 'date',
      maxResults: '50',
      publishedBefore: new Date(NEWEST - 9.5 * DAY_MS).toISOString(),
    })
    expect(searches.length).toBeLessThanOrEqual(3 + 2)
  })

  it('end within the user’s dates', async () => {
    await using server = await serve(channel(120))
    const since = new Date(NEWEST - 20.5 * DAY_MS).toISOString()
    const cursor = { before: new Date(NEWEST - 9.5 * DAY_MS).toISOString() }
    const { page } = await step(open(server.baseUrl), 'older', [PIER], { cursor, params: { since } })
    expect(idsOf(page.records)).toEqual(Array.from({ length: 11 }, (_, n) => `v${n + 10}`))
    expect(server.calls[0]?.query.publishedAfter).toBe(since)
  })

  it('move on where fifty were published in one second', async () => {
    const at = moment(3)
    await using server = await serve(({ path }) =>
      path.endsWith('/search')
        ? listOf(
            'searchResult',
            Array.from({ length: 50 }, (_, n) => hit(n, PIER, at)),
          )
        : listOf('video', []),
    )
    const source = open(server.baseUrl)
    const second = new Date(Date.parse(at) + 1000).toISOString()
    const { page } = await step(source, 'older', [PIER], { cursor: { before: second } })
    expect(page.next).toEqual({ before: new Date(at).toISOString() })
  })

  it('are of the channel alone, and each is a video', async () => {
    await using server = await serve(channel(1, [hit(7, OTHER), { id: { kind: 'youtube#channel' } }]))
    const { page } = await step(open(server.baseUrl), 'older', [PIER])
    expect(idsOf(page.records)).toEqual(['v0'])
    expect(page.rejects.map(({ reason }) => reason)).toEqual(['a video of another channel', 'no video id'])
  })

  it('are told of the search’s own day where that is used up', async () => {
    await using server = await serve(() => refusal(403, 'quotaExceeded', 'youtube.quota'))
    const { fault } = await faultOf(step(open(server.baseUrl), 'older', [PIER]))
    expect(fault).toMatchObject({ kind: 'quota-exhausted', pool: 'search' })
  })
})

describe('the uploads', () => {
  const uploads = (seen: number, size: number) => (call: Call) =>
    call.path.endsWith('/playlistItems')
      ? listOf<PlaylistItem>(
          'playlistItem',
          [{ contentDetails: { videoId: 'v0', videoPublishedAt: moment(0) } }],
          { pageInfo: { totalResults: size } },
        )
      : channel(seen)(call)

  it.each([
    ['end at their cap, and it is asked for', 19_999, 25_000, ['older'], 1],
    ['end at their cap', 19_999, 25_000, [], 0],
    ['end of themselves', 19_999, 20_000, ['older'], 0],
  ] as const)('that %s', async (_, seen, size, lists, opened) => {
    await using server = await serve(uploads(1, size))
    const cursor = { pageToken: 'CDIQAA', seen, below: false }
    const { page } = await step(open(server.baseUrl), 'uploads', [PIER], { cursor, params: { lists } })
    const children = page.children.filter(({ stream }) => stream === 'older')
    expect(children).toHaveLength(opened)
    // What was uploaded earlier may have been published some weeks later.
    for (const { next } of children)
      expect(next).toEqual({ before: new Date(NEWEST + 30 * DAY_MS).toISOString() })
  })
})
