import { hash32 } from '../../seeded.ts'
import { RESEARCH } from './access/credentials.ts'
import { openIdOf } from './access/oauth.ts'
import type { UserScope } from './access/tokens.ts'
import { type Call, data, type Reply } from './call.ts'
import { notAuthorized } from './faults.ts'
import { avatarOf } from './research/user.ts'
import { type FieldTable, readFields, show, type Wanted } from './wire/fields.ts'
import { invalid } from './wire/reply.ts'
import { Body, isObject } from './wire/request.ts'
import type { Wire } from './wire/write-json.ts'
import { countersAt, type VideoCounters } from './world/counters.ts'
import type { Creator } from './world/creators.ts'
import { readId } from './world/ids.ts'
import { type Profile, profileOf } from './world/profiles.ts'
import { countUntil } from './world/schedule.ts'
import { addressOf, captionOf, durationOf, isUp, type Video, videoOf } from './world/videos.ts'
import { findVideo } from './world/world.ts'

interface Owned {
  readonly owner: Creator
  readonly profile: Profile
  readonly call: Call
}

/** Fields of the profile by the scope that gives them (docs/networks/tiktok.md §5). */
const BY_SCOPE: Record<Exclude<UserScope, 'video.list'>, FieldTable<Owned>> = {
  'user.info.basic': {
    open_id: ({ owner, call }) => openIdOf(call.world, owner.index),
    union_id: ({ owner, call }) => openIdOf(call.world, owner.index).slice(4, 28),
    avatar_url: ({ owner, call }) => avatarOf(owner, call),
    avatar_url_100: ({ owner, call }) => avatarOf(owner, call),
    avatar_large_url: ({ owner, call }) => avatarOf(owner, call),
    display_name: ({ profile }) => profile.displayName,
  },
  'user.info.profile': {
    bio_description: ({ profile }) => profile.bio,
    profile_deep_link: ({ owner, call }) => `${call.origin}/deep/${hash32(owner.key, 'link').toString(36)}`,
    is_verified: ({ profile }) => profile.verified,
    username: ({ owner }) => owner.username,
  },
  'user.info.stats': {
    follower_count: ({ profile }) => profile.followers,
    following_count: ({ profile }) => profile.following,
    likes_count: ({ profile }) => profile.likes,
    video_count: ({ profile }) => profile.videos,
  },
}

const requireScope = ({ grant }: Call, scope: string): void => {
  if (grant.scopes.some(given => given === scope)) return
  throw notAuthorized(`The user did not authorize the scope ${scope}`)
}

const USER_FIELDS: FieldTable<Owned> = Object.fromEntries(
  Object.entries(BY_SCOPE).flatMap(([scope, table]) =>
    Object.entries(table).map(([name, read]) => [
      name,
      (owned: Owned) => {
        requireScope(owned.call, scope)
        return read(owned)
      },
    ]),
  ),
)

interface Posted {
  readonly video: Video
  readonly counters: VideoCounters
  /** At most 150 characters of it are told. */
  readonly caption: string
  readonly call: Call
}

/** Live counters, and ids in quotes. */
const VIDEO_FIELDS: FieldTable<Posted> = {
  id: ({ video }) => String(video.id),
  create_time: ({ video }) => video.created,
  cover_image_url: ({ video, call }) =>
    `${call.origin}/covers/${video.id}.jpeg?x-expires=${call.now + COVER_LIFE}`,
  share_url: ({ video }) =>
    `${addressOf(video)}?utm_campaign=tt4d_open_api&utm_source=${RESEARCH.SOCSYNC_TIKTOK_CLIENT_KEY}`,
  video_description: ({ caption }) => caption,
  duration: ({ video }) => durationOf(video),
  height: () => 1024,
  width: () => 576,
  title: ({ caption }) => caption,
  embed_html: ({ video }) => `<blockquote cite="${addressOf(video)}"></blockquote>`,
  embed_link: ({ video }) => `https://www.tiktok.com/player/v1/${video.id}`,
  like_count: ({ counters }) => counters.likes,
  comment_count: ({ counters }) => counters.comments,
  share_count: ({ counters }) => counters.shares,
  view_count: ({ counters }) => counters.views,
}

/** Seconds for which the address of a cover is good. */
const COVER_LIFE = 6 * 3_600

const showVideos = (call: Call, videos: readonly Video[], fields: Wanted<Posted>): readonly Wire[] =>
  videos.map(video => {
    const { at } = call.moment
    const caption = captionOf(video, at).slice(0, 150).toWellFormed()
    return show({ video, counters: countersAt(video, at), caption, call }, fields)
  })

const ownerOf = ({ grant, world }: Call): Creator => world.creators.at(grant.creator ?? 0)

/** GET `/v2/user/info/` */
export const answerOwnInfo = (call: Call): Reply => {
  const fields = readFields(call.request, USER_FIELDS)
  const owner = ownerOf(call)
  return data({ user: show({ owner, profile: profileOf(owner, call.moment.at), call }, fields) })
}

/** POST `/v2/video/list/`: the owner's videos, newest first; the cursor is a time in milliseconds, "before this". */
export const answerOwnVideos = (call: Call): Reply => {
  const fields = readFields(call.request, VIDEO_FIELDS)
  requireScope(call, 'video.list')
  const body = Body.ofJson(call.request)
  const asked = body.cursor()
  const size = body.maxCount(10, 20)
  const owner = ownerOf(call)
  const before = asked === 0 ? call.moment.at : Math.min(call.moment.at, Math.ceil(asked / 1_000) - 1)
  const videos: Video[] = []
  let index = countUntil(owner.videos, before) - 1
  let last = before
  for (let taken = 0; index >= 0 && taken < size; index--, taken++) {
    const video = videoOf(owner, index)
    last = video.created
    if (isUp(video, call.moment.at)) videos.push(video)
  }
  return data({
    videos: showVideos(call, videos, fields),
    cursor: last * 1_000,
    has_more: index >= 0,
  })
}

/** POST `/v2/video/query/`: up to 20 of the owner's videos by id; others are passed over. */
export const answerOwnQuery = (call: Call): Reply => {
  const fields = readFields(call.request, VIDEO_FIELDS)
  requireScope(call, 'video.list')
  const filters = Body.ofJson(call.request).get('filters')
  const ids = isObject(filters) ? filters.video_ids : undefined
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > 20)
    throw invalid('filters.video_ids must hold 1 to 20 ids')
  const owner = ownerOf(call)
  const videos = ids.flatMap(text => {
    const id = readId(String(text))
    const video = id === null ? null : findVideo(call.world, id)
    return video !== null && video.creator === owner && isUp(video, call.moment.at) ? [video] : []
  })
  return data({ videos: showVideos(call, videos, fields) })
}
