/**
 * What YouTube Data API v3 sends (docs/networks/youtube.md §4, §5, §9), as far as it is read or kept. Absent keys are left
 * out, never null, and any field may be absent: the types serve to name fields, `normalise.ts` trusts none of them.
 * Counters of channels and videos are strings of digits, those of comments and threads are numbers.
 */

export interface ListResponse<Resource> {
  readonly kind: `youtube#${string}ListResponse`
  readonly etag?: string
  readonly nextPageToken?: string
  readonly prevPageToken?: string
  readonly pageInfo?: { readonly totalResults?: number; readonly resultsPerPage?: number }
  /** Of a search alone. */
  readonly regionCode?: string
  /** Left out altogether where `channels` finds nothing. */
  readonly items?: readonly Resource[]
}

export interface Channel {
  readonly id: string
  readonly snippet?: ChannelSnippet
  readonly contentDetails?: {
    readonly relatedPlaylists?: { readonly likes?: string; readonly uploads?: string }
  }
  readonly statistics?: ChannelStatistics
  readonly topicDetails?: Topics
  readonly status?: ChannelStatus
  readonly brandingSettings?: {
    readonly channel?: Readonly<Record<string, string>>
    readonly image?: { readonly bannerExternalUrl?: string }
  }
}

export interface ChannelSnippet extends Described {
  /** `@example`; old values lack the @. */
  readonly customUrl?: string
  readonly country?: string
}

export interface ChannelStatistics {
  readonly viewCount?: string
  /** Rounded down to three digits; `"0"` or left out where hidden. */
  readonly subscriberCount?: string
  readonly hiddenSubscriberCount?: boolean
  readonly videoCount?: string
  /** Obsolete. */
  readonly commentCount?: string
}

export interface ChannelStatus {
  readonly privacyStatus?: string
  readonly isLinked?: boolean
  readonly longUploadsStatus?: string
  readonly madeForKids?: boolean
}

export interface Topics {
  readonly topicIds?: readonly string[]
  readonly topicCategories?: readonly string[]
}

/** What the snippets of channels and videos share. */
interface Described {
  readonly title?: string
  readonly description?: string
  readonly publishedAt?: string
  /** By size: `default`, `medium`, `high`, `standard`, `maxres`, and names of later years. Widths may be left out. */
  readonly thumbnails?: Readonly<
    Record<string, { readonly url: string; readonly width?: number; readonly height?: number }>
  >
  readonly defaultLanguage?: string
  readonly localized?: { readonly title?: string; readonly description?: string }
}

export interface Playlist {
  readonly id: string
  readonly snippet?: PlaylistSnippet
  readonly contentDetails?: { readonly itemCount?: number }
  readonly status?: { readonly privacyStatus?: string }
}

export interface PlaylistSnippet extends Described {
  readonly channelId?: string
  readonly channelTitle?: string
}

export interface PlaylistItem {
  readonly snippet?: PlaylistItemSnippet
  readonly contentDetails?: {
    readonly videoId?: string
    /** Left out where the video is private or deleted. */
    readonly videoPublishedAt?: string
  }
  readonly status?: { readonly privacyStatus?: string }
}

export interface PlaylistItemSnippet {
  /** When it was put into the playlist. */
  readonly publishedAt?: string
  /** Of who put it there. */
  readonly channelId?: string
  readonly channelTitle?: string
  readonly title?: string
  readonly description?: string
  readonly thumbnails?: Described['thumbnails']
  readonly playlistId?: string
  /** Counts from 0. */
  readonly position?: number
  readonly resourceId?: { readonly kind?: string; readonly videoId?: string }
  /** Left out where the video is private or deleted. */
  readonly videoOwnerChannelTitle?: string
  readonly videoOwnerChannelId?: string
}

/** A hit of a search for videos: it names them, their details are asked for by their ids. */
export interface SearchResult {
  readonly id?: { readonly kind?: string; readonly videoId?: string }
  readonly snippet?: SearchSnippet
}

export interface SearchSnippet extends Described {
  readonly channelId?: string
  readonly channelTitle?: string
  readonly liveBroadcastContent?: string
  /** The same as `publishedAt`. */
  readonly publishTime?: string
}

