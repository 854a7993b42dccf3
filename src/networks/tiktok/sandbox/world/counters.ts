import { unit } from '../../../seeded.ts'
import { countCommentsUntil } from './comments.ts'
import { DAY } from './creators.ts'
import type { Moment } from './moment.ts'
import { isUnnoticed, reachOf, type Video } from './videos.ts'

/** How a video fares at a moment. */
export interface VideoCounters {
  readonly views: number
  readonly likes: number
  readonly comments: number
  readonly shares: number
  readonly favorites: number
}

/** The search's counters: as archived, `statsDelay` ago, by whole days, and never older than the video's entry into the index. */
export const archivedCounters = (video: Video, moment: Moment): VideoCounters =>
  countersAt(video, Math.max(moment.counted, Math.min(moment.at, video.created + moment.indexDelay)))

/** A video's counters at a moment. The views of one in four were last counted when it was young, so likes may exceed them (docs/networks/tiktok.md §12.6). */
export const countersAt = (video: Video, at: number): VideoCounters => {
  const likes = isUnnoticed(video)
    ? 0
    : Math.floor(audience(video, at) * (0.02 + 0.15 * unit(video.key, 'likes')))
  const early = unit(video.key, 'stale') < 0.25
  const views = audience(video, early ? Math.min(at, video.created + DAY) : at)
  return {
    views,
    likes,
    comments: countCommentsUntil(video, at),
    shares: Math.floor(likes * 0.1 * unit(video.key, 'shares')),
    favorites: Math.floor(likes * 0.3 * unit(video.key, 'favorites')),
  }
}

/** How many have seen it: quick at first, never falling. */
const audience = (video: Video, at: number): number => {
  const all = 40 + reachOf(video) * (video.creator.part.famous === true ? 6e9 : 2e6)
  const age = Math.max(0, at - video.created) / DAY
  return Math.floor(all * (1 - Math.exp(-age / 20)))
}
