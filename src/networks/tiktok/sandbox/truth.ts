import { instant } from '../../../core/instant.ts'
import { unlessEmpty } from '../../../core/marks.ts'
import type {
  CommentRecord,
  LikeRecord,
  MediaRecord,
  PostRecord,
  ProfileRecord,
  SocialRecord,
} from '../../../core/records.ts'
import { capOf, inlineOf, listOf } from './research/comments.ts'
import { isIndexed, isSearchable, type Traits, traitsOf } from './research/traits.ts'
import { effectsOf, musicOf } from './research/video-fields.ts'
import type { Scene } from './scene.ts'
import { type Comment, commentsOf } from './world/comments.ts'
import { archivedCounters } from './world/counters.ts'
import type { Creator } from './world/creators.ts'
import type { Moment } from './world/moment.ts'
import { profileOf } from './world/profiles.ts'
import { newestFirst, picks, playlistOf, shares } from './world/relations.ts'
import { countUntil } from './world/schedule.ts'
import { addressOf, captionOf, durationOf, hashtagsOf, isUp, type Video, videoOf } from './world/videos.ts'
import { findPlaylist } from './world/world.ts'

/** How text is stored (docs/design.md §4). */
const stored = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd')

const time = (seconds: number): string => instant(seconds * 1_000)

/** A profile that user/info speaks of, with all that a perfect sync gets of it; nothing for any other. */
export function* tell(scene: Scene, username: string): Generator<SocialRecord> {
  const creator = scene.world.creators.named(username)
  if (creator === null || creator.standing !== 'open') return
  yield profileRecord(creator, scene.moment)
  const traits = traitsOf(scene.knobs)
  for (const video of videosOf(creator, scene.moment, traits)) yield* tellVideo(scene, video)
}

/** All that the search has of a hashtag, whenever it was made, with all that a perfect sync gets of it. */
export function* tellTag(scene: Scene, tag: string): Generator<SocialRecord> {
  const collectionId = `tag:${tag}`
  yield { type: 'collection', id: collectionId, kind: 'tag', title: `#${tag}` }
  const traits = traitsOf(scene.knobs)
  for (const creator of scene.world.creators.all()) {
    for (const video of videosOf(creator, scene.moment, traits)) {
      if (!hashtagsOf(video).includes(tag)) continue
      yield* tellVideo(scene, video)
      yield { type: 'item', collectionId, postId: String(video.id), position: null }
    }
  }
}

/** A playlist with all of its places, and of its videos what the search has; nothing for one that is not there. */
export function* tellPlaylist(scene: Scene, id: string): Generator<SocialRecord> {
  const playlist = findPlaylist(scene.world, BigInt(id), scene.moment.at)
  if (playlist === null) return
  const collectionId = `playlist:${id}`
  const { name: title, videos } = playlist
  yield {
    type: 'collection',
    id: collectionId,
    kind: 'playlist',
    title: stored(title),
    itemsCount: videos.length,
  }
  const traits = traitsOf(scene.knobs)
  for (const [position, video] of videos.entries()) {
    yield { type: 'item', collectionId, postId: String(video.id), position }
    if (isSearchable(video.creator, traits) && isIndexed(video, scene.moment, traits))
      yield* tellVideo(scene, video)
  }
}

function* tellVideo(scene: Scene, video: Video): Generator<SocialRecord> {
  yield postRecord(video, scene.moment)
  yield mediaRecord(video)
  for (const comment of readable(scene, video)) yield commentRecord(comment)
}

/** The liked videos that a profile shares: told by no scope of {@link tell}, asked for by `--lists liked`. */
export function* tellLikes({ world, moment }: Scene, username: string): Generator<LikeRecord> {
  const creator = world.creators.named(username)
  if (creator === null || creator.standing !== 'open' || !shares(creator, 'likes')) return
  for (const { item } of newestFirst(picks(world.creators, creator, 'likes', moment.at), moment.at)) {
    if (item !== null) yield { type: 'like', postId: String(item.id), authorId: creator.username }
  }
}

/** Newest first. */
function* videosOf(creator: Creator, moment: Moment, traits: Traits): Generator<Video> {
  if (!isSearchable(creator, traits)) return
  for (let index = countUntil(creator.videos, moment.indexed) - 1; index >= 0; index--) {
    const video = videoOf(creator, index)
    if (isUp(video, moment.at) && isIndexed(video, moment, traits)) yield video
  }
}

/** All comments; where lists are capped, the first of the list and the replies to those. */
const readable = ({ knobs, moment }: Scene, video: Video): readonly Comment[] => {
  const all = commentsOf(video, moment.at)
  const cap = capOf(knobs)
  if (cap === null || all.length <= cap) return all
  const listed = new Set(
    listOf(video, moment.at, inlineOf(knobs))
      .slice(0, cap)
      .map(({ id }) => id),
  )
  return all.filter(({ id, parent }) => listed.has(id) || (parent !== null && listed.has(parent.id)))
}

const profileRecord = (creator: Creator, moment: Moment): ProfileRecord => {
  const profile = profileOf(creator, moment.at)
  return {
    type: 'profile',
    id: creator.username,
    username: creator.username,
    name: stored(profile.displayName),
    bio: stored(profile.bio),
    url: `https://www.tiktok.com/@${creator.username}`,
    website: profile.website,
    verified: profile.verified,
    followersCount: profile.followers,
    followingCount: profile.following,
    postsCount: profile.videos,
    likesCount: profile.likes,
  }
}

const postRecord = (video: Video, moment: Moment): PostRecord => {
  const counters = archivedCounters(video, moment)
  return {
    type: 'post',
    id: String(video.id),
    profileId: video.creator.username,
    kind: 'video',
    caption: stored(captionOf(video, moment.at)) || null,
    permalink: addressOf(video),
    createdAt: time(video.created),
    likeCount: counters.likes || null,
    commentsCount: counters.comments,
    viewCount: counters.views,
    shareCount: counters.shares,
    saveCount: counters.favorites,
    hashtags: unlessEmpty(hashtagsOf(video)),
    region: video.creator.region,
    musicId: String(musicOf(video)),
    effectIds: unlessEmpty(effectsOf(video)),
    playlistId: playlistOf(video)?.toString() ?? null,
  }
}

const mediaRecord = (video: Video): MediaRecord => ({
  type: 'media',
  postId: String(video.id),
  position: 0,
  id: `${video.id}:0`,
  kind: 'video',
  url: null,
  thumbnailUrl: null,
  durationMs: durationOf(video) * 1_000,
})

const commentRecord = (comment: Comment): CommentRecord => ({
  type: 'comment',
  id: String(comment.id),
  postId: String(comment.video.id),
  parentId: comment.parent === null ? null : String(comment.parent.id),
  authorId: null,
  authorName: null,
  content: stored(comment.text),
  likeCount: comment.likes,
  replyCount: comment.replies,
  createdAt: time(comment.created),
})
