import type { Creator } from '../world/creators.ts'
import { readId, videoPlace } from '../world/ids.ts'
import type { Moment } from '../world/moment.ts'
import { countUntil } from '../world/schedule.ts'
import { type Video, videoOf } from '../world/videos.ts'
import type { World } from '../world/world.ts'
import { type Condition, holds } from './conditions.ts'
import type { Query } from './query.ts'
import { answersTo, isIndexed, isSearchable, type Traits } from './traits.ts'

/** A search made again for each of its pages would be slow in a large world: the last few are kept. */
export class Searches {
  readonly #made = new Map<string, readonly Video[]>()

  /** As {@link search}; `print` stands for the query. */
  hits(world: World, query: Query, print: number, moment: Moment, traits: Traits): readonly Video[] {
    const key = JSON.stringify([print, moment.at, moment.indexed, traits])
    const made = this.#made.get(key)
    if (made !== undefined) return made
    const hits = search(world, query, moment, traits)
    this.#made.set(key, hits)
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= KEPT) break
      this.#made.delete(oldest)
    }
    return hits
  }
}

const KEPT = 16

/** The hits of a query in the order of the list, by falling id, deleted ones in their places. */
export const search = (world: World, query: Query, moment: Moment, traits: Traits): readonly Video[] => {
  const hits: Video[] = []
  for (const creator of candidates(world, query, traits)) {
    if (!isSearchable(creator, traits)) continue
    const end = countUntil(creator.videos, Math.min(query.to, moment.indexed))
    for (let index = countUntil(creator.videos, query.from - 1); index < end; index++) {
      const video = videoOf(creator, index)
      if (isIndexed(video, moment, traits) && matches(query, video, moment, traits)) hits.push(video)
    }
  }
  return hits.sort((a, b) => (a.id < b.id ? 1 : -1))
}

const matches = (query: Query, video: Video, moment: Moment, traits: Traits): boolean => {
  const hold = (condition: Condition): boolean => holds(condition, video, moment, traits)
  return query.and.every(hold) && (query.or.length === 0 || query.or.some(hold)) && !query.not.some(hold)
}

/** The creators that can have a hit: a large world is not read whole for a handful of names or ids. */
const candidates = (world: World, query: Query, traits: Traits): Iterable<Creator> => {
  const each = query.and.map(condition => creatorsOf(world, condition, traits))
  const either = query.or.map(condition => creatorsOf(world, condition, traits))
  const few = each.find(found => found !== null)
  if (few !== undefined) return new Set(few)
  if (either.length === 0 || !either.every(found => found !== null)) return world.creators.all()
  return new Set(either.flat())
}

/** The creators that one condition leaves, or null where that would take a look at all of them. */
const creatorsOf = (
  world: World,
  { field, values }: Condition,
  traits: Traits,
): readonly Creator[] | null => {
  const { creators } = world
  if (field === 'video_id') {
    const ids = values.map(readId).filter(id => id !== null)
    const indexes = ids.map(id => videoPlace(id).creator).filter(index => index < creators.count)
    return indexes.map(index => creators.at(index))
  }
  if (field !== 'username' || traits.strangers > 0) return null
  const named = values.map(name => creators.named(name)).filter(creator => creator !== null)
  const mistaken = [...creators.cast()].filter(creator =>
    values.some(name => answersTo(creator, name, traits)),
  )
  return [...named, ...mistaken]
}
