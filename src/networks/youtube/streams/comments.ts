import { page, type Stream } from '../../../core/stream.ts'
import { Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { normaliseComment } from '../normalise.ts'
import type { Comment } from '../wire.ts'
import { taskOf } from './paging.ts'
import { idsAsked } from './videos.ts'

/** Comments of one video by their ids, 50 in a call: whether what a whole walk did not bring is gone (docs/networks/youtube.md §10). */
export const openComments = (api: Api): Stream => ({
  name: 'comments',
  kind: 'comments',
  batch: 1,
  newestFirst: false,
  looksUp: { after: ['threads', 'replies'], subject: 'comment', size: 50, asks: 'absent' },

  async fetch({ ids = [] }, ctx) {
    const part = await api.list(ctx, 'comments', () => ({
      part: 'snippet' satisfies keyof Comment,
      id: ids.join(','),
      textFormat: 'plainText',
    }))
    return { parts: [part] }
  },

  normalise(raw, request) {
    const { postId } = taskOf(request)
    const [part] = raw.parts
    if (postId === null || part === undefined) throw new Error('a look-up of comments without its post')
    const reader = new Reader()
    const items = reader.object(part.json, 'comments')?.objects('items') ?? []
    const records = items.flatMap(
      comment =>
        normaliseComment(comment, {
          postId,
          parentId: comment.object('snippet')?.id('parentId') ?? null,
        }) ?? [],
    )
    const came = new Set(records.map(({ id }) => id))
    return page({
      records,
      missing: idsAsked(part)
        .filter(id => !came.has(id))
        .map(id => ({ subject: 'comment', id, reason: 'deleted' })),
      rejects: reader.rejects,
    })
  },
})
