import {
  type Cursor,
  FacebookAdsApi,
  FacebookAdsApiBatch,
  IGComment,
  IGMedia,
  IGUser,
  type RequestError,
} from 'facebook-nodejs-business-sdk'
import { Client, type CommentData, Constants, type MediaData, PageOption } from 'instagram-graph-api'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CommentRecord, MediaRecord, PostRecord, SocialRecord } from '../../src/core/records.ts'
import { TOKENS } from '../../src/networks/instagram/sandbox/tokens.ts'
import { openInstagramSandbox } from '../../src/networks/instagram/sandbox.ts'
import { startSandbox, type TestSandbox } from '../support/sandbox.ts'

/*
 * Clients that nobody here wrote, unchanged, against the sandbox: what they read is what the world holds. They are
 * pointed at it as docs/networks/instagram.md §15 says.
 */

let sandbox: TestSandbox
let own: string

beforeAll(async () => {
  sandbox = await startSandbox({ openers: { instagram: openInstagramSandbox } })
  own = sandbox.environment.SOCSYNC_INSTAGRAM_USER_ID ?? ''
  Object.defineProperty(FacebookAdsApi, 'GRAPH', { get: () => sandbox.origin })
  Object.assign(Constants, { API_URL: sandbox.origin })
})
beforeEach(() => void sandbox.switches.clear())
afterAll(() => sandbox[Symbol.asyncDispose]())

type Of<T extends SocialRecord['type']> = Extract<SocialRecord, { type: T }>

/** The world is frozen, so each profile's truth is asked for once. */
const truths = new Map<string, readonly SocialRecord[]>()

const truth = <T extends SocialRecord['type']>(entity: string, type: T): Of<T>[] => {
  const all = truths.get(entity) ?? sandbox.truth('instagram', entity)
  truths.set(entity, all)
  return all.filter((record): record is Of<T> => record.type === type)
}

const time = (text: string): string => new Date(text).toISOString()
const stored = (text: string | undefined): string | null =>
  text?.toWellFormed().replaceAll('\u0000', '\ufffd') ?? null

const POST = 'id,caption,media_type,media_product_type,permalink,timestamp,like_count,comments_count'
const KINDS = { IMAGE: 'image', VIDEO: 'video', CAROUSEL_ALBUM: 'carousel' } as const

/** A post of a client in the words of the truth, as far as every route tells it. */
const asPost = (media: MediaData) => ({
  id: media.id,
  kind:
    media.media_product_type === 'REELS'
      ? 'reel'
      : media.media_product_type === 'STORY'
        ? 'story'
        : KINDS[media.media_type ?? 'IMAGE'],
  caption: stored(media.caption),
  permalink: media.permalink,
  createdAt: time(media.timestamp ?? ''),
  likeCount: media.like_count ?? null,
  commentsCount: media.comments_count ?? null,
})

const truePost = ({ id, kind, caption, permalink, createdAt, likeCount, commentsCount }: PostRecord) => ({
  id,
  kind,
  caption,
  permalink,
  createdAt,
  likeCount,
  commentsCount,
})

const COMMENT = 'id,text,timestamp,username,from,like_count,parent_id'

const asComment = (comment: CommentData) => ({
  id: comment.id,
  parentId: comment.parent_id ?? null,
  authorId: comment.from?.id ?? null,
  authorName: comment.username ?? null,
  content: stored(comment.text),
  likeCount: comment.like_count,
  createdAt: time(comment.timestamp ?? ''),
})

const trueComment = ({ type: _, postId: __, replyCount: ___, ...rest }: CommentRecord) => rest

const byId = <T extends { readonly id: string }>(list: readonly T[]): T[] =>
  list.toSorted((a, b) => (a.id < b.id ? -1 : 1))

/** The posts of the own account whose threads need several pages, and some of the others. */
const talkedAbout = (): string[] => {
  const counts = truth(own, 'post')
    .filter(({ kind }) => kind !== 'story')
    .toSorted((a, b) => (b.commentsCount ?? 0) - (a.commentsCount ?? 0))
  return [...counts.slice(0, 4), ...counts.slice(40, 46)].map(({ id }) => id)
}

