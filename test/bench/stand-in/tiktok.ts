import { type Answer, instant, slice, textOf } from './world.ts'

const creator = (username: string, videos: number) => ({
  display_name: `Creator ${username}`,
  bio_description: `What ${username} says of itself`,
  avatar_url: `https://pictures.example/${username}`,
  is_verified: false,
  follower_count: 1204,
  following_count: 88,
  likes_count: 3400,
  video_count: videos,
})

const FIRST_VIDEO = 7_300_000_000_000_000_000n
const FIRST_COMMENT = 7_400_000_000_000_000_000n

/** An id that stands in the text of an answer as a number too long for one: `textOfAnswer`. */
const long = (id: bigint): string => `#${id}`

const video = (username: string, number: number, comments: number) => ({
  id: long(FIRST_VIDEO + BigInt(number)),
  username,
  video_description: textOf(number),
  create_time: Math.floor(instant(number) / 1000),
  region_code: 'NL',
  share_count: 3,
  view_count: 12_040,
  like_count: 340,
  comment_count: comments,
  music_id: long(FIRST_VIDEO - 1n),
  hashtag_names: ['pier', 'rain'],
  video_duration: 31,
})

const comment = (videoId: bigint, number: number) => ({
  id: long(FIRST_COMMENT + (videoId % 100_000n) * 1_000_000n + BigInt(number)),
  text: textOf(number),
  video_id: long(videoId),
  parent_comment_id: long(videoId),
  like_count: number % 7,
  reply_count: 0,
  create_time: Math.floor(instant(number) / 1000),
})

const told = (data: unknown) => ({ data, error: { code: 'ok', message: '', log_id: '2026' } })

interface Query {
  readonly username?: string
  readonly video_id?: string | number
  readonly cursor?: number
  readonly max_count?: number
  readonly start_date?: string
  readonly end_date?: string
  readonly query?: { readonly and?: readonly { readonly field_values: readonly string[] }[] }
}

const dayOf = (number: number): string =>
  new Date(instant(number)).toISOString().slice(0, 10).replaceAll('-', '')

export const tiktok: Answer = ({ path, body }, world) => {
  if (path === '/v2/oauth/token/')
    return { access_token: 'clt.bench', expires_in: 7200, token_type: 'Bearer' }
  if (!path.startsWith('/v2/research/')) return null
  // A video's id may stand there as a number that is too long for one.
  const exact = body.replaceAll(/("video_id":)\s*(\d+)/g, '$1"$2"')
  const { username = '', cursor = 0, max_count = 100, ...rest } = JSON.parse(exact) as Query
  if (path.startsWith('/v2/research/user/info')) return told(creator(username, world.posts))
  if (path.startsWith('/v2/research/video/query')) {
    const name = rest.query?.and?.[0]?.field_values[0] ?? ''
    const isWithin = (number: number): boolean =>
      dayOf(number) >= (rest.start_date ?? '') && dayOf(number) <= (rest.end_date ?? '')
    const within = Array.from({ length: world.posts }, (_, number) => number).filter(isWithin)
    const { items, next } = slice(within.length, cursor, max_count, at =>
      video(name, within[at] ?? 0, world.comments),
    )
    return told({ videos: items, cursor: next ?? within.length, has_more: next !== null, search_id: '1' })
  }
  if (path.startsWith('/v2/research/video/comment/list')) {
    const id = BigInt(rest.video_id ?? 0)
    const { items, next } = slice(world.comments, cursor, max_count, number => comment(id, number))
    return told({ comments: items, cursor: next ?? world.comments, has_more: next !== null })
  }
  return told({})
}
