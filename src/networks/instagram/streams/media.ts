import type { PostRecord } from '../../../core/records.ts'
import { type FetchContext, type PageRequest, page, type Stream } from '../../../core/stream.ts'
import { bound, LOOKBACK_MS, span, tailOf } from '../bounds.ts'
import type { Graph } from '../graph.ts'
import { mediumOf } from '../insight-sorts.ts'
import type { BesideReading, ReadBeside } from '../insights-beside.ts'
import { from, LADDERS } from '../ladder.ts'
import { MOST_COMMENTS, nestedComments, OWN_MEDIA } from '../nodes.ts'
import { note, noted } from '../paging.ts'
import type { ReadPage } from '../read.ts'
import { listOwn, ownEdge } from './account.ts'
import { accountOf, onlyTask, partedOf, readAnswer } from './answer.ts'
import { commentsUnder, furtherOf, nestOf } from './comments.ts'
import { besideOf } from './insights.ts'

/** Noted in the cursor of a walk whose comments are refused: its further pages do without asking again. */
const REFUSED = 'refused'

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
        ladder: from(LADDERS.ownMedia, noted(request.cursor, REFUSED) === true ? 'none' : nestOf(params)),
        query: portion => ({ ...span(params), ...edge.query(portion) }),
        fields: ({ nest }) =>
          OWN_MEDIA[graph.side] +
          nestedComments(nest, Math.min(MOST_COMMENTS, params.limitComments ?? MOST_COMMENTS)),
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
    const commented = wanted.map(post => ({
      post,
      comments: commentsUnder(post, answer.asked, refused, params),
    }))
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

/** Those that may have other insights than when they were read: young ones, and those whose counters moved. */
export const movable = async (
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