/** Everything that a cursor leads to, page by page, with the number of pages. */
const follow = async <T>(first: Cursor): Promise<{ items: T[]; pages: number }> => {
  const items: T[] = []
  for (let pages = 1; ; pages++) {
    items.push(...first.map(item => item.exportAllData() as T))
    if (!first.hasNext()) return { items, pages }
    await first.next()
  }
}

const failure = async (call: Promise<unknown>): Promise<RequestError> => {
  try {
    await call
  } catch (error) {
    return error as RequestError
  }
  throw new Error('The call was not refused.')
}

describe('facebook-nodejs-business-sdk', () => {
  let api: FacebookAdsApi
  beforeEach(() => {
    api = FacebookAdsApi.init(TOKENS.system, 'en_US', false)
  })

  const discover = async (username: string, limit: number) => {
    const posts: MediaData[] = []
    let profile: Readonly<Record<string, unknown>> = {}
    let pages = 0
    for (let after: string | undefined = ''; after !== undefined; pages++) {
      const place: string = after === '' ? '' : `.after(${after})`
      const fields = `id,username,followers_count,media_count,media${place}.limit(${limit}){${POST},view_count}`
      const answer = await new IGUser(own).read([`business_discovery.username(${username}){${fields}}`])
      profile = answer.exportAllData().business_discovery as typeof profile
      const media = profile.media as
        | { data: MediaData[]; paging?: { cursors: { after?: string } } }
        | undefined
      posts.push(...(media?.data ?? []))
      after = media?.paging?.cursors.after
    }
    return { profile, posts, pages }
  }

  it('reads the own profile', async () => {
    const [profile] = truth(own, 'profile')
    const fields = ['username', 'name', 'biography', 'followers_count', 'follows_count', 'media_count']
    const data = (await new IGUser(own).read(fields)).exportAllData()
    expect(data).toEqual({
      id: own,
      username: profile?.username,
      name: profile?.name,
      biography: profile?.bio,
      followers_count: profile?.followersCount,
      follows_count: profile?.followingCount,
      media_count: profile?.postsCount,
    })
  })

  it('pages through all media of the own account, and back', async () => {
    const first = await new IGUser(own).getMedia(POST.split(','), { limit: 50 })
    const { items, pages } = await follow<MediaData>(first)
    const posts = truth(own, 'post').filter(({ kind }) => kind !== 'story')
    expect(items.map(asPost)).toEqual(posts.map(truePost))
    expect(pages).toBe(7)

    let back = first
    for (let page = pages; page > 1; page--) back = await back.previous()
    expect(back.hasPrevious()).toBe(false)
    expect(back.map(item => item.exportAllData().id)).toEqual(items.slice(0, back.length).map(({ id }) => id))
  })

  it('reads the children of albums', async () => {
    const albums = truth(own, 'post').filter(({ kind }) => kind === 'carousel')
    for (const { id } of albums.slice(0, 10)) {
      const children = await new IGMedia(id).getChildren(['id', 'media_type', 'media_url', 'thumbnail_url'])
      const seen = children.map((child, position) => {
        const { id: childId, media_type: kind, media_url: url, thumbnail_url: still } = child.exportAllData()
        return { id: childId, position, kind: kind === 'VIDEO' ? 'video' : 'photo', url, still }
      })
      const media = truth(own, 'media').filter(({ postId }) => postId === id)
      expect(seen).toEqual(
        media.map(({ id: childId, position, kind, url, thumbnailUrl }: MediaRecord) => ({
          id: childId,
          position,
          kind,
          url: url === null ? undefined : expect.stringContaining(childId),
          still: thumbnailUrl === null ? undefined : expect.stringContaining('.jpg'),
        })),
      )
    }
  })

  it('pages through comments and their replies', async () => {
    const comments = truth(own, 'comment')
    let most = 0
    let longest = 0
    for (const id of talkedAbout()) {
      const top = await follow<CommentData>(await new IGMedia(id).getComments(COMMENT.split(',')))
      const replies: CommentData[] = []
      for (const comment of top.items) {
        const answers = await follow<CommentData>(
          await new IGComment(comment.id).getReplies(COMMENT.split(',')),
        )
        longest = Math.max(longest, answers.pages)
        replies.push(...answers.items)
      }
      most = Math.max(most, top.pages)
      const known = comments.filter(({ postId }) => postId === id).map(trueComment)
      expect(byId([...top.items, ...replies].map(asComment))).toEqual(byId(known))
    }
    expect(most).toBeGreaterThanOrEqual(5)
    expect(longest).toBe(3)
  })

  it('reads the stories of the last 24 hours', async () => {
    const { items } = await follow<MediaData>(await new IGUser(own).getStories(POST.split(','), { limit: 2 }))
    const stories = truth(own, 'post').filter(({ kind }) => kind === 'story')
    expect(items.map(asPost)).toEqual(stories.map(truePost))
    expect(items.length).toBeGreaterThan(2)
  })

  it.each([
    ['no.posts.yet', 25, 1],
    ['one.post', 25, 1],
    ['one.page.of.25', 25, 1],
    ['two.pages.of.50', 50, 2],
    ['hollow.middle', 25, 10],
    ['likes.hidden', 7, 5],
    ['strange.texts', 50, 1],
  ])('pages through %s by business discovery', async (username, limit, expected) => {
    const { profile, posts, pages } = await discover(username, limit)
    const [known] = truth(username, 'profile')
    expect(profile).toMatchObject({
      id: known?.id,
      followers_count: known?.followersCount,
      media_count: known?.postsCount,
    })
    expect(posts.map(asPost)).toEqual(truth(username, 'post').map(truePost))
    expect(pages).toBe(expected)
  })

  it('reads insights of media and of the account', async () => {
    const post = truth(own, 'post').find(({ kind }) => kind === 'reel')
    const rows = await new IGMedia(post?.id ?? '').getInsights([], {
      metric: 'reach,likes,comments,saved,shares',
    })
    const values = Object.fromEntries(
      rows.map(row => {
        const { name, values: list } = row.exportAllData() as { name: string; values: { value: number }[] }
        return [name, list[0]?.value]
      }),
    )
    expect(values).toMatchObject({
      comments: post?.commentsCount,
      saved: post?.saveCount,
      shares: post?.shareCount,
    })

    const days = await new IGUser(own).getInsights([], {
      metric: 'reach',
      period: 'day',
      since: '2026-09-20T00:00:00Z',
      until: '2026-09-25T00:00:00Z',
    })
    const series = days[0]?.exportAllData().values as { end_time: string }[]
    expect(series.map(({ end_time: end }) => end)).toEqual(
      [20, 21, 22, 23, 24].map(day => `2026-09-${day}T07:00:00+0000`),
    )
  })

  it('runs batches: answers in order, refusals apart, parts that timed out again', async () => {
    const ids = talkedAbout().slice(0, 3)
    sandbox.setSwitch('null-part', { match: ids[1] ?? '', times: 1 })
    const seen: unknown[] = []
    const batch = new FacebookAdsApiBatch(api)
    for (const id of [...ids, '17900000000000001']) {
      batch.add(
        'GET',
        [id],
        { fields: 'id' },
        null,
        ({ body }) => seen.push(body.id),
        ({ error }) => seen.push(`${error?.name} ${error?.status} ${error?.message.slice(0, 23)}`),
      )
    }
    const again = await batch.execute()
    expect(seen).toEqual([ids[0], ids[2], 'FacebookRequestError 400 Unsupported get request'])
    expect(await again?.execute()).toBeNull()
    expect(seen.at(-1)).toBe(ids[1])
  })

  it('reads several nodes by their ids', async () => {
    const ids = talkedAbout().slice(0, 3)
    const answer = await api.call('GET', [''], { ids: ids.join(','), fields: 'id,permalink' })
    const known = truth(own, 'post')
    expect(answer).toEqual(
      Object.fromEntries(
        ids.map(id => [id, { id, permalink: known.find(post => post.id === id)?.permalink }]),
      ),
    )
  })

  it.each([
    ['an unknown name', 'business_discovery.username(nobody.here){id}', 400, 110, 2207013],
    ['an unknown field', 'id,nonsense', 400, 100, undefined],
    ['a field out of place', 'business_discovery.username(one.post){stories}', 400, 10, undefined],
    ['a page too heavy', 'business_discovery.username(one.post){media.limit(500){id}}', 500, 1, undefined],
    ['a broken list of fields', 'id,media{', 400, 2500, undefined],
  ])('throws its own error on %s', async (_, fields, status, code, subcode) => {
    const error = await failure(new IGUser(own).read([fields]))
    expect(error.name).toBe('FacebookRequestError')
    expect([error.status, error.response.code, error.response.error_subcode]).toEqual([status, code, subcode])
  })

  it('throws its own error on dead tokens, foreign posts and a full pool', async () => {
    const [foreign] = truth('one.post', 'post')
    const missing = await failure(new IGMedia(foreign?.id ?? '').read(['id']))
    expect(missing.response).toMatchObject({ code: 100, error_subcode: 33, type: 'GraphMethodException' })

    sandbox.setSwitch('account-allowance', { value: 1 })
    const full = await failure(new IGUser(own).read(['id']))
    expect(full.response.code).toBe(80002)
    const usage = JSON.parse(full.headers['x-business-use-case-usage'] ?? '{}')
    expect(usage[own][0].call_count).toBeGreaterThanOrEqual(100)
    expect(usage[own][0].estimated_time_to_regain_access).toBeGreaterThan(0)

    FacebookAdsApi.init(TOKENS.expired, 'en_US', false)
    const expired = await failure(new IGUser(own).read(['id']))
    expect(expired.response).toMatchObject({ code: 190, error_subcode: 463 })
    expect(expired.headers['www-authenticate']).toContain('invalid_token')
  })
})

