import { idOfEntity, kindOfEntity } from '../../../../core/entity.ts'
import { instant } from '../../../../core/instant.ts'
import type {
  CommentRecord,
  MediaRecord,
  PostKind,
  PostRecord,
  ProfileRecord,
  SocialRecord,
} from '../../../../core/records.ts'
import type { Account } from './account.ts'
import type { Child } from './child.ts'
import type { Comment } from './comment.ts'
import { Hashtag } from './hashtags.ts'
import type { Post } from './post.ts'
import { Story } from './story.ts'
import { Thread } from './thread.ts'
import type { World } from './world.ts'

/** Text as it is stored: well-formed, and NUL replaced (docs/design.md §4). */
const stored = (text: string | null): string | null =>
  text === null ? null : text.toWellFormed().replaceAll('\u0000', '\ufffd')

/** An address that is there changes with each read and is left out; one that is not there is null. */
const address = <K extends string>(key: K, there: boolean): { readonly [P in K]?: null } =>
  there ? {} : ({ [key]: null } as { readonly [P in K]?: null })

/** What the network lists: so many posts back, and comments that the owner hid or not. */
export interface Listed {
  readonly depth: number
  readonly hidden: boolean
}

/** What a perfect sync stores of one profile, an own account by its id, another by its name; or of a hashtag. */
export function* truthOf(world: World, entityId: string, { depth, hidden }: Listed): Generator<SocialRecord> {
  if (kindOfEntity(entityId) === 'tag') yield* hits(world, entityId)
  const own = world.accountById(entityId)
  const account = own?.own ? own : world.accountByName(entityId)
  if (account === null) return
  const managed = account === own
  yield profile(account)
  if (managed) yield* stories(account)
  const made = account.postsMade
  for (let index = made - 1; index >= Math.max(0, made - depth); index--) {
    if (account.isWithheld(index)) continue
    const post = account.livePost(index)
    if (post === null) continue
    yield record(post, managed)
    yield* media(post)
    if (managed) yield* comments(post, hidden)
  }
}

/** How many top hits there are on the one page of them. */
const TOP = 50

/** What a hashtag brings: posts that it is not told whose they are. */
function* hits(world: World, entityId: string): Generator<SocialRecord> {
  const hashtag = Hashtag.named(world, idOfEntity(entityId))
  if (hashtag === null) return
  yield { type: 'collection', id: entityId, kind: 'tag', title: `#${hashtag.name}` }
  for (const id of new Set([...hashtag.top.slice(0, TOP), ...hashtag.recent].map(post => post.id)))
    yield { type: 'item', collectionId: entityId, postId: id }
}

const profile = (account: Account): ProfileRecord => ({
  type: 'profile',
  id: account.id,
  username: account.username,
  name: account.name,
  bio: account.biography,
  url: `https://www.instagram.com/${account.username}/`,
  website: account.website,
  verified: null,
  followersCount: account.followers,
  followingCount: account.follows,
  postsCount: account.mediaCount,
  ...address('avatarUrl', account.hasPicture),
})

const KINDS = { IMAGE: 'image', VIDEO: 'video', CAROUSEL_ALBUM: 'carousel' } as const

const kindOf = (post: Post): PostKind => (post.productType === 'REELS' ? 'reel' : KINDS[post.mediaType])

const record = (post: Post, managed: boolean): PostRecord => ({
  type: 'post',
  id: post.id,
  profileId: post.account.id,
  kind: kindOf(post),
  caption: stored(managed ? post.caption : post.publicCaption),
  permalink: post.permalink,
  createdAt: instant(post.createdAt),
  likeCount: post.likesHidden ? null : post.likes,
  commentsCount: post.commentsCount,
  viewCount: (managed ? post.mediaType === 'VIDEO' : post.productType === 'REELS') ? post.views : null,
  shareCount: managed ? post.shares : null,
  saveCount: managed ? post.saves : null,
  shortcode: post.shortcode,
  productType: post.productType,
  altText: stored(post.altText),
})

function* stories(account: Account): Generator<SocialRecord> {
  const [from, to] = account.liveStories
  for (let index = to - 1; index >= from; index--) {
    const story = new Story(account, index)
    yield {
      type: 'post',
      id: story.id,
      profileId: account.id,
      kind: 'story',
      caption: null,
      permalink: story.permalink,
      createdAt: instant(story.createdAt),
      likeCount: story.likes,
      commentsCount: story.commentsCount,
      viewCount: null,
      shareCount: null,
      saveCount: null,
      shortcode: null,
      productType: 'STORY',
      altText: null,
    }
    yield medium(story.id, story, 0)
  }
}

function* media(post: Post): Generator<MediaRecord> {
  const { children } = post
  if (children.length === 0) yield medium(post.id, post, 0)
  for (const child of children) yield medium(post.id, child, child.position)
}

const medium = (postId: string, item: Post | Child | Story, position: number): MediaRecord => ({
  type: 'media',
  postId,
  position,
  id: item.id,
  kind: item.mediaType === 'VIDEO' ? 'video' : 'photo',
  ...address('url', item.hasFile),
  ...address('thumbnailUrl', item.mediaType === 'VIDEO'),
  altText: item instanceof Story ? null : stored(item.altText),
})

function* comments(post: Post, hidden: boolean): Generator<CommentRecord> {
  for (const top of listed(post.comments, hidden)) {
    yield comment(top)
    for (const reply of listed(Thread.answering(top), hidden)) yield comment(reply)
  }
}

function* listed(thread: Thread, hidden: boolean): Generator<Comment> {
  for (let index = 0; index < thread.made; index++) {
    const each = thread.live(index)
    if (each !== null && !each.withheld && (hidden || !each.hidden)) yield each
  }
}

const comment = (from: Comment): CommentRecord => ({
  type: 'comment',
  id: from.id,
  postId: from.post.id,
  parentId: from.parent?.id ?? null,
  authorId: from.authorId,
  authorName: from.authorName,
  content: stored(from.text),
  likeCount: from.likes,
  replyCount: null,
  createdAt: instant(from.createdAt),
})
