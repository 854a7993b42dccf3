import { expect, test } from 'vitest'
import { CLASSIC } from '../../../../../src/networks/youtube/sandbox/page-tokens.ts'
import { YOUTUBE_SPECIALS } from '../../../../../src/networks/youtube/sandbox.ts'
import type { SwitchRule } from '../../../../../src/sandbox/switches.ts'
import { DAY, type Item, idsOf, OCTOBER, open, uploadsOf, walk } from './open.ts'

const { channels, threads } = YOUTUBE_SPECIALS
const uploads = { part: 'contentDetails', playlistId: uploadsOf(channels.prolific), maxResults: 50 }
const text = (token: string | undefined): string => Buffer.from(token ?? '', 'base64').toString('latin1')

test('tokens have the real forms (docs/networks/youtube.md §6)', () => {
  expect(CLASSIC.write({ offset: 50, backward: false, turn: 0 }, '')).toBe('CDIQAA')
  expect(CLASSIC.write({ offset: 50, backward: true, turn: 0 }, '')).toBe('CDIQAQ')
  expect(CLASSIC.read('CNgEEAE', '')).toEqual({ offset: 600, backward: true, turn: 0 })
  const { ask } = open()
  const outer = text(ask('playlistItems', uploads).body.nextPageToken)
  expect(outer).toMatch(/^\x10\x00\x1a\x1ePT:/)
  expect(text(outer.slice(7))).toMatch(/^\x08\x32\x22\x10[0-9a-f]{16}$/)
  const list = { part: 'id', videoId: threads.pinned }
  expect(text(ask('commentThreads', list).body.nextPageToken)).toMatch(/^get_newest_first--/)
  const ranked = ask('commentThreads', { ...list, order: 'relevance' }).body.nextPageToken ?? ''
  expect(text(ranked)).toMatch(/^get_ranked_streams--/)
  expect(ranked.length).toBeGreaterThan(1_000)
  const parentId = ask('commentThreads', { part: 'id', videoId: threads.replies }).body.items?.[0]?.id ?? ''
  expect(text(ask('comments', { part: 'id', parentId }).body.nextPageToken)).toMatch(/^GAI/)
})

test('a token belongs to its filter and is refused with any other', () => {
  const { ask } = open()
  const playlist = ask('playlistItems', uploads).body.nextPageToken ?? ''
  const thread = ask('commentThreads', { part: 'id', videoId: threads.pinned }).body.nextPageToken ?? ''
  const refused = [
    ask('playlistItems', { ...uploads, playlistId: uploadsOf(channels.big), pageToken: playlist }),
    ask('playlistItems', { ...uploads, pageToken: `${playlist}A` }),
    ask('playlistItems', { ...uploads, pageToken: 'CDIQAA' }),
    ask('commentThreads', { part: 'id', videoId: threads.fullPageAndOne, pageToken: thread }),
    ask('commentThreads', { part: 'id', videoId: threads.pinned, order: 'relevance', pageToken: thread }),
    ask('search', { part: 'id', channelId: channels.forms, pageToken: 'CPQDEAA' }),
  ]
  expect(refused.map(({ refusal }) => refusal)).toEqual(refused.map(() => [400, 'invalidPageToken']))
  expect(ask('playlistItems', { ...uploads, pageToken: playlist }).status).toBe(200)
})

test('pages go forward to the end, and back', () => {
  const opened = open()
  const pages = walk(opened, 'playlistItems', uploads)
  const all = idsOf(pages)
  expect(new Set(all).size).toBe(all.length)
  expect(pages.map(({ body }) => body.pageInfo)).toEqual(
    pages.map(() => ({ totalResults: all.length, resultsPerPage: 50 })),
  )
  const back = opened.ask('playlistItems', { ...uploads, pageToken: pages[2]?.body.prevPageToken ?? '' })
  expect(idsOf([back])).toEqual(idsOf(pages.slice(1, 2)))
  expect(pages[0]?.body.prevPageToken).toBeUndefined()
})

test('relevance and search terms order and keep the same threads', () => {
  const opened = open()
  const list = { part: 'snippet', videoId: threads.pinned, maxResults: 100 }
  const [byTime, ranked] = [
    walk(opened, 'commentThreads', list),
    walk(opened, 'commentThreads', { ...list, order: 'relevance' }),
  ]
  expect(idsOf(ranked)).not.toEqual(idsOf(byTime))
  expect(idsOf(ranked).toSorted()).toEqual(idsOf(byTime).toSorted())
  const found = walk(opened, 'commentThreads', { ...list, searchTerms: 'HARBOUR' }).flatMap(
    ({ body }) => body.items ?? [],
  )
  expect(found.length).toBeGreaterThan(0)
  for (const { snippet } of found) expect(snippet.topLevelComment.snippet.textOriginal).toContain('harbour')
})

test('all threads of a channel are those of its videos, newest first', () => {
  const opened = open()
  const perVideo = Object.values(threads).flatMap(videoId =>
    walk(opened, 'commentThreads', { part: 'id', videoId, maxResults: 100 }),
  )
  const wide = walk(opened, 'commentThreads', {
    part: 'snippet',
    allThreadsRelatedToChannelId: channels.threads,
    maxResults: 100,
  })
  expect(idsOf(wide).toSorted()).toEqual(idsOf(perVideo).toSorted())
  const times = wide
    .flatMap(({ body }) => body.items ?? [])
    .map(({ snippet }) => snippet.topLevelComment.snippet.publishedAt)
  expect(times).toEqual(times.toSorted().toReversed())
})

