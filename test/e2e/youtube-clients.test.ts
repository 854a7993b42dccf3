import { auth, youtube, type youtube_v3 } from '@googleapis/youtube'
import { describe, expect, test } from 'vitest'
import type {
  CommentRecord,
  MediaRecord,
  PostRecord,
  ProfileRecord,
  SocialRecord,
} from '../../src/core/records.ts'
import { openYoutubeSandbox, YOUTUBE_ACCESS, YOUTUBE_SPECIALS } from '../../src/networks/youtube/sandbox.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'

/** A client that nobody here wrote reads the sandbox as it reads the real API (docs/networks/youtube.md §11). */

const { channels, forms, threads, membersOnlyVideo } = YOUTUBE_SPECIALS
const OCTOBER = Date.UTC(2026, 9, 1, 12)
const DAY = 86_400_000

const start = (options: { moving?: boolean } = {}): Promise<TestSandbox> =>
  startSandbox({ openers: { youtube: openYoutubeSandbox }, now: OCTOBER, seed: 5, ...options })

const connect = ({ origin }: TestSandbox, key: string = YOUTUBE_ACCESS.apiKey): youtube_v3.Youtube =>
  youtube({ version: 'v3', auth: key, rootUrl: `${origin}/` })

/** Follows the tokens of a list to its end. */
const readPages = async <T>(
  page: (token: string | undefined) => Promise<{ data: { items?: T[]; nextPageToken?: string | null } }>,
): Promise<T[]> => {
  const items: T[] = []
  let token: string | undefined
  do {
    const { data } = await page(token)
    items.push(...(data.items ?? []))
    token = data.nextPageToken ?? undefined
  } while (token !== undefined)
  return items
}

type Refused = { response?: { data?: { error?: { errors?: { reason: string }[] } } } } | null

const reasonOf = (error: unknown): string | undefined =>
  (error as Refused)?.response?.data?.error?.errors?.[0]?.reason

const count = (text: string | null | undefined): number | null => (text == null ? null : Number(text))
const moment = (text: string | null | undefined): string => new Date(text ?? '').toISOString()
const stored = (text: string | null | undefined): string =>
  (text ?? '').toWellFormed().replaceAll('\u0000', '\uFFFD')
const watch = (id: string): string => `https://www.youtube.com/watch?v=${id}`

const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/

const milliseconds = (duration: string): number | null => {
  if (duration === 'P0D') return null
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = (DURATION.exec(duration) ?? [])
    .slice(1)
    .map(part => Number(part ?? 0))
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
}

const profileOf = ({ id, snippet, statistics }: youtube_v3.Schema$Channel): ProfileRecord => ({
  type: 'profile',
  id: id!,
  username: snippet!.customUrl!.replace('@', ''),
  name: stored(snippet!.title),
  bio: stored(snippet!.description),
  url: `https://www.youtube.com/channel/${id}`,
  country: snippet!.country ?? null,
  createdAt: moment(snippet!.publishedAt),
  followersCount: statistics!.hiddenSubscriberCount ? null : count(statistics!.subscriberCount),
  postsCount: count(statistics!.videoCount),
  viewsCount: count(statistics!.viewCount),
})

const postOf = ({
  id,
  snippet,
  statistics,
  status,
  contentDetails,
  liveStreamingDetails: live,
  topicDetails,
  paidProductPlacementDetails: placement,
  player,
}: youtube_v3.Schema$Video): PostRecord => ({
  type: 'post',
  id: id!,
  profileId: snippet!.channelId!,
  kind: snippet!.liveBroadcastContent !== 'none' ? 'live' : isUpright(player) ? 'short' : 'video',
  title: stored(snippet!.title),
  caption: stored(snippet!.description),
  permalink: watch(id!),
  createdAt: moment(snippet!.publishedAt),
  likeCount: count(statistics?.likeCount),
  commentsCount: count(statistics?.commentCount),
  viewCount: count(statistics?.viewCount),
  tags: snippet!.tags ?? null,
  language: snippet!.defaultLanguage ?? null,
  audioLanguage: snippet!.defaultAudioLanguage ?? null,
  definition: contentDetails!.definition!,
  madeForKids: status!.madeForKids!,
  topics: topicDetails?.topicCategories ?? null,
  paidPromotion: placement!.hasPaidProductPlacement!,
  liveScheduledAt: live?.scheduledStartTime == null ? null : moment(live.scheduledStartTime),
  liveStartedAt: live?.actualStartTime == null ? null : moment(live.actualStartTime),
  liveEndedAt: live?.actualEndTime == null ? null : moment(live.actualEndTime),
})

