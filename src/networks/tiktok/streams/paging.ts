import type { Reason } from '../../../core/task.ts'
import type { Fields } from '../../reader.ts'

/** Where a list goes on: TikTok's own place, opaque; null = it ends, and `reason` says where it should not have. */
export interface Onward {
  readonly place: string | number | null
  readonly reason: Reason | null
}

/**
 * Only `has_more` ends a list, never a short page; without a place to go on from it is cut (docs/networks/tiktok.md §3.2).
 * A place that does not move is handed on as it is: the engine sees it twice and ends the walk as a loop.
 */
export const readOnward = (data: Fields): Onward => {
  if (data.boolean('has_more') !== true) return { place: null, reason: null }
  const place = data.value('cursor')
  return typeof place === 'number' || (typeof place === 'string' && place !== '')
    ? { place, reason: null }
    : { place: null, reason: 'truncated' }
}
