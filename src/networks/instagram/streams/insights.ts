import type { Instant } from '../../../core/instant.ts'
import type { PostRecord } from '../../../core/records.ts'
import { type Child, type Cursor, type Page, page, type RawPage, type Stream } from '../../../core/stream.ts'
import { Reader } from '../../reader.ts'
import { type Choice, isFresh, mediumOf, PEOPLE_SAY, SORTS, type Sort } from '../insight-sorts.ts'
import { toldIn } from '../insights-calls.ts'
import { type ReadMetrics, snapshotsOf } from '../metrics.ts'
import { noted } from '../paging.ts'
import { accountOf, onlyTask, readAnswer } from './answer.ts'

/** The insights of one own post as a task: none for what has no insights, or has them no more. */
const insightsOf = (post: PostRecord, startedAt: Instant): readonly Child[] => {
  const medium = mediumOf(post, startedAt)
  if (medium === null) return []
  const { id, sort, madeAt } = medium
  const next = { sort, ...(madeAt !== null && { madeAt }) }
  return [{ stream: 'insights', externalId: id, postId: id, next, declared: null }]
}

/** What was asked beside a page of posts: the insights that came, and a task for each post that has none of them. */
export const besideOf = (
  { parts }: RawPage,
  posts: readonly PostRecord[],
  startedAt: Instant,
): Pick<Page, 'snapshots' | 'children' | 'rejects'> => {
  const reader = new Reader()
  const told = parts.flatMap(part => toldIn(part, reader))
  const rowsOf = new Map(told.map(({ id, rows }) => [id, rows]))
  const isTold = (post: PostRecord): boolean => {
    const medium = mediumOf(post, startedAt)
    const rows = rowsOf.get(post.id)
    return medium !== null && rows !== undefined && (rows.length > 0 || isFresh(medium, startedAt))
  }
  return {
    snapshots: posts.flatMap(({ id }) => (rowsOf.get(id) ?? []).flatMap(row => snapshotsOf(row, 'post', id))),
    children: posts.filter(post => !isTold(post)).flatMap(post => insightsOf(post, startedAt)),
    rejects: reader.rejects,
  }
}

/**
 * Insights of an own media that they did not come of beside its list, one snapshot per metric. Media from before the
 * account turned professional, and stories that too few saw, have none (docs/networks/instagram.md §10).
 */
export const insightsStream = ({ media }: Choice, read: ReadMetrics): Stream => {
  const insights: Stream = {
    name: 'insights',
    kind: 'posts',
    batch: 1,
    newestFirst: false,
    fetch: (request, ctx) => {
      const task = onlyTask(request)
      const sort = sortOf(request.cursor)
      const whose = { of: PEOPLE_SAY[sort], id: task.externalId, account: accountOf(task), single: false }
      const madeAt = noted(request.cursor, 'madeAt')
      return read(
        {
          ...whose,
          madeAt: typeof madeAt === 'string' ? madeAt : null,
          metrics: media[sort],
          query: {},
        },
        ctx,
      )
    },
    normalise: (raw, request) => {
      const { reader, body } = readAnswer(raw)
      const { externalId } = onlyTask(request)
      const snapshots = body?.objects('data').flatMap(row => snapshotsOf(row, 'post', externalId)) ?? []
      return page({ snapshots, rejects: reader.rejects })
    },
  }

  return insights
}

const sortOf = (cursor: Cursor | null): Sort => SORTS.find(sort => sort === noted(cursor, 'sort')) ?? 'feed'
