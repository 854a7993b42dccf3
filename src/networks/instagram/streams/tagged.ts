import { FaultError } from '../../../core/fault.ts'
import type { RelationRecord } from '../../../core/records.ts'
import { page, type Stream } from '../../../core/stream.ts'
import type { Fields } from '../../reader.ts'
import type { Graph } from '../graph.ts'
import { LADDERS } from '../ladder.ts'
import { placeOf } from '../paging.ts'
import type { ReadPage } from '../read.ts'
import { onlyTask, readAnswer } from './answer.ts'
import { furtherOf } from './comments.ts'

/** Posts on a page. */
export const TAGGED_PAGE = LADDERS.otherMedia[0]?.limit ?? 1

/**
 * Who tags an own account, and in which post (docs/networks/instagram.md §6): by name, since no id of theirs is told, which is why the posts
 * themselves are no rows: it could not be said whose. Not in the order of time, so that it is read whole each time.
 */
export const taggedStream = (graph: Graph, read: ReadPage): Stream => ({
  name: 'tagged',
  kind: 'profile',
  batch: 1,
  newestFirst: false,
  relates: 'tagger',
  fetch: async (request, ctx) => {
    if (graph.side === 'instagram') throw notListed()
    const { externalId } = onlyTask(request)
    return read(
      {
        route: `${graph.side}/tags`,
        of: 'posts that tag an own account',
        id: externalId,
        single: true,
        path: `${encodeURIComponent(externalId)}/tags`,
        target: 'list',
        account: externalId,
        paged: request.cursor !== null,
        holds: 'list',
        ladder: LADDERS.otherMedia,
        room: null,
        query: ({ limit }) => ({ limit: `${limit}`, ...placeOf(request.cursor) }),
        fields: () => 'id,username',
      },
      ctx,
    )
  },
  normalise: (raw, request) => {
    const { reader, body, tooDeep } = readAnswer(raw)
    if (tooDeep) return page({ reason: 'capped' })
    const { externalId, profileId } = onlyTask(request)
    const posts = body?.objects('data') ?? []
    return page({
      records: posts.flatMap(post => taggerOf(post, profileId ?? externalId) ?? []),
      ...furtherOf(body),
      rejects: reader.rejects,
    })
  },
})

/** docs/networks/instagram.md §1 */
const notListed = (): FaultError =>
  new FaultError(
    { kind: 'unsupported', code: 'tags', reason: 'unsupported-by-network' },
    'with Instagram Login it is not told who tags an account',
  )

const taggerOf = (post: Fields, profileId: string): RelationRecord | null => {
  const [postId, name] = [post.id('id'), post.string('username')]
  if (postId !== null && name !== null)
    return { type: 'relation', kind: 'tagger', profileId, personId: name.toLowerCase(), postId }
  post.reject('a post that tags, without its id or a name')
  return null
}
