import { describe, expect, test } from 'vitest'
import type { Child } from '../../../../../src/core/stream.ts'
import { learnedOf } from '../../../../../src/networks/evidence.ts'
import { EVERYTHING } from '../../../../support/params.ts'
import { stillClock } from '../../../../support/still-clock.ts'
import { type Answer, type Call, fixture, ok, openTiktok, refusal, serve, task, walk } from '../harness.ts'

const EMPTY = ok('{"videos":[],"has_more":false}')
const BROKEN = refusal(500, 'internal_error', 'Something is wrong. Please try again later.')
const SINCE = '2026-01-01T00:00:00.000Z'
const ADA = task('videos', 'ada.bakes')

/** A search of another day, made to tell what a refusal is about. */
const isTrial = ({ fields }: Call): boolean => fields === 'id'
const windowOf = ({ body }: Call): string => `${body.start_date}-${body.end_date}`
const namesOf = ({ body }: Call): readonly string[] => {
  const { query } = body as { query: { and: [{ field_values: string[] }] } }
  return query.and[0].field_values
}
const video = (id: number, day: string, username = 'ada.bakes'): string =>
  `{"id":73911122233344450${id},"username":"${username}","create_time":${Date.parse(day) / 1000 + 3600},"comment_count":1}`

const dashed = (day: unknown): string => String(day).replace(/(....)(..)(..)/, '$1-$2-$3')

/** Serves searches by script; those of another day find nothing. */
const search = (script: (call: Call, nth: number) => Answer | string) => {
  let nth = 0
  return serve(call => (isTrial(call) ? EMPTY : script(call, ++nth)))
}

/** Whether a search touches these days, `YYYYMMDD`. */
const touches = ({ body }: Call, from: string, to: string): boolean =>
  String(body.start_date) <= to && String(body.end_date) >= from
/** The windows of the searches, in their order, each once. */
const windowsOf = (calls: readonly Call[]): readonly string[] => [
  ...new Set(calls.filter(call => !isTrial(call)).map(windowOf)),
]
const leftOf = ({ children }: { children: readonly Child[] }): readonly string[] =>
  children.filter(({ stream }) => stream === 'window').map(({ externalId }) => externalId)

describe('one search', () => {
  test('exact ids, absent counters, strangers, and what cannot be read', async () => {
    await using server = await search(() => fixture('search'))
    await using opened = openTiktok(server.origin)
    const { records, children, pages } = await walk(opened, [ADA], { since: '2026-02-01T00:00:00.000Z' })
    expect(records).toHaveLength(8)
    expect(records.slice(0, 2)).toEqual([
      {
        type: 'post',
        id: '7391112223334445557',
        profileId: 'ada.bakes',
        kind: 'video',
        caption: 'rye day #bread ',
        permalink: 'https://www.tiktok.com/@ada.bakes/video/7391112223334445557',
        createdAt: '2026-02-12T06:24:06.000Z',
        likeCount: 913,
        commentsCount: 44,
        viewCount: 20481,
        shareCount: 7,
        saveCount: 3,
        hashtags: ['bread'],
        mentions: ['north.pier'],
        voiceToText: 'flour and water',
        region: 'IE',
        musicId: '7106506857000000031',
        effectIds: ['77'],
        playlistId: '7391112223334440001',
        stemVerified: true,
        extra: { effect_info_list: [{ effect_id: '77', effect_name: 'rain' }] },
      },
      {
        type: 'media',
        id: '7391112223334445557:0',
        postId: '7391112223334445557',
        position: 0,
        kind: 'video',
        url: null,
        thumbnailUrl: null,
        durationMs: 31_000,
      },
    ])
    expect(records[2]).toMatchObject({
      id: '7391112223334445555',
      likeCount: null,
      viewCount: 12,
      saveCount: 5,
      region: 'IE',
      hashtags: null,
      effectIds: null,
      mentions: null,
      stemVerified: null,
    })
    // A name with NULs and a digit behind it is the same name.
    expect(records[4]).toMatchObject({ id: '7391112223334444999', profileId: 'ada.bakes', viewCount: 3 })
    expect(records[6]).toMatchObject({ id: '7391112223334444800', viewCount: null })
    expect(children.map(({ externalId, next, reason }) => [externalId, next, reason])).toEqual([
      ['7391112223334445557', 'start', undefined],
      ['7391112223334445555', null, 'none'],
      ['7391112223334444999', 'start', undefined],
      ['7391112223334444800', 'start', undefined],
    ])
    expect(pages[0]?.rejects.map(({ path, reason }) => [path, reason])).toEqual([
      ['$.data.videos[4]', 'a video without an id'],
      ['$.data.videos[5].view_count', 'expected a whole number'],
    ])
  })

  test('pages repeat the question with the cursor and the search id that came; an empty one with more is gone through', async () => {
    await using server = await search((_, nth) => {
      if (nth === 1)
        return ok(`{"videos":[${video(57, '2026-02-20')}],"cursor":100,"has_more":true,"search_id":"739"}`)
      if (nth === 2) return ok('{"videos":[],"cursor":200,"has_more":true,"search_id":"739"}')
      return ok(`{"videos":[${video(55, '2026-02-19')}],"cursor":201,"has_more":false}`)
    })
    await using opened = openTiktok(server.origin)
    const { records, pages } = await walk(opened, [ADA], { since: '2026-02-10T00:00:00.000Z' })
    expect(records.filter(({ type }) => type === 'post')).toHaveLength(2)
    const question = {
      query: { and: [{ operation: 'EQ', field_name: 'username', field_values: ['ada.bakes'] }] },
      start_date: '20260210',
      end_date: '20260301',
      max_count: 100,
    }
    expect(server.calls.map(({ body }) => body)).toEqual([
      question,
      { ...question, cursor: 100, search_id: '739' },
      { ...question, cursor: 200, search_id: '739' },
    ])
    expect(new Set(pages.map(({ window }) => window))).toEqual(new Set(['2026-02-10..2026-03-01']))
  })
})

