import { FaultError } from '../../../core/fault.ts'
import type { CommentRecord, PostRecord } from '../../../core/records.ts'
import { type LookUp, type PageRequest, page, type Stream } from '../../../core/stream.ts'
import type { Fields } from '../../reader.ts'
import type { Asked } from '../fields.ts'
import type { Graph } from '../graph.ts'
import { LADDERS } from '../ladder.ts'
import { commentFields } from '../nodes.ts'
import { commentOf, postsOf } from '../normalise.ts'
import type { Reading, ReadPage } from '../read.ts'
import { accountOf, onlyTask, readAnswer } from './answer.ts'

/** Without counts: asked by itself, a post tells its owner likes that its list hides (docs/networks/instagram.md §6). */
const MEDIA = 'id,media_type,timestamp,permalink?,caption?,media_product_type?'

/**
 * Own posts and comments by their ids (those of others cannot be asked for, docs/networks/instagram.md §5), one a call: whether what a whole walk did not bring is gone. A deleted one is
 * refused with 100/33, which is believed after three tries, since throttling looks the same (docs/networks/instagram.md §10).
 */
export const lookUpStreams = (graph: Graph, read: ReadPage): readonly Stream[] => {
  const stream = (
    name: string,
    kind: 'posts' | 'comments',
    subject: LookUp['subject'],
    after: readonly string[],
    fields: string,
    recordOf: (body: Fields, asked: Asked, request: PageRequest) => PostRecord | CommentRecord | null,
  ): Stream => ({
    name,
    kind,
    batch: 1,
    newestFirst: false,
    looksUp: { after, subject, size: 1, asks: 'absent' },
    async fetch(request, ctx) {
      const reading: Reading = {
        route: `${graph.side}/${name}`,
        of: `single ${kind}`,
        id: idOf(request),
        single: false,
        path: encodeURIComponent(idOf(request)),
        target: 'object',
        account: accountOf(onlyTask(request)),
        paged: false,
        holds: 'node',
        ladder: LADDERS.one,
        room: null,
        query: () => ({}),
        fields: () => fields,
      }
      try {
        return await read(reading, ctx)
      } catch (error) {
        if (error instanceof FaultError && error.fault.kind === 'not-found') return { parts: [] }
        throw error
      }
    },
    normalise(raw, request) {
      if (raw.parts.length === 0) {
        return page({ missing: [{ subject, id: idOf(request), reason: 'deleted' }] })
      }
      const { reader, body, asked } = readAnswer(raw)
      const record = body && recordOf(body, asked, request)
      return page({ records: record === null ? [] : [record], rejects: reader.rejects })
    },
  })

  return [
    stream('media-look-up', 'posts', 'post', ['media'], MEDIA, (body, asked, request) => {
      const { profileId, externalId } = onlyTask(request)
      return postsOf([body], asked, profileId ?? externalId)[0]?.post ?? null
    }),
    stream(
      'comment-look-up',
      'comments',
      'comment',
      ['comments', 'replies'],
      `${commentFields(false)},parent_id?`,
      (body, asked, request) => {
        const { postId, externalId } = onlyTask(request)
        return commentOf(body, asked, postId ?? externalId, null)
      },
    ),
  ]
}

const idOf = ({ ids: [id] = [] }: PageRequest): string => {
  if (id === undefined) throw new Error('a look-up without an id')
  return id
}
