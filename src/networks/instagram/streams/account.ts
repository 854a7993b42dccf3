import { type PageRequest, page, type Stream } from '../../../core/stream.ts'
import type { Graph } from '../graph.ts'
import { LADDERS } from '../ladder.ts'
import { OWN_MEDIA, OWN_PROFILE } from '../nodes.ts'
import { type ListedPost, postsOf, profileOf } from '../normalise.ts'
import { placeOf } from '../paging.ts'
import type { Reading, ReadPage } from '../read.ts'
import { type Answer, noAccount, onlyTask, readAnswer } from './answer.ts'
import { furtherOf } from './comments.ts'
import { insightsOf } from './insights.ts'

/** A token's own account and its stories of the last 24 hours (docs/networks/instagram.md §6). */
export const accountStreams = (graph: Graph, read: ReadPage): readonly Stream[] => {
  const account: Stream = {
    name: 'account',
    kind: 'profile',
    batch: 1,
    newestFirst: false,
    fetch: (request, ctx) => {
      const { externalId } = onlyTask(request)
      const reading: Reading = {
        route: `${graph.side}/account`,
        id: externalId,
        path: externalId,
        target: 'account',
        account: externalId,
        paged: false,
        ladder: LADDERS.one,
        room: null,
        query: () => ({}),
        fields: () => OWN_PROFILE[graph.side],
      }
      return read(reading, ctx)
    },
    normalise: (raw, request) => {
      const { reader, body, asked } = readAnswer(raw)
      const profile = body && profileOf(body, asked)
      if (profile === null) throw noAccount()
      const { externalId, entityId } = onlyTask(request)
      const media = {
        stream: 'media',
        externalId,
        next: 'start',
        declared: profile.postsCount ?? null,
      } as const
      const insights = { stream: 'account-insights', externalId, next: 'start' } as const
      const stories = { stream: 'stories', externalId, next: 'start' } as const
      return page({
        records: [profile],
        identities: [{ externalId, entityId, profileId: profile.id }],
        children: request.params.kinds.includes('posts') ? [insights, media, stories] : [insights],
        rejects: reader.rejects,
      })
    },
  }

  const stories: Stream = {
    name: 'stories',
    kind: 'posts',
    batch: 1,
    newestFirst: true,
    fetch: (request, ctx) => read(ownEdge(graph, request, 'stories'), ctx),
    normalise: (raw, request) => {
      const answer = readAnswer(raw)
      if (answer.tooDeep) return page({ reason: 'capped' })
      const posts = listOwn(answer, request)
      return page({
        records: posts.flatMap(({ records }) => records),
        children: posts.flatMap(({ post }) => insightsOf(post, request.startedAt)),
        ...furtherOf(answer.body),
        rejects: answer.reader.rejects,
      })
    },
  }

  return [account, stories]
}

/** How a list of an own account is read. */
export const ownEdge = (graph: Graph, request: PageRequest, edge: 'media' | 'stories'): Reading => {
  const { externalId } = onlyTask(request)
  return {
    route: `${graph.side}/${edge}`,
    id: externalId,
    path: `${externalId}/${edge}`,
    target: edge === 'media' ? 'account' : 'object',
    account: externalId,
    paged: request.cursor !== null,
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