describe('windows', () => {
  test('thirty days each, newest first, one day of overlap, down to --since', async () => {
    await using server = await search(() => EMPTY)
    await using opened = openTiktok(server.origin)
    const until = '2026-02-20T06:00:00.000Z'
    expect((await walk(opened, [ADA], { since: SINCE, until })).end).toBeNull()
    expect(server.calls.map(windowOf)).toEqual(['20260121-20260220', '20260101-20260121'])
  })

  test('without --since down to 2018, unless all that is declared is found and three windows are empty', async () => {
    await using server = await search(call => {
      if (windowOf(call) === '20260130-20260301') {
        return ok(
          `{"videos":[${video(57, '2026-01-30')},${video(59, '2026-03-01', 'bea')}],"has_more":false}`,
        )
      }
      // The day of overlap again: counted once.
      if (windowOf(call) === '20251231-20260130')
        return ok(`{"videos":[${video(57, '2026-01-30')}],"has_more":false}`)
      return EMPTY
    })
    await using opened = openTiktok(server.origin)
    const bea = task('videos', 'bea', { declared: 1 })
    const walked = await walk(opened, [{ ...ADA, declared: 1 }, bea])
    expect(server.calls).toHaveLength(4)
    expect(walked.end).toBeNull()

    server.calls.length = 0
    await walk(opened, [{ ...ADA, declared: 2 }, bea])
    expect(server.calls).toHaveLength(100)
    expect(windowOf(server.calls.at(-1)!)).toBe('20180101-20180112')
  })

  test('posts outside the bounds are left out, and a walk ends below --since-id', async () => {
    await using server = await search(call =>
      windowOf(call) === '20260121-20260220'
        ? ok(`{"videos":[${video(59, '2026-02-20')},${video(57, '2026-02-19')}],"has_more":false}`)
        : ok(`{"videos":[${video(55, '2026-01-19')}],"cursor":1,"has_more":true}`),
    )
    await using opened = openTiktok(server.origin)
    const bounds = { sinceId: '7391112223334445057', until: '2026-02-20T01:00:00.000Z' }
    const { records, end } = await walk(opened, [ADA], bounds)
    expect(records).toEqual([])
    expect(end).toBeNull()
    expect(server.calls).toHaveLength(2)
  })

  test('forty creators over two years: two groups of twenty-five searches, pages beyond the first apart', async () => {
    await using server = await search(() => EMPTY)
    await using opened = openTiktok(server.origin)
    const videos = opened.source.streams.find(({ name }) => name === 'videos')
    const creators = Array.from({ length: 40 }, (_, n) => task('videos', `creator${n}`, { declared: 100 }))
    expect(videos?.batch).toBe(20)
    for (const group of [creators.slice(0, 20), creators.slice(20)]) {
      await walk(opened, group, { since: '2024-03-01T00:00:00.000Z' })
    }
    expect(server.calls).toHaveLength(50)
    expect(namesOf(server.calls[0]!)).toHaveLength(20)
  })
})

