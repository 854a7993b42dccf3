import type { CommentRecord } from '../../../core/records.ts'
import {
  type CallContext,
  type Child,
  type PageRequest,
  page,
  type RawPage,
  type Stream,
} from '../../../core/stream.ts'
import type { Reason } from '../../../core/task.ts'
import { type Fields, Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { readRefusal, type Sense } from '../errors.ts'
import { commentOf } from '../normalise.ts'
import { dataOf, firstPart } from '../part.ts'
import { COMMENT_FIELDS } from '../wire.ts'
import type { ByComment } from './by-comment.ts'
import { readOnward } from './paging.ts'
import { count, type Owing, settle, type Tally } from './tally.ts'

const MOST = 100
/** A call takes 4 to 6 s, at times much longer (docs/networks/tiktok.md §3.3). */
const DEADLINE_MS = 150_000
/** Where lists ended in older revisions of the API; whether they still do is unconfirmed (docs/networks/tiktok.md §3.3). */
const CAP = 1000

/** A place in a list. */
type CommentPosition = {
  readonly index: number
  /** Kept only where all replies are wanted. */
  readonly tally: Tally
}

/**
 * The comments of a video, in TikTok's own order. Replies may come mixed in (docs/networks/tiktok.md §3.3): `--replies none` leaves them
 * out, `inline` takes them as they come, `full` also reads those that are missing, comment by comment.
 * A list that ends at place 1,000 is `capped`.
 */
export const comments = (api: Api): Stream => ({
  name: 'comments',
  kind: 'comments',
  batch: 1,
  newestFirst: false,
  lists: 'comments',
  fetch: (request, ctx) => ask(api, 'video_id', request, ctx),

  normalise(raw, request) {
    const { tasks, params } = request
    const postId = tasks[0]?.externalId ?? ''
    const place = placeOf(request)
    const list = readList(raw, request, postId, null)
    const counted = params.replies === 'full' ? count(place.tally, list.records) : { tally: {}, owing: [] }
    const goesOn = list.next !== null && list.next > place.index
    const owing = goesOn ? counted.owing : [...counted.owing, ...settle(counted.tally)]
    return page({
      records:
        params.replies === 'none' ? list.records.filter(({ parentId }) => parentId === null) : list.records,
      children: owing.map(repliesOf(postId, tasks[0]?.profileId ?? null)),
      rejects: list.rejects,
      next: goesOn ? { index: list.next, tally: counted.tally } : list.next === null ? null : place,
      reason: list.reason,
    })
  },
})

/**
 * The replies to a comment: the same list, asked for by the comment (docs/networks/tiktok.md §3.3, since 2025). To some
 * clients TikTok refuses that form: then they are asked for no further (`by-comment.ts`).
 */
export const replies = (api: Api, byComment: ByComment): Stream => ({
  name: 'replies',
  kind: 'comments',
  batch: 1,
  newestFirst: false,
  lists: 'replies',
  fetch: (request, ctx) =>
    byComment.ask(request.tasks[0]?.externalId ?? '', () => ask(api, 'comment_id', request, ctx)),

  normalise(raw, request) {
    const [task] = request.tasks
    const answered = task?.externalId ?? ''
    const { records, rejects, next, reason } = readList(raw, request, task?.postId ?? '', answered)
    return page({
      records: records.filter(({ id }) => id !== answered),
      rejects,
      next: next === null ? null : { index: next, tally: {} },
      reason,
    })
  },
})

const ask = async (
  api: Api,
  by: 'video_id' | 'comment_id',
  request: PageRequest,
  ctx: CallContext,
): Promise<RawPage> => {
  const { index } = placeOf(request)
  const deep = index >= CAP
  // Older revisions refuse a page that would cross the cap: it is taken up to there.
  const most = deep ? MOST : Math.min(MOST, CAP - index)
  const part = await api.ask(
    {
      method: 'POST',
      path: '/v2/research/video/comment/list/',
      pool: 'main',
      fields: COMMENT_FIELDS,
      // The id goes as text: its digits do not fit into a number, and TikTok takes either (docs/networks/tiktok.md §2).
      body: {
        [by]: request.tasks[0]?.externalId ?? '',
        max_count: Math.max(1, Math.min(most, request.room ?? MOST)),
        ...(index > 0 && { cursor: index }),
      },
      deadlineMs: DEADLINE_MS,
      deep,
      accepts: ({ sense }) => deep && BEYOND.has(sense),
    },
    ctx,
  )
  return { parts: [part] }
}

/** What a list that goes no further is answered with. */
const BEYOND: ReadonlySet<Sense> = new Set(['place', 'request'])

interface List {
  readonly records: readonly CommentRecord[]
  readonly rejects: Reader['rejects']
  readonly next: number | null
  readonly reason: Reason | null
}

const readList = (raw: RawPage, request: PageRequest, postId: string, answered: string | null): List => {
  const part = firstPart(raw)
  if (readRefusal(part, { mayBeBare: true }) !== null)
    return { records: [], rejects: [], next: null, reason: 'capped' }
  const reader = new Reader()
  const data = dataOf(part, reader)
  const records = data.objects('comments').flatMap(comment => readComment(comment, postId, answered) ?? [])
  const { place, reason } = readOnward(data)
  const atCap = data.count('cursor') === CAP && (request.tasks[0]?.declared ?? 0) > CAP
  return {
    records,
    rejects: reader.rejects,
    next: place === null ? null : Number(place),
    reason: place === null && atCap ? 'capped' : reason,
  }
}

const readComment = (comment: Fields, postId: string, answered: string | null): CommentRecord | null => {
  const id = comment.id('id')
  if (id !== null) return commentOf(comment, id, postId, answered)
  comment.reject('a comment without an id')
  return null
}

const repliesOf =
  (postId: string, profileId: string | null) =>
  ({ id, declared }: Owing): Child => ({
    stream: 'replies',
    externalId: id,
    postId,
    ...(profileId !== null && { profileId }),
    next: 'start',
    declared,
  })

/** The one place where a stored cursor becomes ours again. */
const placeOf = ({ cursor }: PageRequest): CommentPosition =>
  cursor === null ? { index: 0, tally: {} } : (cursor as CommentPosition)
