import { entityKey } from '../../core/entity.ts'
import type { JsonObject } from '../../core/json.ts'
import { marksOf } from '../../core/marks.ts'
import type {
  CollectionRecord,
  CommentRecord,
  MediaRecord,
  PostRecord,
  ProfileRecord,
} from '../../core/records.ts'
import type { Fields } from '../reader.ts'
import { CHANNEL_COLUMNS, COMMENT_COLUMNS, PLAYLIST_COLUMNS, VIDEO_COLUMNS } from './columns.ts'
import { channelOfPlaylist } from './ids.ts'

// One resource in, its records out (docs/networks/youtube.md §5). Null = the resource has no id, or says nothing but its
// id, so that what is known of it stays; that is noted.

export const normaliseChannel = (channel: Fields): ProfileRecord | null => {
  const id = idOf(channel)
  if (id === null) return null
  const snippet = channel.object('snippet')
  const statistics = channel.object('statistics')
  const topics = channel.object('topicDetails')
  const status = channel.object('status')
  const branding = channel.object('brandingSettings')
  const brandingChannel = branding?.object('channel')
  return {
    type: 'profile',
    id,
    username: snippet?.string('customUrl')?.replace(/^@/, '') ?? null,
    name: snippet?.string('title') ?? null,
    bio: snippet?.string('description') ?? null,
    url: `https://www.youtube.com/channel/${id}`,
    avatarUrl: largestThumbnail(snippet),
    country: snippet?.string('country') ?? null,
    createdAt: snippet?.instant('publishedAt') ?? null,
    ...(statistics !== null && {
      // A hidden count is sent as "0" or not at all.
      followersCount: statistics.boolean('hiddenSubscriberCount')
        ? null
        : statistics.count('subscriberCount'),
      postsCount: statistics.count('videoCount'),
      viewsCount: statistics.count('viewCount'),
    }),
    language: brandingChannel?.string('defaultLanguage') ?? snippet?.string('defaultLanguage') ?? null,
    ...(topics !== null && { topics: topics.texts('topicCategories') }),
    madeForKids: status?.boolean('madeForKids') ?? null,
    extra: leftovers(CHANNEL_COLUMNS, [
      snippet,
      statistics,
      status,
      topics,
      brandingChannel,
      branding?.object('image'),
    ]),
  }
}

export interface VideoRecords {
  readonly post: PostRecord
  readonly media: MediaRecord
  /** Counters came, and that of comments is not among them. */
  readonly commentsOff: boolean
}

/**
 * A video is a post with one film; a broadcast is `live` until it ends. Shorts bear no flag: see {@link isShort}.
 * Counters that were once left out as a whole are unknown and overwrite nothing; a single absent one is hidden: null.
 */
export const normaliseVideo = (video: Fields, profileId: string): VideoRecords | null => {
  const id = idOf(video)
  const snippet = snippetOf(video)
  if (id === null || snippet === null) return null
  const details = video.object('contentDetails')
  const statistics = video.object('statistics')
  const status = video.object('status')
  const live = video.object('liveStreamingDetails')
  const topics = video.object('topicDetails')
  const placement = video.object('paidProductPlacementDetails')
  const title = snippet.string('title')
  const caption = snippet.string('description')
  const broadcast = snippet.string('liveBroadcastContent')
  const isLive = broadcast === 'live' || broadcast === 'upcoming'
  const player = video.object('player')
  const durationMs = details === null ? null : readDuration(details)
  const permalink = `https://www.youtube.com/watch?v=${id}`
  return {
    post: {
      type: 'post',
      id,
      profileId,
      kind: isLive ? 'live' : live === null && isShort(player, durationMs) ? 'short' : 'video',
      title,
      caption,
      permalink,
      createdAt: snippet.instant('publishedAt'),
      ...(statistics !== null && {
        likeCount: statistics.count('likeCount'),
        commentsCount: statistics.count('commentCount'),
        viewCount: statistics.count('viewCount'),
      }),
      ...marksOf(title, caption),
      tags: snippet.texts('tags'),
      categoryId: snippet.id('categoryId'),
      language: snippet.string('defaultLanguage'),
      audioLanguage: snippet.string('defaultAudioLanguage'),
      definition: details?.string('definition') ?? null,
      madeForKids: status?.boolean('madeForKids') ?? null,
      liveScheduledAt: live?.instant('scheduledStartTime') ?? null,
      liveScheduledEndAt: live?.instant('scheduledEndTime') ?? null,
      liveStartedAt: live?.instant('actualStartTime') ?? null,
      liveEndedAt: live?.instant('actualEndTime') ?? null,
      // They are left out of the question while they make it fail.
      ...(topics !== null && { topics: topics.texts('topicCategories') }),
      ...(placement !== null && { paidPromotion: placement.boolean('hasPaidProductPlacement') }),
      extra: leftovers(VIDEO_COLUMNS, [
        snippet,
        details,
        statistics,
        status,
        live,
        topics,
        placement,
        player,
      ]),
    },
    media: {
      type: 'media',
      postId: id,
      position: 0,
      id: `${id}:0`,
      kind: 'video',
      url: permalink,
      thumbnailUrl: largestThumbnail(snippet),
      durationMs,
    },
    commentsOff: statistics !== null && !statistics.has('commentCount'),
  }
}

