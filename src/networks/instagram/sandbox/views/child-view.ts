import * as errors from '../errors.ts'
import type { Child } from '../world/child.ts'
import { wireTime } from './comment-view.ts'
import { mediaUrl, NODE, refusedAs, thumbnailUrl } from './media-parts.ts'
import type { View } from './view.ts'

/** One picture of an album, of one's own (docs/networks/instagram.md §6). */
export const ownChildView: View<Child> = {
  type: NODE,
  defaults: ['id'],
  id: child => child.id,
  fields: {
    media_type: child => child.mediaType,
    media_url: mediaUrl,
    thumbnail_url: thumbnailUrl,
    timestamp: child => wireTime(child.createdAt),
    username: child => child.account.username,
    owner: child => ({ id: child.account.id }),
    ig_id: child => child.igId,
    media_product_type: () => null,
    caption: () => null,
    permalink: () => null,
    shortcode: () => null,
    alt_text: child => child.altText,
  },
  refused: refusedAs(errors.childField, [
    'like_count',
    'comments_count',
    'is_comment_enabled',
    'is_shared_to_feed',
    'reposts_count',
    'saved_count',
    'shares_count',
    'total_like_count',
    'total_comments_count',
    'total_views_count',
    'comments',
    'children',
    'insights',
  ]),
}

/** The same of another account's album (docs/networks/instagram.md §5). */
export const discoveredChildView: View<Child> = {
  type: NODE,
  fickle: true,
  defaults: ['id'],
  id: child => child.id,
  fields: {
    media_type: child => child.mediaType,
    media_url: mediaUrl,
    thumbnail_url: thumbnailUrl,
    timestamp: child => wireTime(child.createdAt),
    username: child => child.account.username,
    media_product_type: () => null,
    caption: () => null,
    permalink: () => null,
    alt_text: child => child.altText,
  },
  refused: refusedAs(errors.childField, ['like_count', 'comments_count']),
}
