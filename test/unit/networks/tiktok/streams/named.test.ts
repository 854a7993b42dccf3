import { describe, expect, test } from 'vitest'
import { entityKey } from '../../../../../src/core/entity.ts'
import type { JsonObject } from '../../../../../src/core/json.ts'
import type { TaskRef } from '../../../../../src/core/stream.ts'
import { stillClock } from '../../../../support/still-clock.ts'
import { type Answer, type Call, OPEN_ID, ok, openTiktok, refusal, serve, task, walk } from '../harness.ts'

/** The id of a video that was made at a moment. */
const idAt = (moment: string, nth = 0): string =>
  String((BigInt(Date.parse(moment) / 1000) << 32n) | BigInt(nth + 1))
const post = (id: string, stream = 'named'): TaskRef =>
  task(stream, id, { entityId: entityKey('post', id), profileId: null })
const posts = (ids: readonly string[]): TaskRef[] => ids.map(id => post(id))

interface Asked {
  readonly ids: readonly string[]
  readonly days: string
}
const askedBy = ({ body }: Call): Asked => {
  const { query, start_date, end_date } = body as JsonObject & {
    query: { and: [{ field_values: string[] }] }
  }
  return { ids: query.and[0].field_values, days: `${start_date}..${end_date}` }
}
const videoOf = (id: string): string =>
  `{"id":${id},"username":"Ada","create_time":${(BigInt(id) >> 32n) + 30n},"comment_count":3}`
const answer = (ids: readonly string[], more = false): string =>
  ok(`{"videos":[${ids.map(videoOf)}],"cursor":${ids.length},"has_more":${more}}`)

/** TikTok as it answers searches by id, until the end of the callback. */
const withSearch = async <T>(
  said: (asked: Asked, nth: number) => Answer | string,
  work: (opened: ReturnType<typeof openTiktok>, calls: readonly Call[]) => Promise<T>,
  options: Parameters<typeof openTiktok>[1] = {},
): Promise<T> => {
  await using server = await serve((call, nth) => said(askedBy(call), nth))
  await using opened = openTiktok(server.origin, options)
  return await work(opened, server.calls)
}

const [FIRST, SECOND, THIRD] = [
  idAt('2025-06-03T10:00:00Z'),
  idAt('2025-06-03T12:00:00Z', 1),
  idAt('2025-06-20T08:00:00Z', 2),
]

describe('videos by their ids', () => {
  test('come in one search of the days that their ids tell, without a profile of their creator', async () => {
    await withSearch(
      () =>
        ok(
          `{"videos":[${videoOf(THIRD)},${videoOf(FIRST)},${videoOf('7391112223334445557')}],"has_more":false}`,
        ),
      async (opened, calls) => {
        const walked = await walk(opened, posts([THIRD, FIRST]))
        expect(calls.map(askedBy)).toEqual([{ ids: [FIRST, THIRD], days: '20250603..20250703' }])
        expect(calls[0]?.body).toMatchObject({ max_count: 100, query: { and: [{ operation: 'IN' }] } })
        expect(walked.records.map(record => [record.type, 'id' in record && record.id])).toEqual([
          ['post', THIRD],
          ['media', `${THIRD}:0`],
          ['post', FIRST],
          ['media', `${FIRST}:0`],
        ])
        expect(walked.records[0]).toMatchObject({
          profileId: 'ada',
          permalink: `https://www.tiktok.com/@ada/video/${THIRD}`,
        })
        expect(walked.pages[0]).toMatchObject({
          missing: [],
          identities: [THIRD, FIRST].map(id => ({
            externalId: id,
            entityId: `post:${id}`,
            profileId: 'ada',
          })),
          children: [THIRD, FIRST].map(id => ({
            stream: 'comments',
            externalId: id,
            postId: id,
            profileId: 'ada',
            next: 'start',
            declared: 3,
          })),
        })
      },
    )
  })

  test('no dates of the run cut them, and no day to come is searched', async () => {
    const young = idAt('2026-02-20T00:00:00Z')
    await withSearch(
      ({ ids }) => answer(ids),
      async (opened, calls) => {
        const walked = await walk(opened, posts([young]), { since: '2026-02-25T00:00:00.000Z' })
        expect(calls.map(askedBy)).toEqual([{ ids: [young], days: '20260220..20260301' }])
        expect(walked.records).toHaveLength(2)
      },
    )
  })

  test('those of thirty days share a search, a hundred at most, from the lowest on', () => {
    const { source } = openTiktok('http://127.0.0.1:9')
    const stream = source.streams.find(({ name }) => name === 'named')
    const packed = (moments: readonly string[]) =>
      stream
        ?.pack?.(moments.map(moment => post(idAt(moment))))
        .map(group => group.map(({ externalId }) => moments.findIndex(moment => idAt(moment) === externalId)))
    expect(
      packed([
        '2025-07-03T00:00:00Z',
        '2025-06-03T23:59:00Z',
        '2025-07-02T23:59:00Z',
        '2025-08-01T12:00:00Z',
      ]),
    ).toEqual([
      [1, 2],
      [0, 3],
    ])
    const many = Array.from({ length: 230 }, (_, nth) => post(idAt('2025-06-03T10:00:00Z', nth)))
    expect(stream?.pack?.(many).map(({ length }) => length)).toEqual([100, 100, 30])
  })
})

