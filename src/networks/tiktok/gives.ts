import type { Gives } from '../contract.ts'

const OWN = 'by the Display API'
const RESEARCH = 'by the Research API'

/** What `normalise.ts` fills (docs/networks/tiktok.md §3, §5). */
export const GIVES: Gives = {
  profile: {
    id: 'by the Research API its name, which a renamed account loses; by the Display API its `open_id`',
    username: true,
    name: true,
    bio: true,
    url: true,
    website: RESEARCH,
    avatarUrl: true,
    verified: true,
    followersCount: true,
    followingCount: true,
    postsCount: true,
    likesCount: true,
    extra: true,
  },
  post: {
    id: true,
    profileId: true,
    kind: true,
    title: OWN,
    caption: true,
    permalink: 'by the Research API worked out of name and id',
    createdAt: true,
    likeCount: 'left out at zero and where it is unknown',
    commentsCount: true,
    viewCount: true,
    shareCount: true,
    saveCount: RESEARCH,
    hashtags: `${OWN} worked out of title and caption`,
    mentions: `${OWN} worked out of title and caption`,
    voiceToText: RESEARCH,
    region: RESEARCH,
    musicId: RESEARCH,
    effectIds: RESEARCH,
    playlistId: RESEARCH,
    stemVerified: RESEARCH,
    extra: true,
  },
  media: {
    postId: true,
    position: true,
    id: true,
    kind: true,
    thumbnailUrl: `${OWN}, for six hours`,
    width: OWN,
    height: OWN,
    durationMs: 'in whole seconds',
  },
  comment: {
    id: `${RESEARCH}, as all of comments`,
    postId: true,
    parentId: true,
    content: 'contact data masked by the network',
    likeCount: true,
    replyCount: true,
    createdAt: true,
  },
  like: {
    postId: `${RESEARCH}: videos that a profile liked, where it shows them (\`--lists liked\`)`,
    authorId: true,
  },
  collection: {
    id: `${RESEARCH}, as all of collections`,
    kind: true,
    profileId: 'of what a profile shows',
    title: 'of what a list names',
    itemsCount: 'of playlists, and of what a profile shows where that is told whole',
    extra: 'of hashtags and searches their query, of playlists when they were changed last',
  },
  item: {
    collectionId: true,
    postId: true,
    position: 'of playlists and of pinned videos',
  },
  relation: {
    kind: `${RESEARCH}: \`follower\` and \`following\`, with \`--lists followers,following\``,
    profileId: true,
    personId: 'their name',
    personName: 'as they show it',
  },
}

/** docs/networks/tiktok.md §0, §4 */
export const TERMS: readonly string[] = [
  'The Research API is given to researchers of institutions that work for no profit, for the purpose that they applied with; its terms say whether and to whom data may be passed on.',
  'By those terms, as others quote them, what is stored is fetched anew at least every 30 days, and deleted once the network no longer has it (`missing_since`).',
  'What the Display API gave is of an account whose owner consented to the app that asked.',
]
