import type { Instant } from '../../../core/instant.ts'
import type { MediaRecord, PostRecord } from '../../../core/records.ts'
import type { Child, Page, PageRequest, RawPart, TaskRef } from '../../../core/stream.ts'
import { type Fields, Reader } from '../../reader.ts'
import type { Question } from '../api.ts'
import { type Asked, askedOf, idOf, mediaOf, postOf } from '../normalise.ts'
import { dataOf } from '../part.ts'
import { type Condition, SEARCH_FIELDS, type SearchBody, type SearchQuery } from '../wire.ts'
import { compareIds, isWanted, lowerId } from './bounds.ts'
import { dayOf, nameOf, type Period, wireDay } from './days.ts'
import {
  leave,
  type Move,
  nameOfTask,
  nextNames,
  readBefore,
  type Scope,
  type SearchPosition,
  stepOut,
  turn,
  windowOf,
} from './walk.ts'

const PATH = '/v2/research/video/query/'
/** Videos of a page. */
export const MOST = 100
/** A search may work for four minutes before its gateway gives up (docs/networks/tiktok.md §6). */
const DEADLINE_MS = 300_000
/** Names in one search: 20 to 50 are in use, the most is unconfirmed (docs/networks/tiktok.md §7). */
export const BATCH = 20

/** The search of a position. */
export const searchOf = (query: SearchQuery, place: SearchPosition, scope: Scope): Question => ({
  ...question(bodyOf(query, windowOf(place, scope), place)),
  ...ALL_FIELDS,
})

/** The search for videos by their ids. */
export const searchOfIds = (ids: readonly string[], window: Period): Question => ({
  ...question(bodyOf({ and: [isOneOf('video_id', ids)] }, window)),
  ...ALL_FIELDS,
})

const ALL_FIELDS = {
  fields: SEARCH_FIELDS,
  // Spelled in two ways by the documentation, and refused by some endpoints (docs/networks/tiktok.md §3.2).
  spare: [['favorites_count']],
} as const

/** The same on another day, which is not searched at this place: whether anything of it is given. */
export const otherSearchOf = (query: SearchQuery, { start }: Period): Question => {
  const day = start > QUIET_DAY ? QUIET_DAY : BUSY_DAY
  const body = bodyOf(query, { start: day, end: day })
  return { ...question(body), fields: ['id'], tries: 1 }
}

const QUIET_DAY = '2018-01-01'
const BUSY_DAY = '2024-01-01'

const question = (body: SearchBody) =>
  ({ method: 'POST', path: PATH, pool: 'main', body, deadlineMs: DEADLINE_MS }) as const

const isOneOf = (field: string, values: readonly string[]): Condition => ({
  operation: values.length === 1 ? 'EQ' : 'IN',
  field_name: field,
  field_values: values,
})

const bodyOf = (
  query: SearchQuery,
  { start, end }: Period,
  { index, search }: Pick<SearchPosition, 'index' | 'search'> = { index: 0, search: null },
): SearchBody => ({
  query,
  start_date: wireDay(start),
  end_date: wireDay(end),
  max_count: MOST,
  ...(index > 0 && { cursor: index }),
  ...(search !== null && { search_id: search }),
})

/** Pages of a search that is made anew bring nothing for long, and are no sign of a list without end. */
export const windowName = (place: SearchPosition, scope: Scope): string => {
  const names = place.later.length === 0 ? '' : ` of ${place.names.length} names`
  const isAnew = readBefore(place) !== null || place.readHere !== null
  return `${nameOf(windowOf(place, scope))}${names}${isAnew ? ` anew at ${place.index}` : ''}`
}

/** What a page of a search says, and where the walk goes on. */
export interface Step extends Move {
  /** The position with the page's videos counted. */
  readonly place: SearchPosition
  readonly says: Pick<Page, 'records' | 'children' | 'rejects'>
}

export const readSearch = (
  part: RawPart,
  place: SearchPosition,
  scope: Scope,
  request: PageRequest,
  takes: Takes,
): Step => {
  const reader = new Reader()
  const data = dataOf(part, reader)
  const asked = askedOf(part)
  const rows = data.objects('videos').flatMap(video => readRow(video, takes, asked) ?? [])
  const read = readBefore(place)
  const unread = rows.filter(({ post: { id } }) => isBelow(id, read) && isBelow(id, place.readHere))
  const wanted = unread.filter(({ post }) => isWanted(post, request.params))
  const counted = count(unread, place)
  return {
    ...advance(data, rows, counted, scope, request),
    place: counted,
    says: {
      records: wanted.flatMap(({ post, media }) => [post, media]),
      children: wanted.map(({ post }) => commentsOf(post, request.startedAt)),
      rejects: reader.rejects,
    },
  }
}

