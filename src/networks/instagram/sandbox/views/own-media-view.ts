import type { Json } from '../../../../core/json.ts'
import * as errors from '../errors.ts'
import type { Host } from '../tokens.ts'
import type { Account } from '../world/account.ts'
import { scopedId } from '../world/ids.ts'
import { Post } from '../world/post.ts'
import type { Story } from '../world/story.ts'
import { ownChildView } from './child-view.ts'
import { commentView, wireTime } from './comment-view.ts'
import { commentsEdge, wholeEdge } from './edges.ts'
import { mediaInsights } from './insights.ts'
import { mediaUrl, NODE, sound, thumbnailUrl, unlessHidden } from './media-parts.ts'
import type { View } from './view.ts'

type Medium = Post | Story
type Value = Json | undefined

/** A field that stories do not have. */
const ofPost =
  (value: (post: Post) => Value) =>
  (item: Medium): Value =>
    item instanceof Post ? value(item) : null

const ON_BOTH_HOSTS: View<Medium>['fields'] = {
  media_type: item => item.mediaType,
  media_product_type: item => item.productType,
  caption: item => item.caption,
  timestamp: item => wireTime(item.createdAt),
  permalink: item => item.permalink,
  shortcode: ofPost(post => post.shortcode),
  username: item => item.account.username,
  owner: (item, call) => ({
    id:
      call.host === 'instagram' && call.option('scoped-owner')
        ? scopedId(item.account.index)
        : item.account.id,
  }),
  like_count: unlessHidden(item => item.likes),
  comments_count: item => item.commentsCount,
  media_url: mediaUrl,
  thumbnail_url: thumbnailUrl,
  ig_id: item => item.igId,
  is_comment_enabled: ofPost(post => post.commentsEnabled),
  is_shared_to_feed: ofPost(post => (post.productType === 'REELS' ? true : null)),
  alt_text: ofPost(post => post.altText),
  media_audio_type: ofPost(sound),
  is_ai_generated: ofPost(() => false),
}

const ON_FACEBOOK: View<Medium>['fields'] = {
  ...ON_BOTH_HOSTS,
  reposts_count: ofPost(post => post.reposts),
  saved_count: ofPost(post => post.saves),
  shares_count: ofPost(post => post.shares),
  total_like_count: ofPost(post => (post.likesHidden ? null : post.likes)),
  total_comments_count: ofPost(post => post.commentsCount),
  total_views_count: ofPost(post => (post.mediaType === 'VIDEO' ? post.views : null)),
  legacy_instagram_media_id: item => item.igId,
  copyright_check_information: ofPost(post =>
    post.mediaType === 'VIDEO' ? { status: { status: 'completed', matches_found: !post.hasFile } } : null,
  ),
}

const collaboratorView: View<Account> = {
  type: 'ShadowIGMediaCollaborators',
  defaults: ['id', 'username', 'invite_status'],
  id: account => account.id,
  fields: { username: account => account.username, invite_status: () => 'Accepted' },
}

const ownView = (host: Host, direct: boolean): View<Medium> => ({
  type: NODE,
  defaults: ['id'],
  id: item => item.id,
  fields: {
    ...(host === 'facebook' ? ON_FACEBOOK : ON_BOTH_HOSTS),
    // The owner who asks for one post by its id learns even a hidden number.
    ...(direct && { like_count: (item: Medium): Value => item.likes }),
  },
  edges: {
    children: wholeEdge(item => item.children, ownChildView),
    comments: commentsEdge(commentView),
    insights: mediaInsights,
    ...(host === 'facebook' && {
      collaborators: wholeEdge(item => {
        const partner = item instanceof Post ? item.collaborator : null
        return partner === null ? [] : [partner]
      }, collaboratorView),
    }),
  },
  refused: { view_count: errors.discoveryOnly },
})

/** A post or story of one's own; `direct` = asked for by its own id, not found in a list. */
export const ownMediaView: Readonly<Record<Host, Readonly<Record<'direct' | 'listed', View<Medium>>>>> = {
  facebook: { direct: ownView('facebook', true), listed: ownView('facebook', false) },
  instagram: { direct: ownView('instagram', true), listed: ownView('instagram', false) },
}
