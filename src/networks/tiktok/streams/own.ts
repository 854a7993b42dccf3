import type { SocialRecord } from '../../../core/records.ts'
import { type Child, page, type Stream } from '../../../core/stream.ts'
import { type Fields, Reader } from '../../reader.ts'
import type { Api, Question } from '../api.ts'
import { ME } from '../ids.ts'
import { askedOf, ownMediaOf, ownPostOf, ownProfileOf } from '../normalise.ts'
import { dataOf, firstPart } from '../part.ts'
import { OWN_USER_FIELDS, OWN_VIDEO_FIELDS } from '../wire.ts'
import { isWanted } from './bounds.ts'
import { readOnward } from './paging.ts'

export const DEADLINE_MS = 60_000
/** Videos of a page. */
export const OWN_PAGE = 20

const { 'user.info.basic': BASIC, 'user.info.profile': ABOUT, 'user.info.stats': STATS } = OWN_USER_FIELDS

/** The question for the profile of a token's owner. */
export const OWNER: Question = {
  method: 'GET',
  path: '/v2/user/info/',
  pool: 'user.info',
  fields: [...BASIC, ...ABOUT, ...STATS],
  spare: [STATS, ABOUT, [...STATS, ...ABOUT]],
  grants: true,
  deadlineMs: DEADLINE_MS,
}

/**
 * The profile of a token's owner, whichever way it was listed: by its `open_id`, its name, or `me`. Fields of a
 * permission that the owner did not give are done without. A token that turns out to belong to another account than was
 * asked for tells nothing: `refused`.
 */
export const ownProfile = (api: Api): Stream => ({
  name: 'own-profile',
  kind: 'profile',
  batch: 1,
  newestFirst: false,
  onward: ({ profileId, declared }) => [videosOf(profileId, declared)],

  fetch: async (_, ctx) => ({ parts: [await api.ask(OWNER, ctx)] }),

  normalise(raw, { tasks: [task] }) {
    const part = firstPart(raw)
    const reader = new Reader()
    const asked = task?.externalId ?? ''
    const owner = dataOf(part, reader).object('user')
    const openId = owner?.id('open_id') ?? null
    const isAsked = asked === openId || asked === ME || asked === owner?.string('username')?.toLowerCase()
    if (owner === null || openId === null || !isAsked) {
      return page({
        missing: [{ subject: 'profile', id: asked, reason: 'refused' }],
        rejects: reader.rejects,
      })
    }
    const profile = ownProfileOf(owner, openId, askedOf(part))
    return page({
      records: [profile],
      identities: [{ externalId: asked, entityId: openId, profileId: openId }],
      children: [videosOf(openId, profile.postsCount ?? null)],
      rejects: reader.rejects,
    })
  },
})

const videosOf = (openId: string, declared: number | null): Child => ({
  stream: 'own-videos',
  externalId: openId,
  profileId: openId,
  next: 'start',
  declared,
})

/**
 * The public videos of a token's owner, newest first. The cursor is a moment in epoch milliseconds, "posted before",
 * and may be any (docs/networks/tiktok.md §5): a walk begins at `--until` and ends at `--since`.
 */
export const ownVideos = (api: Api): Stream => ({
  name: 'own-videos',
  kind: 'posts',
  batch: 1,
  newestFirst: true,
  lists: 'posts',

  async fetch({ cursor, params, room }, ctx) {
    const from = cursor ?? (params.until === null ? null : Date.parse(params.until))
    const part = await api.ask(
      {
        method: 'POST',
        path: '/v2/video/list/',
        pool: 'video.list',
        fields: OWN_VIDEO_FIELDS,
        body: {
          max_count: Math.max(1, Math.min(OWN_PAGE, room ?? OWN_PAGE)),
          ...(from !== null && { cursor: from }),
        },
        deadlineMs: DEADLINE_MS,
      },
      ctx,
    )
    return { parts: [part] }
  },

  normalise(raw, { tasks: [task], params }) {
    const reader = new Reader()
    const data = dataOf(firstPart(raw), reader)
    const profileId = task?.profileId ?? task?.externalId ?? ''
    const posts = data.objects('videos').flatMap(video => readVideo(video, profileId) ?? [])
    const since = params.since
    const below = since !== null && posts.some(({ post }) => post.createdAt != null && post.createdAt < since)
    const { place, reason } = readOnward(data)
    return page({
      records: posts.flatMap(({ post, media }): SocialRecord[] =>
        isWanted(post, params) ? [post, media] : [],
      ),
      rejects: reader.rejects,
      tail: posts.at(-1)?.post.createdAt ?? null,
      next: below ? null : place,
      reason: below ? null : reason,
    })
  },
})

export const readVideo = (video: Fields, profileId: string) => {
  const id = video.id('id')
  if (id !== null) return { post: ownPostOf(video, id, profileId), media: ownMediaOf(video, id) }
  video.reject('a video without an id')
  return null
}
