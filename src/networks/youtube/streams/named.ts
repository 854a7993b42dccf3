import { page, type Stream } from '../../../core/stream.ts'
import { Reader } from '../../reader.ts'
import { idsIn } from '../witness.ts'
import { isOf, type Owners, readOwners } from './owners.ts'
import { readVideos, type VideoLookUp } from './videos.ts'

/**
 * Videos that the list names, 50 in a call, and in another one the channels that they are of (docs/networks/youtube.md §10).
 * What does not come is asked for once more: then it is deleted or private, which the API does not tell apart.
 */
export const openNamed = (videos: VideoLookUp, owners: Owners): Stream => ({
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
    return { parts: [...parts, ...(await owners.fetch(ctx, parts))] }
  },

  normalise(raw, { tasks, params }) {
    const reader = new Reader()
    const parts = raw.parts.filter(part => isOf('videos', part))
    // A post that is named is wanted whenever it was made.
    const asked = { profileId: null, params: { ...params, since: null, until: null } }
    const read = parts.map(part => readVideos(reader, part, asked))
    const records = read.flatMap(each => each.records)
    const posts = new Map(
      records.flatMap(record => (record.type === 'post' ? [[record.id, record.profileId] as const] : [])),
    )
    const came = new Set(parts.flatMap(idsIn))
    return page({
      records: [...readOwners(reader, raw.parts), ...records],
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
})