const LONGEST_SHORT_MS = 180_000

/**
 * Where its player stands upright or is square and it lasts three minutes at most (docs/networks/youtube.md §5); the sizes
 * stay in `extra`. What is not told is no sign of one.
 */
const isShort = (player: Fields | null, durationMs: number | null): boolean => {
  const width = player?.count('embedWidth') ?? null
  const height = player?.count('embedHeight') ?? null
  if (width === null || height === null || durationMs === null) return false
  return width > 0 && height >= width && durationMs <= LONGEST_SHORT_MS
}

/** Under which post, and under which comment (null = top level), a comment stands: replies do not always say (docs/networks/youtube.md §5). */
export interface CommentPlace {
  readonly postId: string
  readonly parentId: string | null
  /** Of a top-level comment: how many replies its thread claims; undefined = not told here. */
  readonly replyCount?: number | null
}

export const normaliseComment = (comment: Fields, place: CommentPlace): CommentRecord | null => {
  const id = idOf(comment)
  const snippet = snippetOf(comment)
  if (id === null || snippet === null) return null
  return {
    type: 'comment',
    id,
    ...place,
    authorId: snippet.object('authorChannelId')?.id('value') ?? null,
    authorName: snippet.string('authorDisplayName'),
    // Asked for as plain text, both are; the original is documented for its author alone.
    content: snippet.string('textOriginal') ?? snippet.string('textDisplay'),
    likeCount: snippet.count('likeCount'),
    createdAt: snippet.instant('publishedAt'),
    updatedAt: snippet.instant('updatedAt'),
    extra: leftovers(COMMENT_COLUMNS, [snippet]),
  }
}

export const normalisePlaylist = (playlist: Fields): CollectionRecord | null => {
  const id = idOf(playlist)
  const snippet = snippetOf(playlist)
  if (id === null || snippet === null) return null
  const details = playlist.object('contentDetails')
  return {
    ...namePlaylist(id),
    profileId: snippet.id('channelId'),
    title: snippet.string('title'),
    description: snippet.string('description'),
    createdAt: snippet.instant('publishedAt'),
    ...(details !== null && { itemsCount: details.count('itemCount') }),
    extra: leftovers(PLAYLIST_COLUMNS, [snippet, details, playlist.object('status')]),
  }
}

/** What is known of a playlist by its id alone. */
export const namePlaylist = (id: string): CollectionRecord => {
  const profileId = channelOfPlaylist(id)
  return {
    type: 'collection',
    id: entityKey('playlist', id),
    kind: 'playlist',
    url: `https://www.youtube.com/playlist?list=${id}`,
    ...(profileId !== null && { profileId }),
  }
}

const idOf = (resource: Fields): string | null => {
  const id = resource.id('id')
  if (id === null) resource.reject('no id')
  return id
}

const snippetOf = (resource: Fields): Fields | null => {
  const snippet = resource.object('snippet')
  if (snippet === null) resource.reject('no snippet')
  return snippet
}

/** What the sections hold beyond the columns, as one flat object: their field names do not collide. */
const leftovers = (
  known: ReadonlySet<string>,
  sections: readonly (Fields | null | undefined)[],
): JsonObject | null => {
  const left = sections.flatMap(section => Object.entries(section?.rest(known) ?? {}))
  return left.length === 0 ? null : Object.fromEntries(left)
}

/** By width, whatever the name: new sizes come with new names. Where no width is told, the last, as they are sent in order of size. */
const largestThumbnail = (snippet: Fields | null): string | null => {
  const thumbnails = snippet?.object('thumbnails') ?? null
  if (thumbnails === null) return null
  let largest: { readonly url: string | null; readonly width: number } = { url: null, width: 0 }
  for (const name of Object.keys(thumbnails.raw)) {
    const thumbnail = thumbnails.object(name)
    const width = thumbnail?.count('width') ?? 0
    if (width >= largest.width) largest = { url: thumbnail?.string('url') ?? largest.url, width }
  }
  return largest.url
}

const DURATION = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/
const SECONDS_PER_PART = [604_800, 86_400, 3600, 60, 1] as const

/** `PT1H2M3S` in milliseconds; nothing at all (`P0D`) is what a broadcast has before its end: unknown. */
const readDuration = (details: Fields): number | null => {
  const text = details.string('duration')
  if (text === null) return null
  const parts = DURATION.exec(text)?.slice(1)
  if (parts === undefined) {
    details.reject('expected an ISO 8601 duration')
    return null
  }
  const seconds = SECONDS_PER_PART.reduce((sum, size, index) => sum + size * Number(parts[index] ?? 0), 0)
  return seconds === 0 ? null : seconds * 1000
}
