import type { JsonObject } from '../../../../core/json.ts'
import { type Comment, makeComment, topComment } from '../world/comments.ts'
import { inlinedReplies, type Thread } from '../world/threads.ts'
import type { World } from '../world/world.ts'
import { displayHtml } from './html.ts'
import { etagOf, etagsOf, makeResource, rfc3339 } from './resource.ts'

export interface CommentForm {
  readonly textFormat: 'html' | 'plainText'
  /** Whether `textOriginal` is told, as it was in recordings made with plain keys (docs/networks/youtube.md §5). */
  readonly original: boolean
}

/** A comment; `withVideo` false as in lists of replies, which do not name the video. */
export const makeCommentResource = (
  thread: Thread,
  comment: Comment,
  form: CommentForm,
  withVideo: boolean,
): JsonObject => {
  const { id, text, author } = comment
  const videoId = thread.video.id
  const snippet: JsonObject = {
    channelId: thread.video.channel.id,
    ...(withVideo && { videoId }),
    textDisplay: form.textFormat === 'html' ? displayHtml(text, videoId) : text,
    ...(form.original && { textOriginal: text }),
    ...(comment.parentId !== null && { parentId: comment.parentId }),
    authorDisplayName: author.name,
    authorProfileImageUrl: `https://yt3.ggpht.com/ytc/${author.name.length}=s48-c-k-c0x00ffffff-no-rj`,
    authorChannelUrl: `http://www.youtube.com/@${encodeURIComponent(author.name.slice(1))}`,
    ...(author.id !== null && { authorChannelId: { value: author.id } }),
    canRate: true,
    viewerRating: 'none',
    likeCount: comment.likeCount,
    publishedAt: rfc3339(comment.createdAt),
    updatedAt: rfc3339(comment.updatedAt),
  }
  return { kind: 'youtube#comment', etag: etagOf({ id, snippet }), id, snippet }
}

export const makeThreadResource = (
  world: World,
  thread: Thread,
  form: CommentForm,
  wanted: ReadonlySet<string>,
): JsonObject => {
  const first = topComment(world, thread)
  const { channel, id: videoId } = thread.video
  const top = makeCommentResource(thread, first, form, true)
  const inlined = wanted.has('replies') ? inlinedReplies(thread) : []
  const comments = inlined.map(reply =>
    makeCommentResource(thread, makeComment(world, thread, first.id, reply), form, true),
  )
  return makeResource(
    'commentThread',
    first.id,
    {
      snippet: () => ({
        channelId: channel.id,
        videoId,
        topLevelComment: top,
        canReply: thread.plan.closed !== true,
        totalReplyCount: thread.declared,
        isPublic: true,
      }),
      replies: () => (comments.length === 0 ? undefined : { comments }),
    },
    wanted,
    [...wanted, thread.declared, ...etagsOf([top, ...comments])],
  )
}
