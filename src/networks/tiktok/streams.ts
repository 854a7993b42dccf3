import type { Stream } from '../../core/stream.ts'
import type { Api } from './api.ts'
import type { OwnAccount } from './own-account.ts'
import type { ByComment } from './streams/by-comment.ts'
import { comments, replies } from './streams/comments.ts'
import { found, foundDays } from './streams/found.ts'
import type { KnownGaps } from './streams/known-gaps.ts'
import type { LaterPages } from './streams/later-pages.ts'
import { liked } from './streams/liked.ts'
import { collected, named } from './streams/named.ts'
import { ownProfile, ownVideos } from './streams/own.ts'
import { ownNamed } from './streams/own-named.ts'
import { playlist, playlistItems } from './streams/playlist.ts'
import { followers, following } from './streams/relations.ts'
import { user } from './streams/user.ts'
import { videos } from './streams/videos.ts'
import { window } from './streams/window.ts'

/** What is learned of searches. */
export interface Learned {
  /** By creators' names. */
  readonly gaps: KnownGaps
  /** By hashtags and the user's own queries, which fail on other days. */
  readonly foundGaps: KnownGaps
  readonly laterPages: LaterPages
  readonly byComment: ByComment
}

/** What a research client reads: any public profile, by its username, any public video, by its id, and what is searched for. */
export const researchStreams = (
  api: Api,
  { gaps, foundGaps, laterPages, byComment }: Learned,
): readonly Stream[] => [
  user(api),
  videos(api, gaps, laterPages),
  window(api, gaps),
  named(api),
  playlist(api),
  playlistItems(api),
  collected(api),
  found(api, foundGaps, laterPages),
  foundDays(api, foundGaps),
  comments(api),
  replies(api, byComment),
  liked(api),
  followers(api),
  following(api),
]

/** What a user's token reads: its owner alone, by the `open_id`. */
export const ownStreams = (api: Api, account: OwnAccount): readonly Stream[] => [
  ownProfile(api),
  ownVideos(api),
  ownNamed(api, account),
]
