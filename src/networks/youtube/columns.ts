import type {
  ChannelSnippet,
  ChannelStatistics,
  ChannelTopics,
  CommentSnippet,
  VideoSnippet,
  VideoStatistics,
} from './wire.ts'

// Fields that have a column, that repeat another field, or that say nothing of the thing itself (`canRate`). All
// others, and those of later years, are kept as `extra`.

const columns = <Key extends string>(...keys: readonly Key[]): ReadonlySet<string> => new Set(keys)

export const CHANNEL_COLUMNS = columns<keyof ChannelSnippet | keyof ChannelStatistics | keyof ChannelTopics>(
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
)
export const VIDEO_COLUMNS = columns<keyof VideoSnippet | keyof VideoStatistics>(
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
