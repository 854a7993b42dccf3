import { expect, test } from 'vitest'
import { YOUTUBE_SPECIALS } from '../../../../../src/networks/youtube/sandbox.ts'
import { open, uploadsOf } from './open.ts'

const { channels, forms, threads, membersOnlyVideo } = YOUTUBE_SPECIALS

test('part and id are comma lists, repeated keys, or both', () => {
  const { ask } = open()
  const [a, b, c] = [forms.short, forms.sharp, forms.live]
  const asked = ask('videos', { part: 'snippet,statistics', id: `${a},${b},${c}` })
  expect(ask('videos', `part=statistics&part=snippet&id=${a}&id=${b},${c}`).body).toEqual(asked.body)
  expect(asked.body.items?.map(({ id }) => id).toSorted()).toEqual([a, b, c].toSorted())
  expect(Object.keys(asked.body.items?.[0] ?? {})).toEqual(['kind', 'etag', 'id', 'snippet', 'statistics'])
})

test.each([
  ['items/id', { items: [{ id: channels.forms }] }],
  [
    'items(id,snippet/customUrl)',
    { items: [{ id: channels.forms, snippet: { customUrl: expect.any(String) } }] },
  ],
  [
    'pageInfo(resultsPerPage),items/statistics(*)',
    {
      items: [{ statistics: expect.objectContaining({ viewCount: expect.any(String), videoCount: '11' }) }],
      pageInfo: { resultsPerPage: 5 },
    },
  ],
  [
    'items/snippet/country,items/snippet/thumbnails/*/url',
    {
      items: [
        {
          snippet: expect.objectContaining({
            thumbnails: {
              default: { url: expect.any(String) },
              medium: expect.anything(),
              high: expect.anything(),
            },
          }),
        },
      ],
    },
  ],
  ['nextPageToken', {}],
])('fields=%s', (fields, expected) => {
  const { body } = open().ask('channels', { part: 'snippet,statistics', id: channels.forms, fields })
  expect(body).toEqual(expected)
})

test.each(['items(id', 'items()', 'items/', ',items', 'items(idd)', 'items/snippet/tittle', 'item'])(
  'fields=%s is refused',
  fields => {
    const { refusal } = open().ask('channels', { part: 'snippet', id: channels.forms, fields })
    expect(refusal).toEqual([400, 'invalidParameter'])
  },
)

test.each([
  ['channels', { part: 'id', forHandle: '@x', maxResults: 51 }, [400, 'invalidParameter']],
  ['videos', { part: 'id', id: 'x', maxResults: 0 }, [400, 'invalidParameter']],
  ['commentThreads', { part: 'id', videoId: threads.edited, maxResults: 101 }, [400, 'invalidParameter']],
  ['commentThreads', { part: 'id', videoId: threads.edited, order: 'newest' }, [400, 'invalidParameter']],
  ['commentThreads', { part: 'id', id: 'x', order: 'time' }, [400, 'incompatibleParameters']],
  ['videos', { part: 'id', id: 'x', ids: 'y' }, [400, 'unexpectedParameter']],
  ['videos', { part: 'id', id: Array.from({ length: 51 }, (_, n) => n).join() }, [400, 'invalidParameter']],
  ['videos', { part: 'fileDetails', id: 'x' }, [403, 'forbidden']],
  ['videos', { part: '', id: 'x' }, [400, 'missingRequiredParameter']],
  ['channels', { part: 'id', mine: 'true' }, [401, 'required']],
  ['playlistItems', { part: 'id', playlistId: 'WL' }, [403, 'watchLaterNotAccessible']],
  ['channelz', { part: 'id' }, [404, 'notFound']],
] as const)('%s %o is refused', (method, query, refusal) => {
  expect(open().ask(method, query).refusal).toEqual(refusal)
})

test('page sizes are 5 or 20 unless asked for, and an empty token is none', () => {
  const { ask } = open()
  const uploads = ask('playlistItems', {
    part: 'id',
    playlistId: uploadsOf(channels.prolific),
    pageToken: '',
  })
  expect(uploads.body.items).toHaveLength(5)
  expect(ask('commentThreads', { part: 'id', videoId: threads.pinned }).body.items).toHaveLength(20)
  const none = ask('playlistItems', { part: 'id', playlistId: uploadsOf(channels.prolific), maxResults: 0 })
  expect(none.body.items).toEqual([])
})

