import type { Params } from '../../../core/params.ts'
import type { CommentRecord } from '../../../core/records.ts'
import { type Child, page, type Stream } from '../../../core/stream.ts'
import { bound, span, tailOf } from '../bounds.ts'
import type { Graph } from '../graph.ts'
import { from, LADDERS, type Ladder, type Nest } from '../ladder.ts'
import { commentFields, MOST_COMMENTS, OWN_MEDIA } from '../nodes.ts'
import type { ListedPost } from '../normalise.ts'
import { nextOf, note, noted, within } from '../paging.ts'
import type { ReadPage } from '../read.ts'
import { listOwn, ownEdge } from './account.ts'
import { type Answer, readAnswer } from './answer.ts'
import { furtherOf, readComments, startOf } from './comments.ts'
import { insightsOf } from './insights.ts'

/** Noted in the cursor of a walk whose comments are refused: its further pages do without asking again. */
const REFUSED = 'refused'

/**
 * The posts of an own account: 25 of them with their albums, comments and replies in one call (docs/networks/instagram.md §11.1). Only what
 * does not end in there costs calls of its own.
 */
export const mediaStream = (graph: Graph, read: ReadPage): Stream => ({
  name: 'media',
  kind: 'posts',
  batch: 1,
  newestFirst: true,
  lists: 'posts',
  fetch: (request, ctx) => {
    const { params } = request
    const edge = ownEdge(graph, request, 'media')
    return read(
      {
        ...edge,
        ladder: ladderFor(params, noted(request.cursor, REFUSED) === true),
        query: portion => ({ ...span(params), ...edge.query(portion) }),
        fields: ({ nest }) => OWN_MEDIA[graph.side] + nested(nest, params),
      },
      ctx,
    )
  },
  normalise: (raw, request) => {
    const { params, cursor, startedAt } = request
    const answer = readAnswer(raw)
    if (answer.tooDeep) return page({ reason: 'capped' })
    const refused = answer.nestRefused || noted(cursor, REFUSED) === true
    const listed = listOwn(answer, request)
    const { wanted, past } = bound(listed, params)
    const commented = wanted.map(post => ({ post, comments: commentsUnder(post, answer, refused, params) }))
    const { next, reason } = furtherOf(answer.body)
    return page({
      records: commented.flatMap(({ post, comments }) => [...post.records, ...comments.records]),
      children: [
        ...commented.flatMap(({ comments }) => comments.children),
        ...wanted.flatMap(({ post }) => insightsOf(post, startedAt)),
      ],
      tail: tailOf(listed),
      next: past || next === null ? null : refused ? note(next, REFUSED, true) : next,
      reason: past ? null : reason,
      rejects: answer.reader.rejects,
    })
  },
})

const ladderFor = ({ kinds, replies, limitComments }: Params, refused: boolean): Ladder => {
  if (!kinds.includes('comments') || limitComments === 0 || refused) return from(LADDERS.ownMedia, 'none')
  return from(LADDERS.ownMedia, replies === 'none' ? 'comments' : 'replies')
}

const nested = (nest: Nest, { limitComments }: Params): string =>
  nest === 'none'
    ? ''
    : `,comments.limit(${Math.min(MOST_COMMENTS, limitComments ?? MOST_COMMENTS)}){${commentFields(nest === 'replies')}}`

interface Commented {
  readonly records: readonly CommentRecord[]
  readonly children: readonly Child[]
}

/** The comments that came with a post, and what is left to fetch of them. */
const commentsUnder = (
  { wire, post }: ListedPost,
  answer: Answer,
  refused: boolean,
  params: Params,
): Commented => {
  if (!params.kinds.includes('comments')) return { records: [], children: [] }
  const asked = answer.asked.at('comments')
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
  if (!answer.asked.has('comments')) return refused ? settled('refused') : open('start')
  // The count has the replies in it: where the page was too heavy for them, it tells which posts have any.
  if (threads !== params.replies && declared !== records.length) return open('start')
  const next = startOf(nextOf(edge?.object('paging') ?? null))
  if (next === null) return settled('inline')
  if (next === 'start') return open(next)
  const further = within({ next, reason: null }, null, records.length, params.limitComments)
  return open(further.next ?? next)
}
