import { describe, expect, test } from 'vitest'
import { type Answer, type Call, ok, openTiktok, refusal, serve, task, walk } from '../harness.ts'

/** Searches of which only the first page can be had, and what is not answered so that it can be read. */
const ADA = task('videos', 'ada.bakes')
const SINCE = '2026-01-15T00:00:00.000Z'
const DAY = 86_400
const WINDOW = '20260130-20260301'

/** 480 videos in 25 days of a window. */
const MANY = Array.from({ length: 480 }, (_, n) => ({
  id: `73911122233344${50000 - n}`,
  at: Date.UTC(2026, 2, 1, 12) / 1000 - n * 4_500,
}))

const seconds = (day: unknown): number => Date.parse(String(day).replace(/(....)(..)(..)/, '$1-$2-$3')) / 1000

/** Serves {@link MANY}, but for later pages: those are answered by script. */
const serveFirstPages = (later: (call: Call) => Answer | string) =>
  serve(call => {
    const { start_date, end_date, cursor } = call.body
    if (cursor !== undefined) return later(call)
    const hits = MANY.filter(({ at }) => at >= seconds(start_date) && at < seconds(end_date) + DAY)
    const rows = hits
      .slice(0, 100)
      .map(({ id, at }) => `{"id":${id},"username":"ada.bakes","create_time":${at}}`)
    const more = hits.length > 100
    return ok(
      `{"videos":[${rows}],"cursor":${Math.min(100, hits.length)},"has_more":${more},"search_id":"739"}`,
    )
  })

const postsOf = ({ records }: Awaited<ReturnType<typeof walk>>): readonly string[] =>
  records.flatMap(record => (record.type === 'post' ? record.id : []))

describe('later pages that are never given', () => {
  test.each([
    ['refused', refusal(500, 'internal_error', 'Something is wrong. Please try again later.'), 5 + 1],
    ['refused in unknown words', refusal(400, 'unheard_of', 'Unheard of.'), 2 + 1],
    ['cut off', '{"data":{"videos":[{"id":73911', 5 + 1],
    ['empty where more was promised', ok('{"videos":[],"has_more":false}'), 1 + 2],
  ])(
    'where they are %s the window is divided until none is needed; nothing is told twice',
    async (_, answer, finding) => {
      await using server = await serveFirstPages(() => answer)
      await using opened = openTiktok(server.origin)
      const walked = await walk(opened, [ADA], { since: SINCE })
      const posts = postsOf(walked)
      // The engine takes three pages in a row of what was brought before for a loop.
      expect(new Set(posts).size).toBe(480)
      expect(posts).toHaveLength(480)
      expect(walked.children.filter(({ stream }) => stream === 'window')).toEqual([])
      expect(walked.end).toBeNull()
      expect(walked.cursors.at(-1)).toMatchObject({ found: { 'ada.bakes': 480 } })
      // Its first page, what it took to find out, seventeen for its parts, and the window before.
      expect(server.calls).toHaveLength(1 + finding + 17 + 1)
    },
  )

  test('once found out they are tried once in the next window and the next run, until one is given', async () => {
    let isSick = true
    await using server = await serveFirstPages(() =>
      isSick
        ? refusal(500, 'internal_error', 'Something is wrong. Please try again later.')
        : ok('{"videos":[],"cursor":480,"has_more":false}'),
    )
    const memory = new Map()
    await using first = openTiktok(server.origin, { memory })
    const laterTries = () =>
      server.calls.filter(
        ({ body }) => body.cursor !== undefined && `${body.start_date}-${body.end_date}` === WINDOW,
      ).length
    await walk(first, [ADA], { since: SINCE })
    expect(laterTries()).toBe(5)

    server.calls.length = 0
    await using second = openTiktok(server.origin, { memory })
    const again = await walk(second, [ADA], { since: SINCE })
    expect(new Set(postsOf(again)).size).toBe(480)
    expect(laterTries()).toBe(1)

    isSick = false
    await walk(second, [ADA], { since: SINCE })
    isSick = true
    server.calls.length = 0
    await walk(second, [ADA], { since: SINCE })
    expect(laterTries()).toBe(5)
  })

  test('an empty last page whose cursor counts the hidden ones is an end', async () => {
    await using server = await serveFirstPages(() => ok('{"videos":[],"cursor":145,"has_more":false}'))
    await using opened = openTiktok(server.origin)
    const walked = await walk(opened, [ADA], { since: SINCE })
    expect(postsOf(walked)).toHaveLength(100)
    expect(walked.end).toBeNull()
    expect(server.calls).toHaveLength(3)
  })

  test('a period of its own does not end with such a page either', async () => {
    await using server = await serveFirstPages(() => ok('{"videos":[],"has_more":false}'))
    await using opened = openTiktok(server.origin)
    const window = task('window', 'ada.bakes 2026-02-14..2026-03-01', { profileId: 'ada.bakes' })
    expect((await walk(opened, [window])).fault).toEqual({ kind: 'transient', code: 'stuck' })
  })
})

describe('a search that is not answered', () => {
  const CUT = '{"data":{"vid'

  test('is divided as one that is refused, and its days are left; the raw zone tells in its words why', async () => {
    await using server = await serve(({ fields, body }) =>
      fields !== 'id' && String(body.start_date) <= '20260213' && String(body.end_date) >= '20260213'
        ? CUT
        : ok('{"videos":[],"has_more":false}'),
    )
    await using opened = openTiktok(server.origin)
    const walked = await walk(opened, [ADA], { since: SINCE })
    expect(walked.children.map(({ externalId }) => externalId)).toEqual(['ada.bakes 2026-02-13'])
    expect(walked.end).toBe('unavailable')
    const [first] = walked.raws[0]?.parts ?? []
    expect(first).toMatchObject({ status: 0, json: { error: { code: 'not-json' } } })
    expect(JSON.parse(first?.text ?? '')).toEqual(first?.json)
    // Five tries of the window, one of another day, one of each piece, and the window before.
    expect(opened.charged.get('main')).toBe(5 + 1 + 10 + 1)
  })

  test('is an outage where nothing else is answered either: its own fault ends the walk, and nothing is left out', async () => {
    await using server = await serve(() => CUT)
    await using opened = openTiktok(server.origin)
    const { pages, fault } = await walk(opened, [ADA, task('videos', 'bea')], { since: SINCE })
    expect(fault).toMatchObject({ kind: 'transient', code: 'not-json' })
    expect(pages).toEqual([])
    expect(opened.charged.get('main')).toBe(5 + 3)
  })
})

describe('a refusal of all', () => {
  test('in words that could mean the list of names ends the walk where it began, however many they are', async () => {
    await using server = await serve(() => refusal(400, 'unheard_of', 'Unheard of.'))
    await using opened = openTiktok(server.origin)
    const names = Array.from({ length: 20 }, (_, n) => `name.${n}`)
    const { pages, fault } = await walk(
      opened,
      names.map(name => task('videos', name)),
      { since: SINCE },
    )
    expect(fault).toEqual({ kind: 'rejected', code: 'unheard_of' })
    expect(pages).toEqual([])
    // The search with and without a field; on another day all, 10, 5, 3, 2, 1, and the others.
    expect(opened.charged.get('main')).toBe(2 + 1 + 5 + 1)
  })
})