describe('a search that is refused', () => {
  test('a fresh search id is tried again after seconds, then the window begins anew without it', async () => {
    const clock = stillClock()
    await using server = await search(({ body }) =>
      body.search_id === undefined
        ? ok(
            `{"videos":[${video(57, '2026-02-20')}],"cursor":100,"has_more":${clock.naps.length < 400},"search_id":"739"}`,
          )
        : refusal(400, 'invalid_params', 'Search Id 739 is invalid or expired'),
    )
    await using opened = openTiktok(server.origin, { clock })
    const { end, pages } = await walk(opened, [ADA], { since: '2026-02-10T00:00:00.000Z' })
    // Begun anew once; refused for good again, taken apart.
    expect(clock.naps.slice(0, 9)).toEqual(Array(9).fill(6000))
    expect(server.calls[11]?.body).not.toHaveProperty('search_id')
    expect(server.calls[22]?.body).toMatchObject({ start_date: '20260220', end_date: '20260301' })
    expect(end).toBe('unavailable')
    expect(pages.flatMap(leftOf)).not.toEqual([])
  })

  test('a window that stays broken is taken apart down to days; those that are broken are left by name', async () => {
    await using server = await search(call => (touches(call, '20260213', '20260215') ? BROKEN : EMPTY))
    await using opened = openTiktok(server.origin)
    const { pages, end } = await walk(opened, [ADA], { since: SINCE })
    expect(windowsOf(server.calls)).toEqual([
      '20260130-20260301',
      '20260215-20260301',
      '20260223-20260301',
      '20260215-20260222',
      '20260219-20260222',
      '20260215-20260218',
      '20260217-20260218',
      '20260215-20260216',
      '20260216-20260216',
      '20260215-20260215',
      '20260130-20260214',
      '20260207-20260214',
      '20260211-20260214',
      '20260213-20260214',
      '20260214-20260214',
      '20260213-20260213',
      '20260211-20260212',
      '20260207-20260210',
      '20260130-20260206',
      '20260101-20260130',
    ])
    expect(pages.flatMap(({ children }) => children)).toEqual([
      {
        stream: 'window',
        externalId: 'ada.bakes 2026-02-13..2026-02-15',
        profileId: 'ada.bakes',
        next: 'start',
        declared: null,
      },
    ])
    expect(end).toBe('unavailable')
    expect(pages.flatMap(({ rejects }) => rejects)).toEqual([])
    // Five tries for the window, one search of another day, one for each piece, and the window before.
    expect(opened.charged.get('main')).toBe(5 + 1 + 18 + 1)
  })

  test('what was not to be had is passed over by later walks, and left at once; when it is given, it is a day like any other', async () => {
    let isBroken = true
    await using server = await search(call =>
      isBroken && touches(call, '20260213', '20260215') ? BROKEN : EMPTY,
    )
    await using opened = openTiktok(server.origin)
    const bounds = { since: '2026-02-01T00:00:00.000Z' }
    await walk(opened, [ADA], bounds)
    server.calls.length = 0
    const passing = await walk(opened, [task('videos', 'bea')], bounds)
    expect(windowsOf(server.calls)).toEqual(['20260216-20260301', '20260201-20260212'])
    expect(leftOf(passing)).toEqual(['bea 2026-02-13..2026-02-15'])
    expect(passing.end).toBe('unavailable')
    // The raw zone tells what was passed over: what is stored is read the same later.
    expect(passing.raws[0]?.parts[0]?.request).toMatchObject({
      passed_over: [{ start: '2026-02-13', end: '2026-02-15' }],
    })

    isBroken = false
    await walk(opened, [window('bea', '2026-02-13..2026-02-15')])
    server.calls.length = 0
    const healed = await walk(opened, [ADA], bounds)
    expect(windowsOf(server.calls)).toEqual(['20260201-20260301'])
    expect(healed.end).toBeNull()
  })

  test('where all that is to be read was not to be had lately, it is asked for all the same', async () => {
    await using server = await search(call => (touches(call, '20260213', '20260215') ? BROKEN : EMPTY))
    await using opened = openTiktok(server.origin)
    await walk(opened, [ADA], { since: '2026-02-01T00:00:00.000Z' })
    server.calls.length = 0
    const bounds = { since: '2026-02-14T00:00:00.000Z', until: '2026-02-16T00:00:00.000Z' }
    expect(leftOf(await walk(opened, [ADA], bounds))).toEqual(['ada.bakes 2026-02-14..2026-02-15'])
    expect(server.calls.length).toBeGreaterThan(0)
  })

  test('an outage of TikTok as a whole breaks no window: its fault ends the walk where it stands', async () => {
    await using server = await serve(() => ({ ...BROKEN, status: 504, body: '<html>504</html>' }))
    await using opened = openTiktok(server.origin)
    const { fault, pages } = await walk(opened, [ADA], { since: SINCE })
    expect(fault).toMatchObject({ kind: 'transient', code: 'http-504' })
    expect(pages).toEqual([])
  })

  test('a window is not called broken because the quota ended its tries', async () => {
    await using server = await search(() =>
      refusal(400, 'invalid_params', 'Search Id 739 is invalid or expired'),
    )
    await using opened = openTiktok(server.origin, { allowance: 3 })
    const { fault, pages } = await walk(opened, [ADA])
    expect(fault).toMatchObject({ kind: 'quota-exhausted', code: 'ledger' })
    expect(pages).toEqual([])
  })

  test.each([
    ['restarted', refusal(400, 'invalid_params', 'Search Id 739 is invalid or expired'), 6],
    ['taken apart', BROKEN, 6],
  ])('what was read before a window is %s is no loop, and is counted once', async (_, refused, reread) => {
    // A hundred videos from 2026-02-28 down, six hours apart; the fifth page of the large window fails for good.
    const all = Array.from({ length: 100 }, (_, n) => ({
      id: `73911122233344${50000 - n}`,
      at: Date.UTC(2026, 1, 28, 12) / 1000 - n * 21_600,
    }))
    let failed = false
    await using server = await search(({ body }) => {
      const from = Date.parse(dashed(body.start_date)) / 1000
      const to = Date.parse(dashed(body.end_date)) / 1000 + 86_400
      const cursor = Number(body.cursor ?? 0)
      const hits = all.filter(({ at }) => at >= from && at < to)
      failed ||= cursor === 80 && hits.length === all.length
      if (cursor === 80 && body.search_id === 'first') return refused
      const rows = hits
        .slice(cursor, cursor + 20)
        .map(({ id, at }) => `{"id":${id},"username":"ada.bakes","create_time":${at}}`)
      const more = cursor + 20 < hits.length
      return ok(
        `{"videos":[${rows}],"cursor":${cursor + 20},"has_more":${more},"search_id":"${failed ? 'other' : 'first'}"}`,
      )
    })
    await using opened = openTiktok(server.origin)
    const { pages, cursors, end } = await walk(opened, [ADA], {
      since: '2026-01-15T00:00:00.000Z',
    })
    const seen = new Set<string>()
    const unseen = pages.map(page => {
      const before = seen.size
      for (const record of page.records) if (record.type === 'post') seen.add(record.id)
      return page.records.length === 0 ? 'empty' : seen.size - before
    })
    expect(seen.size).toBe(100)
    expect(end).toBeNull()
    expect(cursors.at(-1)).toMatchObject({ found: { 'ada.bakes': 100 } })
    // The engine takes three pages of known videos for a loop, and ten empty ones of the same window.
    expect(unseen).not.toContain(0)
    expect(unseen.filter(count => count === 'empty')).toHaveLength(reread)
    expect(new Set(pages.filter(page => page.records.length === 0).map(page => page.window)).size).toBe(
      reread,
    )
  })

  test('what a window brought is forgotten with it: a late video of the next one may have a higher id', async () => {
    await using server = await search(({ body, ...call }) => {
      if (windowOf({ body, ...call }) !== '20260130-20260301') {
        return ok(`{"videos":[${video(59, '2026-01-20')}],"has_more":false}`)
      }
      if (body.search_id === 'first')
        return refusal(400, 'invalid_params', 'Search Id first is invalid or expired')
      const again = server.calls.length > 1
      return ok(`{"videos":[${video(57, '2026-02-20')}],"cursor":1,"has_more":${!again},"search_id":"first"}`)
    })
    await using opened = openTiktok(server.origin)
    const { records } = await walk(opened, [ADA], { since: '2026-01-15T00:00:00.000Z' })
    const posts = records.flatMap(record => (record.type === 'post' ? record.id : []))
    expect(posts).toEqual(['7391112223334445057', '7391112223334445059'])
  })

  test('a period that is broken for eighteen months is passed by whole windows soon; longer is no reason to call a history read', async () => {
    await using server = await search(call => (touches(call, '20200101', '20251130') ? BROKEN : EMPTY))
    await using opened = openTiktok(server.origin)
    const { pages, fault } = await walk(opened, [ADA])
    expect(fault).toMatchObject({ kind: 'transient', code: 'internal_error' })
    const left = pages.flatMap(leftOf)
    // The first are taken apart.
    expect(left.slice(0, 4)).toEqual([
      'ada.bakes 2025-11-01..2025-11-30',
      'ada.bakes 2025-10-01..2025-10-31',
      'ada.bakes 2025-08-31..2025-09-30',
      'ada.bakes 2025-07-31..2025-08-30',
    ])
    expect(left).toHaveLength(20)
    // Two tries, and a look whether anything is given.
    expect(server.calls.filter(call => windowOf(call) === '20250731-20250830')).toHaveLength(2)
    expect(server.calls.length).toBeLessThan(130)
  })

  test('where nothing of these names is given on any day it is an outage, and nothing is left out', async () => {
    await using server = await serve(() => BROKEN)
    await using opened = openTiktok(server.origin)
    const { pages, fault } = await walk(opened, [ADA], { since: SINCE })
    expect(fault).toEqual({ kind: 'transient', code: 'internal_error', tries: 5, waitMs: 30_000 })
    expect(pages).toEqual([])
    expect(opened.charged.get('main')).toBe(5 + 1)
  })

  test('a profile of which nothing is given keeps none of those that are searched for with it', async () => {
    await using server = await serve(call => {
      if (namesOf(call).includes('sick')) return BROKEN
      return ok(
        `{"videos":[${namesOf(call).map((name, n) => video(51 + n, '2026-02-20', name))}],"has_more":false}`,
      )
    })
    await using opened = openTiktok(server.origin)
    const names = ['ada', 'bea', 'sick', 'zoe']
    const walked = await walk(
      opened,
      names.map(name => task('videos', name)),
      { since: '2026-02-10T00:00:00.000Z' },
    )
    const owners = walked.records.flatMap(record => (record.type === 'post' ? record.profileId : []))
    expect(owners.toSorted()).toEqual(['ada', 'bea', 'zoe'])
    expect(walked.pages.flatMap(({ missing }) => missing)).toEqual([
      { subject: 'profile', id: 'sick', reason: 'unavailable' },
    ])
    expect(walked.end).toBeNull()
  })

  test('a place that does not move is a broken window too', async () => {
    await using server = await search(call =>
      touches(call, '20260228', '20260228')
        ? ok(`{"videos":[${video(57, '2026-02-28')}],"cursor":0,"has_more":true}`)
        : EMPTY,
    )
    await using opened = openTiktok(server.origin)
    const walked = await walk(opened, [ADA], { since: '2026-02-22T00:00:00.000Z' })
    expect(walked.records.length).toBeGreaterThan(0)
    expect(leftOf(walked)).toEqual(['ada.bakes 2026-02-28'])
    expect(walked.end).toBe('unavailable')
  })

  test.each([
    ['of an unknown code', refusal(400, 'unheard_of', 'no')],
    ['of a place', refusal(400, 'invalid_params', 'Invalid count or cursor')],
    ['without anything in it', ok('{}')],
  ])('days whose searches have an answer %s are left as well', async (_, answer) => {
    await using server = await search(call => (touches(call, '20260213', '20260213') ? answer : EMPTY))
    await using opened = openTiktok(server.origin)
    const walked = await walk(opened, [ADA], { since: SINCE })
    expect(leftOf(walked)).toEqual(['ada.bakes 2026-02-13'])
    expect(walked.end).toBe('unavailable')
  })

  test('a list of names that is too long is halved, and the others have their turn', async () => {
    await using server = await serve(call =>
      namesOf(call).length > 2
        ? refusal(400, 'invalid_params', 'Too many field_values')
        : ok(
            `{"videos":[${namesOf(call).map((name, n) => video(51 + n, '2026-02-20', name))}],"has_more":false}`,
          ),
    )
    await using opened = openTiktok(server.origin)
    const tasks = ['a', 'b', 'c', 'd', 'e'].map(name => task('videos', name))
    const { records, end, pages } = await walk(opened, tasks, { since: '2026-02-10T00:00:00.000Z' })
    const owners = records.flatMap(record => (record.type === 'post' ? record.profileId : []))
    expect(owners).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(end).toBeNull()
    expect(new Set(pages.map(({ window }) => window)).size).toBeGreaterThan(1)
  })

  test('a name that TikTok does not know is said, and the others go on', async () => {
    await using server = await search(call =>
      namesOf(call).includes('gone')
        ? refusal(400, 'invalid_params', '`username: gone` is invalid: cannot find the user')
        : EMPTY,
    )
    await using opened = openTiktok(server.origin)
    const tasks = ['ada', 'gone', 'bea'].map(name => task('videos', name))
    const { pages, end } = await walk(opened, tasks, { since: '2026-02-10T00:00:00.000Z' })
    expect(pages.flatMap(({ missing }) => missing)).toEqual([
      { subject: 'profile', id: 'gone', reason: 'not-found' },
    ])
    expect(server.calls.map(namesOf)).toEqual([
      ['ada', 'bea', 'gone'],
      ['ada', 'bea'],
    ])
    expect(end).toBeNull()
  })

  test('the only name that TikTok does not know ends the walk without a fault', async () => {
    await using server = await search(() =>
      refusal(400, 'invalid_params', '`username: ada.bakes` is invalid: cannot find the user'),
    )
    await using opened = openTiktok(server.origin)
    const { pages, end } = await walk(opened, [ADA])
    expect(pages).toMatchObject([{ missing: [{ id: 'ada.bakes', reason: 'not-found' }], next: null }])
    expect(end).toBeNull()
  })

  test('a field that is refused is left out; after three questions it is asked for no more, for thirty days', async () => {
    const clock = stillClock()
    await using server = await search(({ fields }) =>
      fields.includes('favorites_count')
        ? refusal(400, 'invalid_params', 'fields is invalid')
        : ok(`{"videos":[${video(57, '2026-02-20')}],"has_more":false}`),
    )
    await using opened = openTiktok(server.origin, { clock })
    const walked = await walk(opened, [ADA], { since: '2025-11-15T00:00:00.000Z' })
    expect(walked.records[0]).not.toHaveProperty('saveCount')
    // Three of the four windows were asked twice.
    expect(server.calls).toHaveLength(7)
    expect(learnedOf(opened.memory, clock.now()).map(({ account, fact }) => [account, fact])).toEqual([
      ['key-of-nobody', 'the field favorites_count of /v2/research/video/query/'],
    ])
    await clock.sleep(30 * 86_400_000)
    server.calls.length = 0
    await walk(opened, [ADA], { since: '2026-03-20T00:00:00.000Z' })
    expect(server.calls).toHaveLength(2)
  })

  test('a single name that is called wrong ends the walk', async () => {
    await using server = await serve(() => refusal(400, 'invalid_params', 'query is invalid'))
    await using opened = openTiktok(server.origin)
    expect((await walk(opened, [ADA])).fault).toEqual({ kind: 'rejected', code: 'invalid_params' })
    expect(opened.memory.size).toBe(0)
  })

  test('the end of the day is passed on, and nothing is asked twice', async () => {
    await using server = await search(() => refusal(429, 'daily_quota_limit_exceeded', 'limit'))
    await using opened = openTiktok(server.origin)
    const { fault } = await walk(opened, [ADA])
    expect(fault).toEqual({
      kind: 'quota-exhausted',
      code: 'daily_quota_limit_exceeded',
      pool: 'main',
      until: null,
    })
    expect(server.calls).toHaveLength(1)
  })
})

