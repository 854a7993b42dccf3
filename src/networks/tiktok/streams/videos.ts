import type { Instant } from '../../../core/instant.ts'
import type { Params } from '../../../core/params.ts'
import type { MediaRecord, PostRecord } from '../../../core/records.ts'
import type { Child, PageRequest, RawPart, Stream, TaskRef } from '../../../core/stream.ts'
import { page } from '../../../core/stream.ts'
import { type Fields, Reader } from '../../reader.ts'
import type { Api, Question } from '../api.ts'
import { readRefusal } from '../errors.ts'
import { type Asked, askedOf, idOf, mediaOf, postOf } from '../normalise.ts'
import { dataOf, firstPart } from '../part.ts'
import { SEARCH_FIELDS, type SearchBody } from '../wire.ts'
import { compareIds, isWanted, lowerId } from './bounds.ts'
import { dayOf, wireDay } from './days.ts'
import { afterBreak, afterRefusal, isAnswerable, type Step } from './setback.ts'
import { lastDay, leave, nextNames, opening, reachOf, type SearchPosition, turn, windowOf } from './walk.ts'

const PATH = '/v2/research/video/query/'
/** Videos of a page. */
export const MOST = 100
/** A search may work for four minutes before its gateway gives up (docs/networks/tiktok.md §6). */
const DEADLINE_MS = 300_000
/** Names in one search: 20 to 50 are in use, the most is unconfirmed (docs/networks/tiktok.md §7). */
export const BATCH = 20

/**
 * The videos of up to twenty creators, searched for by date windows from today back to `--since`, else to the
 * start of 2018, else until each one's declared number is found and nothing more comes; incremental walks back to
 * where the earliest of theirs begins. Searches match loosely, so
 * every video is held against the names asked for. A walk with gaps ends as `truncated`.
 *
 * Reposted videos are no part of it: they are posts of strangers, and a second walk of posts would tell the store
 * that all else of the profile is gone (`streams/user.ts` keeps their ids).
 */
export const videos = (api: Api): Stream => ({
  name: 'videos',
  kind: 'posts',
  batch: BATCH,
  share: ({ from }, params) => shareOf(from, params),
  // It ends by its windows: creators that share them are through at different places.
  newestFirst: false,
  lists: 'posts',

  async fetch(request, ctx) {
    const place = placeOf(request)
    const part = await api.ask(
      {
        method: 'POST',
        path: PATH,
        pool: 'main',
        fields: SEARCH_FIELDS,
        // Spelled in two ways by the documentation, and refused by some endpoints (docs/networks/tiktok.md §3.2).
        spare: [['favorites_count']],
        body: bodyOf(place, request),
        deadlineMs: DEADLINE_MS,
        accepts: refusal => isAnswerable(refusal, place),
      },
      ctx,
    )
    // Before a window is called broken: is it TikTok as a whole? Then its fault is thrown, and the window kept for later.
    if (readRefusal(part)?.sense === 'outage') await api.ask(signOfLife(place), ctx)
    return { parts: [part] }
  },

  normalise(raw, request) {
    const place = placeOf(request)
    const part = firstPart(raw)
    const refusal = readRefusal(part)
    const { next, gap, says } =
      refusal === null ? readSearch(part, place, request) : afterRefusal(refusal, place, request)
    const reason = next === null && (gap || place.gaps > 0) ? 'truncated' : null
    return page({ ...says, next, window: nameOf(place, request), reason, reached: reachOf(request) })
  },
})

/**
 * Who is searched for together. A limit counts one profile's posts, so it cannot be shared. Within a month of each
 * other one window more serves both.
 */
export const shareOf = (from: Instant | null, { limitPosts, since }: Params): string | null =>
  limitPosts === null ? `from ${from?.slice(0, 7) ?? since ?? 'the start'}` : null

/** The one place where a stored cursor becomes ours again. */
const placeOf = (request: PageRequest): SearchPosition =>
  request.cursor === null ? opening(request) : (request.cursor as SearchPosition)

const signOfLife = ({ names: [username = ''] }: SearchPosition): Question => ({
  method: 'POST',
  path: '/v2/research/user/info/',
  pool: 'main',
  fields: ['video_count'],
  body: { username },
  deadlineMs: 60_000,
  accepts: ({ sense }) => sense === 'no-user' || sense === 'refused' || sense === 'private',
})

/** Pages of a window that is read anew bring nothing for long, and are no sign of a list without end. */
const nameOf = (place: SearchPosition, request: PageRequest): string => {
  const { start, end } = windowOf(place, request)
  const names = place.later.length === 0 ? '' : ` of ${place.names.length} names`
  return `${start}..${end}${names}${place.read === null ? '' : ` anew at ${place.index}`}`
}