export interface Video {
  readonly id: string
  readonly snippet?: VideoSnippet
  readonly contentDetails?: VideoDetails
  readonly status?: VideoStatus
  readonly statistics?: VideoStatistics
  readonly liveStreamingDetails?: VideoBroadcast
  readonly topicDetails?: Topics
  readonly paidProductPlacementDetails?: PaidProductPlacement
  readonly player?: VideoPlayer
}

/** Sizes are told only where a largest one is asked for. */
export interface VideoPlayer {
  readonly embedHtml?: string
  readonly embedHeight?: string | number
  readonly embedWidth?: string | number
}

export interface PaidProductPlacement {
  readonly hasPaidProductPlacement?: boolean
}

export interface VideoDetails {
  /** ISO 8601; `P0D` while live or upcoming. */
  readonly duration?: string
  readonly dimension?: string
  readonly definition?: string
  readonly caption?: 'true' | 'false'
  readonly licensedContent?: boolean
  readonly contentRating?: Readonly<Record<string, string>>
  readonly projection?: string
  readonly regionRestriction?: {
    readonly allowed?: readonly string[]
    readonly blocked?: readonly string[]
  }
}

export interface VideoStatus {
  readonly uploadStatus?: string
  readonly privacyStatus?: string
  readonly license?: string
  readonly embeddable?: boolean
  readonly publicStatsViewable?: boolean
  readonly madeForKids?: boolean
}

export interface VideoBroadcast {
  readonly actualStartTime?: string
  readonly actualEndTime?: string
  readonly scheduledStartTime?: string
  /** Only where the owner named one. */
  readonly scheduledEndTime?: string
  readonly concurrentViewers?: string
}

export interface VideoSnippet extends Described {
  readonly channelId?: string
  readonly channelTitle?: string
  readonly tags?: readonly string[]
  readonly categoryId?: string
  readonly liveBroadcastContent?: 'none' | 'upcoming' | 'live' | 'completed'
  readonly defaultAudioLanguage?: string
}

export interface VideoStatistics {
  readonly viewCount?: string
  /** Left out where the owner hides it. */
  readonly likeCount?: string
  /** Always `"0"`. */
  readonly favoriteCount?: string
  /** Replies included; left out where comments are off. */
  readonly commentCount?: string
}

export interface CommentThread {
  /** The same as the id of its top-level comment. */
  readonly id: string
  readonly snippet?: {
    readonly channelId?: string
    readonly videoId?: string
    readonly topLevelComment?: Comment
    readonly canReply?: boolean
    readonly totalReplyCount?: number
    readonly isPublic?: boolean
  }
  /** At most five, at times fewer than there are, in no promised order; left out where there are none. */
  readonly replies?: { readonly comments?: readonly Comment[] }
}

export interface Comment {
  /** A reply's id is `<thread id>.<its own>`. */
  readonly id: string
  readonly snippet?: CommentSnippet
}

export interface CommentSnippet {
  readonly channelId?: string
  readonly videoId?: string
  readonly parentId?: string
  readonly textDisplay?: string
  readonly textOriginal?: string
  readonly authorDisplayName?: string
  readonly authorProfileImageUrl?: string
  /** A handle or an id, by year: the id is never cut out of it. */
  readonly authorChannelUrl?: string
  readonly authorChannelId?: { readonly value: string }
  readonly canRate?: boolean
  readonly viewerRating?: string
  readonly likeCount?: number
  readonly publishedAt?: string
  readonly updatedAt?: string
  readonly imageUrl?: string
}

/** `status` and `details` come with errors of the gateway, not with those of a resource. */
export interface ErrorResponse {
  readonly error: {
    readonly code: number
    /** May hold HTML. */
    readonly message: string
    readonly errors?: readonly {
      readonly message?: string
      readonly domain?: string
      readonly reason?: string
      readonly location?: string
      readonly locationType?: string
    }[]
    readonly status?: string
    readonly details?: readonly {
      readonly reason?: string
      readonly metadata?: Readonly<Record<string, string>>
    }[]
  }
}

/** The answer of the token endpoint (docs/networks/youtube.md §1). */
export interface TokenResponse {
  readonly access_token: string
  /** Seconds. */
  readonly expires_in: number
  readonly token_type: 'Bearer'
  /** Permissions, separated by spaces. */
  readonly scope?: string
}
