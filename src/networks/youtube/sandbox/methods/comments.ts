import type { JsonObject } from '../../../../core/json.ts'
import { refuse } from '../errors.ts'
import type { Call, Envelope, Method } from '../method.ts'
import { REPLIES } from '../page-tokens.ts'
import { cutPage, type Sequence } from '../pages.ts'
import { listSchema } from '../schemas.ts'
import { type CommentForm, makeCommentResource } from '../wire/comment.ts'
import { findReply, makeComment, topComment } from '../world/comments.ts'
import { findThread } from '../world/threads.ts'
import { commentsClosed } from '../world/videos.ts'
import type { World } from '../world/world.ts'
import { readCommentForm, refuseWithIds } from './comment-parameters.ts'

/** `comments.list`: the replies of a thread, newest first unless the switch `replies-order` says `oldest`; or comments by id. */
export const comments: Method = {
  path: 'comments',
  pool: 'default',
  parts: ['id', 'snippet'],
  filters: ['parentId', 'id'],
  parameters: ['textFormat', 'maxResults', 'pageToken'],
  pageSize: { least: 1, most: 100, usual: 20 },
  needsForceSsl: true,
  schema: listSchema('comment'),
  answer: call => (call.filter === 'id' ? lookUp(call) : list(call)),
}

const list = (call: Call): Envelope => {
  const { world, value: parentId, parts, pageSize } = call
  const thread = findThread(world, parentId)
  if (thread === null) throw refuse('commentNotFound')
  if (commentsClosed(thread.video) !== undefined) throw refuse('forbidden', { domain: 'youtube.comment' })
  const form = readCommentForm(call)
  const isOldestFirst = call.switches.peek('replies-order') === 'oldest'
  const numbers: Sequence<number> = {
    length: thread.replies,
    at: index => (isOldestFirst ? index : thread.replies - 1 - index),
  }
  const cut = cutPage(call, numbers, REPLIES, parentId)
  return {
    kind: 'youtube#commentListResponse',
    ...cut.next,
    pageInfo: { resultsPerPage: pageSize },
    items: cut.items.map(reply =>
      trim(makeCommentResource(thread, makeComment(world, thread, parentId, reply), form, false), parts),
    ),
  }
}

const lookUp = (call: Call): Envelope => {
  refuseWithIds(call, ['pageToken'])
  const form = readCommentForm(call)
  const items = call.values.map(id => findComment(call.world, id, form)).filter(item => item !== null)
  return { kind: 'youtube#commentListResponse', items: items.map(item => trim(item, call.parts)) }
}

const findComment = (world: World, id: string, form: CommentForm): JsonObject | null => {
  const reply = findReply(world, id)
  const thread = reply?.thread ?? findThread(world, id)
  if (thread === null || commentsClosed(thread.video) !== undefined) return null
  const comment =
    reply === null
      ? topComment(world, thread)
      : makeComment(world, thread, id.slice(0, id.indexOf('.')), reply.reply)
  return makeCommentResource(thread, comment, form, false)
}

/** `part=id` alone has no snippet. */
const trim = (resource: JsonObject, parts: ReadonlySet<string>): JsonObject => {
  if (parts.has('snippet')) return resource
  const { snippet: _, ...rest } = resource
  return rest
}
