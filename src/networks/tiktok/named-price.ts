import { idOfEntity } from '../../core/entity.ts'
import type { Instant } from '../../core/instant.ts'
import type { Params } from '../../core/params.ts'
import { NONE, type ProfileFacts, plus, type Range, through } from '../../core/price.ts'
import { compareIds } from './streams/bounds.ts'
import { dayOf } from './streams/days.ts'
import { isLate, monthIn, secondSearches } from './streams/named-windows.ts'
import { MOST } from './streams/search.ts'

/** Of the public videos of a study one in eight was missing (docs/networks/tiktok.md §4). */
const MISSING = 1 / 8
/** Tasks of a stream are put together so many at a time, in the order of the list (`engine/work.ts`). */
const GROUPED_AT_ONCE = 40 * MOST

type Named = Pick<ProfileFacts, 'entityId' | 'stored' | 'gone'>

/** Searches for videos of the list, which those of a month share (docs/networks/tiktok.md §7.1). */
export const openNamedSearches = ({ limitPosts }: Pick<Params, 'limitPosts'>, now: Instant) => {
  const together = limitPosts === null ? MOST : 1
  const months = new Map<number, Named[]>()
  let waiting = 0
  let calls = NONE
  const close = (month: number, videos: readonly Named[]): void => {
    months.delete(month)
    calls = plus(calls, callsFor(videos, now))
  }
  const closeAll = (): void => {
    for (const [month, videos] of months) close(month, videos)
    waiting = 0
  }
  return {
    add({ entityId, stored, gone }: Named): void {
      const month = monthIn(idOfEntity(entityId))
      const videos = months.get(month) ?? []
      videos.push({ entityId, stored, gone })
      months.set(month, videos)
      if (videos.length === together) close(month, videos)
      waiting++
      if (waiting === GROUPED_AT_ONCE) closeAll()
    },
    calls(): Range {
      closeAll()
      return through(calls, Math.round)
    },
  }
}

/** One search, and those that look again for what it does not bring. */
const callsFor = (videos: readonly Named[], now: Instant): Range => {
  const again = (some: readonly Named[]): number => {
    const ids = some.map(({ entityId }) => idOfEntity(entityId)).filter(id => !isLate(id, now))
    return secondSearches(ids.toSorted(compareIds), dayOf(now)).length
  }
  const doubtful = videos.filter(({ stored, gone }) => gone || !stored)
  const gone = doubtful.filter(video => video.gone)
  const [low, high] = [1 + again(gone), 1 + again(doubtful)]
  const each = (doubtful.length - gone.length) / Math.max(1, high - low)
  return { low, likely: low + (high - low) * (1 - (1 - MISSING) ** each), high }
}
