import type { LikeRecord } from '../../core/records.ts'
import type { NetworkSandbox, SandboxAnswer, SandboxOptions, SandboxRequest } from '../sandbox.ts'
import { RESEARCH } from './sandbox/access/credentials.ts'
import { admitUser, answerAuthorize, answerOauth } from './sandbox/access/oauth.ts'
import { POOLS } from './sandbox/access/quota.ts'
import { Tokens } from './sandbox/access/tokens.ts'
import { Door } from './sandbox/answer.ts'
import { ComplianceTasks } from './sandbox/research/compliance.ts'
import { readDay } from './sandbox/research/query.ts'
import { Searches, search } from './sandbox/research/search.ts'
import { traitsOf } from './sandbox/research/traits.ts'
import { ROUTES } from './sandbox/routes.ts'
import { stage } from './sandbox/scene.ts'
import { tell, tellLikes, tellPlaylist, tellTag } from './sandbox/truth.ts'
import { CAST, FORMER_NAME } from './sandbox/world/cast.ts'
import { DAY } from './sandbox/world/creators.ts'
import { playlistOfCreator, playlistWith } from './sandbox/world/relations.ts'

export { DISPLAY } from './sandbox/access/credentials.ts'
export { CAST, FORMER_NAME } from './sandbox/world/cast.ts'
export { OPENING } from './sandbox/world/creators.ts'

/** The id of a playlist that nobody has. */
const NO_PLAYLIST = '7000000000000000001'

const NOT_FOUND: SandboxAnswer = {
  status: 404,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: '404 page not found',
}

/** The Research and Display APIs with their OAuth endpoints, as docs/networks/tiktok.md §9 describes them. */
export const openTiktokSandbox = (options: SandboxOptions): NetworkSandbox => {
  const look = stage(options)
  const { world, knobs, now } = look()
  const tokens = new Tokens(world.seed)
  const door = new Door(tokens, knobs)
  const kept = { searches: new Searches(), tasks: new ComplianceTasks() }
  admitUser(tokens, now)

  const answer = (request: SandboxRequest): SandboxAnswer | Promise<SandboxAnswer> => {
    const path = request.path.replace(/\/$/, '')
    const scene = look()
    const desk = { ...scene, tokens }
    if (path === '/v2/auth/authorize' && request.method === 'GET') return answerAuthorize(request, desk)
    if (path === '/v2/oauth/token' && request.method === 'POST') return answerOauth('token', request, desk)
    if (path === '/v2/oauth/revoke' && request.method === 'POST') return answerOauth('revoke', request, desk)
    const route = ROUTES.get(path)
    if (route?.method !== request.method) return NOT_FOUND
    return door.answer(route, { ...scene, ...kept, request, origin: options.origin })
  }

  return {
    network: 'tiktok',
    owns: request => request.path.startsWith('/v2/'),
    answer,
    credentials: RESEARCH,
    *entities() {
      for (const creator of world.creators.all()) yield creator.username
      yield FORMER_NAME
    },
    *collections() {
      const { moment } = look()
      for (const name of Object.keys(CAST)) {
        const creator = world.creators.named(name)
        const id = creator === null ? null : playlistOfCreator(creator)
        if (creator !== null && id !== null && playlistWith(id, creator, moment.at) !== null)
          yield `playlist:${id}`
      }
      yield `playlist:${NO_PLAYLIST}`
    },
    truth: entityId => {
      const [kind = '', id = ''] = entityId.split(':', 2)
      const others = { tag: tellTag, playlist: tellPlaylist } as const
      return kind === 'tag' || kind === 'playlist' ? others[kind](look(), id) : tell(look(), entityId)
    },
    quota: () => {
      const seconds = look().now
      return POOLS.map(pool => ({
        owner: RESEARCH.SOCSYNC_TIKTOK_CLIENT_KEY,
        pool,
        used: door.quota.used(pool, seconds),
      }))
    },
  }
}

/** What `truth` leaves out because no scope asks for it: the liked videos that a profile shares, newest like first. */
export const likesTruth = (options: SandboxOptions, entityId: string): Iterable<LikeRecord> =>
  tellLikes(stage(options)(), entityId)

/**
 * How many calls a walk over one window takes, deleted videos and strangers counted: `usernames` in one IN list,
 * dates as `YYYYMMDD`, both inclusive.
 */
export const countSearchPages = (
  options: SandboxOptions,
  wanted: {
    readonly usernames: readonly string[]
    readonly from: string
    readonly to: string
    readonly size: number
  },
): number => {
  const { world, knobs, moment } = stage(options)()
  const values = wanted.usernames.map(name => name.toLowerCase())
  const query = {
    and: [{ operation: 'IN', field: 'username', values }],
    or: [],
    not: [],
    from: readDay(wanted.from),
    to: readDay(wanted.to) + DAY - 1,
  } as const
  return Math.max(1, Math.ceil(search(world, query, moment, traitsOf(knobs)).length / wanted.size))
}
