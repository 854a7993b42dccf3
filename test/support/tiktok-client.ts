import type {
  CommentRecord,
  MediaRecord,
  PostRecord,
  ProfileRecord,
  SocialRecord,
} from '../../src/core/records.ts'
import type { TestSandbox } from './sandbox.ts'

const DAY = 86_400

/** How a known client asks (docs/networks/tiktok.md §8). */
export interface Manner {
  readonly client: string
  readonly contentType: string
  /** Days that a window covers; the next begins where it ends. */
  readonly days: number
  readonly separator: string
  condition(usernames: readonly string[]): object
  /** What the first page of a search says besides. */
  readonly opening: object
  /** Numbers of a body, and ids. */
  number(value: number): unknown
  id(value: bigint): string
  /** Seconds to wait after a refusal, by try. */
  wait(turn: number): number
  readonly tries: number
}

const equals = (name: string) => ({ operation: 'EQ', field_name: 'username', field_values: [name] })
export const MANNERS: readonly Manner[] = [
  {
    client: 'official wrapper',
    contentType: 'application/json',
    days: 30,
    separator: ', ',
    condition: names => ({ and: [{ operation: 'IN', field_name: 'username', field_values: names }] }),
    opening: {},
    number: value => value,
    id: value => String(value),
    wait: () => 1,
    tries: 60,
  },
  {
    client: 'traktok',
    contentType: 'application/json',
    days: 31,
    separator: ',',
    condition: names => ({
      and: [{ operation: 'IN', field_name: 'username', field_values: names }],
      or: [],
      not: [],
    }),
    opening: { is_random: false },
    number: value => String(value),
    id: value => `"${value}"`,
    wait: turn => turn ** 3,
    tries: 5,
  },
  {
    client: 'ResearchTikPy',
    contentType: 'application/json',
    days: 30,
    separator: ',',
    condition: names => ({ or: names.map(equals) }),
    opening: { search_id: null, cursor: 0 },
    number: value => value,
    id: value => String(value),
    wait: () => 10,
    tries: 10,
  },
  {
    client: 'tiktok-library',
    contentType: 'text/plain',
    days: 7,
    separator: '%2C',
    condition: names => ({ or: names.map(equals), and: [], not: [] }),
    opening: { cursor: null, search_id: null },
    number: value => value,
    id: value => `"${value}"`,
    wait: turn => 5 * turn,
    tries: 6,
  },
]

const USER_FIELDS = [
  'display_name',
  'bio_description',
  'bio_url',
  'avatar_url',
  'is_verified',
  'follower_count',
  'following_count',
  'likes_count',
  'video_count',
]
const VIDEO_FIELDS = [
  'id',
  'video_description',
  'create_time',
  'username',
  'like_count',
  'comment_count',
  'view_count',
  'share_count',
  'favorites_count',
  'video_duration',
  'music_id',
  'playlist_id',
  'hashtag_names',
  'effect_ids',
  'region_code',
]
const COMMENT_FIELDS = [
  'id',
  'video_id',
  'text',
  'like_count',
  'reply_count',
  'parent_comment_id',
  'create_time',
]

const INT64 = /^(id|video_id|parent_comment_id|music_id|playlist_id|create_time|.*_count)$/

// biome-ignore lint/suspicious/noExplicitAny: the wire is not typed here
type Wire = any

/** As a strictly typed client reads: whole numbers become bigint from their own digits, and text in their place is refused. */
export const readStrictly = (text: string): Wire =>
  JSON.parse(text, (key: string, value: unknown, context?: { readonly source?: string }) => {
    if (!INT64.test(key)) return value
    if (typeof value !== 'number' || !/^\d+$/.test(context?.source ?? ''))
      throw new TypeError(`${key} is no int64: ${value}`)
    return BigInt(context?.source ?? '')
  })

/** A small client written from the sheet alone. Waiting moves the sandbox's clock. */
export class Client {
  readonly calls: Record<string, number> = {}
  readonly #sandbox: TestSandbox
  readonly #manner: Manner
  #token = ''

  constructor(sandbox: TestSandbox, manner: Manner) {
    this.#sandbox = sandbox
    this.#manner = manner
  }

