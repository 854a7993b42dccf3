import { FaultError } from '../../../core/fault.ts'
import { type FetchContext, page, type RawPart, type Stream } from '../../../core/stream.ts'
import { Reader } from '../../reader.ts'
import { normaliseChannel } from '../normalise.ts'
import { idsIn } from '../witness.ts'
import type { ChannelLookUp } from './channels.ts'
import { readVideos, type VideoLookUp } from './videos.ts'

/** So long what was told of a channel is new enough to stand beside another of its videos. */
const TOLD_MS = 3_600_000
/** So many channels are remembered; their number is that of a long list's videos. */
const MOST_TOLD = 100_000

/**
 * Videos that the list names, 50 in a call, and in another one the channels that they are of (docs/networks/youtube.md §10).
 * What does not come is asked for once more: then it is deleted or private, which the API does not tell apart.
 */
export const openNamed = (videos: VideoLookUp, channels: ChannelLookUp): Stream => {
  const told = new Map<string, number>()
  /** Those that are not known well enough, with a note that they are now. */
  const untold = (ctx: FetchContext, ids: readonly string[]): readonly string[] => {
    const now = ctx.now()
    const left = [...new Set(ids)].filter(id => now - (told.get(id) ?? Number.NEGATIVE_INFINITY) >= TOLD_MS)
    if (told.size + left.length > MOST_TOLD) told.clear()
    for (const id of left) told.set(id, now)
    return left
  }
  return {
    name: 'named',
    kind: 'posts',
    batch: 50,
    share: () => 'all',
    named: true,
    newestFirst: false,
    lists: 'posts',

    async fetch({ tasks }, ctx) {
      const ids = tasks.map(task => task.externalId)
      const first = await videos.fetch(ctx, ids)
      const came = new Set(idsIn(first))
      const left = ids.filter(id => !came.has(id))
      const parts = left.length === 0 ? [first] : [first, await videos.fetchAgain(ctx, left)]
      const owners = untold(ctx, parts.flatMap(ownersIn))
      if (owners.length === 0) return { parts }
      try {
        return { parts: [...parts, await channels(ctx, owners)] }
      } catch (error) {
        // The videos are here and paid for; their channels are asked about another time.
        if (!(error instanceof FaultError) || ctx.signal.aborted) throw error
        for (const id of owners) told.delete(id)
        return { parts }
      }
    },

    normalise(raw, { tasks, params }) {
      const reader = new Reader()
      const isOfVideos = ({ request }: RawPart): boolean => String(request.path).endsWith('/videos')
      // A post that is named is wanted whenever it was made.
      const asked = { profileId: null, params: { ...params, since: null, until: null } }
      const read = raw.parts.filter(isOfVideos).map(part => readVideos(reader, part, asked))
      const channels = raw.parts
        .filter(part => !isOfVideos(part))
        .flatMap(part => reader.object(part.json, 'channels')?.objects('items') ?? [])
        .flatMap(channel => normaliseChannel(channel) ?? [])
      const records = read.flatMap(each => each.records)
      const posts = new Map(
        records.flatMap(record => (record.type === 'post' ? [[record.id, record.profileId] as const] : [])),
      )
      const came = new Set(raw.parts.filter(isOfVideos).flatMap(idsIn))
      return page({
        records: [...channels, ...records],
        children: read.flatMap(({ children }) => children),
        identities: tasks.flatMap(({ externalId, entityId }) => {
          const profileId = posts.get(externalId)
          return profileId === undefined ? [] : { externalId, entityId, profileId }
        }),
        missing: tasks
          .filter(({ externalId }) => !posts.has(externalId))
          .map(({ externalId: id }) => {
            return { subject: 'post', id, reason: came.has(id) ? 'unavailable' : 'not-found' }
          }),
        rejects: reader.rejects,
      })
    },
  }
}

const ownersIn = ({ json }: RawPart): readonly string[] =>
  (new Reader().object(json, 'videos')?.objects('items') ?? []).flatMap(
    video => video.object('snippet')?.id('channelId') ?? [],
  )