describe('instagram-graph-api', () => {
  const client = () => new Client(TOKENS.system, own)

  it('reads the own profile', async () => {
    const [profile] = truth(own, 'profile')
    const info = await client().newGetPageInfoRequest().execute()
    expect([info.getId(), info.getUsername(), info.getFollowers(), info.getMediaCount()]).toEqual([
      own,
      profile?.username,
      profile?.followersCount,
      profile?.postsCount,
    ])
  })

  it('pages through all media with all of its fields', async () => {
    const items: MediaData[] = []
    for (let after: string | undefined = ''; after !== undefined; ) {
      const request = client().newGetPageMediaRequest().withLimit(100)
      if (after !== '') request.withPaging({ option: PageOption.AFTER, value: after })
      const page = await request.execute()
      items.push(...page.getData())
      after = page.getPaging().getNext() === undefined ? undefined : page.getPaging().getAfter()
    }
    const posts = truth(own, 'post').filter(({ kind }) => kind !== 'story')
    expect(items.map(asPost)).toEqual(posts.map(truePost))
    expect(items.every(({ owner }) => owner?.id === own)).toBe(true)
    expect(items.every(item => (item.permalink ?? '').includes(`/${item.shortcode}/`))).toBe(true)
  })

  it('reads one media, its children, its comments and their replies', async () => {
    const [album] = truth(own, 'post').filter(({ kind }) => kind === 'carousel')
    const id = album?.id ?? ''
    expect((await client().newGetMediaInfoRequest(id).execute()).getCaption() ?? null).toBe(album?.caption)
    const children = truth(own, 'media').filter(({ postId }) => postId === id)
    expect((await client().newGetMediaChildrenRequest(id).execute()).getIds()).toEqual(
      children.map(child => child.id),
    )

    const comments = truth(own, 'comment')
    for (const postId of talkedAbout().slice(4)) {
      const known = comments.filter(comment => comment.postId === postId)
      const page = await client().newGetMediaCommentsRequest(postId).withLimit(50).execute()
      expect(byId(page.getData().map(asComment))).toEqual(
        byId(known.filter(({ parentId }) => parentId === null).map(trueComment)),
      )
      for (const comment of page.getData()) {
        const replies = known.filter(({ parentId }) => parentId === comment.id)
        expect(comment.replies?.data.map(reply => reply.id) ?? []).toEqual(replies.map(reply => reply.id))
        const answer = await client().newGetRepliesRequest(comment.id).execute()
        expect(answer.getData().map(asComment)).toEqual(replies.map(trueComment))
      }
    }
  })
})