/** No film of this world that stands upright is long, or was a broadcast. */
const isUpright = (player: youtube_v3.Schema$VideoPlayer | undefined): boolean =>
  Number(player!.embedHeight) > Number(player!.embedWidth)

const mediaOf = ({ id, snippet, contentDetails }: youtube_v3.Schema$Video): MediaRecord => ({
  type: 'media',
  postId: id!,
  position: 0,
  id: `${id}:0`,
  kind: 'video',
  url: watch(id!),
  thumbnailUrl: Object.values(snippet!.thumbnails!).sort((a, b) => b.width - a.width)[0].url,
  durationMs: milliseconds(contentDetails!.duration!),
})

const commentOf = ({ id, snippet }: youtube_v3.Schema$Comment, postId: string): CommentRecord => ({
  type: 'comment',
  id: id!,
  postId,
  parentId: snippet!.parentId ?? null,
  authorId: snippet!.authorChannelId?.value ?? null,
  authorName: snippet!.authorDisplayName!,
  content: stored(snippet!.textDisplay),
  likeCount: snippet!.likeCount!,
  createdAt: moment(snippet!.publishedAt),
  updatedAt: moment(snippet!.updatedAt),
})

/** All that the client can get of a channel, in core's words. */
const readChannel = async (client: youtube_v3.Youtube, channelId: string): Promise<SocialRecord[]> => {
  const { data } = await client.channels.list({
    part: ['snippet', 'statistics', 'contentDetails'],
    id: [channelId],
  })
  const channel = data.items?.[0]
  if (channel === undefined) return []
  const records: SocialRecord[] = [profileOf(channel)]
  const uploads = await readPages(pageToken =>
    client.playlistItems.list({
      part: ['contentDetails'],
      playlistId: channel.contentDetails!.relatedPlaylists!.uploads!,
      maxResults: 50,
      ...(pageToken !== undefined && { pageToken }),
    }),
  ).catch(error => {
    expect(reasonOf(error)).toBe('playlistNotFound')
    return []
  })
  const ids = uploads.map(item => item.contentDetails!.videoId!)
  for (let at = 0; at < ids.length; at += 50) {
    const part = [
      ...['snippet', 'statistics', 'contentDetails', 'status', 'liveStreamingDetails'],
      ...['topicDetails', 'paidProductPlacementDetails', 'player'],
    ]
    const { data: found } = await client.videos.list({
      part,
      id: ids.slice(at, at + 50),
      maxHeight: 720,
    })
    for (const video of found.items ?? []) {
      records.push(postOf(video), mediaOf(video), ...(await readComments(client, video.id!)))
    }
  }
  return records
}

const readComments = async (client: youtube_v3.Youtube, videoId: string): Promise<CommentRecord[]> => {
  const textFormat = 'plainText'
  const found = await readPages(pageToken =>
    client.commentThreads.list({
      part: ['snippet', 'replies'],
      videoId,
      maxResults: 100,
      textFormat,
      ...(pageToken !== undefined && { pageToken }),
    }),
  ).catch(error => {
    expect(['commentsDisabled', 'forbidden']).toContain(reasonOf(error))
    return []
  })
  const records: CommentRecord[] = []
  for (const { id, snippet, replies } of found) {
    const replyCount = snippet!.totalReplyCount!
    records.push({ ...commentOf(snippet!.topLevelComment!, videoId), replyCount })
    const inlined = replies?.comments ?? []
    const all =
      replyCount === inlined.length
        ? inlined
        : await readPages(pageToken =>
            client.comments.list({
              part: ['snippet'],
              parentId: id!,
              maxResults: 100,
              textFormat,
              ...(pageToken !== undefined && { pageToken }),
            }),
          )
    records.push(...all.map(reply => commentOf(reply, videoId)))
  }
  return records
}

