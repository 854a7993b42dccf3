import type { Child, FetchContext, Page, Params, RawPart } from '../../../core/stream.ts'
import type { Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { normaliseVideo, type VideoRecords } from '../normalise.ts'
import type { Video } from '../wire.ts'
import { isWithin } from './bounds.ts'

const PARTS: readonly (keyof Video)[] = [
  'snippet',
  'statistics',
  'contentDetails',
  'status',
  'liveStreamingDetails',
]

/** Details and counters of at most 50 videos, in one call (networks/youtube.md §10). */
export const fetchVideos = (api: Api, ctx: FetchContext, ids: readonly string[]): Promise<RawPart> =>
  api.list(ctx, 'videos', () => ({ part: PARTS.join(','), id: ids.join(',') }))

/** What {@link fetchVideos} brought, in the order asked; what it left out is deleted or private (§0.6). */
export const readVideos = (
  reader: Reader,
  part: RawPart,
  asked: { readonly ids: readonly string[]; readonly profileId: string; readonly params: Params },
): Pick<Page, 'records' | 'children' | 'missing'> => {
  const list = reader.object(part.json, 'videos')?.objects('items') ?? []
  const read = list.flatMap(video => normaliseVideo(video, asked.profileId) ?? [])
  const byId = new Map(read.map(video => [video.post.id, video]))
  const found = asked.ids
    .flatMap(id => byId.get(id) ?? [])
    .filter(({ post }) => isWithin(post.createdAt, asked.params))
  return {
    records: found.flatMap(({ post, media }) => [post, media]),
    children: asked.params.kinds.includes('comments') ? found.map(threadsOf) : [],
    missing: asked.ids
      .filter(id => !byId.has(id))
      .map(id => ({ subject: 'post', id, reason: 'unavailable' })),
  }
}

/** No call is due where comments are off or there are none (§10); where no counter came at all, only asking tells. */
const threadsOf = ({ post, commentsOff }: VideoRecords): Child => {
  const of = { stream: 'threads', externalId: post.id, profileId: post.profileId, postId: post.id } as const
  if (commentsOff) return { ...of, next: null, reason: 'comments-disabled', declared: null }
  if (post.commentsCount === 0) return { ...of, next: null, reason: 'none', declared: 0 }
  return { ...of, next: 'start', declared: post.commentsCount ?? null }
}
