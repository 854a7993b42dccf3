import { FaultError } from '../../../core/fault.ts'
import { type Child, type PageRequest, page, type Stream } from '../../../core/stream.ts'
import type { Fields } from '../../reader.ts'
import { NO_ASKER } from '../advice.ts'
import { bound, tailOf } from '../bounds.ts'
import type { Graph } from '../graph.ts'
import { LADDERS, type Portion } from '../ladder.ts'
import { OTHER_MEDIA, OTHER_PROFILE } from '../nodes.ts'
import { postsOf, profileOf } from '../normalise.ts'
import type { Own } from '../own.ts'
import { afterOf, placeOf, roomOf, within } from '../paging.ts'
import type { Reading, ReadPage } from '../read.ts'
import { partsOf } from './account.ts'
import { type Answer, noAccount, onlyTask, readAnswer } from './answer.ts'

/**
 * Other professional accounts (docs/networks/instagram.md §5). An own account asks about them by username, and the profile
 * comes with its first page of media: a call per profile and per 50 further posts, albums whole within. One that turns
 * out to be the account that asks is read as such from there on.
 */
export const discoveryStreams = (graph: Graph, own: Own, read: ReadPage): readonly Stream[] => {
  const reading = (request: PageRequest, room: number | null, fields: Reading['fields']): Reading => {
    const { externalId: username } = onlyTask(request)
    if (graph.userId === null) throw noAsker()
    return {
      route: 'discovery',
      of: 'other accounts',
      id: username,
      single: false,
      path: encodeURIComponent(graph.userId),
      target: 'discovery',
      account: null,
      paged: request.cursor !== null,
      holds: 'discovery',
      ladder: LADDERS.otherMedia,
      room,
      query: () => ({}),
      fields: portion => `business_discovery.username(${username}){${fields(portion)}}`,
    }
  }

  const discovery: Stream = {
    name: 'discovery',
    kind: 'profile',
    batch: 1,
    newestFirst: false,
    fetch: async (request, ctx) => {
      const { kinds, limitPosts } = request.params
      const whole = reading(request, limitPosts, portion => `${OTHER_PROFILE},${mediaEdge(portion, null)}`)
      const bare = reading(request, null, () => OTHER_PROFILE)
      const raw = await read(kinds.includes('posts') ? whole : { ...bare, ladder: LADDERS.one }, ctx)
      if (isAsker(readAnswer(raw))) own.learn(onlyTask(request).externalId)
      return raw
    },
    normalise: (raw, request) => {
      const answer = readAnswer(raw)
      const user = answer.body?.object('business_discovery') ?? null
      const profile = user && profileOf(user, answer.asked.at('business_discovery'))
      if (user === null || profile === null) throw noAccount()
      const { externalId, entityId } = onlyTask(request)
      const { id: profileId, postsCount = null } = profile
      if (isAsker(answer)) {
        return page({
          records: [profile],
          identities: [{ externalId, entityId: profileId, profileId }],
          children: partsOf(profileId, postsCount, request.params),
          rejects: answer.reader.rejects,
        })
      }
      const listed = listPosts(user, answer, profile.id)
      const { wanted, past } = bound(listed, request.params)
      return page({
        tail: tailOf(listed),
        records: [profile, ...wanted.flatMap(({ records }) => records)],
        identities: [{ externalId, entityId, profileId: profile.id }],
        children: request.params.kinds.includes('posts')
          ? [furtherPosts(user, wanted.length, past, request)]
          : [],
        rejects: answer.reader.rejects,
      })
    },
    onward: ({ declared }, { externalId }, { kinds }) =>
      kinds.includes('posts') ? [{ stream: 'discovery-media', externalId, next: 'start', declared }] : [],
  }

  const discoveryMedia: Stream = {
    name: 'discovery-media',
    kind: 'posts',
    batch: 1,
    newestFirst: true,
    lists: 'posts',
    fetch: async (request, ctx) => {
      const room = roomOf(request, request.params.limitPosts)
      const media = reading(request, room, portion => mediaEdge(portion, request.cursor))
      return read({ ...media, holds: 'discovered' }, ctx)
    },
    normalise: (raw, request) => {
      const answer = readAnswer(raw)
      if (answer.tooDeep) return page({ reason: 'capped' })
      const user = answer.body?.object('business_discovery') ?? null
      const profileId = user?.id('id') ?? onlyTask(request).profileId
      if (user === null || profileId === null) throw noAccount()
      const { params, cursor } = request
      const listed = listPosts(user, answer, profileId)
      const { wanted, past } = bound(listed, params)
      const next = past ? null : afterOf(pagingOf(user))
      return page({
        tail: tailOf(listed),
        records: wanted.flatMap(({ records }) => records),
        ...within({ next, reason: null }, cursor, wanted.length, params.limitPosts),
        rejects: answer.reader.rejects,
      })
    },
  }

  return [discovery, discoveryMedia]
}

/** Whether the account that was found is the one that asks. */
const isAsker = ({ body }: Answer): boolean => {
  const found = body?.object('business_discovery')?.id('id') ?? null
  return found !== null && found === body?.id('id')
}

/** Nobody to ask through: told before anything is sent. */
export const noAsker = (): FaultError =>
  new FaultError(
    { kind: 'misconfigured', code: 'no-user-id', advice: NO_ASKER },
    'other accounts and hashtags are read through an own one, and none is named',
  )

const mediaEdge = ({ limit }: Portion, cursor: PageRequest['cursor']): string => {
  const { after } = placeOf(cursor)
  return `media.limit(${limit})${after === undefined ? '' : `.after(${after})`}{${OTHER_MEDIA}}`
}

const listPosts = (user: Fields, { asked }: Answer, profileId: string) =>
  postsOf(user.object('media')?.objects('data') ?? [], asked.at('business_discovery').at('media'), profileId)

const pagingOf = (user: Fields): Fields | null => user.object('media')?.object('paging') ?? null

/** What the profile's page left of its posts. */
const furtherPosts = (user: Fields, listed: number, past: boolean, { params, tasks }: PageRequest): Child => {
  const next = past ? null : afterOf(pagingOf(user))
  const child = {
    stream: 'discovery-media',
    externalId: tasks[0]?.externalId ?? '',
    declared: user.count('media_count'),
    begun: true,
  }
  if (next === null) return { ...child, next, reason: listed === 0 ? 'none' : 'inline' }
  const further = within({ next, reason: null }, null, listed, params.limitPosts)
  return further.reason === null
    ? { ...child, next: further.next }
    : { ...child, next: null, reason: further.reason }
}
