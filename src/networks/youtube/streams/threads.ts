import type { Params } from '../../../core/params.ts'
import type { CommentRecord } from '../../../core/records.ts'
import {
  type Child,
  type Page,
  type PageRequest,
  page,
  type RawPage,
  type Stream,
} from '../../../core/stream.ts'
import { type Fields, Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { normaliseComment } from '../normalise.ts'
import type { CommentThread } from '../wire.ts'
import { readList, readPlace, taskOf, tokenOf } from './paging.ts'

/**
 * Comments of a video by thread, 100 a page, with the few replies that come along. Newest thread first, but for one
 * old, pinned one that may lead the first page; a new reply does not lift its thread (docs/networks/youtube.md §0.7).
 */
export const openThreads = (api: Api): Stream => ({
  name: 'threads',
  kind: 'comments',
  batch: 1,
  newestFirst: true,
  lists: 'comments',

  async fetch(request, ctx) {
    const part = await api.list(ctx, 'commentThreads', () => ({
      part: partsFor(request.params).join(','),
      videoId: taskOf(request).externalId,
      order: 'time',
      textFormat: 'plainText',
      maxResults: '100',
      ...tokenOf(readPlace(request.cursor)),
    }))
    return { parts: [part] }
  },

  normalise: (raw, request) => readThreads(raw, request),
})

const partsFor = ({ replies }: Params): readonly (keyof CommentThread)[] =>
  replies === 'none' ? ['snippet'] : ['snippet', 'replies']

interface Thread {
  readonly top: CommentRecord
  readonly replies: readonly CommentRecord[]
  readonly declared: number | null
}

const readThreads = (raw: RawPage, request: PageRequest): Page => {
  const reader = new Reader()
  const list = readList(reader, 'commentThreads', raw.parts[0], readPlace(request.cursor))
  const { externalId: postId, profileId } = taskOf(request)
  const threads = list.items.flatMap(thread => readThread(thread, postId) ?? [])
  return page({
    records: threads.flatMap(({ top, replies }) => [top, ...replies]),
    children: threads.flatMap(thread => repliesOf(thread, request.params, profileId)),
    tail: threads.at(-1)?.top.createdAt ?? null,
    rejects: reader.rejects,
    next: list.next,
  })
}

const readThread = (thread: Fields, postId: string): Thread | null => {
  const snippet = thread.object('snippet')
  const declared = snippet?.count('totalReplyCount') ?? null
  const comment = snippet?.object('topLevelComment') ?? null
  if (comment === null) {
    thread.reject('no top-level comment')
    return null
  }
  const top = normaliseComment(comment, { postId, parentId: null, replyCount: declared })
  if (top === null) return null
  const replies = (thread.object('replies')?.objects('comments') ?? []).flatMap(
    reply => normaliseComment(reply, { postId, parentId: top.id }) ?? [],
  )
  return { top, replies, declared }
}

/** At times fewer replies come along than there are and would fit: only the two numbers tell (docs/networks/youtube.md §5). */
const repliesOf = ({ top, replies, declared }: Thread, params: Params, profileId: string | null): Child[] => {
  if (params.replies === 'none' || declared === null || declared <= replies.length) return []
  const of = {
    stream: 'replies',
    externalId: top.id,
    postId: top.postId,
    ...(profileId !== null && { profileId }),
    declared,
  }
  return [params.replies === 'full' ? { ...of, next: 'start' } : { ...of, next: null, reason: 'inline' }]
}
