import type { Instant } from '../../../core/instant.ts'
import type { PostRecord } from '../../../core/records.ts'
import { type Child, type Cursor, page, type Stream } from '../../../core/stream.ts'
import type { Side } from '../access.ts'
import { type ReadMetrics, snapshotsOf } from '../metrics.ts'
import { noted } from '../paging.ts'
import { accountOf, onlyTask, readAnswer } from './answer.ts'

/** The sorts of media that insights tell apart (docs/networks/instagram.md §7). */
const SORTS = ['feed', 'video', 'reel', 'story'] as const
type Sort = (typeof SORTS)[number]

const PEOPLE_SAY: Readonly<Record<Sort, string>> = {
  feed: 'pictures and albums',
  video: 'films',
  reel: 'reels',
  story: 'stories',
}

const SORT_OF: Readonly<Partial<Record<NonNullable<PostRecord['kind']>, Sort>>> = {
  image: 'feed',
  carousel: 'feed',
  video: 'video',
  reel: 'reel',
  story: 'story',
}

const COMMON = ['reach', 'views', 'shares', 'total_interactions', 'reposts']
const ENGAGED = ['likes', 'comments', 'saved']
const VISITED = ['follows', 'profile_visits', 'profile_activity']
const TOTALS = ['total_likes', 'total_comments', 'total_views']

const sides = (
  both: readonly string[],
  facebook: readonly string[],
): Readonly<Record<Side, readonly string[]>> => ({
  instagram: both,
  facebook: [...both, ...facebook],
})

/**
 * What each sort has, and what the Facebook side tells in addition (docs/networks/instagram.md §7). Left out are the metrics that fail for one
 * media and not for the next (`crossposted_views`, `facebook_views`), since one that is refused fails its whole
 * call; and `reels_skip_rate`, a rate: metrics hold whole numbers.
 */
const METRICS: Readonly<Record<Sort, Readonly<Record<Side, readonly string[]>>>> = {
  feed: sides([...COMMON, ...ENGAGED, ...VISITED], TOTALS),
  video: sides(['reach', 'saved'], TOTALS),
  reel: sides([...COMMON, ...ENGAGED, 'ig_reels_avg_watch_time', 'ig_reels_video_view_total_time'], TOTALS),
  story: sides([...COMMON, ...VISITED, 'navigation', 'replies', 'link_clicks'], ['total_views']),
}

/** Of an account, over the last day: the window that is given unless another is asked for (docs/networks/instagram.md §7). */
const ACCOUNT_METRICS = [
  'reach',
  'views',
  'accounts_engaged',
  'total_interactions',
  'likes',
  'comments',
  'shares',
  'saves',
  'replies',
  'reposts',
  'follows_and_unfollows',
  'profile_links_taps',
]

/** Insights are kept for two years (docs/networks/instagram.md §7). */
const KEPT_MS = 2 * 365 * 86_400_000

/** The insights of one own post as a task: none for what has no insights, or has them no more. */
export const insightsOf = ({ id, kind, createdAt }: PostRecord, startedAt: Instant): readonly Child[] => {
  const sort = kind ? SORT_OF[kind] : undefined
  const tooOld = typeof createdAt === 'string' && Date.parse(createdAt) < Date.parse(startedAt) - KEPT_MS
  if (sort === undefined || tooOld) return []
  return [{ stream: 'insights', externalId: id, postId: id, next: { sort }, declared: null }]
}

/**
 * Insights as snapshots, one per metric: of each own media, and of the account as `day.reach`. Media from before the
 * account turned professional, and stories that too few saw, have none (docs/networks/instagram.md §10).
 */
export const insightsStreams = (side: Side, read: ReadMetrics): readonly Stream[] => {
  const insights: Stream = {
    name: 'insights',
    kind: 'posts',
    batch: 1,
    newestFirst: false,
    fetch: (request, ctx) => {
      const task = onlyTask(request)
      const sort = sortOf(request.cursor)
      const whose = { of: PEOPLE_SAY[sort], id: task.externalId, account: accountOf(task), single: false }
      return read({ ...whose, metrics: METRICS[sort][side], query: {} }, ctx)
    },
    normalise: (raw, request) => {
      const { reader, body } = readAnswer(raw)
      const { externalId } = onlyTask(request)
      const snapshots = body?.objects('data').flatMap(row => snapshotsOf(row, 'post', externalId)) ?? []
      return page({ snapshots, rejects: reader.rejects })
    },
  }

  const accountInsights: Stream = {
    name: 'account-insights',
    kind: 'profile',
    batch: 1,
    newestFirst: false,
    fetch: (request, ctx) => {
      const { externalId: id } = onlyTask(request)
      const query = { period: 'day', metric_type: 'total_value' }
      return read({ of: 'own accounts', id, account: id, single: true, metrics: ACCOUNT_METRICS, query }, ctx)
    },
    normalise: (raw, request) => {
      const { reader, body } = readAnswer(raw)
      const { externalId, profileId } = onlyTask(request)
      const id = profileId ?? externalId
      const snapshots = body?.objects('data').flatMap(row => snapshotsOf(row, 'profile', id, 'day.')) ?? []
      return page({ snapshots, rejects: reader.rejects })
    },
  }

  return [insights, accountInsights]
}

const sortOf = (cursor: Cursor | null): Sort => SORTS.find(sort => sort === noted(cursor, 'sort')) ?? 'feed'
