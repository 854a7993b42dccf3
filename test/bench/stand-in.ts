/**
 * `node test/bench/stand-in.ts`: a server that knows every profile it is asked for and answers at once, as the three
 * networks do, so that a run takes what socsync takes. Also the clock of `SOCSYNC_CLOCK`, on which sleeping takes no
 * time. Prints its origin, and ends with its standard input.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

let ahead = 0

const channel = (id: string) => ({
  kind: 'youtube#channel',
  etag: id,
  id,
  snippet: {
    title: `Channel ${id}`,
    description: `What ${id} says of itself. `.repeat(8),
    customUrl: `@${id.toLowerCase()}`,
    publishedAt: '2015-05-05T05:05:05Z',
    country: 'NL',
    thumbnails: {
      default: { url: `https://pictures.example/${id}/88`, width: 88, height: 88 },
      high: { url: `https://pictures.example/${id}/800`, width: 800, height: 800 },
    },
    localized: { title: `Channel ${id}`, description: `What ${id} says of itself. `.repeat(8) },
  },
  contentDetails: { relatedPlaylists: { likes: '', uploads: `UU${id.slice(2)}` } },
  statistics: {
    viewCount: '33370907',
    subscriberCount: '2620',
    hiddenSubscriberCount: false,
    videoCount: '63',
  },
  status: {
    privacyStatus: 'public',
    isLinked: true,
    longUploadsStatus: 'longUploadsUnspecified',
    madeForKids: false,
  },
  brandingSettings: { channel: { title: `Channel ${id}`, keywords: 'pier rain', country: 'NL' } },
})

const account = (username: string) => ({
  business_discovery: {
    id: `1784${[...username].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 10 ** 12, 0)}`,
    username,
    name: `Account ${username}`,
    biography: `What ${username} says of itself`,
    followers_count: 20_411,
    follows_count: 5,
    media_count: 63,
  },
  id: '17841400000000001',
})

const creator = (username: string) => ({
  data: {
    display_name: `Creator ${username}`,
    bio_description: `What ${username} says of itself`,
    avatar_url: `https://pictures.example/${username}`,
    is_verified: false,
    follower_count: 1204,
    following_count: 88,
    likes_count: 3400,
    video_count: 63,
  },
  error: { code: 'ok', message: '', log_id: username },
})

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

const answer = (url: URL, body: string): unknown => {
  if (url.pathname === '/sandbox/clock') {
    const { until = 0 } = body === '' ? {} : (JSON.parse(body) as { until?: number })
    ahead = Math.max(ahead, until - Date.now())
    return { now: Date.now() + ahead }
  }
  if (url.pathname === '/youtube/v3/channels') {
    const items = (url.searchParams.get('id') ?? '').split(',').map(channel)
    return {
      kind: 'youtube#channelListResponse',
      etag: 'c',
      pageInfo: { totalResults: 50, resultsPerPage: 50 },
      items,
    }
  }
  if (url.pathname === '/v2/oauth/token/')
    return { access_token: 'clt.bench', expires_in: 7200, token_type: 'Bearer' }
  if (url.pathname === '/v2/research/user/info/')
    return creator((JSON.parse(body) as { username: string }).username)
  const [, username = ''] = /username\(([^)]*)\)/.exec(url.searchParams.get('fields') ?? '') ?? []
  return account(username)
}

const server = createServer(async (request, response) => {
  const body = await bodyOf(request)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(answer(new URL(request.url ?? '/', 'http://localhost'), body)))
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.stdin.resume().on('end', () => process.exit())