test('envelopes say and leave out what the real ones do (docs/networks/youtube.md §4)', () => {
  const { ask } = open()
  const nobody = ask('channels', { part: 'id', id: 'UCq0ExampleChannel00001w' }).body
  expect(nobody).toEqual({
    kind: 'youtube#channelListResponse',
    etag: expect.any(String),
    pageInfo: { totalResults: 0, resultsPerPage: 5 },
  })
  const videos = ask('videos', { part: 'id', id: `${forms.gone},${forms.short}` }).body
  expect(videos).toMatchObject({
    items: [{ id: forms.short }],
    pageInfo: { totalResults: 1, resultsPerPage: 1 },
  })
  expect(ask('videos', { part: 'id', id: forms.gone }).body.items).toEqual([])
  const page = ask('commentThreads', { part: 'snippet', videoId: threads.replies, maxResults: 2 }).body
  expect(page).toMatchObject({ pageInfo: { totalResults: 2, resultsPerPage: 2 } })
  expect(page.prevPageToken).toBeUndefined()
  const [thread] = page.items ?? []
  const replies = ask('comments', { part: 'snippet', parentId: thread?.id ?? '' }).body
  expect(replies.pageInfo).toEqual({ resultsPerPage: 20 })
  expect(replies.items?.[0]?.snippet).toMatchObject({ parentId: thread?.id })
  expect(replies.items?.[0]?.snippet.videoId).toBeUndefined()
  expect(ask('comments', { part: 'snippet', id: replies.items?.[0]?.id ?? '' }).body.pageInfo).toBeUndefined()
})

test('counters are strings on videos and numbers on comments, and absent where the network is silent', () => {
  const { ask } = open()
  const statistics = (id: string) => ask('videos', { part: 'statistics', id }).body.items?.[0]?.statistics
  expect(statistics(forms.short)).toEqual({
    viewCount: expect.stringMatching(/^\d+$/),
    likeCount: expect.stringMatching(/^\d+$/),
    favoriteCount: '0',
    commentCount: '0',
  })
  expect(statistics(forms.noLikes)).not.toHaveProperty('likeCount')
  expect(statistics(forms.noViews)).not.toHaveProperty('viewCount')
  expect(statistics(forms.noStatistics)).toBeUndefined()
  const subscribers = (id: string) => ask('channels', { part: 'statistics', id }).body.items?.[0]?.statistics
  expect(subscribers(channels.hidden)).not.toHaveProperty('subscriberCount')
  expect(subscribers(channels.hiddenAsZero)).toMatchObject({
    subscriberCount: '0',
    hiddenSubscriberCount: true,
  })
  expect(subscribers(channels.big).subscriberCount).toMatch(/^\d{1,3}0*$/)
  const [thread] = ask('commentThreads', { part: 'snippet', videoId: threads.overcounted }).body.items ?? []
  expect(thread?.snippet).toMatchObject({ totalReplyCount: 750, canReply: false })
})

test('durations: none while it is live, and all units', () => {
  const { ask } = open()
  const duration = (id: string) =>
    ask('videos', { part: 'contentDetails', id }).body.items?.[0]?.contentDetails.duration
  expect([forms.live, forms.upcoming, forms.dayLong].map(duration)).toEqual(['P0D', 'P0D', 'P1DT2H3M4S'])
})

test('textDisplay is HTML unless plain text is asked for', () => {
  const { ask } = open()
  const texts = (query: object) =>
    ask('commentThreads', { part: 'snippet', videoId: threads.texts, ...query }).body.items?.map(
      item => item.snippet.topLevelComment.snippet,
    )
  const plain = texts({ textFormat: 'plainText' })?.find(({ textDisplay }) => textDisplay.startsWith('<b>'))
  const html = texts({})?.find(({ textDisplay }) => textDisplay.startsWith('&lt;b&gt;'))
  expect(plain.textDisplay).toBe(html.textOriginal)
  expect(html.textDisplay).toContain(
    'not bold&lt;/b&gt; &amp; &quot;quoted&quot;, it&#39;s<br><a href="https://www.youtube.com/watch',
  )
  expect(html.textDisplay).toContain(
    '<a href="https://example.com/?a=1&amp;b=2">https://example.com/?a=1&amp;b=2</a>',
  )
  const { ask: askStrictly } = open({ rules: [{ name: 'no-text-original' }] })
  const [silent] = askStrictly('commentThreads', { part: 'snippet', videoId: threads.texts }).body.items ?? []
  expect(silent?.snippet.topLevelComment.snippet).not.toHaveProperty('textOriginal')
})

