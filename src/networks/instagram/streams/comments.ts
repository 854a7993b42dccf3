import type { Params } from '../../../core/params.ts'
import type { CommentRecord } from '../../../core/records.ts'
import {
  type Child,
  type Cursor,
  type Page,
  type PageRequest,
  page,
  type Stream,
} from '../../../core/stream.ts'
import type { Fields } from '../../reader.ts'
import type { Asked } from '../fields.ts'
import type { Graph } from '../graph.ts'
import { from, LADDERS, type Ladder } from '../ladder.ts'
import { commentFields } from '../nodes.ts'
import { commentOf } from '../normalise.ts'
import { nextOf, placeOf, roomOf, within } from '../paging.ts'
import type { Reading, ReadPage } from '../read.ts'
import { accountOf, onlyTask, readAnswer } from './answer.ts'

/**
 * Comments of own media and the replies to them. Not newest first for the engine, although the API's order is: a new
 * reply hangs under an old comment, so a walk that stops early would miss it.
 */
export const commentStreams = (graph: Graph, read: ReadPage): readonly Stream[] => {
  const reading = (request: PageRequest, edge: 'comments' | 'replies', ladder: Ladder): Reading => {
    const task = onlyTask(request)
    const { externalId } = task
    return {
      route: `${graph.side}/${edge}`,
      of: edge,
      id: externalId,
      single: false,
      path: `${encodeURIComponent(externalId)}/${edge}`,
      target: 'object',
      account: accountOf(task),
      paged: request.cursor !== null,
      holds: 'list',
      ladder,
      room: roomOf(request, request.params.limitComments),
      query: ({ limit }) => ({ limit: `${limit}`, ...placeOf(request.cursor) }),
      fields: ({ nest }) => commentFields(nest === 'replies'),
    }
  }
  const stream = (
    name: 'comments' | 'replies',
    ladder: (params: Params) => Ladder,
    parentOf: (request: PageRequest) => string | null,
  ): Stream => ({
    name,
    kind: 'comments',
    batch: 1,
    newestFirst: false,
    lists: name,
    fetch: (request, ctx) => read(reading(request, name, ladder(request.params)), ctx),
    normalise: (raw, request) => {
      const { reader, body, asked, tooDeep } = readAnswer(raw)
      if (tooDeep) return page({ reason: 'capped' })
      const { postId, externalId } = onlyTask(request)
      const { replies, limitComments } = request.params
      const comments = readComments(body, asked, postId ?? externalId, parentOf(request), replies)
      const further = within(furtherOf(body), request.cursor, comments.records.length, limitComments)
      return page({ ...comments, ...further, rejects: reader.rejects })
    },
  })

  return [
    stream(
      'comments',
      ({ replies }) => from(LADDERS.comments, replies === 'none' ? 'none' : 'replies'),
      () => null,
    ),
    stream(
      'replies',
      () => LADDERS.replies,
      request => onlyTask(request).externalId,
    ),
  ]
}

/** The comments of a list with the replies under them, and the threads of which more is to be had. */
export const readComments = (
  edge: Fields | null,
  asked: Asked,
  postId: string,
  parentId: string | null,
  replies: Params['replies'],
): { readonly records: readonly CommentRecord[]; readonly children: readonly Child[] } => {
  const records: CommentRecord[] = []
  const children: Child[] = []
  for (const wire of edge?.objects('data') ?? []) {
    const comment = commentOf(wire, asked, postId, parentId)
    if (comment === null) continue
    records.push(comment)
    if (parentId !== null || replies === 'none') continue
    const thread = wire.object('replies')
    records.push(...readComments(thread, asked.at('replies'), postId, comment.id, replies).records)
    const next = asked.has('replies') ? startOf(nextOf(thread?.object('paging') ?? null)) : 'start'
    if (next === null) continue
    const child = { stream: 'replies', externalId: comment.id, postId }
    children.push(replies === 'full' ? { ...child, next } : { ...child, next: null, reason: 'limited' })
  }
  return { records, children }
}

/** How a list goes on; one that says "there is more" without saying where ends as truncated. */
export const furtherOf = (list: Fields | null): Pick<Page, 'next' | 'reason'> => {
  const next = nextOf(list?.object('paging') ?? null)
  return next === 'lost' ? { next: null, reason: 'truncated' } : { next, reason: null }
}

/** A nested list goes on from its own edge, if need be from the top. */
export const startOf = (next: Cursor | 'lost' | null): Cursor | 'start' | null =>
  next === 'lost' ? 'start' : next