  async #login(): Promise<void> {
    const answer = await fetch(`${this.#sandbox.origin}/v2/oauth/token/`, {
      method: 'POST',
      body: new URLSearchParams({
        client_key: this.#sandbox.env.SOCSYNC_TIKTOK_CLIENT_KEY ?? '',
        client_secret: this.#sandbox.env.SOCSYNC_TIKTOK_CLIENT_SECRET ?? '',
        grant_type: 'client_credentials',
      }),
    })
    this.#token = readStrictly(await answer.text()).access_token
  }

  /** The data of an answer, however often it takes; null where a user is refused for good. */
  async #ask(path: string, fields: readonly string[], body: string): Promise<Wire | null> {
    const { separator, contentType, tries, wait } = this.#manner
    for (let turn = 1; turn <= tries; turn++) {
      const answer = await fetch(`${this.#sandbox.origin}${path}?fields=${fields.join(separator)}`, {
        method: 'POST',
        headers: { authorization: `bearer ${this.#token}`, 'content-type': contentType },
        body,
      })
      this.#count(path, answer.status)
      const text = await answer.text()
      const envelope = isWhole(text) ? readStrictly(text) : {}
      if (envelope.error?.code === 'ok' && envelope.data !== undefined) return envelope.data
      if (path.includes('/user/') && answer.status >= 400 && answer.status < 404 && answer.status !== 401)
        return null
      if (answer.status === 401) await this.#login()
      else this.#sandbox.advance(wait(turn) * 1_000)
    }
    throw new Error(`${path} failed ${tries} times`)
  }

  #count(path: string, status: number): void {
    if (status !== 401 && status !== 429) this.calls[path] = (this.calls[path] ?? 0) + 1
  }

  async profile(username: string): Promise<ProfileRecord | null> {
    const user = await this.#ask('/v2/research/user/info/', USER_FIELDS, JSON.stringify({ username }))
    if (user === null) return null
    return {
      type: 'profile',
      id: username,
      username,
      name: clean(user.display_name),
      bio: clean(user.bio_description),
      url: `https://www.tiktok.com/@${username}`,
      website: user.bio_url ?? null,
      verified: user.is_verified,
      followersCount: Number(user.follower_count),
      followingCount: Number(user.following_count),
      postsCount: Number(user.video_count),
      likesCount: Number(user.likes_count),
    }
  }

  /** All videos between two moments, a window after the other, strangers dropped. */
  async *videos(usernames: readonly string[], from: number, to: number): AsyncGenerator<Wire> {
    const { days, condition, opening, number } = this.#manner
    const seen = new Set<bigint>()
    for (let day = from; day <= to; day += days * DAY) {
      const window = { start_date: dateOf(day), end_date: dateOf(Math.min(to, day + (days - 1) * DAY)) }
      let place: object = opening
      for (let more = true; more; ) {
        const body = { query: condition(usernames), ...window, max_count: number(100), ...place }
        const data = await this.#ask('/v2/research/video/query/', VIDEO_FIELDS, JSON.stringify(body))
        for (const video of data.videos ?? []) {
          if (seen.has(video.id) || !usernames.includes(video.username.toLowerCase())) continue
          seen.add(video.id)
          yield video
        }
        more = data.has_more
        place = { cursor: number(data.cursor), search_id: data.search_id }
      }
    }
  }

  async *comments(video: bigint): AsyncGenerator<Wire> {
    for (let cursor = 0, more = true; more; ) {
      const body = `{"video_id":${this.#manner.id(video)},"max_count":100,"cursor":${cursor}}`
      const data = await this.#ask('/v2/research/video/comment/list/', COMMENT_FIELDS, body)
      yield* data.comments ?? []
      cursor = data.cursor
      more = data.has_more
    }
  }

  /** Everything about some profiles; comments only of those in `discussed`. */
  async read(
    usernames: readonly string[],
    [from, to]: readonly [number, number],
    discussed: readonly string[],
  ): Promise<SocialRecord[]> {
    const records: SocialRecord[] = []
    const known: string[] = []
    for (const username of usernames) {
      const profile = await this.profile(username)
      if (profile === null) continue
      records.push(profile)
      known.push(username)
    }
    for await (const video of this.videos(known, from, to)) {
      records.push(postOf(video), mediaOf(video))
      if (video.comment_count === 0n || !discussed.includes(video.username)) continue
      for await (const comment of this.comments(video.id)) records.push(commentOf(comment))
    }
    return records
  }
}

const isWhole = (text: string): boolean => text.startsWith('{') && text.endsWith('}')
const clean = (text: string): string => text.replaceAll('\u0000', '\ufffd')
export const dateOf = (seconds: number): string =>
  new Date(seconds * 1_000).toISOString().slice(0, 10).replaceAll('-', '')
const timeOf = (seconds: bigint): string => new Date(Number(seconds) * 1_000).toISOString()
const count = (value: bigint | undefined): number | null => (value === undefined ? null : Number(value))

const postOf = (video: Wire): PostRecord => ({
  type: 'post',
  id: String(video.id),
  profileId: video.username,
  kind: 'video',
  caption: video.video_description === undefined ? null : clean(video.video_description),
  permalink: `https://www.tiktok.com/@${video.username}/video/${video.id}`,
  createdAt: timeOf(video.create_time),
  likeCount: count(video.like_count),
  commentsCount: count(video.comment_count),
  viewCount: count(video.view_count),
  shareCount: count(video.share_count),
  saveCount: count(video.favorites_count),
  hashtags: video.hashtag_names.length === 0 ? null : video.hashtag_names,
  region: video.region_code.toUpperCase(),
  musicId: String(video.music_id),
  effectIds: video.effect_ids ?? null,
  playlistId: video.playlist_id === undefined ? null : String(video.playlist_id),
})

const mediaOf = (video: Wire): MediaRecord => ({
  type: 'media',
  postId: String(video.id),
  position: 0,
  id: `${video.id}:0`,
  kind: 'video',
  url: null,
  thumbnailUrl: null,
  durationMs: video.video_duration * 1_000,
})

const commentOf = (comment: Wire): CommentRecord => ({
  type: 'comment',
  id: String(comment.id),
  postId: String(comment.video_id),
  parentId: comment.parent_comment_id === comment.video_id ? null : String(comment.parent_comment_id),
  authorId: null,
  authorName: null,
  content: clean(comment.text),
  likeCount: Number(comment.like_count),
  replyCount: Number(comment.reply_count),
  createdAt: timeOf(comment.create_time),
})