const bodyOf = (place: SearchPosition, request: PageRequest): SearchBody => {
  const { start, end } = windowOf(place, request)
  const { names } = place
  const operation = names.length === 1 ? 'EQ' : 'IN'
  return {
    query: { and: [{ operation, field_name: 'username', field_values: names }] },
    start_date: wireDay(start),
    end_date: wireDay(end),
    max_count: MOST,
    ...(place.index > 0 && { cursor: place.index }),
    ...(place.search !== null && { search_id: place.search }),
  }
}

interface Row {
  readonly task: TaskRef
  readonly post: PostRecord
  readonly media: MediaRecord
}

const readSearch = (part: RawPart, place: SearchPosition, request: PageRequest): Step => {
  const reader = new Reader()
  const data = dataOf(part, reader)
  const asked = askedOf(part)
  const tasks = request.tasks.filter(({ externalId }) => place.names.includes(externalId))
  const rows = data.objects('videos').flatMap(video => readRow(video, tasks, asked) ?? [])
  const { read } = place
  const unread = rows.filter(({ post }) => read === null || compareIds(post.id, read) < 0)
  const wanted = unread.filter(({ post }) => isWanted(post, request.params))

  const step = advance(data, rows, count(unread, place, request), request)
  return {
    ...step,
    says: {
      records: wanted.flatMap(({ post, media }) => [post, media]),
      children: wanted.map(row => commentsOf(row, request.startedAt)),
      rejects: [...reader.rejects, ...(step.says.rejects ?? [])],
    },
  }
}

const advance = (data: Fields, rows: readonly Row[], place: SearchPosition, request: PageRequest): Step => {
  const { sinceId } = request.params
  const to = (next: SearchPosition | null): Step => ({ next, gap: false, says: {} })
  // Searches fall by id: what comes after a page below the bound lies below it as well.
  if (sinceId !== null && rows.length > 0 && rows.every(({ post }) => compareIds(post.id, sinceId) <= 0)) {
    return to(nextNames(place))
  }
  if (data.boolean('has_more') !== true) return to(leave(place, request))
  const index = data.count('cursor')
  if (index !== null && index > place.index) return to(turn(place, index, data.id('search_id')))
  return afterBreak(`its pages do not go on from ${place.index}`, place, request)
}

/** A video of one of the names asked for, or null: a stranger's, or unreadable (noted). */
const readRow = (video: Fields, tasks: readonly TaskRef[], asked: Asked): Row | null => {
  const id = idOf(video)
  if (id === null) {
    video.reject('a video without an id')
    return null
  }
  const name = video.string('username')
  const [only] = tasks
  const task =
    name === null && tasks.length === 1
      ? only
      : tasks.find(({ externalId }) => externalId === fold(name ?? ''))
  if (task === undefined) {
    // A name with NUL may be one of ours with something behind it (docs/networks/tiktok.md §12): not ours to guess.
    if (name === null || name.includes('\0')) video.reject('a video without a readable username')
    return null
  }
  const owner = { profileId: task.profileId ?? task.externalId, username: task.externalId }
  return { task, post: postOf(video, id, owner, asked), media: mediaOf(video, id) }
}

const fold = (name: string): string => name.normalize('NFC').toLowerCase()

/** The place with these videos counted; those of the window's last day were counted by the window before. */
const count = (rows: readonly Row[], place: SearchPosition, request: PageRequest): SearchPosition => {
  const here: Record<string, number> = { ...place.here }
  let { lowest } = place
  const newest = place.end === lastDay(request)
  for (const { task, post } of rows) {
    lowest = lowerId(lowest, post.id)
    if (!newest && post.createdAt != null && dayOf(post.createdAt) === place.end) continue
    here[task.externalId] = (here[task.externalId] ?? 0) + 1
  }
  return { ...place, here, lowest }
}

/** Counters may be this old (docs/networks/tiktok.md §4): none, of a younger video, says nothing. */
export const COUNTERS_LAG_MS = 10 * 86_400_000

const commentsOf = ({ post, task }: Row, now: Instant): Child => {
  const declared = post.commentsCount ?? null
  const isSettled =
    typeof post.createdAt === 'string' && Date.parse(now) - Date.parse(post.createdAt) > COUNTERS_LAG_MS
  return {
    stream: 'comments',
    externalId: post.id,
    profileId: task.profileId ?? task.externalId,
    postId: post.id,
    declared,
    ...(declared === 0 && isSettled ? { next: null, reason: 'none' } : { next: 'start' }),
  }
}
