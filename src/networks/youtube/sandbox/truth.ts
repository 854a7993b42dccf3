import { entityKey, idOfEntity, kindOfEntity } from '../../../core/entity.ts'
import { type Instant, instant } from '../../../core/instant.ts'
import { unlessEmpty } from '../../../core/marks.ts'
import type {
  CollectionRecord,
  CommentRecord,
  MediaRecord,
  PostRecord,
  ProfileRecord,
  SocialRecord,
} from '../../../core/records.ts'
import { type Channel, findChannelById } from './world/channels.ts'
import { type Comment, makeComment, topComment } from './world/comments.ts'
import { MOST_UPLOADS } from './world/plan.ts'
import { findMadePlaylist, type Playlist } from './world/playlists.ts'
import { listThreads, makeThread } from './world/threads.ts'
import { factsOf, type VideoFacts } from './world/video-facts.ts'
import { commentsClosed, listUploads, makeVideo, type Video } from './world/videos.ts'
import type { World } from './world/world.ts'

/** What a perfect sync stores of a channel or a playlist: all that the public can fetch, and none of what is only counted. */
export const tellTruth = (world: World, entityId: string): Iterable<SocialRecord> =>
  kindOfEntity(entityId) === 'playlist' ? ofPlaylist(world, idOfEntity(entityId)) : ofChannel(world, entityId)

function* ofChannel(world: World, channelId: string): Generator<SocialRecord> {
  const channel = findChannelById(world, channelId)
  if (channel === null) return
  const uploads = listUploads(world, channel)
  yield profileOf(channel, uploads.length)
  for (const number of uploads.slice(0, MOST_UPLOADS)) {
    yield* ofVideo(world, makeVideo(channel, number))
  }
}

/** With the channels of its videos; one that stands in it twice has its last place. */
function* ofPlaylist(world: World, id: string): Generator<SocialRecord> {
  const playlist = findMadePlaylist(world, id)
  if (playlist?.standing !== 'public') return
  yield collectionOf(playlist)
  const places = new Map(playlist.entries.map((entry, position) => [entry.video.id, { entry, position }]))
  for (const [postId, { entry, position }] of places) {
    const { addedAt } = entry
    yield {
      type: 'item',
      collectionId: entityKey('playlist', id),
      postId,
      position,
      addedAt: instant(addedAt),
    }
  }
  const videos = [...places.values()].flatMap(({ entry: { video, standing } }) =>
    standing === 'there' ? video : [],
  )
  for (const channel of new Set(videos.map(video => video.channel)))
    yield profileOf(channel, listUploads(world, channel).length)
  for (const video of videos) yield* ofVideo(world, video)
}

function* ofVideo(world: World, video: Video): Generator<SocialRecord> {
  const facts = factsOf(world, video)
  yield postOf(video, facts)
  yield mediaOf(video, facts)
  if (commentsClosed(video) === undefined) yield* commentsOf(world, video)
}

const collectionOf = ({
  id,
  channel,
  title,
  description,
  createdAt,
  entries,
}: Playlist): CollectionRecord => ({
  type: 'collection',
  id: entityKey('playlist', id),
  kind: 'playlist',
  profileId: channel.id,
  title: portable(title),
  description: portable(description),
  url: `https://www.youtube.com/playlist?list=${id}`,
  createdAt: instant(createdAt),
  itemsCount: entries.length,
})

const profileOf = (channel: Channel, postsCount: number): ProfileRecord => ({
  type: 'profile',
  id: channel.id,
  username: channel.handle,
  name: portable(channel.title),
  bio: portable(channel.description),
  url: `https://www.youtube.com/channel/${channel.id}`,
  country: channel.country,
  createdAt: instant(channel.createdAt),
  followersCount: channel.subscriberCount,
  postsCount,
  viewsCount: channel.viewCount,
})

const postOf = ({ id, channel, publishedAt }: Video, facts: VideoFacts): PostRecord => ({
  type: 'post',
  id,
  profileId: channel.id,
  kind: (facts.broadcast?.state ?? 'none') !== 'none' ? 'live' : facts.form === 'short' ? 'short' : 'video',
  title: portable(facts.title),
  caption: portable(facts.description),
  permalink: watchUrl(id),
  createdAt: instant(publishedAt),
  likeCount: facts.likeCount,
  commentsCount: facts.commentCount,
  viewCount: facts.viewCount,
  tags: unlessEmpty(facts.tags),
  language: facts.language,
  audioLanguage: facts.language,
  definition: facts.form === 'sharp' ? 'hd' : 'sd',
  madeForKids: false,
  topics: unlessEmpty(facts.topics),
  paidPromotion: facts.isPromotion,
  liveScheduledAt: moment(facts.broadcast?.scheduledAt),
  liveStartedAt: moment(facts.broadcast?.startedAt),
  liveEndedAt: moment(facts.broadcast?.endedAt),
})

const moment = (ms: number | null | undefined): Instant | null => (ms == null ? null : wholeSeconds(ms))

const mediaOf = ({ id }: Video, { thumbnails, seconds }: VideoFacts): MediaRecord => ({
  type: 'media',
  postId: id,
  position: 0,
  id: `${id}:0`,
  kind: 'video',
  url: watchUrl(id),
  thumbnailUrl: thumbnails.at(-1)?.url ?? null,
  durationMs: seconds === null ? null : seconds * 1000,
})

function* commentsOf(world: World, video: Video): Generator<CommentRecord> {
  for (const number of listThreads(world, video)) {
    const thread = makeThread(world, video, number)
    const top = topComment(world, thread)
    yield { ...commentOf(video.id, top), replyCount: thread.declared }
    for (let reply = 0; reply < thread.replies; reply++) {
      yield commentOf(video.id, makeComment(world, thread, top.id, reply))
    }
  }
}

const commentOf = (postId: string, comment: Comment): CommentRecord => ({
  type: 'comment',
  id: comment.id,
  postId,
  parentId: comment.parentId,
  authorId: comment.author.id,
  authorName: comment.author.name,
  content: portable(comment.text),
  likeCount: comment.likeCount,
  createdAt: wholeSeconds(comment.createdAt),
  updatedAt: wholeSeconds(comment.updatedAt),
})

const wholeSeconds = (ms: number): Instant => instant(Math.floor(ms / 1000) * 1000)

const watchUrl = (id: string): string => `https://www.youtube.com/watch?v=${id}`

/** What every store can hold: well-formed, and without NUL (docs/design.md §4). */
const portable = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\uFFFD')