describe('a video that does not come', () => {
  test('is searched for once more, in days around, and is then not found', async () => {
    await withSearch(
      (_, nth) => answer(nth === 1 ? [FIRST] : []),
      async (opened, calls) => {
        const walked = await walk(opened, posts([FIRST, SECOND, THIRD]))
        expect(calls.map(askedBy)).toEqual([
          { ids: [FIRST, SECOND, THIRD], days: '20250603..20250703' },
          { ids: [SECOND], days: '20250526..20250625' },
          { ids: [THIRD], days: '20250612..20250712' },
        ])
        expect(walked.pages[0]?.missing).toEqual(
          [SECOND, THIRD].map(id => ({ subject: 'post', id, reason: 'not-found' })),
        )
      },
    )
  })

  test('and comes the second time is there', async () => {
    await withSearch(
      ({ ids }, nth) => answer(nth === 1 ? [FIRST] : ids),
      async opened => {
        const walked = await walk(opened, posts([FIRST, SECOND]))
        expect(walked.pages[0]?.missing).toEqual([])
        expect(walked.pages[0]?.identities).toHaveLength(2)
      },
    )
  })

  test.each([
    ['the second answer is not whole', () => answer([], true)],
    ['the second search fails', () => refusal(500, 'internal_error', 'Something is wrong.')],
    ['the second search is refused', () => refusal(400, 'invalid_params', 'anything')],
  ])('is not called not found where %s, and what came is kept', async (_, second) => {
    await withSearch(
      (_asked, nth) => (nth === 1 ? answer([FIRST]) : second()),
      async opened => {
        const walked = await walk(opened, posts([FIRST, SECOND]))
        expect(walked.fault).toBeNull()
        expect(walked.records).toHaveLength(2)
        expect(walked.pages[0]?.missing).toEqual([{ subject: 'post', id: SECOND, reason: 'unavailable' }])
      },
    )
  })

  test('what came is kept where the quota ends before the second search', async () => {
    await withSearch(
      () => answer([FIRST]),
      async (opened, calls) => {
        const walked = await walk(opened, posts([FIRST, SECOND]))
        expect([walked.fault, walked.records.length, calls.length]).toEqual([null, 2, 1])
        expect(walked.pages[0]?.missing).toEqual([{ subject: 'post', id: SECOND, reason: 'unavailable' }])
      },
      { allowance: 1 },
    )
  })

  test('is left for another time where the search may not have it yet', async () => {
    const young = idAt('2026-02-27T00:00:00Z')
    await withSearch(
      () => answer([]),
      async (opened, calls) => {
        const walked = await walk(opened, posts([young]))
        expect(calls).toHaveLength(1)
        expect(walked.pages[0]?.missing).toEqual([{ subject: 'post', id: young, reason: 'unavailable' }])
      },
    )
  })

  test('is not believed to be gone where none of many that are stored comes', async () => {
    const ids = Array.from({ length: 11 }, (_, nth) => idAt('2025-06-03T10:00:00Z', nth))
    await withSearch(
      () => answer([]),
      async (opened, calls) => {
        const context: typeof opened.context = signal => ({
          ...opened.context(signal),
          there: async (_, asked) => new Set(asked),
        })
        const walked = await walk({ ...opened, context }, posts(ids))
        expect(calls).toHaveLength(1)
        expect(new Set(walked.pages[0]?.missing.map(({ reason }) => reason))).toEqual(
          new Set(['unavailable']),
        )
      },
    )
  })

  test('without a readable creator is unavailable, and noted', async () => {
    await withSearch(
      ({ ids }) => ok(`{"videos":[{"id":${ids[0]}}],"has_more":false}`),
      async (opened, calls) => {
        const walked = await walk(opened, posts([FIRST]))
        expect(calls).toHaveLength(1)
        expect(walked.pages[0]?.missing).toEqual([{ subject: 'post', id: FIRST, reason: 'unavailable' }])
        expect(walked.pages[0]?.rejects).toMatchObject([{ item: true, reason: 'a video without a username' }])
      },
    )
  })
})