test('the uploads playlist ends after 20,000, and says that there are more', () => {
  const opened = open({ size: 'large', rules: [{ name: 'default-allowance', value: 1_000_000 }] })
  const pages = walk(opened, 'playlistItems', { ...uploads, playlistId: uploadsOf(channels.giant) })
  expect(new Set(idsOf(pages)).size).toBe(20_000)
  expect(pages[0]?.body.pageInfo).toEqual({ totalResults: 25_000, resultsPerPage: 50 })
})

test('what is inserted or deleted at the head shifts the pages that follow', () => {
  const whole = idsOf(walk(open(), 'playlistItems', uploads))
  const walkShifted = (value: number) =>
    idsOf(walk(open({ rules: [{ name: 'shift', value, times: 1 }] }), 'playlistItems', uploads))
  expect(walkShifted(2)).toEqual([...whole.slice(0, 50), ...whole.slice(48)])
  expect(walkShifted(-3)).toEqual([...whole.slice(0, 50), ...whole.slice(53)])
})

test('short and empty pages lose nothing, each with a token of its own', () => {
  const whole = idsOf(walk(open(), 'playlistItems', uploads))
  const pages = walk(
    open({
      rules: [
        { name: 'short-pages', value: 20 },
        { name: 'empty-page', after: 1, times: 2 },
      ],
    }),
    'playlistItems',
    uploads,
  )
  expect(pages.map(({ body }) => body.items?.length).slice(0, 4)).toEqual([20, 0, 0, 20])
  expect(idsOf(pages)).toEqual(whole)
  const tokens = pages.map(({ body }) => body.nextPageToken)
  expect(new Set(tokens).size).toBe(tokens.length)
})

test('a token that repeats, and one that is ignored', () => {
  const repeating = open({ rules: [{ name: 'repeated-token', after: 1 }] })
  const second = repeating.ask('playlistItems', uploads).body.nextPageToken ?? ''
  expect(repeating.ask('playlistItems', { ...uploads, pageToken: second }).body.nextPageToken).toBe(second)
  const ignoring = open({ rules: [{ name: 'ignore-page-token' }] })
  const first = ignoring.ask('playlistItems', uploads)
  const again = ignoring.ask('playlistItems', { ...uploads, pageToken: first.body.nextPageToken ?? '' })
  expect(idsOf([again])).toEqual(idsOf([first]))
  const third = ignoring.ask('playlistItems', { ...uploads, pageToken: again.body.nextPageToken ?? '' })
  expect(idsOf([third])).toEqual(idsOf([first]))
  const tokens = [first, again, third].map(({ body }) => body.nextPageToken)
  expect(new Set(tokens).size).toBe(3)
})

test('pages that are refused from some place on, and tokens of another day', () => {
  const value = { offset: 100, error: 'invalidPageToken' }
  const refusing = open({ rules: [{ name: 'refused-from', value }] })
  const second = refusing.ask('playlistItems', uploads).body.nextPageToken ?? ''
  const { body, status } = refusing.ask('playlistItems', { ...uploads, pageToken: second })
  expect(status).toBe(200)
  const third = { ...uploads, pageToken: body.nextPageToken ?? '' }
  expect(refusing.ask('playlistItems', third).status).toBe(400)

  const daily = open({ rules: [{ name: 'daily-tokens' }], moving: true })
  const today = { ...uploads, pageToken: daily.ask('playlistItems', uploads).body.nextPageToken ?? '' }
  expect(daily.ask('playlistItems', today).status).toBe(200)
  daily.setNow(OCTOBER + DAY)
  expect(daily.ask('playlistItems', today).status).toBe(400)
})

test('answers that say nothing, and numbers that say too much', () => {
  const byId = { part: 'snippet,statistics', id: channels.prolific }
  const whole = open().ask('channels', byId).body.items?.[0]
  const said = (...rules: readonly SwitchRule[]) => open({ rules }).ask('channels', byId).body
  expect(said({ name: 'empty-answer' })).not.toHaveProperty('items')
  expect(said({ name: 'hollow-items' }).items).toEqual([{ kind: 'youtube#channel' }])
  expect(said({ name: 'hollow-items', value: 'id' }).items).toEqual([
    { kind: 'youtube#channel', id: channels.prolific },
  ])
  const count = (channel: Item | undefined) => Number(channel?.statistics.videoCount)
  expect(count(said({ name: 'declares-more', value: 2 }).items?.[0])).toBe(count(whole) + 2)

  const list = idsOf([open().ask('playlistItems', uploads)])
  const id = list[7] ?? ''
  const withheld = open({ rules: [{ name: 'withheld', value: [id] }] })
  expect(idsOf([withheld.ask('playlistItems', uploads)])).not.toContain(id)
  expect(withheld.ask('videos', { part: 'id', id }).body.items).toEqual([])
  expect(count(withheld.ask('channels', byId).body.items?.[0])).toBe(count(whole) - 1)
})

test('the last page of a search may be empty', () => {
  const opened = open()
  const pages = walk(opened, 'search', {
    part: 'id',
    channelId: channels.forms,
    type: 'video',
    maxResults: 11,
  })
  expect(pages.map(({ body }) => body.items?.length)).toEqual([11, 0])
  expect(pages[1]?.body).toMatchObject({
    prevPageToken: 'CAsQAQ',
    regionCode: 'US',
    pageInfo: { resultsPerPage: 0 },
  })
  expect(opened.used()).toEqual({ 'project-1 search': 2 })
})
