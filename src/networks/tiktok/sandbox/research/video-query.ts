import { hash32 } from '../../../seeded.ts'
import { type Call, data, type Reply } from '../call.ts'
import { readFields, show, type Wanted } from '../wire/fields.ts'
import { INVALID_CURSOR, invalid } from '../wire/reply.ts'
import { Body } from '../wire/request.ts'
import type { Wire } from '../wire/write-json.ts'
import { archivedCounters } from '../world/counters.ts'
import { DAY } from '../world/creators.ts'
import { idTime, readId, searchId, searchQuery } from '../world/ids.ts'
import { isUp, type Video } from '../world/videos.ts'
import { listPage } from './list-page.ts'
import { fingerprint, readQuery } from './query.ts'
import { traitsOf } from './traits.ts'
import { SEARCH_FIELDS, type Shown } from './video-fields.ts'

/** How long a search id is good where no switch says otherwise; the network's own time is unconfirmed. */
const SEARCH_LIFE = DAY

/**
 * `/v2/research/video/query/`. A search id says when the search was made and what was searched, and the world
 * of any moment can be made again: so a snapshot needs no memory, and outlives the process.
 */
export const answerVideoQuery = (call: Call): Reply => {
  const { request, knobs, world, now } = call
  const body = Body.ofJson(request)
  const fields = readSearchFields(call)
  const query = readQuery(body, knobs)
  const size = body.maxCount(20, 100)
  const asked = body.cursor()
  const print = fingerprint(world.seed, query)
  const since = readSearchId(call, body, print) ?? now
  const hits = call.searches.hits(world, query, print, call.momentAt(since), traitsOf(knobs))
  const line = (video: Video): Wire => {
    const { moment } = call
    const counters = archivedCounters(video, moment)
    const shown = show({ video, moment, counters, later: asked > 0, ofUser: false }, fields)
    return knobs.is('nul-names', true) && typeof shown.username === 'string'
      ? { ...shown, username: `${shown.username}\0\0\0${video.index % 10}` }
      : shown
  }
  const visible = (videos: readonly Video[]): readonly Video[] =>
    videos.filter(video => isUp(video, call.moment.at))

  if (body.get('is_random') === true)
    return data({ videos: visible(draw(hits, size, now)).map(line), cursor: 0, has_more: false })
  const furthest = Math.min(hits.length, knobs.number('max-cursor') ?? Number.POSITIVE_INFINITY)
  if (asked > furthest || knobs.take('invalid-cursor', request) !== undefined) throw invalid(INVALID_CURSOR)
  const cursor = Math.min(asked + size, hits.length)
  return data({
    ...listPage(call, 'videos', {
      items: visible(hits.slice(asked, cursor)).map(line),
      asked,
      cursor,
      more: cursor < hits.length,
      before: count => visible(hits.slice(0, asked)).slice(-count).map(line),
    }),
    search_id: hits.length === 0 ? undefined : String(searchId(since, print)),
  })
}

const readSearchFields = ({ request, knobs }: Call): Wanted<Shown> => {
  const fields = readFields(request, SEARCH_FIELDS)
  const old = knobs.is('favorites-spelling', 'favourites_count')
  if (old && fields.some(([name]) => name === 'favorites_count'))
    throw invalid('fields: favorites_count is not a valid field')
  return fields
}

/** The second of the search that a page continues, or null for a new search. */
const readSearchId = ({ request, knobs, now }: Call, body: Body, print: number): number | null => {
  const text = body.text('search_id')
  if (text === undefined || text === '') return null
  const id = readId(text)
  if (id !== null && searchQuery(id) === print && knobs.take('invalid-search-id', request) === undefined) {
    const age = now - idTime(id)
    const from = knobs.number('search-id-warm-up') ?? 0
    if (age >= from && age <= (knobs.number('search-id-lifetime') ?? SEARCH_LIFE)) return idTime(id)
  }
  throw invalid(`Search Id ${text} is invalid or expired`)
}

/** Some of the hits, others every second. */
const draw = (hits: readonly Video[], size: number, now: number): readonly Video[] =>
  [...hits].sort((a, b) => hash32(a.key, now) - hash32(b.key, now)).slice(0, size)
