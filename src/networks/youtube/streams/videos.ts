import type { Params } from '../../../core/params.ts'
import {
  type CallContext,
  type Child,
  type FetchContext,
  type Page,
  page,
  type RawPart,
  type Stream,
} from '../../../core/stream.ts'
import { Reader } from '../../reader.ts'
import type { Api, ListOptions } from '../api.ts'
import { normaliseVideo, type VideoRecords } from '../normalise.ts'
import { type Learning, openAskByParts, type Parts } from '../parts.ts'
import type { Video } from '../wire.ts'
import { idsIn, openWitness } from '../witness.ts'
import { isWithin } from './bounds.ts'
import type { Told } from './told.ts'

const PARTS = {
  always: ['snippet', 'statistics', 'contentDetails', 'status', 'liveStreamingDetails'],
  optional: ['topicDetails', 'paidProductPlacementDetails', 'player'],
  // The player tells its size only within one that is asked for.
  besides: { maxHeight: '720' },
  fact: 'topics and players of videos',
} satisfies Parts & Record<'always' | 'optional', readonly (keyof Video)[]>

/** Videos that one call can ask about. */
const MOST = 50

/** So many videos may be taken down on one day. */
export const FEW = 10

/** Asks about at most 50 videos in one call (docs/networks/youtube.md §10), and notes which were told of; that none of them comes has to be confirmed. */
export interface VideoLookUp {
  fetch(ctx: FetchContext, ids: readonly string[], options?: ListOptions): Promise<RawPart>
  /** The same where it need not be confirmed. */
  fetchAgain(ctx: CallContext, ids: readonly string[], options?: ListOptions): Promise<RawPart>
}

export const openVideoLookUp = (api: Api, learning: Learning, told: Told): VideoLookUp => {
  const ask = openAskByParts(api, 'videos', learning, PARTS)
  const witness = openWitness(api, { method: 'videos', subject: 'post', few: FEW })
  const fetchAgain = async (
    ctx: CallContext,
    ids: readonly string[],
    options?: ListOptions,
  ): Promise<RawPart> => {
    const part = await ask(ctx, ids[0] ?? '', filterOf(ids), options)
    told.note(ctx.now(), idsIn(part))
    return part
  }
  return {
    fetch: async (ctx, ids, options) => witness.believe(ctx, await fetchAgain(ctx, ids, options), ids),
    fetchAgain,
  }
}

/** Which videos {@link VideoLookUp.fetch} asks about, as a parameter. */
export const filterOf = (ids: readonly string[]) => ({ id: ids.join(',') })

/**
 * Videos by their ids, 50 in a call, of up to 50 channels together: what the uploads did not bring anew. One that does
 * not come is asked for once more before it is called gone (docs/networks/youtube.md §0.6).
 */
export const openVideos = (lookUp: VideoLookUp): Stream => ({
  name: 'videos',
  kind: 'posts',
  batch: 50,
  share: () => 'all',
  newestFirst: false,
  looksUp: { after: ['uploads'], subject: 'post', size: MOST, asks: 'stale' },

  async fetch({ ids = [] }, ctx) {
    const first = await lookUp.fetch(ctx, ids)
    const came = new Set(idsIn(first))
    const left = ids.filter(id => !came.has(id))
    return { parts: left.length === 0 ? [first] : [first, await lookUp.fetchAgain(ctx, left)] }
  },

  normalise(raw, { params }) {
    const reader = new Reader()
    const read = raw.parts.map(part => readVideos(reader, part, { profileId: null, params }))
    return page({
      records: read.flatMap(({ records }) => records),
      children: read.flatMap(({ children }) => children),
      missing: read.at(-1)?.missing ?? [],
      rejects: reader.rejects,
    })
  },
})

/** The ids that an answer is the answer to. */
export const idsAsked = ({ request }: RawPart): readonly string[] =>
  (new Reader().object(request, 'request')?.object('query')?.string('id') ?? '').split(',').filter(Boolean)

/** What {@link VideoLookUp.fetch} brought, in the order asked; what it left out is deleted or private (docs/networks/youtube.md §0.6). `profileId` = whose it is where it does not say so. */
export const readVideos = (
  reader: Reader,
  part: RawPart,
  asked: { readonly profileId: string | null; readonly params: Params },
): Pick<Page, 'records' | 'children' | 'missing'> => {
  const list = reader.object(part.json, 'videos')?.objects('items') ?? []
  const read = list.flatMap(video => {
    const profileId = video.object('snippet')?.id('channelId') ?? asked.profileId
    if (profileId !== null) return normaliseVideo(video, profileId) ?? []
    video.reject('no channel id')
    return []
  })
  const byId = new Map(read.map(video => [video.post.id, video]))
  const came = new Set(idsIn(part))
  const ids = idsAsked(part)
  const found = ids
    .flatMap(id => byId.get(id) ?? [])
    .filter(({ post }) => isWithin(post.createdAt, asked.params))
  return {
    records: found.flatMap(({ post, media }) => [post, media]),
    children: asked.params.kinds.includes('comments') ? found.map(threadsOf) : [],
    missing: ids.filter(id => !came.has(id)).map(id => ({ subject: 'post', id, reason: 'unavailable' })),
  }
}

/** No call is due where comments are off or there are none (docs/networks/youtube.md §10); where no counter came at all, only asking tells. */
const threadsOf = ({ post, commentsOff }: VideoRecords): Child => {
  const of = { stream: 'threads', externalId: post.id, profileId: post.profileId, postId: post.id } as const
  if (commentsOff) return { ...of, next: null, reason: 'comments-disabled', declared: null }
  if (post.commentsCount === 0) return { ...of, next: null, reason: 'none', declared: 0 }
  return { ...of, next: 'start', declared: post.commentsCount ?? null }
}