describe('a search that is refused', () => {
  const hundred = Array.from({ length: 100 }, (_, nth) => idAt('2025-06-03T10:00:00Z', nth))
  const broken = refusal(500, 'internal_error', 'Something is wrong.')

  test('for its length is divided, and later ones are as long as they may be', async () => {
    const tooLong = refusal(400, 'invalid_params', 'field_values holds more than 20 values')
    await withSearch(
      ({ ids }) => (ids.length > 20 ? tooLong : answer(ids)),
      async (opened, calls) => {
        const first = await walk(opened, posts(hundred))
        expect([first.fault, first.pages[0]?.missing]).toEqual([null, []])
        expect(first.records).toHaveLength(200)
        const before = calls.length
        const second = await walk(opened, posts(hundred))
        expect(second.records).toHaveLength(200)
        const sizes = calls.slice(before).map(call => askedBy(call).ids.length)
        expect(Math.max(...sizes)).toBeLessThanOrEqual(20)
        expect(sizes.length).toBeLessThanOrEqual(9)
      },
    )
  })

  test('for one video keeps no other from anybody', async () => {
    const sick = hundred[37] ?? ''
    await withSearch(
      ({ ids }) => (ids.includes(sick) ? broken : answer(ids)),
      async (opened, calls) => {
        const { fault, records, pages } = await walk(opened, posts(hundred))
        expect([fault, records.length]).toEqual([null, 198])
        expect(pages[0]?.missing).toEqual([{ subject: 'post', id: sick, reason: 'unavailable' }])
        // Five tries of the first, then halves, one try each.
        expect(calls.length).toBeLessThanOrEqual(5 + 2 + 14)
      },
    )
  })

  test('with whatever it asks for is an outage', async () => {
    await withSearch(
      () => broken,
      async (opened, calls) => {
        const { fault, pages } = await walk(opened, posts(hundred))
        expect([fault?.kind, pages]).toEqual(['transient', []])
        expect(calls.map(call => askedBy(call).ids.length)).toEqual([100, 100, 100, 100, 100, 1, 1])
      },
    )
  })

  test('as unknown, private or refused says so of one video', async () => {
    await withSearch(
      () => refusal(400, 'invalid_params', 'cannot find the video'),
      async opened => {
        const { pages } = await walk(opened, posts([FIRST]))
        expect(pages[0]?.missing).toEqual([{ subject: 'post', id: FIRST, reason: 'not-found' }])
      },
    )
  })

  test('almost always is given up', async () => {
    const [well = ''] = hundred
    await withSearch(
      ({ ids }) => (ids.length === 1 && ids[0] === well ? answer(ids) : broken),
      async (opened, calls) => {
        const { fault, records, pages } = await walk(opened, posts(hundred))
        expect([fault, records.length, pages[0]?.missing.length]).toEqual([null, 2, 99])
        expect(calls.length).toBeLessThan(5 + 1 + 21)
      },
    )
  })
})

describe('a token’s own videos', () => {
  test('come twenty in a call, with their owner; of others nothing is told', async () => {
    const clock = stillClock()
    const seen: string[] = []
    await using server = await serve(({ path, body }) => {
      seen.push(path)
      if (path === '/v2/user/info/') return ok(`{"user":{"open_id":"${OPEN_ID}","username":"ada"}}`)
      const { video_ids } = (body as { filters: { video_ids: string[] } }).filters
      expect(video_ids).toEqual([FIRST, SECOND])
      return ok(`{"videos":[{"id":"${FIRST}","create_time":1748944800,"title":"rye","comment_count":2}]}`)
    })
    await using opened = openTiktok(server.origin, {
      clock,
      kind: 'user token',
      values: { access_token: 'act.x' },
    })
    expect(opened.source.opening(`post:${FIRST}`, { kinds: ['posts', 'comments'] } as never)).toEqual({
      tasks: [{ stream: 'own-named', externalId: FIRST }],
      skipped: [{ kind: 'comments', reason: 'unsupported-by-network' }],
      exclusive: false,
    })
    const { pages, records, raws } = await walk(opened, [post(FIRST, 'own-named'), post(SECOND, 'own-named')])
    expect(records[0]).toMatchObject({ type: 'profile', id: OPEN_ID, username: 'ada' })
    expect(records[1]).toMatchObject({ type: 'post', id: FIRST, profileId: OPEN_ID, title: 'rye' })
    expect(pages[0]).toMatchObject({
      children: [],
      identities: [{ externalId: FIRST, entityId: `post:${FIRST}`, profileId: OPEN_ID }],
      missing: [{ subject: 'post', id: SECOND, reason: 'refused' }],
    })
    expect(raws[0]?.parts).toHaveLength(2)
    await walk(opened, [post(FIRST, 'own-named'), post(SECOND, 'own-named')])
    expect(seen.map(path => path.split('/')[2])).toEqual(['user', 'video', 'user', 'video'])
    expect(opened.charged.get('video.query')).toBe(2)
  })
})