const sorted = (records: readonly SocialRecord[]): readonly SocialRecord[] =>
  records
    .map(record => ({ record, key: `${record.type} ${'id' in record ? record.id : ''}` }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ record }) => record)

describe('what the client reads is the truth', () => {
  test.each([
    'forms',
    'threads',
    'prolific',
    'old',
    'thai',
    'members',
    'commentsDisabled',
    'hidden',
    'hiddenAsZero',
    'empty',
    'terminated',
  ] as const)('of the channel %s', async name => {
    await using sandbox = await start()
    const truth = sandbox.truth('youtube', channels[name])
    expect(truth.length > 1, 'a world worth reading').toBe(!['empty', 'terminated'].includes(name))
    expect(sorted(await readChannel(connect(sandbox), channels[name]))).toEqual(sorted(truth))
  })

  test('of a world that moves, on the first day and six weeks later', async () => {
    await using sandbox = await start({ moving: true })
    const client = connect(sandbox)
    const ids = sandbox.entities('youtube', 3)
    const before = ids.map(id => sandbox.truth('youtube', id))
    for (const [index, id] of ids.entries())
      expect(sorted(await readChannel(client, id))).toEqual(sorted(before[index]!))
    sandbox.advance(42 * DAY)
    for (const [index, id] of ids.entries()) {
      const truth = sandbox.truth('youtube', id)
      expect(truth).not.toEqual(before[index])
      expect(sorted(await readChannel(client, id))).toEqual(sorted(truth))
    }
  })
})

describe('what is refused is an error that the client knows', () => {
  type Ask = (client: youtube_v3.Youtube) => Promise<unknown>
  const part = ['id']
  const refused: readonly [status: number, reason: string, ask: Ask][] = [
    [
      404,
      'playlistNotFound',
      c => c.playlistItems.list({ part, playlistId: channels.empty.replace('UC', 'UU') }),
    ],
    [403, 'commentsDisabled', c => firstThreads(c)],
    [403, 'forbidden', c => c.commentThreads.list({ part, videoId: membersOnlyVideo })],
    [404, 'videoNotFound', c => c.commentThreads.list({ part, videoId: forms.gone })],
    [
      404,
      'channelNotFound',
      c => c.commentThreads.list({ part, allThreadsRelatedToChannelId: channels.terminated }),
    ],
    [404, 'commentNotFound', c => c.comments.list({ part, parentId: 'UgzGone' })],
    [400, 'unknownPart', c => c.channels.list({ part: ['snipet'], id: [channels.big] })],
    [400, 'missingRequiredParameter', c => c.channels.list({ part })],
    [400, 'incompatibleParameters', c => c.channels.list({ part, id: [channels.big], forHandle: '@x' })],
    [400, 'invalidParameter', c => c.playlistItems.list({ part, playlistId: 'UU', maxResults: 51 })],
    [400, 'invalidParameter', c => c.channels.list({ part, id: [channels.big], fields: 'items(ids)' })],
    [
      400,
      'invalidPageToken',
      c => c.commentThreads.list({ part, videoId: threads.pinned, pageToken: 'CDIQAA' }),
    ],
    [403, 'subscriptionForbidden', c => c.subscriptions.list({ part, channelId: channels.big })],
    [401, 'required', c => c.channels.list({ part, mine: true })],
  ]
  const firstThreads: Ask = async client => {
    const uploads = await client.playlistItems.list({
      part: ['contentDetails'],
      playlistId: channels.commentsDisabled.replace('UC', 'UU'),
    })
    return client.commentThreads.list({ part, videoId: uploads.data.items![0]!.contentDetails!.videoId! })
  }

  test('with status and reason', async () => {
    await using sandbox = await start()
    const client = connect(sandbox)
    for (const [status, reason, ask] of refused) {
      const error = await ask(client).then(
        () => null,
        caught => caught,
      )
      expect({ status: error?.status, reason: reasonOf(error) }).toEqual({ status, reason })
    }
  })

  test('a wrong key, and one of a project without the API', async () => {
    await using sandbox = await start()
    const ask = (key: string): Promise<unknown> =>
      connect(sandbox, key).channels.list({ part, id: [channels.big] })
    await expect(ask('nonsense')).rejects.toMatchObject({
      status: 400,
      message: 'API key not valid. Please pass a valid API key.',
    })
    await expect(ask(YOUTUBE_ACCESS.disabledApiKey)).rejects.toMatchObject({ status: 403 })
    expect(sandbox.sandboxes.get('youtube')!.quota()).toEqual([])
  })
})

