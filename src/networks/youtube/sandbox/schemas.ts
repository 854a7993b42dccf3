import { readFields, type Selection } from './fields.ts'

/**
 * What each answer may have, written as a `fields` selector that takes it all (docs/networks/youtube.md §4, §5, and the
 * schemas of the typed client). A selector that asks for anything else is refused.
 */
const THUMBNAIL = '(url,width,height)'
const THUMBNAILS = `thumbnails(${['default', 'medium', 'high', 'standard', 'maxres', 'fhd', 'qhd', 'uhd']
  .map(name => name + THUMBNAIL)
  .join()})`
const LOCALIZED = 'localized(title,description)'
const TOPICS = 'topicDetails(topicIds,relevantTopicIds,topicCategories)'

const COMMENT =
  'kind,etag,id,snippet(authorChannelId/value,authorChannelUrl,authorDisplayName,authorProfileImageUrl,canRate,channelId,' +
  'imageUrl,likeCount,moderationStatus,parentId,publishedAt,textDisplay,textOriginal,updatedAt,videoId,viewerRating)'

const RESOURCES = {
  channel:
    `snippet(title,description,customUrl,publishedAt,country,defaultLanguage,${THUMBNAILS},${LOCALIZED}),` +
    'contentDetails/relatedPlaylists(likes,uploads,favorites,watchHistory,watchLater),' +
    'statistics(viewCount,subscriberCount,hiddenSubscriberCount,videoCount,commentCount),' +
    `${TOPICS},status(privacyStatus,isLinked,longUploadsStatus,madeForKids,selfDeclaredMadeForKids),localizations/*,` +
    'brandingSettings(channel(title,description,keywords,unsubscribedTrailer,country,defaultLanguage,' +
    'trackingAnalyticsAccountId,defaultTab,moderateComments),image/*,watch/*,hints/*),auditDetails/*,contentOwnerDetails/*',
  playlistItem:
    `snippet(publishedAt,channelId,title,description,${THUMBNAILS},channelTitle,playlistId,position,` +
    'resourceId(kind,videoId),videoOwnerChannelTitle,videoOwnerChannelId),' +
    'contentDetails(videoId,videoPublishedAt,startAt,endAt,note),status/privacyStatus',
  video:
    `snippet(publishedAt,channelId,title,description,${THUMBNAILS},channelTitle,tags,categoryId,liveBroadcastContent,` +
    `defaultLanguage,${LOCALIZED},defaultAudioLanguage),` +
    'contentDetails(duration,dimension,definition,caption,licensedContent,contentRating/*,projection,' +
    'regionRestriction(allowed,blocked),hasCustomThumbnail),' +
    'status(uploadStatus,privacyStatus,license,embeddable,publicStatsViewable,madeForKids,publishAt,failureReason,' +
    'rejectionReason,selfDeclaredMadeForKids,containsSyntheticMedia),' +
    'statistics(viewCount,likeCount,dislikeCount,favoriteCount,commentCount),' +
    'liveStreamingDetails(actualStartTime,actualEndTime,scheduledStartTime,scheduledEndTime,concurrentViewers,' +
    `activeLiveChatId),player(embedHtml,embedHeight,embedWidth),${TOPICS},localizations/*,recordingDetails/*,` +
    'paidProductPlacementDetails/hasPaidProductPlacement,fileDetails/*,processingDetails/*,suggestions/*,brandPartner/*',
  videoStats:
    'snippet/publishTime,contentDetails(duration,durationMillis),statistics(viewCount,likeCount,commentCount)',
  commentThread: `snippet(channelId,videoId,canReply,totalReplyCount,isPublic,topLevelComment(${COMMENT})),replies/comments(${COMMENT})`,
  comment: COMMENT,
  searchResult: `snippet(publishedAt,channelId,title,description,${THUMBNAILS},channelTitle,liveBroadcastContent,publishTime)`,
  activity:
    `snippet(publishedAt,channelId,title,description,${THUMBNAILS},channelTitle,type,groupId),` +
    'contentDetails(upload/videoId,playlistItem/*,like/*,comment/*,subscription/*)',
  playlist:
    `snippet(publishedAt,channelId,title,description,${THUMBNAILS},channelTitle,defaultLanguage,${LOCALIZED}),` +
    'status/privacyStatus,contentDetails/itemCount,player/embedHtml,localizations/*',
  subscription: `snippet(publishedAt,title,description,resourceId(kind,channelId),channelId,${THUMBNAILS}),contentDetails/*,subscriberSnippet/*`,
} as const

const ENVELOPE = 'kind,etag,nextPageToken,prevPageToken,regionCode,pageInfo(totalResults,resultsPerPage)'
const SUMMARY = 'summary(requestedVideoCount,succeededVideoCount,failedVideoCount,failedVideoIds)'

/** The schema of a list of resources of a kind. */
export const listSchema = (kind: keyof typeof RESOURCES): Selection => {
  const id = kind === 'searchResult' ? 'id(kind,videoId,channelId,playlistId)' : 'id'
  const schema = readFields(`${ENVELOPE},${SUMMARY},items(kind,etag,${id},${RESOURCES[kind]})`)
  if (schema === null) throw new Error(`The schema of ${kind} is no selector.`)
  return schema
}
