import type { Described, Network } from '../contract.ts'
import type { Method } from './api.ts'
import type {
  Channel,
  ChannelSnippet,
  ChannelStatistics,
  ChannelStatus,
  Comment,
  CommentSnippet,
  CommentThread,
  ListResponse,
  PaidProductPlacement,
  Playlist,
  PlaylistItem,
  PlaylistItemSnippet,
  PlaylistSnippet,
  SearchResult,
  SearchSnippet,
  Topics,
  Video,
  VideoBroadcast,
  VideoDetails,
  VideoPlayer,
  VideoSnippet,
  VideoStatistics,
  VideoStatus,
} from './wire.ts'

/** Every field of a wire type, so that the compiler keeps these lists and `wire.ts` in step. */
type Fields<T> = { readonly [Field in keyof T]-?: Described }

const RESOURCE = { kind: true, etag: true, id: true } as const

/** Of channels, playlists and videos alike. */
const SHOWN = {
  title: true,
  description: true,
  publishedAt: true,
  thumbnails: true,
  defaultLanguage: true,
  localized: { title: true, description: true },
} as const

const TOPICS: Fields<Topics> = { topicIds: true, topicCategories: true }

const CHANNEL: Fields<Channel> = {
  id: true,
  snippet: {
    ...SHOWN,
    customUrl: true,
    country: true,
  } satisfies Fields<ChannelSnippet>,
  contentDetails: { relatedPlaylists: { likes: true, uploads: true } },
  statistics: {
    viewCount: true,
    subscriberCount: true,
    hiddenSubscriberCount: true,
    videoCount: true,
    commentCount: true,
  } satisfies Fields<ChannelStatistics>,
  topicDetails: TOPICS,
  status: {
    privacyStatus: true,
    isLinked: true,
    longUploadsStatus: true,
    madeForKids: true,
  } satisfies Fields<ChannelStatus>,
  brandingSettings: { channel: true, image: { bannerExternalUrl: true } },
}

const PLAYLIST: Fields<Playlist> = {
  id: true,
  snippet: {
    ...SHOWN,
    channelId: true,
    channelTitle: true,
  } satisfies Fields<PlaylistSnippet>,
  contentDetails: { itemCount: true },
  status: { privacyStatus: true },
}

const PLAYLIST_ITEM: Fields<PlaylistItem> = {
  snippet: {
    publishedAt: true,
    channelId: true,
    channelTitle: true,
    title: true,
    description: true,
    thumbnails: true,
    playlistId: true,
    position: true,
    resourceId: { kind: true, videoId: true },
    videoOwnerChannelTitle: true,
    videoOwnerChannelId: true,
  } satisfies Fields<PlaylistItemSnippet>,
  contentDetails: { videoId: true, videoPublishedAt: true } satisfies Fields<
    NonNullable<PlaylistItem['contentDetails']>
  >,
  status: { privacyStatus: true },
}

const SEARCH_RESULT: Fields<SearchResult> = {
  id: { kind: true, videoId: true },
  snippet: {
    ...SHOWN,
    channelId: true,
    channelTitle: true,
    liveBroadcastContent: true,
    publishTime: true,
  } satisfies Fields<SearchSnippet>,
}

const VIDEO: Fields<Video> = {
  id: true,
  snippet: {
    ...SHOWN,
    channelId: true,
    channelTitle: true,
    tags: true,
    categoryId: true,
    liveBroadcastContent: true,
    defaultAudioLanguage: true,
  } satisfies Fields<VideoSnippet>,
  contentDetails: {
    duration: true,
    dimension: true,
    definition: true,
    caption: true,
    licensedContent: true,
    contentRating: true,
    projection: true,
    regionRestriction: { allowed: true, blocked: true },
  } satisfies Fields<VideoDetails>,
  status: {
    uploadStatus: true,
    privacyStatus: true,
    license: true,
    embeddable: true,
    publicStatsViewable: true,
    madeForKids: true,
  } satisfies Fields<VideoStatus>,
  statistics: {
    viewCount: true,
    likeCount: true,
    favoriteCount: true,
    commentCount: true,
  } satisfies Fields<VideoStatistics>,
  liveStreamingDetails: {
    actualStartTime: true,
    actualEndTime: true,
    scheduledStartTime: true,
    scheduledEndTime: true,
    concurrentViewers: true,
  } satisfies Fields<VideoBroadcast>,
  topicDetails: TOPICS,
  paidProductPlacementDetails: { hasPaidProductPlacement: true } satisfies Fields<PaidProductPlacement>,
  player: { embedHtml: true, embedHeight: true, embedWidth: true } satisfies Fields<VideoPlayer>,
}

const COMMENT = {
  ...RESOURCE,
  id: true,
  snippet: {
    channelId: true,
    videoId: true,
    parentId: true,
    textDisplay: true,
    textOriginal: true,
    authorDisplayName: true,
    authorProfileImageUrl: true,
    authorChannelUrl: true,
    authorChannelId: { value: true },
    canRate: true,
    viewerRating: true,
    likeCount: true,
    publishedAt: true,
    updatedAt: true,
    imageUrl: true,
  } satisfies Fields<CommentSnippet>,
} satisfies Fields<Comment> & Described

const THREAD: Fields<CommentThread> = {
  id: true,
  snippet: {
    channelId: true,
    videoId: true,
    topLevelComment: COMMENT,
    canReply: true,
    totalReplyCount: true,
    isPublic: true,
  } satisfies Fields<NonNullable<CommentThread['snippet']>>,
  replies: { comments: COMMENT },
}

const ITEMS: Readonly<Record<Method, Readonly<Record<string, Described>>>> = {
  channels: CHANNEL,
  playlists: PLAYLIST,
  playlistItems: PLAYLIST_ITEM,
  videos: VIDEO,
  commentThreads: THREAD,
  comments: COMMENT,
  search: SEARCH_RESULT,
}

const isMethod = (name: string): name is Method => Object.hasOwn(ITEMS, name)

/** By the method that its path ends with; a refusal is an `error`. */
export const describe: Network['describe'] = ({ path }) => {
  const method = typeof path === 'string' ? path.slice(path.lastIndexOf('/') + 1) : ''
  return {
    ...({
      ...RESOURCE,
      nextPageToken: true,
      prevPageToken: true,
      pageInfo: { totalResults: true, resultsPerPage: true },
      regionCode: true,
      items: isMethod(method) ? { ...RESOURCE, ...ITEMS[method] } : {},
    } satisfies Fields<ListResponse<unknown>>),
    error: true,
  }
}
