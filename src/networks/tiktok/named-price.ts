import { entityKey, idOfEntity } from '../../core/entity.ts'
import type { Instant } from '../../core/instant.ts'
import { NONE, type ProfileFacts, pages, plus, type Range, through } from '../../core/price.ts'
import { compareIds } from './streams/bounds.ts'
import { dayOf } from './streams/days.ts'
import { isLate, packed, secondSearches } from './streams/named-windows.ts'
import { MOST } from './streams/search.ts'

/** Of the public videos of a study one in eight was missing (docs/networks/tiktok.md §4). */
const MISSING = 1 / 8
/** Tasks of a stream are put together so many at a time, in the order of the list (`engine/work.ts`). */
const GROUPED_AT_ONCE = 40 * MOST

/** Searches for videos of the list, which share them as they lie in time (docs/networks/tiktok.md §7.1). */
export const openNamedSearches = (now: Instant) => {
  let waiting: Named[] = []
  let calls = NONE
  const close = (): void => {
    for (const videos of packed(waiting)) calls = plus(calls, callsFor(videos, now))
    waiting = []
  }
  return {
    add({ entityId, stored, gone }: Pick<ProfileFacts, 'entityId' | 'stored' | 'gone'>): void {
      waiting.push({ externalId: idOfEntity(entityId), stored, gone })
      if (waiting.length === GROUPED_AT_ONCE) close()
    },
    calls(): Range {
      close()
      return through(calls, Math.round)
    },
  }
}

/** Searches for the videos of one playlist, by its items; null = they are not known, and may each lie in days of their own, and lack. */
export const collectedCalls = (items: ProfileFacts['items'] | null, listed: Range, now: Instant): Range => {
  if (items == null)
    return {
      low: pages(listed.low, MOST),
      likely: Math.ceil(listed.likely / 2),
      high: listed.high * 2,
    }
  const searches = openNamedSearches(now)
  for (const { id, isStored: stored } of items.slice(0, listed.high))
    searches.add({ entityId: entityKey('post', id), stored, gone: !stored })
  return searches.calls()
}

interface Named extends Pick<ProfileFacts, 'stored' | 'gone'> {
  readonly externalId: string
}

/** One search, and those that look again for what it does not bring. */
const callsFor = (videos: readonly Named[], now: Instant): Range => {
  const again = (some: readonly Named[]): number => {
    const ids = some.map(({ externalId }) => externalId).filter(id => !isLate(id, now))
    return secondSearches(ids.toSorted(compareIds), dayOf(now)).length
  }
  const doubtful = videos.filter(({ stored, gone }) => gone || !stored)
  const gone = doubtful.filter(video => video.gone)
  const [low, high] = [1 + again(gone), 1 + again(doubtful)]
  const each = (doubtful.length - gone.length) / Math.max(1, high - low)
  return { low, likely: low + (high - low) * (1 - (1 - MISSING) ** each), high }
}
