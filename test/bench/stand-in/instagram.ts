import { type Answer, type Asked, instant, slice, textOf, type World } from './world.ts'

/** The account of the token. */
export const OWN_ACCOUNT = '17841400000000001'

const discovered = (username: string, posts: number) => ({
  business_discovery: {
    id: `1784${[...username].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 10 ** 12, 0)}`,
    username,
    name: `Account ${username}`,
    biography: `What ${username} says of itself`,
    followers_count: 20_411,
    follows_count: 5,
    media_count: posts,
  },
  id: OWN_ACCOUNT,
})

const own = (posts: number) => ({
  id: OWN_ACCOUNT,
  username: 'own.account',
  name: 'Own account',
  biography: 'What it says of itself',
  followers_count: 20_411,
  follows_count: 5,
  media_count: posts,
})

const FIRST_POST = 18_000_000_000_000_000n
const MOST = 50

const time = (number: number): string => new Date(instant(number)).toISOString().replace('.000Z', '+0000')

const comment = (post: bigint, number: number) => {
  const username = `somebody.${(number * 31) % 90_000}`
  return {
    id: String(17_900_000_000_000_000n + (post % 100_000n) * 1_000_000n + BigInt(number)),
    timestamp: time(number),
    text: textOf(number),
    username,
    from: { id: String(8_000_000 + ((number * 31) % 90_000)), username },
    like_count: number % 7,
    hidden: false,
  }
}

/** A page of comments; its edge's address stands in `next`, as the networks give it. */
const comments = (post: bigint, from: number, world: World) => {
  const { items, next } = slice(world.comments, from, MOST, number => comment(post, number))
  return {
    data: items,
    ...(next !== null && {
      paging: { cursors: { after: `at${next}` }, next: `https://graph.facebook.com/${post}/comments` },
    }),
  }
}

const media = (number: number, nested: boolean, world: World) => {
  const id = FIRST_POST + BigInt(number)
  return {
    id: String(id),
    media_type: 'IMAGE',
    media_product_type: 'FEED',
    timestamp: time(number),
    permalink: `https://www.instagram.com/p/${number.toString(36)}/`,
    comments_count: world.comments,
    like_count: 50,
    caption: textOf(number).repeat(4),
    media_url: `https://pictures.example/${id}`,
    shortcode: number.toString(36),
    is_comment_enabled: true,
    ...(nested && { comments: comments(id, 0, world) }),
  }
}

const edge = ({ path, query }: Asked, world: World): unknown => {
  const [, , id = '', name] = path.split('/')
  const from = Number(query.get('after')?.slice(2) ?? 0)
  if (name === 'comments') return comments(BigInt(id), from, world)
  if (name !== 'media') return { data: [] }
  const nested = query.get('fields')?.includes('comments.limit(') ?? false
  const most = Number(query.get('limit') ?? 25)
  const { items, next } = slice(world.posts, from, most, number => media(number, nested, world))
  return {
    data: items,
    ...(next !== null && {
      paging: { cursors: { after: `at${next}` }, next: `https://graph.facebook.com/${id}/media` },
    }),
  }
}

/** A batch of insights: of each there are none. */
const batch = (body: string): unknown => {
  const wishes = JSON.parse(new URLSearchParams(body).get('batch') ?? '[]') as unknown[]
  return wishes.map(() => ({ code: 200, body: '{"data":[]}' }))
}

export const instagram: Answer = (asked, world) => {
  const { path, query, body } = asked
  if (!/^\/v\d+\.\d+(\/|$)/.test(path)) return null
  if (body !== '') return batch(body)
  if (path.split('/').length > 3) return edge(asked, world)
  const [, username] = /username\(([^)]*)\)/.exec(query.get('fields') ?? '') ?? []
  return username === undefined ? own(world.posts) : discovered(username, world.posts)
}
