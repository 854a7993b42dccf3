import type { Params } from '../../../core/params.ts'
import { type Child, type PageRequest, page, type Stream } from '../../../core/stream.ts'
import type { Graph } from '../graph.ts'
import { isOwnId } from '../ids.ts'
import { mediumOf } from '../insight-sorts.ts'
import type { ReadBeside } from '../insights-beside.ts'
import { LADDERS } from '../ladder.ts'
import { OWN_MEDIA, OWN_PROFILE } from '../nodes.ts'
import { type ListedPost, postsOf, profileOf } from '../normalise.ts'
import { ME, type Own } from '../own.ts'
import { placeOf } from '../paging.ts'
import type { Reading, ReadPage } from '../read.ts'
import { type Answer, accountOf, noAccount, onlyTask, partedOf, readAnswer } from './answer.ts'
import { furtherOf } from './comments.ts'
import { besideOf } from './insights.ts'

/** A token's own account and its stories of the last 24 hours (docs/networks/instagram.md §6). */
export const accountStreams = (
  graph: Graph,
  own: Own,
  read: ReadPage,
  readBeside: ReadBeside,
): readonly Stream[] => {
  const account: Stream = {
    name: 'account',
    kind: 'profile',
    batch: 1,
    newestFirst: false,
    fetch: (request, ctx) => read(ownAccount(graph, own, onlyTask(request).externalId), ctx),
    normalise: (raw, request) => {
      const { reader, body, asked } = readAnswer(raw)
      const profile = body && profileOf(body, asked)
      if (profile === null) throw noAccount()
      const { externalId, entityId } = onlyTask(request)
      return page({
        records: [profile],
        // Listed by its name or as `me`, it is the one that is listed by its id.
        identities: [
          { externalId, entityId: isOwnId(entityId) ? entityId : profile.id, profileId: profile.id },
        ],
        children: partsOf(externalId, profile.postsCount ?? null, request.params),
        rejects: reader.rejects,
      })
    },
    onward: ({ declared }, { externalId }, params) =>
      partsOf(isOwnId(externalId) ? externalId : (own.id() ?? externalId), declared, params),
  }

  const stories: Stream = {
    name: 'stories',
    kind: 'posts',
    batch: 1,
    newestFirst: true,
    fetch: async (request, ctx) => {
      const list = await read(ownEdge(graph, request, 'stories'), ctx)
      const answer = readAnswer(list)
      const media = listOwn(answer, request).flatMap(({ post }) => mediumOf(post, request.startedAt) ?? [])
      const task = onlyTask(request)
      const listing = { edge: 'stories', user: task.externalId, place: placeOf(request.cursor) } as const
      const due = new Set(media.map(({ id }) => id))
      const beside = await readBeside({ listing, account: accountOf(task), media, due }, ctx)
      return { parts: [...list.parts, ...beside] }
    },
    normalise: (raw, request) => {
      const { list, beside } = partedOf(raw)
      const answer = readAnswer(list)
      if (answer.tooDeep) return page({ reason: 'capped' })
      const posts = listOwn(answer, request)
      const { snapshots, children, rejects } = besideOf(
        beside,
        posts.map(({ post }) => post),
        request.startedAt,
      )
      return page({
        records: posts.flatMap(({ records }) => records),
        snapshots,
        children,
        ...furtherOf(answer.body),
        rejects: [...answer.reader.rejects, ...rejects],
      })
    },
  }

  return [account, stories]
}

/** How an own account is asked for. */
export const ownAccount = (graph: Graph, own: Own, id: string): Reading => ({
  route: `${graph.side}/account`,
  of: 'own accounts',
  id,
  single: true,
  path: encodeURIComponent(id),
  target: id === (own.id() ?? ME) ? 'self' : 'account',
  account: id,
  paged: false,
  holds: 'node',
  ladder: LADDERS.one,
  room: null,
  query: () => ({}),
  fields: () => OWN_PROFILE[graph.side],
})

/** What is read of an own account beside its profile. */
export const partsOf = (
  externalId: string,
  declared: number | null,
  { kinds, lists }: Params,
): readonly Child[] => {
  const insights = { stream: 'account-insights', externalId, next: 'start' } as const
  const demographics = { stream: 'demographics', externalId, next: 'start' } as const
  const media = { stream: 'media', externalId, next: 'start', declared } as const
  const stories = { stream: 'stories', externalId, next: 'start' } as const
  const tagged = { stream: 'tagged', externalId, next: 'start' } as const
  const told = [insights, demographics, ...(lists.includes('tagged') ? [tagged] : [])]
  return kinds.includes('posts') ? [...told, media, stories] : told
}

/** How a list of an own account is read. */
export const ownEdge = (graph: Graph, request: PageRequest, edge: 'media' | 'stories'): Reading => {
  const { externalId } = onlyTask(request)
  return {
    route: `${graph.side}/${edge}`,
    of: edge === 'media' ? 'own posts' : 'stories',
    id: externalId,
    single: true,
    path: `${encodeURIComponent(externalId)}/${edge}`,
    target: 'list',
    account: externalId,
    paged: request.cursor !== null,
    holds: 'list',
    ladder: LADDERS.stories,
    room: request.room,
    query: ({ limit }) => ({ limit: `${limit}`, ...placeOf(request.cursor) }),
    fields: () => OWN_MEDIA[graph.side],
  }
}

/** The posts of such a list. */
export const listOwn = ({ body, asked }: Answer, request: PageRequest): readonly ListedPost[] => {
  const { profileId, externalId } = onlyTask(request)
  return postsOf(body?.objects('data') ?? [], asked, profileId ?? externalId)
}
