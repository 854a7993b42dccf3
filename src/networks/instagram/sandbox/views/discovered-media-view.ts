import { undocumentedField } from '../errors.ts'
import type { Post } from '../world/post.ts'
import { discoveredChildView } from './child-view.ts'
import { wireTime } from './comment-view.ts'
import { wholeEdge } from './edges.ts'
import { mediaUrl, NODE, refusedAs, sound, thumbnailUrl, unlessHidden } from './media-parts.ts'
import type { View } from './view.ts'

/** A post of another account (docs/networks/instagram.md §5). */
export const discoveredMediaView: View<Post> = {
  type: NODE,
  fickle: true,
  defaults: ['id'],
  id: post => post.id,
  fields: {
    caption: post => post.publicCaption,
    comments_count: post => post.commentsCount,
    like_count: unlessHidden(post => post.likes),
    media_type: post => post.mediaType,
    media_product_type: post => post.productType,
    media_url: mediaUrl,
    thumbnail_url: thumbnailUrl,
    permalink: post => post.permalink,
    timestamp: post => wireTime(post.createdAt),
    username: post => post.account.username,
    owner: () => null,
    view_count: post => (post.productType === 'REELS' ? post.views : null),
    reposts_count: post => post.reposts,
    total_like_count: unlessHidden(post => post.likes),
    total_comments_count: post => post.commentsCount,
    alt_text: post => post.altText,
    media_audio_type: sound,
  },
  edges: { children: wholeEdge(post => post.children, discoveredChildView) },
  refused: refusedAs(undocumentedField, [
    'ig_id',
    'is_comment_enabled',
    'shortcode',
    'is_shared_to_feed',
    'saved_count',
    'shares_count',
    'total_views_count',
    'comments',
    'insights',
  ]),
}
