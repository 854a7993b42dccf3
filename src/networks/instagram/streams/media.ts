import type { Params } from '../../../core/params.ts'
import type { CommentRecord, PostRecord } from '../../../core/records.ts'
import { type Child, type FetchContext, type PageRequest, page, type Stream } from '../../../core/stream.ts'
import { bound, LOOKBACK_MS, span, tailOf } from '../bounds.ts'
import type { Graph } from '../graph.ts'
import { mediumOf } from '../insight-sorts.ts'
import type { BesideReading, ReadBeside } from '../insights-beside.ts'
import { from, LADDERS, type Ladder, type Nest } from '../ladder.ts'
import { commentFields, MOST_COMMENTS, OWN_MEDIA } from '../nodes.ts'
import type { ListedPost } from '../normalise.ts'
import { nextOf, note, noted, within } from '../paging.ts'
import type { ReadPage } from '../read.ts'
import { listOwn, ownEdge } from './account.ts'
import { type Answer, accountOf, onlyTask, partedOf, readAnswer } from './answer.ts'
import { furtherOf, readComments, startOf } from './comments.ts'
import { besideOf } from './insights.ts'

/** Noted in the cursor of a walk whose comments are refused: its further pages do without asking again. */
const REFUSED = 'refused'
const HELD_BACK = 10

/**
 * The posts of an own account: 25 of them with their albums, comments and replies in one call (docs/networks/instagram.md §11.1). Only what
 * does not end in there costs calls of its own.
 */
export const mediaStream = (graph: Graph, read: ReadPage, readBeside: ReadBeside): Stream => ({
  name: 'media',
  kind: 'posts',
  batch: 1,
  newestFirst: true,
  lists: 'posts',
  fetch: async (request, ctx) => {
    const { params } = request
    const edge = ownEdge(graph, request, 'media')
    const list = await read(
      {
        ...edge,
        ladder: ladderFor(params, noted(request.cursor, REFUSED) === true),
        query: portion => ({ ...span(params), ...edge.query(portion) }),
        fields: ({ nest }) => OWN_MEDIA[graph.side] + nested(nest, params),
      },
      ctx,
    )
    const answer = readAnswer(list)
    if (answer.tooDeep) return list
    const posts = bound(listOwn(answer, request), params).wanted.map(({ post }) => post)
    return { parts: [...list.parts, ...(await readBeside(await asking(posts, request, ctx), ctx))] }
  },
  normalise: (raw, request) => {
    const { params, cursor, startedAt } = request
    const { list, beside } = partedOf(raw)
    const answer = readAnswer(list)
    if (answer.tooDeep) return page({ reason: 'capped' })
    const refused = answer.nestRefused || noted(cursor, REFUSED) === true
    const listed = listOwn(answer, request)
    const { wanted, past } = bound(listed, params)
    const commented = wanted.map(post => ({ post, comments: commentsUnder(post, answer, refused, params) }))
    const { next, reason } = furtherOf(answer.body)
    const insights = besideOf(
      beside,
      wanted.map(({ post }) => post),
      startedAt,
    )
    return page({
      records: commented.flatMap(({ post, comments }) => [...post.records, ...comments.records]),
      snapshots: insights.snapshots,
      children: [...commented.flatMap(({ comments }) => comments.children), ...insights.children],
      tail: tailOf(listed),
      next: past || next === null ? null : refused ? note(next, REFUSED, true) : next,
      reason: past ? null : reason,
      rejects: [...answer.reader.rejects, ...insights.rejects],
    })
  },
})

/**
 * Whose insights are asked for beside the page: of 25 all where one of them may have moved, since they come in one call. Worth a call
 * by itself is a post that is read for the first time, is young, or whose counters moved; at a full pass each.
 */
const asking = async (
  posts: readonly PostRecord[],
  request: PageRequest,
  ctx: FetchContext,
): Promise<BesideReading> => {
  const task = onlyTask(request)
  const { startedAt, params } = request
  const due = task.from === null ? posts : await movable(posts, params.lookbackMs ?? LOOKBACK_MS, ctx)
  return {
    listing: { edge: 'media', user: task.externalId },
    account: accountOf(task),
    media: posts.flatMap(post => mediumOf(post, startedAt) ?? []),
    due: new Set(due.map(({ id }) => id)),
  }
}

const movable = async (
  posts: readonly PostRecord[],
  lookbackMs: number,
  ctx: FetchContext,
): Promise<readonly PostRecord[]> => {
  const stored = await ctx.counters(posts.map(({ id }) => id))
  const young = new Date(ctx.now() - lookbackMs).toISOString()
  return posts.filter(({ id, createdAt, likeCount, commentsCount }) => {
    const before = stored.get(id)
    const isMoved =
      (likeCount !== undefined && likeCount !== before?.likeCount) ||
      (commentsCount !== undefined && commentsCount !== before?.commentsCount)
    return before === undefined || isMoved || typeof createdAt !== 'string' || createdAt >= young
  })
}

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
  // Ten and fewer may well be held back (docs/design.md §5.16): more are asked for by themselves.
  if (next === null && records.length === 0 && declared !== null && declared > HELD_BACK) return open('start')
  if (next === null) return settled('inline')
  if (next === 'start') return open(next)
  const further = within({ next, reason: null }, null, records.length, params.limitComments)
  return open(further.next ?? next)
}