describe('quota', () => {
  test('each of its three retries is charged; then the day is used up, in both forms, until midnight Pacific', async () => {
    await using sandbox = await start()
    const client = connect(sandbox)
    const used = () =>
      Object.fromEntries(
        sandbox.sandboxes
          .get('youtube')!
          .quota()
          .map(({ pool, used }) => [pool, used]),
      )
    const ask = () => client.channels.list({ part: ['id'], id: [channels.big] })
    const search = () =>
      client.search.list({ part: ['id'], channelId: channels.big, type: ['video'] }, { retry: false })
    sandbox.setSwitch('error', { value: 'backendError', times: 2 })
    expect((await ask()).data.items).toHaveLength(1)
    expect(used()).toEqual({ default: 3 })

    sandbox.setSwitch('default-allowance', { value: 4 })
    sandbox.setSwitch('search-allowance', { value: 1 })
    await ask()
    await search()
    await expect(ask()).rejects.toSatisfy(
      error => error.status === 403 && reasonOf(error) === 'quotaExceeded',
    )
    await expect(search()).rejects.toSatisfy(error => {
      const { details } = error.response.data.error
      return error.status === 429 && details[0].metadata.quota_unit === '1/d/{project}'
    })
    expect(used()).toEqual({ default: 4, search: 1 })
    await expect(
      connect(sandbox, YOUTUBE_ACCESS.secondApiKey).channels.list({ part: ['id'], id: ['x'] }),
    ).rejects.toThrow()
    await connect(sandbox, YOUTUBE_ACCESS.otherProjectApiKey).channels.list({ part: ['id'], id: ['x'] })

    sandbox.advance(19 * 3_600_000 - 1)
    await expect(ask()).rejects.toMatchObject({ status: 403 })
    sandbox.advance(1)
    await ask()
    expect(used()).toEqual({ default: 1 })
  })

  test('an answer that has not changed is a 304, and is charged', async () => {
    await using sandbox = await start()
    const client = connect(sandbox)
    const ask = (etag?: string) =>
      client.channels.list(
        { part: ['snippet'], id: [channels.big] },
        etag === undefined ? {} : { headers: { 'If-None-Match': `"${etag}"` } },
      )
    const { data } = await ask()
    expect(await ask(data.etag!)).toMatchObject({ status: 304, data: '' })
    expect(await ask('another')).toMatchObject({ status: 200 })
    expect(sandbox.sandboxes.get('youtube')!.quota()).toMatchObject([{ pool: 'default', used: 3 }])
  })
})

describe('OAuth', () => {
  const signIn = ({ origin }: TestSandbox, refreshToken: string): youtube_v3.Youtube => {
    const client = new auth.OAuth2({
      clientId: YOUTUBE_ACCESS.clientId,
      clientSecret: YOUTUBE_ACCESS.clientSecret,
      endpoints: { oauth2TokenUrl: `${origin}/token` },
    })
    client.setCredentials({ refresh_token: refreshToken })
    return youtube({ version: 'v3', auth: client, rootUrl: `${origin}/` })
  }
  const readThreads = (client: youtube_v3.Youtube) =>
    client.commentThreads.list({ part: ['id'], videoId: threads.replies })

  test('a refresh token reads; comments want force-ssl', async () => {
    await using sandbox = await start()
    expect((await readThreads(signIn(sandbox, YOUTUBE_ACCESS.refreshToken))).data.items).toHaveLength(5)
    const readonly = signIn(sandbox, YOUTUBE_ACCESS.readonlyRefreshToken)
    await readonly.videos.list({ part: ['id'], id: [threads.replies] })
    await expect(readThreads(readonly)).rejects.toSatisfy(
      error => reasonOf(error) === 'insufficientPermissions',
    )
  })

  test('a revoked one is an invalid grant', async () => {
    await using sandbox = await start()
    await expect(readThreads(signIn(sandbox, YOUTUBE_ACCESS.revokedRefreshToken))).rejects.toThrow(
      'invalid_grant',
    )
  })
})
