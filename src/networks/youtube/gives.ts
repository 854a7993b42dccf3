import type { Gives } from '../contract.ts'

/** What `normalise.ts` fills (docs/networks/youtube.md §5). */
export const GIVES: Gives = {
  profile: {
    id: true,
    username: 'its handle',
    name: true,
    bio: true,
    url: true,
    avatarUrl: true,
    country: true,
    createdAt: true,
    followersCount: 'rounded down to three digits',
    postsCount: true,
    viewsCount: true,
    extra: true,
  },
  post: {
    id: true,
    profileId: true,
    kind: 'Shorts are told as `video`, broadcasts as `live` until they end',
    title: true,
    caption: true,
    permalink: true,
    createdAt: true,
    likeCount: true,
    commentsCount: 'replies included',
    viewCount: true,
    extra: true,
  },
  media: {
    postId: true,
    position: true,
    id: true,
    kind: true,
    url: 'the page that plays it',
    thumbnailUrl: true,
    durationMs: 'in whole seconds',
  },
  comment: {
    id: true,
    postId: true,
    parentId: 'the top comment, whichever reply it answers',
    authorId: true,
    authorName: true,
    content: true,
    likeCount: true,
    replyCount: true,
    createdAt: true,
    updatedAt: true,
    extra: 'such as the address of an attached picture',
  },
}

/** docs/networks/youtube.md §8 */
export const TERMS: readonly string[] = [
  'The terms of the YouTube API Services and their developer policies bind whoever holds the key that asked.',
  'What the API gave may be kept for 30 days at most; then it is fetched anew or deleted (`fetched_at` says when each row was). A deposit that lasts needs more than these terms give.',
]
