import { page, type Stream } from '../../../core/stream.ts'
import { Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { normaliseComment } from '../normalise.ts'
import type { Comment } from '../wire.ts'
import { isCapped, readList, readPlace, taskOf, tokenOf } from './paging.ts'

/** So many replies of a thread are kept, about (docs/networks/youtube.md §5). */
const CAP = 500

/**
 * All replies of one thread, 100 a page, in no promised order and flat: each answers the thread's top comment. The
 * declared number counts hidden and removed ones too, so that fewer may come (docs/networks/youtube.md §5).
 */
export const openReplies = (api: Api): Stream => ({
  name: 'replies',
  kind: 'comments',
  batch: 1,
  newestFirst: false,
  lists: 'replies',

  async fetch(request, ctx) {
    const part = await api.list(ctx, 'comments', () => ({
      part: 'snippet' satisfies keyof Comment,
      parentId: taskOf(request).externalId,
      textFormat: 'plainText',
      maxResults: '100',
      ...tokenOf(readPlace(request.cursor)),
    }))
    return { parts: [part] }
  },

  normalise(raw, request) {
    const { externalId: parentId, postId, declared } = taskOf(request)
    if (postId === null) throw new Error('a task of replies without its post')
    const reader = new Reader()
    const list = readList(reader, 'comments', raw.parts[0], readPlace(request.cursor))
    return page({
      records: list.items.flatMap(reply => normaliseComment(reply, { postId, parentId }) ?? []),
      rejects: reader.rejects,
      next: list.next,
      reason: isCapped(list, CAP, declared ?? 0) ? 'capped' : null,
    })
  },
})
