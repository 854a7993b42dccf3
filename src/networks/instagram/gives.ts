import type { Gives } from '../contract.ts'

/** What `normalise.ts` fills (docs/networks/instagram.md §3). */
export const GIVES: Gives = {
  profile: {
    id: true,
    username: true,
    name: true,
    bio: true,
    url: true,
    website: true,
    avatarUrl: true,
    followersCount: true,
    followingCount: true,
    postsCount: true,
    extra: true,
  },
  post: {
    id: true,
    profileId: true,
    kind: true,
    caption: true,
    permalink: true,
    createdAt: true,
    likeCount: 'hidden ones of your own accounts alone',
    commentsCount: 'replies included',
    viewCount: 'of reels, and of your own films',
    shareCount: 'of your own posts',
    saveCount: 'of your own posts',
    hashtags: 'worked out of the caption',
    mentions: "worked out of the caption, in which the network leaves the `@` out of others' posts",
    shortcode: 'where it is not told, out of the address',
    productType: true,
    altText: true,
    extra: true,
  },
  media: {
    postId: true,
    position: true,
    id: true,
    kind: true,
    url: true,
    thumbnailUrl: 'of films',
    altText: true,
  },
  collection: {
    id: 'of hashtags, as all of collections',
    kind: true,
    title: true,
  },
  item: {
    collectionId: true,
    postId: 'of posts that are no rows, since it is not told whose they are',
  },
  relation: {
    kind: '`tagger` of your own accounts, with `--lists tagged`',
    profileId: true,
    personId: 'their name',
    postId: 'the post in which they do, which is no row of posts',
  },
  comment: {
    id: 'on your own posts, as all of comments',
    postId: true,
    parentId: 'the top comment, whichever reply it answers',
    authorId: true,
    authorName: true,
    content: true,
    likeCount: true,
    createdAt: true,
    extra: true,
  },
}

export const TERMS: readonly string[] = [
  "Meta's Platform Terms bind whoever made the app that asked: they say what may be kept, for how long, and to whom it may be passed on.",
  'Comments and insights come from the asking accounts alone. They hold names and words of people who spoke to that account, and agreed to no deposit.',
]
