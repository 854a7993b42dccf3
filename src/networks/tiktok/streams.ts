import type { Stream } from '../../core/stream.ts'
import type { Api } from './api.ts'
import { comments, replies } from './streams/comments.ts'
import { liked } from './streams/liked.ts'
import { ownProfile, ownVideos } from './streams/own.ts'
import { user } from './streams/user.ts'
import { videos } from './streams/videos.ts'

/** What a research client reads: any public profile, by its username. */
export const researchStreams = (api: Api): readonly Stream[] =>
  [user, videos, comments, replies, liked].map(open => open(api))

/** What a user's token reads: its owner alone, by the `open_id`. */
export const ownStreams = (api: Api): readonly Stream[] => [ownProfile, ownVideos].map(open => open(api))
