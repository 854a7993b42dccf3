import { type Answer, instant, slice, textOf } from './world.ts'

const channel = (id: string, videos: number) => ({
  kind: 'youtube#channel',
  etag: id,
  id,
  snippet: {
    title: `Channel ${id}`,
    description: `What ${id} says of itself. `.repeat(8),
    customUrl: `@${id.toLowerCase()}`,
    publishedAt: '2015-05-05T05:05:05Z',
    country: 'NL',
    thumbnails: {
      default: { url: `https://pictures.example/${id}/88`, width: 88, height: 88 },
      high: { url: `https://pictures.example/${id}/800`, width: 800, height: 800 },
    },
    localized: { title: `Channel ${id}`, description: `What ${id} says of itself. `.repeat(8) },
  },
  contentDetails: { relatedPlaylists: { likes: '', uploads: `UU${id.slice(2)}` } },
  statistics: {
    viewCount: '33370907',
    subscriberCount: '2620',
    hiddenSubscriberCount: false,
    videoCount: String(videos),
  },
  status: {
    privacyStatus: 'public',
    isLinked: true,
    longUploadsStatus: 'longUploadsUnspecified',
    madeForKids: false,
  },
  brandingSettings: { channel: { title: `Channel ${id}`, keywords: 'pier rain', country: 'NL' } },
})

/** A video's id holds its number, and its channel's: `vNNNN` and the last six letters. */
const videoId = (channelId: string, number: number): string =>
  `v${number.toString(36).padStart(4, '0')}${channelId.slice(-6)}`
const numberOf = (id: string): number => Number.parseInt(id.slice(1, 5), 36)
const time = (number: number): string => new Date(instant(number)).toISOString().replace('.000', '')

const video = (id: string, comments: number) => ({
  kind: 'youtube#video',
  etag: id,
  id,
  snippet: {
    publishedAt: time(numberOf(id)),
    channelId: `UC${'0'.repeat(16)}${id.slice(-6)}`,
    title: `Video ${id}`,
    description: textOf(numberOf(id)).repeat(4),
    thumbnails: { default: { url: `https://pictures.example/${id}`, width: 120, height: 90 } },
    channelTitle: 'A channel',
    tags: ['pier', 'two words'],
    categoryId: '28',
    liveBroadcastContent: 'none',
    localized: { title: `Video ${id}`, description: textOf(numberOf(id)).repeat(4) },
  },
  contentDetails: {
    duration: 'PT9M3S',
    dimension: '2d',
    definition: 'hd',
    caption: 'false',
    licensedContent: false,
    contentRating: {},
    projection: 'rectangular',
  },
  status: {
    uploadStatus: 'processed',
    privacyStatus: 'public',
    license: 'youtube',
    embeddable: true,
    publicStatsViewable: true,
    madeForKids: false,
  },
  statistics: {
    viewCount: '981894',
    likeCount: '41816',
    favoriteCount: '0',
    commentCount: String(comments),
  },
})

const thread = (videoId: string, number: number) => {
  const id = `Ug${videoId}${number.toString(36).padStart(11, '0')}AaABAg`
  const channelId = `UC${((number * 31) % 90_000).toString(36).padStart(22, 'a')}`
  const snippet = {
    channelId: `UC${'0'.repeat(16)}${videoId.slice(-6)}`,
    videoId,
    textDisplay: textOf(number),
    textOriginal: textOf(number),
    authorDisplayName: `@somebody-${(number * 31) % 90_000}`,
    authorProfileImageUrl: `https://pictures.example/${channelId}=s48-c-k-c0x00ffffff-no-rj`,
    authorChannelUrl: `http://www.youtube.com/@somebody-${(number * 31) % 90_000}`,
    authorChannelId: { value: channelId },
    canRate: true,
    viewerRating: 'none',
    likeCount: number % 7,
    publishedAt: time(number),
    updatedAt: time(number),
  }
  return {
    kind: 'youtube#commentThread',
    etag: id,
    id,
    snippet: {
      channelId: snippet.channelId,
      videoId,
      topLevelComment: { kind: 'youtube#comment', etag: id, id, snippet },
      canReply: true,
      totalReplyCount: 0,
      isPublic: true,
    },
  }
}

const listing = (kind: string, items: readonly unknown[], next: number | null, all: number) => ({
  kind: `youtube#${kind}ListResponse`,
  etag: kind,
  ...(next !== null && { nextPageToken: `at${next}` }),
  pageInfo: { totalResults: all, resultsPerPage: items.length },
  items,
})

export const youtube: Answer = ({ path, query }, world) => {
  const ids = (query.get('id') ?? '').split(',')
  const from = Number(query.get('pageToken')?.slice(2) ?? 0)
  const most = Number(query.get('maxResults') ?? 5)
  switch (path) {
    case '/youtube/v3/channels':
      return listing(
        'channel',
        ids.map(id => channel(id, world.posts)),
        null,
        ids.length,
      )
    case '/youtube/v3/playlistItems': {
      const playlist = query.get('playlistId') ?? ''
      const { items, next } = slice(world.posts, from, most, number => ({
        kind: 'youtube#playlistItem',
        etag: `item${number}`,
        id: `item${number}`,
        contentDetails: { videoId: videoId(playlist, number), videoPublishedAt: time(number) },
      }))
      return listing('playlistItem', items, next, world.posts)
    }
    case '/youtube/v3/videos':
      return listing(
        'video',
        ids.map(id => video(id, world.comments)),
        null,
        ids.length,
      )
    case '/youtube/v3/commentThreads': {
      const of = query.get('videoId') ?? ''
      const { items, next } = slice(world.comments, from, most, number => thread(of, number))
      return listing('commentThread', items, next, items.length)
    }
    default:
      return null
  }
}