const isBelow = (id: string, mark: string | null): boolean => mark === null || compareIds(id, mark) < 0

const advance = (
  data: Fields,
  rows: readonly Row[],
  place: SearchPosition,
  scope: Scope,
  { params: { sinceId } }: PageRequest,
): Move => {
  // Searches fall by id: what comes after a page below the bound lies below it as well.
  if (sinceId !== null && rows.length > 0 && rows.every(({ post }) => compareIds(post.id, sinceId) <= 0)) {
    return nextNames(place)
  }
  const index = onwardFrom(data, place)
  if (isStuckAt(data, place)) return stepOut(place, scope)
  const goesOn = data.boolean('has_more') === true && index !== null
  return goesOn ? turn(place, index, data.id('search_id')) : leave(place, scope)
}

const onwardFrom = (data: Fields, place: SearchPosition): number | null => {
  const index = data.count('cursor')
  return index !== null && index > place.index ? index : null
}

/** Whether a search says that there is more, and not where: on this page, or on the one before that led here. */
export const isStuck = (part: RawPart, place: SearchPosition): boolean =>
  isStuckAt(dataOf(part, new Reader()), place)

/** The last of a list's places may all be hidden: then the cursor counts them (docs/networks/tiktok.md §3.2). */
const isStuckAt = (data: Fields, place: SearchPosition): boolean => {
  if (onwardFrom(data, place) !== null) return false
  return data.boolean('has_more') === true || (place.index > 0 && data.objects('videos').length === 0)
}

/** Whom a video is taken for. */
export interface Taken {
  /** Of the names that are searched for, the one that it counts for. */
  readonly name: string
  /** Its creator's. */
  readonly username: string
}

/** Null = it is not of this search, or lacks what tells so (noted). */
export type Takes = (video: Fields) => Taken | null

interface Row {
  readonly name: string
  readonly post: PostRecord
  readonly media: MediaRecord
}

/** A video that was searched for, or null: another one, or unreadable (noted). */
const readRow = (video: Fields, takes: Takes, asked: Asked): Row | null => {
  const id = idOf(video)
  if (id === null) {
    video.reject('a video without an id')
    return null
  }
  const taken = takes(video)
  if (taken === null) return null
  const { name, username } = taken
  return {
    name,
    post: postOf(video, id, { profileId: username, username }, asked),
    media: mediaOf(video, id),
  }
}

/** Videos of these creators. */
export const ofNames = (names: readonly string[]): SearchQuery => ({ and: [isOneOf('username', names)] })

/** Searches match loosely (docs/networks/tiktok.md §3.2): only videos of those who were asked for, strangers' are not. */
export const takesOf =
  (all: readonly TaskRef[], names: readonly string[]): Takes =>
  video => {
    const tasks = all.filter(task => names.includes(nameOfTask(task)))
    const name = video.string('username')
    if (name === null && tasks.length > 1) {
      video.reject('a video without a username')
      return null
    }
    const task = name === null ? tasks[0] : tasks.find(each => nameOfTask(each) === foldName(name))
    return task === undefined ? null : { name: nameOfTask(task), username: nameOfTask(task) }
  }

/** A name as its profile's key. What follows a NUL is no part of it (docs/networks/tiktok.md §12.8). */
export const foldName = (name: string): string => (name.split('\0')[0] ?? '').normalize('NFC').toLowerCase()

/**
 * The position with these videos counted, each once: a page may begin with videos of the one before, and the last day
 * may have been the first of the window before.
 */
const count = (rows: readonly Row[], place: SearchPosition): SearchPosition => {
  const here: Record<string, number> = { ...place.here }
  const seen = new Set<string>()
  let { lowest } = place
  for (const { name, post } of rows) {
    const isNew = isBelow(post.id, place.lowest) && !seen.has(post.id)
    seen.add(post.id)
    lowest = lowerId(lowest, post.id)
    if (!isNew) continue
    if (place.overlaps && post.createdAt != null && dayOf(post.createdAt) === place.end) continue
    here[name] = (here[name] ?? 0) + 1
  }
  return { ...place, here, lowest }
}

/** Counters may be this old (docs/networks/tiktok.md §4): none, of a younger video, says nothing. */
export const COUNTERS_LAG_MS = 10 * 86_400_000

/** What follows on a video that was found. */
export const commentsOf = (post: PostRecord, now: Instant): Child => {
  const declared = post.commentsCount ?? null
  const isSettled =
    typeof post.createdAt === 'string' && Date.parse(now) - Date.parse(post.createdAt) > COUNTERS_LAG_MS
  return {
    stream: 'comments',
    externalId: post.id,
    profileId: post.profileId,
    postId: post.id,
    declared,
    ...(declared === 0 && isSettled ? { next: null, reason: 'none' } : { next: 'start' }),
  }
}
