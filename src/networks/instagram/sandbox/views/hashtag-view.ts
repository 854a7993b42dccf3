import { undocumentedField } from '../errors.ts'
import type { Hashtag } from '../world/hashtags.ts'
import type { Post } from '../world/post.ts'
import { discoveredChildView } from './child-view.ts'
import { wireTime } from './comment-view.ts'
import { hitsEdge, wholeEdge } from './edges.ts'
import { mediaUrl, NODE, refusedAs, unlessHidden } from './media-parts.ts'
import type { View } from './view.ts'

/** A post that a hashtag brings: not whose it is, and of an album no address of its own (docs/networks/instagram.md §4, §6). */
const hitView: View<Post> = {
  type: NODE,
  defaults: ['id'],
  id: post => post.id,
  fields: {
    caption: post => post.publicCaption,
    comments_count: post => post.commentsCount,
    like_count: unlessHidden(post => post.likes),
    media_type: post => post.mediaType,
    media_url: (post, call) => (post.mediaType === 'CAROUSEL_ALBUM' ? null : mediaUrl(post, call)),
    permalink: post => post.permalink,
    timestamp: post => wireTime(post.createdAt),
  },
  edges: { children: wholeEdge(post => post.children, discoveredChildView) },
  refused: refusedAs(undocumentedField, [
    'username',
    'owner',
    'media_product_type',
    'thumbnail_url',
    'view_count',
    'comments',
    'insights',
  ]),
}

export const hashtagView: Pick<View<Hashtag>, 'edges'> = {
  edges: {
    top_media: hitsEdge('top_media', hashtag => hashtag.top, hitView),
    recent_media: hitsEdge('recent_media', hashtag => hashtag.recent, hitView),
  },
}
