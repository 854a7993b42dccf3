import type {
  ChannelSnippet,
  ChannelStatistics,
  ChannelStatus,
  CommentSnippet,
  PaidProductPlacement,
  PlaylistSnippet,
  Topics,
  VideoBroadcast,
  VideoDetails,
  VideoPlayer,
  VideoSnippet,
  VideoStatistics,
  VideoStatus,
} from './wire.ts'

// Fields that have a column, that repeat another field, or that say nothing of the thing itself (`canRate`). All
// others, and those of later years, are kept as `extra`.

const columns = <Key extends string>(...keys: readonly Key[]): ReadonlySet<string> => new Set(keys)

export const CHANNEL_COLUMNS = columns<
  keyof ChannelSnippet | keyof ChannelStatistics | keyof Topics | keyof ChannelStatus
>(
  'title',
  'description',
  'customUrl',
  'publishedAt',
  'country',
  'thumbnails',
  'localized',
  'viewCount',
  'subscriberCount',
  'videoCount',
  'commentCount',
  'topicIds',
  'topicCategories',
  'defaultLanguage',
  'madeForKids',
)
export const VIDEO_COLUMNS = columns<
  | keyof VideoSnippet
  | keyof VideoStatistics
  | keyof VideoDetails
  | keyof VideoStatus
  | keyof VideoBroadcast
  | keyof Topics
  | keyof PaidProductPlacement
  | keyof VideoPlayer
>(
  'publishedAt',
  'channelId',
  'channelTitle',
  'title',
  'description',
  'thumbnails',
  'localized',
  'viewCount',
  'likeCount',
  'commentCount',
  'favoriteCount',
  'tags',
  'categoryId',
  'defaultLanguage',
  'defaultAudioLanguage',
  'duration',
  'definition',
  'madeForKids',
  'topicIds',
  'topicCategories',
  'hasPaidProductPlacement',
  'embedHtml',
  'scheduledStartTime',
  'scheduledEndTime',
  'actualStartTime',
  'actualEndTime',
)
export const PLAYLIST_COLUMNS = columns<keyof PlaylistSnippet | 'itemCount'>(
  'title',
  'description',
  'publishedAt',
  'channelId',
  'channelTitle',
  'localized',
  'itemCount',
)
export const COMMENT_COLUMNS = columns<keyof CommentSnippet>(
  'channelId',
  'videoId',
  'parentId',
  'textDisplay',
  'textOriginal',
  'publishedAt',
  'updatedAt',
  'likeCount',
  'canRate',
  'viewerRating',
  'authorDisplayName',
  'authorProfileImageUrl',
  'authorChannelUrl',
  'authorChannelId',
)
