import { youtube } from '@googleapis/youtube'
import { describe, expect, it } from 'vitest'
import type { SocialRecord } from '../../src/core/records.ts'
import { networks } from '../../src/networks/registry.ts'
import { YOUTUBE_ACCESS, YOUTUBE_PLAYLISTS, YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox.ts'
import { socsync } from '../support/cli.ts'
import { startSandbox } from '../support/sandbox.ts'
import { differences, query, type Row } from '../support/tables.ts'
import { openRuns } from '../support/youtube-runs.ts'

const { mixed, shared, empty, private: hidden, gone } = YOUTUBE_PLAYLISTS
const DAY_MS = 86_400_000
const ADDRESS = 'https://www.youtube.com/playlist?list='

const { sandbox, db, call, run, calls, listOf } = openRuns()

const sum = (made: Record<string, number>): number => Object.values(made).reduce((all, n) => all + n, 0)
/** Of several playlists together, each row once. */
const truth = (...ids: readonly string[]): readonly SocialRecord[] => [
  ...new Map(
    ids
      .flatMap(id => sandbox().truth('youtube', `playlist:${id}`))
      .map(row => [JSON.stringify('id' in row ? [row.type, row.id] : row), row] as const),
  ).values(),
]
const rows = (sql: string): readonly Row[] => query(db(), sql)

describe('playlists in a list, YouTube', () => {
  it('come with their items, videos, channels and comments; what is private or gone is said', async () => {
    const list = await listOf([`${ADDRESS}${mixed}&si=x`, `youtube:playlist:${empty}`, hidden, gone, mixed])
    const ended = await run('--as', 'playlist', '--ids', list, '--scope', 'comments')
    expect(ended).toMatchObject({ code: 0 })
    const { commentThreads, comments, ...made } = calls()
    // Two that the answer leaves out are asked for by themselves; the last page has a channel that the first had not.
    expect(made).toEqual({ playlists: 1, playlistItems: 3 + 1 + 2, videos: 3, channels: 2 })
    const posts = truth(mixed).filter(row => row.type === 'post')
    expect(commentThreads).toBe(posts.filter(({ commentsCount }) => (commentsCount ?? 0) > 0).length)
    expect(differences(db(), 'youtube', truth(mixed, empty))).toEqual([])

    const { stdout } = await call('export', 'ids', '--format', 'json')
    const became = new Map((JSON.parse(stdout) as Row[]).map(row => [row.id, row]))
    expect(became.get(`playlist:${hidden}`)).toMatchObject({ status: 'skipped', reason: 'private' })
    expect(became.get(`playlist:${gone}`)).toMatchObject({ status: 'skipped', reason: 'not-found' })
    expect(became.get(`playlist:${mixed}`)).toMatchObject({ status: 'succeeded' })
    expect(became.get(`playlist:${empty}`)).toMatchObject({ status: 'succeeded' })
    expect((await call('db', 'check')).code).toBe(0)
  })

  it('are the same to a client that nobody here wrote', async () => {
    const client = youtube({ version: 'v3', auth: YOUTUBE_ACCESS.apiKey, rootUrl: `${sandbox().origin}/` })
    const part = ['snippet', 'contentDetails', 'status']
    const { data: told } = await client.playlists.list({ part, id: [mixed], maxResults: 50 })
    expect(truth(mixed)).toContainEqual(
      expect.objectContaining({
        type: 'collection',
        profileId: told.items?.[0]?.snippet?.channelId,
        title: told.items?.[0]?.snippet?.title,
        itemsCount: told.items?.[0]?.contentDetails?.itemCount,
      }),
    )
    const places = new Map<string, number>()
    let pageToken: string | undefined
    do {
      const of = { part, playlistId: mixed, maxResults: 50, ...(pageToken !== undefined && { pageToken }) }
      const { data } = await client.playlistItems.list(of)
      for (const { snippet, contentDetails } of data.items ?? [])
        places.set(contentDetails?.videoId ?? '', snippet?.position ?? -1)
      pageToken = data.nextPageToken ?? undefined
    } while (pageToken !== undefined)
    const items = truth(mixed).flatMap(row => (row.type === 'item' ? [[row.postId, row.position]] : []))
    expect([...places].toSorted()).toEqual(items.toSorted())
  })

  it('pay once for a video that stands in two of them', async () => {
    const list = await listOf([`playlist:${mixed}`, `playlist:${shared}`])
    await run('--ids', list, '--concurrency', '1')
    const asked = sandbox().log.calls.flatMap(({ path, fields }) =>
      path.endsWith('/videos') ? (fields.id ?? '').split(',') : [],
    )
    expect(asked.length).toBeGreaterThan(100)
    expect(new Set(asked).size).toBe(asked.length)
    // The shorter one's first page has nothing to be asked for.
    expect(calls()).toMatchObject({ playlists: 1, playlistItems: 3 + 2, videos: 3 + 1 })
    const told = truth(mixed, shared).filter(({ type }) => type !== 'comment')
    expect(differences(db(), 'youtube', told)).toEqual([])
  })

  it('cost what plan says, before and on a known night', async () => {
    const list = await listOf([`playlist:${mixed}`, `playlist:${shared}`])
    const planned = async (): Promise<{ low: number; likely: number; high: number }> =>
      JSON.parse(
        (await call('plan', '--network', 'youtube', '--ids', list, '--scope', 'comments', '--json')).stdout,
      ).plan.units
    const before = await planned()
    await run('--ids', list, '--scope', 'comments')
    const first = sum(calls())
    expect(before.low).toBeLessThanOrEqual(first)
    expect(before.high).toBeGreaterThanOrEqual(first)

    sandbox().advance(40 * DAY_MS)
    await run('--ids', list, '--scope', 'comments')
    sandbox().advance(7 * DAY_MS)
    calls()
    const night = await planned()
    await run('--ids', list, '--scope', 'comments')
    const made = calls()
    expect(made).toMatchObject({ playlists: 1, playlistItems: 3 + 2 })
    expect(Math.abs(night.likely - sum(made))).toBeLessThanOrEqual(Math.max(1, sum(made) * 0.05))
  })

  it('tell what was taken out also where all that is left was told beside them', async () => {
    const posts = truth(shared).flatMap(row => (row.type === 'post' ? [`post:${row.id}`] : []))
    const list = await listOf([`playlist:${shared}`, ...posts])
    await run('--ids', list)
    const [taken = ''] = posts
    sandbox().setSwitch('taken-out', { value: [taken.replace('post:', '')] })
    sandbox().advance(DAY_MS)
    calls()
    await run('--ids', list, '--concurrency', '1')
    // The page of videos that the list names, and no other.
    expect(calls()).toMatchObject({ playlistItems: 2, videos: 2 })
    expect(rows('select post_id from collection_items where missing_since is not null')).toEqual([
      { post_id: taken.replace('post:', '') },
    ])
  })

  it('are read whole each night: what was taken out is missing from its list and nowhere else, and may come back', async () => {
    await run(`playlist:${mixed}`, `playlist:${shared}`)
    const [taken] = truth(shared).flatMap(row => (row.type === 'item' ? row.postId : []))
    sandbox().setSwitch('taken-out', { value: [taken ?? ''] })
    sandbox().advance(DAY_MS)
    calls()
    await run(`playlist:${shared}`)
    expect(calls()).toEqual({ playlists: 1, playlistItems: 2, videos: 2, channels: 1 })
    const missing = (): readonly Row[] =>
      rows('select collection_id, post_id from collection_items where missing_since is not null')
    expect(missing()).toEqual([{ collection_id: `playlist:${shared}`, post_id: taken }])
    expect(rows('select id from posts where missing_since is not null or absent_since is not null')).toEqual(
      [],
    )
    expect(rows(`select items_count from collections where id = 'playlist:${shared}'`)).toEqual([
      { items_count: 52 },
    ])
    sandbox().switches.clear()
    sandbox().advance(DAY_MS)
    await run(`playlist:${shared}`)
    expect(missing()).toEqual([])
  })

  it('that come back with nothing where they held much are not believed', async () => {
    await run(`playlist:${mixed}`)
    sandbox().setSwitch('empty-answer', { match: 'playlistItems' })
    sandbox().advance(DAY_MS)
    const ended = await run(`playlist:${mixed}`)
    expect(ended.stdout).toContain('unlisted')
    expect(rows('select post_id from collection_items where missing_since is not null')).toEqual([])
    sandbox().switches.clear()
    sandbox().advance(DAY_MS)
    expect((await run(`playlist:${mixed}`)).stdout).not.toContain('unlisted')
  })

  it('tell of videos that are made private: their items stay, the posts are missing, and are not asked for again', async () => {
    await using moving = await startSandbox({ networks, moving: true })
    const night = async (): Promise<number> => {
      moving.log.clear()
      const ended = await socsync(
        ['run', '--network', 'youtube', '--refresh-after', '0s', `playlist:${mixed}`, '--db', db()],
        { env: moving.env },
      )
      expect(ended.code).toBe(0)
      return moving.log.calls.filter(({ path }) => path.endsWith('/videos')).length
    }
    const posts = (): ReadonlySet<string> =>
      new Set(
        moving.truth('youtube', `playlist:${mixed}`).flatMap(row => (row.type === 'post' ? row.id : [])),
      )
    const before = posts()
    expect(await night()).toBe(3)
    moving.advance(45 * DAY_MS)
    const after = posts()
    const vanished = [...before].filter(id => !after.has(id)).toSorted()
    expect(vanished.length).toBeGreaterThan(0)
    // Each page that lacks some asks for these once more.
    const lacking = await night()
    expect(lacking).toBeGreaterThan(3)
    expect(lacking).toBeLessThanOrEqual(3 + Math.min(3, vanished.length))
    expect(
      rows('select id from posts where missing_since is not null order by id').map(({ id }) => id),
    ).toEqual(vanished)
    expect(rows('select post_id from collection_items where missing_since is not null')).toEqual([])
    moving.advance(DAY_MS)
    expect(await night()).toBe(3)
  })

  it('go on where they were killed, and no page is paid for twice', async () => {
    const cut = await socsync(
      [
        'run',
        '--network',
        'youtube',
        `playlist:${mixed}`,
        '--scope',
        'comments',
        '--db',
        db(),
        '--concurrency',
        '1',
      ],
      { env: { ...sandbox().env, SOCSYNC_CRASH_AT: 'page.written:3' } },
    )
    expect(cut.code).not.toBe(0)
    const begun = calls()
    sandbox().advance(60_000)
    expect(await call('resume', '--all', '--quiet')).toMatchObject({ code: 0 })
    const rest = calls()
    expect(differences(db(), 'youtube', truth(mixed))).toEqual([])
    const both = (method: string): number => (begun[method] ?? 0) + (rest[method] ?? 0)
    // The page at which it was killed is asked for again.
    expect(both('playlists')).toBe(1)
    expect(both('playlistItems')).toBe(4)
    expect(both('videos')).toBe(4)
  })

  it('have the posts of the wanted dates, and all of their items', async () => {
    const posts = truth(mixed).flatMap(row => (row.type === 'post' ? [row] : []))
    const since = posts.map(({ createdAt }) => createdAt ?? '').toSorted()[60] ?? ''
    await run(`playlist:${mixed}`, '--since', since)
    const wanted = new Set(posts.flatMap(({ id, createdAt }) => ((createdAt ?? '') >= since ? id : [])))
    expect(rows('select count(*) as n from posts')).toEqual([{ n: wanted.size }])
    expect(rows('select count(*) as n from collection_items')).toEqual([{ n: 119 }])
  })

  it('that the site makes of uploads have their items though nothing else is told of them', async () => {
    const channel = YOUTUBE_SPECIALS.channels.forms
    const list = `UULV${channel.slice(2)}`
    const ended = await run(`playlist:${list}`)
    expect(ended).toMatchObject({ code: 0 })
    // Whether it is there its items tell.
    expect(calls()).toEqual({ playlists: 1, playlistItems: 2, videos: 1, channels: 1 })
    expect(rows('select id, kind, profile_id, title, items_count from collections')).toEqual([
      { id: `playlist:${list}`, kind: 'playlist', profile_id: channel, title: null, items_count: 3 },
    ])
    const { live, upcoming, broadcast } = YOUTUBE_SPECIALS.forms
    expect(rows('select post_id from collection_items order by position')).toEqual(
      [live, upcoming, broadcast].map(post_id => ({ post_id })),
    )
    const none = await run(`playlist:UUSH${YOUTUBE_SPECIALS.channels.empty.slice(2)}`)
    expect(none.stdout).toContain('unavailable')
  })

  it.each([
    ['playlist:abc', /argument 1: "playlist:abc" is no youtube playlist/],
    ['playlist:WL', /the API does not give these lists/],
    [`${ADDRESS}LL`, /the API does not give these lists/],
    [`playlist:UU${YOUTUBE_SPECIALS.channels.thai.slice(2)}`, /give the channel/],
    [mixed, /write playlist:PL/],
  ])('%s is refused before anything is asked', async (line, message) => {
    const refused = await run(line)
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
    expect(calls()).toEqual({})
  })
})
