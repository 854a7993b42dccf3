import type { Instant } from '../../core/instant.ts'
import type { PostRecord } from '../../core/records.ts'
import type { Insights } from '../contract.ts'
import type { Side } from './access.ts'
import { DEMOGRAPHICS } from './demographics.ts'

/** The sorts of media that insights tell apart (docs/networks/instagram.md §7). */
export const SORTS = ['feed', 'video', 'reel', 'story'] as const
export type Sort = (typeof SORTS)[number]

/** How a sort is told to people. */
export const PEOPLE_SAY: Readonly<Record<Sort, string>> = {
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
 * What each sort has by default, and what the Facebook side tells in addition (docs/networks/instagram.md §7). Left out are the metrics that fail
 * for one media and not for the next (`crossposted_views`, `facebook_views`), since one that is refused fails its whole
 * call: they are asked for where somebody chose them; and `reels_skip_rate`, a rate: metrics hold whole numbers.
 */
const METRICS: Readonly<Record<Sort, Readonly<Record<Side, readonly string[]>>>> = {
  feed: sides([...COMMON, ...ENGAGED, ...VISITED], TOTALS),
  video: sides(['reach', 'saved'], TOTALS),
  reel: sides([...COMMON, ...ENGAGED, 'ig_reels_avg_watch_time', 'ig_reels_video_view_total_time'], TOTALS),
  story: sides([...COMMON, ...VISITED, 'navigation', 'replies', 'link_clicks'], ['total_views']),
}

/** By default, of an account (docs/networks/instagram.md §7). */
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

/** What a choice calls a sort. */
const NAMES: Readonly<Record<Sort, string>> = {
  feed: 'pictures',
  video: 'films',
  reel: 'reels',
  story: 'stories',
}

/** What is known and not asked for unless it is chosen. */
const FURTHER: Readonly<Record<Sort, readonly string[]>> = {
  feed: ['crossposted_views', 'facebook_views'],
  video: ['crossposted_views', 'facebook_views'],
  reel: ['crossposted_views', 'facebook_views'],
  story: ['facebook_views'],
}

/** The metrics of which the user may choose. Those that the API removed are not among them. */
export const INSIGHTS: Insights = {
  account: ACCOUNT_METRICS,
  demographics: DEMOGRAPHICS,
  ...Object.fromEntries(
    SORTS.map(sort => [NAMES[sort], [...METRICS[sort].facebook, ...FURTHER[sort]]] as const),
  ),
}

/** What is asked for. */
export interface Choice {
  readonly account: readonly string[]
  readonly demographics: readonly string[]
  readonly media: Readonly<Record<Sort, readonly string[]>>
}

export const choiceOf = (side: Side, chosen: Insights): Choice => {
  const of = (sort: Sort): readonly string[] => chosen[NAMES[sort]] ?? METRICS[sort][side]
  return {
    account: chosen.account ?? ACCOUNT_METRICS,
    demographics: chosen.demographics ?? DEMOGRAPHICS,
    media: { feed: of('feed'), video: of('video'), reel: of('reel'), story: of('story') },
  }
}

/** Insights are kept for two years (docs/networks/instagram.md §7). */
export const KEPT_MS = 2 * 365 * 86_400_000
/** Numbers come up to so late: until then nothing told is nothing yet (docs/networks/instagram.md §7). */
const DELAY_MS = 48 * 3_600_000

/** One own post or story whose insights are to be had. */
export interface Medium {
  readonly id: string
  readonly sort: Sort
  readonly madeAt: Instant | null
}

/** A post as one that has insights; null = it has none, or has them no more. */
export const mediumOf = ({ id, kind, createdAt = null }: PostRecord, at: Instant): Medium | null => {
  const sort = kind ? SORT_OF[kind] : undefined
  const tooOld = createdAt !== null && Date.parse(createdAt) < Date.parse(at) - KEPT_MS
  return sort === undefined || tooOld ? null : { id, sort, madeAt: createdAt }
}

/** Whether its first numbers may still be on their way. */
export const isFresh = ({ madeAt }: Medium, at: Instant): boolean =>
  madeAt !== null && Date.parse(madeAt) > Date.parse(at) - DELAY_MS