test('an etag holds for its answer, and for no other', () => {
  const { ask } = open()
  const query = { part: 'snippet', id: channels.forms }
  const { etag = '' } = ask('channels', query).body
  expect(ask('channels', query, { 'if-none-match': `W/"${etag}"` })).toMatchObject({ status: 304, text: '' })
  expect(ask('channels', { ...query, part: 'status' }, { 'if-none-match': etag }).status).toBe(200)
})

test('channels are found by handle in any case, with @ or without, and by username where they have one', () => {
  const { ask } = open()
  const find = (query: Record<string, string>) =>
    ask('channels', { part: 'snippet', ...query }).body.items?.[0]
  expect(find({ forHandle: '@ตลาดเช้า' })?.id).toBe(channels.thai)
  const handle = find({ id: channels.forms })?.snippet.customUrl
  expect(find({ forHandle: handle.slice(1).toUpperCase() })?.id).toBe(channels.forms)
  expect(find({ forHandle: `${handle}x` })).toBeUndefined()
  expect(find({ forUsername: 'northpier' })).toMatchObject({
    id: channels.old,
    snippet: { customUrl: expect.not.stringContaining('@') },
  })
})

test('batchGetStats has a summary, and names what failed', () => {
  const { ask } = open({ rules: [{ name: 'batch-failures', value: 1, after: 1 }] })
  const query = {
    part: 'snippet,contentDetails,statistics',
    id: `${forms.short},${forms.sharp},${forms.gone}`,
  }
  const { items, summary } = ask('videos%3AbatchGetStats', query).body
  expect(items?.[0]).toMatchObject({
    kind: 'youtube#videoStats',
    snippet: { publishTime: expect.any(String) },
    contentDetails: {
      duration: expect.stringMatching(/^\d+s$/),
      durationMillis: expect.stringMatching(/^\d+000$/),
    },
  })
  expect(summary).toEqual({
    requestedVideoCount: 3,
    succeededVideoCount: 2,
    failedVideoCount: 1,
    failedVideoIds: [forms.gone],
  })
  expect(ask('videos:batchGetStats', query).body.summary).toMatchObject({
    succeededVideoCount: 1,
    failedVideoCount: 2,
  })
})

test('open questions have a switch', () => {
  const { ask, used } = open({
    rules: [
      { name: 'id-lookup-truncates' },
      { name: 'etag-header' },
      { name: 'free-304' },
      { name: 'channel-threads-cap', value: 3 },
      { name: 'replies-order', value: 'oldest' },
    ],
  })
  const many = ask('channels', { part: 'id', id: Object.values(channels).join() })
  expect(many.body.items).toHaveLength(5)
  expect(many.headers.etag).toBe(`"${many.body.etag}"`)
  const again = { part: 'id', id: Object.values(channels).join() }
  expect(ask('channels', again, { 'if-none-match': many.headers.etag ?? '' }).status).toBe(304)
  expect(used()).toEqual({ 'project-1 default': 1 })
  const wide = ask('commentThreads', { part: 'id', allThreadsRelatedToChannelId: channels.threads }).body
  expect(wide.items).toHaveLength(3)
  const [thread] = ask('commentThreads', { part: 'id', videoId: threads.replies }).body.items ?? []
  const times = ask('comments', { part: 'snippet', parentId: thread?.id ?? '' }).body.items?.map(
    ({ snippet }) => snippet.publishedAt,
  )
  expect(times).toEqual(times?.toSorted())
  expect(times?.[0]).not.toBe(times?.at(-1))
})

test('members, comments and terminated channels keep to themselves whatever way they are asked for', () => {
  const { ask } = open()
  const wide = ask('commentThreads', {
    part: 'snippet',
    allThreadsRelatedToChannelId: channels.members,
    maxResults: 100,
  })
  expect(wide.body.items?.length).toBeGreaterThan(10)
  expect(wide.body.items?.map(({ snippet }) => snippet.videoId)).not.toContain(membersOnlyVideo)
  expect(ask('playlistItems', { part: 'id', playlistId: uploadsOf(channels.terminated) }).refusal[0]).toBe(
    404,
  )
  expect(
    ask('channels', { part: 'id', id: channels.giant }).body.items,
    'only in the large world',
  ).toBeUndefined()
})
