import type { Json, JsonObject } from '../../../../core/json.ts'
import type { Comment } from '../world/comment.ts'
import { repliesEdge } from './edges.ts'
import type { Edge, View } from './view.ts'

/** `2024-01-31T18:05:09+0000`. */
export const wireTime = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}+0000`

const from = ({ authorId, authorName }: Comment): Json =>
  authorId === null ? null : { id: authorId, ...(authorName !== null && { username: authorName }) }

const edges: { replies?: Edge<Comment> } = {}

/** A comment or reply under a post of one's own (docs/networks/instagram.md §6). */
export const commentView: View<Comment> = {
  type: 'ShadowIGComment',
  defaults: ['timestamp', 'text', 'id'],
  id: comment => comment.id,
  fields: {
    text: comment => comment.text,
    timestamp: comment => wireTime(comment.createdAt),
    username: comment => comment.authorName,
    from,
    like_count: comment => comment.likes,
    hidden: comment => comment.hidden,
    parent_id: comment => comment.parent?.id,
    user: comment => (comment.byOwner ? { id: comment.post.account.id } : null),
    legacy_instagram_comment_id: comment => comment.id,
  },
  nested: {
    media: ({ post }, { fields }): JsonObject => ({
      id: post.id,
      ...(fields?.some(({ name }) => name === 'media_product_type') && {
        media_product_type: post.productType,
      }),
    }),
  },
  edges,
}
edges.replies = repliesEdge(commentView)