const window = (name: string, period: string) =>
  task('window', `${name} ${period}`, { profileId: name, entityId: name })

describe('a period that was left', () => {
  test('is one search for all names that lack it, each by its own', async () => {
    await using server = await search(() =>
      ok(`{"videos":[${video(57, '2026-02-14')},${video(55, '2026-02-13', 'bea')}],"has_more":false}`),
    )
    await using opened = openTiktok(server.origin)
    const tasks = [window('bea', '2026-02-13..2026-02-15'), window('ada.bakes', '2026-02-13..2026-02-15')]
    const { records, children, end } = await walk(opened, tasks)
    expect(server.calls.map(windowOf)).toEqual(['20260213-20260215'])
    expect(namesOf(server.calls[0]!)).toEqual(['ada.bakes', 'bea'])
    expect(records.flatMap(record => (record.type === 'post' ? record.profileId : []))).toEqual([
      'ada.bakes',
      'bea',
    ])
    expect(children.map(({ stream, profileId }) => [stream, profileId])).toEqual([
      ['comments', 'ada.bakes'],
      ['comments', 'bea'],
    ])
    expect(end).toBeNull()
  })

  test('shares its walk with those of the same days alone', async () => {
    await using opened = openTiktok('http://127.0.0.1:9')
    const stream = opened.source.streams.find(({ name }) => name === 'window')
    const key = (id: string) => stream?.share?.(window('ada', id), EVERYTHING)
    expect(key('2026-02-13..2026-02-15')).toBe(key('2026-02-13..2026-02-15'))
    expect(key('2026-02-13')).not.toBe(key('2026-02-13..2026-02-15'))
  })

  test.each([
    ['a 500', BROKEN, 'internal_error', 5],
    ['a place', refusal(400, 'invalid_params', 'Invalid count or cursor'), 'invalid_params', 5],
    ['an unknown code', refusal(403, 'unheard_of', 'no'), 'unheard_of', 1],
    ['nothing', ok('{}'), 'empty', 3],
    ['a place that does not move', ok('{"videos":[],"cursor":0,"has_more":true}'), 'stuck', 1],
  ])(
    'that is still answered with %s is a fault that names it, and may pass',
    async (_, answer, code, calls) => {
      await using server = await search(() => answer)
      await using opened = openTiktok(server.origin)
      const week = window('ada', '2026-02-09..2026-02-15')
      const stream = opened.source.streams.find(({ name }) => name === 'window')
      const request = {
        tasks: [week],
        cursor: null,
        params: EVERYTHING,
        room: null,
        startedAt: '2026-03-01T12:00:00.000Z',
      }
      const asked = stream?.fetch(request, opened.context())
      await expect(asked).rejects.toMatchObject({
        fault: { kind: 'transient', code },
        message: expect.stringContaining('TikTok does not give the videos of 2026-02-09..2026-02-15: '),
      })
      expect(server.calls).toHaveLength(calls)
    },
  )
})

