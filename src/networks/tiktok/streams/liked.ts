import type { LikeRecord } from '../../../core/records.ts'
import { page, type Stream } from '../../../core/stream.ts'
import { Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { idOf } from '../normalise.ts'
import { dataOf, firstPart } from '../part.ts'
import { LIST_FIELDS } from '../wire.ts'
import { readOnward } from './paging.ts'

/**
 * The videos that a profile liked, where it lets everyone see them (docs/networks/tiktok.md §3.4): likes of this profile,
 * without their time. The videos themselves are posts of strangers and stay in the raw zone. The cursor is a time of
 * unconfirmed unit: it goes back as it came. Not shared = a fault `forbidden` with that reason.
 */
export const liked = (api: Api): Stream => ({
  name: 'liked',
  kind: 'likes',
  batch: 1,
  newestFirst: false,

  async fetch({ tasks: [task], cursor }, ctx) {
    const part = await api.ask(
      {
        method: 'POST',
        path: '/v2/research/user/liked_videos/',
        pool: 'main',
        fields: LIST_FIELDS,
        spare: [['favorites_count']],
        body: { username: task?.externalId ?? '', max_count: 100, ...(cursor !== null && { cursor }) },
        deadlineMs: 60_000,
        shareable: true,
      },
      ctx,
    )
    return { parts: [part] }
  },

  normalise(raw, { tasks: [task] }) {
    const reader = new Reader()
    const data = dataOf(firstPart(raw), reader)
    const authorId = task?.profileId ?? task?.externalId ?? ''
    const records = data.objects('user_liked_videos').flatMap((video): LikeRecord[] => {
      const postId = idOf(video)
      if (postId !== null) return [{ type: 'like', postId, authorId }]
      video.reject('a liked video without an id')
      return []
    })
    const { place, reason } = readOnward(data)
    return page({ records, rejects: reader.rejects, next: place, reason })
  },
})
