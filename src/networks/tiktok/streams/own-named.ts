import { FaultError } from '../../../core/fault.ts'
import { type FetchContext, page, type RawPart, type Stream } from '../../../core/stream.ts'
import { Reader } from '../../reader.ts'
import type { Api } from '../api.ts'
import { ME } from '../ids.ts'
import { askedOf, ownProfileOf } from '../normalise.ts'
import type { OwnAccount } from '../own-account.ts'
import { dataOf, firstPart } from '../part.ts'
import { OWN_VIDEO_FIELDS } from '../wire.ts'
import { DEADLINE_MS, OWN_PAGE, OWNER, readVideo } from './own.ts'

/** Where the raw zone keeps whose videos these are: their answer does not say it. */
const WHOSE = 'open_id'
/** So long what was told of the owner is new enough to stand beside further videos. */
const TOLD_MS = 3_600_000

/**
 * Videos that the list names, twenty in a call, as far as they are the token owner's, whose profile is asked for once an
 * hour: of any other, and of one that is gone, nothing comes, and the two are not told apart (docs/networks/tiktok.md §7.1).
 */
export const ownNamed = (api: Api, account: OwnAccount): Stream => {
  const owner = openOwner(api)
  return {
    name: 'own-named',
    kind: 'posts',
    batch: OWN_PAGE,
    share: () => 'all',
    named: true,
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
      const videos = { ...part, request: { ...part.request, [WHOSE]: account.keyOf(ME) } }
      return { parts: [videos, ...(await owner(ctx))] }
    },

    normalise(raw, { tasks }) {
      const reader = new Reader()
      const part = firstPart(raw)
      const profileId = String(part.request[WHOSE])
      const ids = new Set(tasks.map(({ externalId }) => externalId))
      const read = dataOf(part, reader)
        .objects('videos')
        .flatMap(video => readVideo(video, profileId) ?? [])
        .filter(({ post }) => ids.has(post.id))
      const profiles = raw.parts.slice(1).flatMap(other => {
        const user = dataOf(other, reader).object('user')
        return user?.id('open_id') === profileId ? ownProfileOf(user, profileId, askedOf(other)) : []
      })
      const came = new Set(read.map(({ post }) => post.id))
      return page({
        records: [...profiles, ...read.flatMap(({ post, media }) => [post, media])],
        identities: tasks.flatMap(({ externalId, entityId }) =>
          came.has(externalId) ? { externalId, entityId, profileId } : [],
        ),
        missing: [...ids]
          .filter(id => !came.has(id))
          .map(id => ({ subject: 'post' as const, id, reason: 'refused' as const })),
        rejects: reader.rejects,
      })
    },
  }
}

/** Asks for the owner's profile where it was not told lately; the videos stand without it. */
const openOwner = (api: Api) => {
  let toldAt = Number.NEGATIVE_INFINITY
  return async (ctx: FetchContext): Promise<readonly RawPart[]> => {
    if (ctx.now() - toldAt < TOLD_MS) return []
    const before = toldAt
    toldAt = ctx.now()
    try {
      return [await api.ask(OWNER, ctx)]
    } catch (error) {
      toldAt = before
      if (!(error instanceof FaultError) || ctx.signal.aborted) throw error
      return []
    }
  }
}
