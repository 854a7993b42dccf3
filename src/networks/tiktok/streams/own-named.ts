import { page, type Stream } from '../../../core/stream.ts'
import { Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { ME } from '../ids.ts'
import type { OwnAccount } from '../own-account.ts'
import { dataOf, firstPart } from '../part.ts'
import { OWN_VIDEO_FIELDS } from '../wire.ts'
import { DEADLINE_MS, OWN_PAGE, readVideo } from './own.ts'

/** Where the raw zone keeps whose videos these are: their answer does not say it. */
const OWNER = 'open_id'

/**
 * Videos that the list names, twenty in a call, as far as they are the token owner's: of any other, and of one that is
 * gone, nothing comes, and the two are not told apart (docs/networks/tiktok.md §5).
 */
export const ownNamed = (api: Api, account: OwnAccount): Stream => ({
  name: 'own-named',
  kind: 'posts',
  batch: OWN_PAGE,
  share: () => 'all',
  newestFirst: false,
  lists: 'posts',

  async fetch({ tasks }, ctx) {
    await account.introduce(ctx)
    const part = await api.ask(
      {
        method: 'POST',
        path: '/v2/video/query/',
        pool: 'video.query',
        fields: OWN_VIDEO_FIELDS,
        body: { filters: { video_ids: tasks.map(({ externalId }) => externalId) } },
        deadlineMs: DEADLINE_MS,
      },
      ctx,
    )
    return { parts: [{ ...part, request: { ...part.request, [OWNER]: account.keyOf(ME) } }] }
  },

  normalise(raw, { tasks }) {
    const reader = new Reader()
    const part = firstPart(raw)
    const profileId = String(part.request[OWNER])
    const ids = new Set(tasks.map(({ externalId }) => externalId))
    const videos = dataOf(part, reader).objects('videos')
    const read = videos
      .flatMap(video => readVideo(video, profileId) ?? [])
      .filter(({ post }) => ids.has(post.id))
    const came = new Set(read.map(({ post }) => post.id))
    return page({
      records: read.flatMap(({ post, media }) => [post, media]),
      identities: tasks.flatMap(({ externalId, entityId }) =>
        came.has(externalId) ? { externalId, entityId, profileId } : [],
      ),
      missing: [...ids]
        .filter(id => !came.has(id))
        .map(id => ({ subject: 'post' as const, id, reason: 'refused' as const })),
      rejects: reader.rejects,
    })
  },
})