describe('declared and not listed', () => {
  const EMPTY_HISTORY = { since: null }
  test('a name of which nothing came is told apart from the others, where all was asked for', async () => {
    await using server = await search(call =>
      windowOf(call) === '20260130-20260301'
        ? ok(`{"videos":[${video(57, '2026-02-20')}],"has_more":false}`)
        : EMPTY,
    )
    await using opened = openTiktok(server.origin)
    const names = [
      task('videos', 'ada.bakes', { declared: 1 }),
      task('videos', 'bea', { declared: 312 }),
      task('videos', 'carl', { declared: 0 }),
      task('videos', 'dora'),
    ]
    const { pages } = await walk(opened, names, EMPTY_HISTORY)
    expect(pages.flatMap(({ unlisted }) => unlisted)).toEqual(['bea'])
    const since = await walk(opened, names, { since: SINCE })
    expect(since.pages.flatMap(({ unlisted }) => unlisted)).toEqual([])
  })

  test('videos are counted once, though a page begins with those of the one before', async () => {
    // Sixty in one window; page two begins with ten of page one. One more lies four quiet windows further down.
    const rows = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => {
        const at = Date.UTC(2026, 1, 28) / 1000 - (from + n) * 3600
        return `{"id":${7391112223330000000n - BigInt(from + n)},"username":"ada.bakes","create_time":${at}}`
      })
    await using server = await search(call => {
      if (touches(call, '20251001', '20251001') && !touches(call, '20260215', '20260215'))
        return ok(
          `{"videos":[{"id":7291112223330000000,"username":"ada.bakes","create_time":1759276800}],"has_more":false}`,
        )
      if (windowOf(call) !== '20260130-20260301') return EMPTY
      return call.body.cursor === undefined
        ? ok(`{"videos":[${rows(0, 50)}],"cursor":50,"has_more":true,"search_id":"739"}`)
        : ok(`{"videos":[${rows(40, 60)}],"cursor":70,"has_more":false}`)
    })
    await using opened = openTiktok(server.origin)
    const { records } = await walk(opened, [task('videos', 'ada.bakes', { declared: 61 })])
    const ids = new Set(records.flatMap(record => (record.type === 'post' ? record.id : [])))
    expect(ids.size).toBe(61)
  })
})
