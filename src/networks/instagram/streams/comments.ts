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
import { from, LADDERS, type Ladder, type Nest } from '../ladder.ts'
import { commentFields } from '../nodes.ts'
import { commentOf, type ListedPost } from '../normalise.ts'
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
const readComments = (
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
const startOf = (next: Cursor | 'lost' | null): Cursor | 'start' | null => (next === 'lost' ? 'start' : next)

/** What is nested within a post by what is wanted. */
export const nestOf = ({ kinds, replies, limitComments }: Params): Nest => {
  if (!kinds.includes('comments') || limitComments === 0) return 'none'
  return replies === 'none' ? 'comments' : 'replies'
}

/** Where so many are declared, or fewer, all of them may well be held back (docs/design.md §5.16). */
const HELD_BACK = 10

interface Commented {
  readonly records: readonly CommentRecord[]
  readonly children: readonly Child[]
}

/** The comments that came with a post, and what is left to fetch of them. */
export const commentsUnder = (
  { wire, post }: ListedPost,
  given: Asked,
  refused: boolean,
  params: Params,
): Commented => {
  if (!params.kinds.includes('comments')) return { records: [], children: [] }
  const asked = given.at('comments')
  const edge = wire.object('comments')
  const declared = post.commentsCount ?? null
  const threads = asked.has('replies') ? params.replies : 'none'
  const { records, children } = readComments(edge, asked, post.id, null, threads)
  const own: Child = { stream: 'comments', externalId: post.id, postId: post.id, declared, next: null }
  const settled = (reason: NonNullable<Child['reason']>): Commented => ({
    records,
    children: [{ ...own, reason }, ...children],
  })
  const open = (next: NonNullable<Child['next']>): Commented => ({
    records,
    children: [{ ...own, next }, ...children],
  })

  if (params.limitComments !== null && records.length >= params.limitComments) return settled('limited')
  if (declared === 0 && records.length === 0)
    return settled(wire.boolean('is_comment_enabled') === false ? 'comments-disabled' : 'none')
  if (!given.has('comments')) return refused ? settled('refused') : open('start')
  // The count has the replies in it: where the page was too heavy for them, it tells which posts have any.
  if (threads !== params.replies && declared !== records.length) return open('start')
  const next = startOf(nextOf(edge?.object('paging') ?? null))
  // More than may be held back are asked for by themselves.
  if (next === null && records.length === 0 && declared !== null && declared > HELD_BACK) return open('start')
  if (next === null) return settled('inline')
  if (next === 'start') return open(next)
  const further = within({ next, reason: null }, null, records.length, params.limitComments)
  return open(further.next ?? next)
}
