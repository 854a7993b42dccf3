import { sentence } from '../../../seeded.ts'
import { type Call, data, type Reply } from '../call.ts'
import type { Knobs } from '../switches.ts'
import { type FieldTable, readFields, show, type Wanted } from '../wire/fields.ts'
import { INVALID_CURSOR, invalid } from '../wire/reply.ts'
import { Body } from '../wire/request.ts'
import type { Wire } from '../wire/write-json.ts'
import { byLikes, type Comment, commentsOf } from '../world/comments.ts'
import { isUp, type Video } from '../world/videos.ts'
import { findComment, findVideo } from '../world/world.ts'
import { listPage } from './list-page.ts'
import { isSearchable, traitsOf } from './traits.ts'

const FIELDS: FieldTable<Comment> = {
  id: comment => comment.id,
  video_id: comment => comment.video.id,
  text: comment => comment.text,
  like_count: comment => comment.likes,
  reply_count: comment => comment.replies,
  parent_comment_id: comment => comment.parent?.id ?? comment.video.id,
  create_time: comment => comment.created,
}

/** The most comments that a list gives, or null (docs/networks/tiktok.md §3.3). */
export const capOf = (knobs: Knobs): number | null => knobs.amount('comment-cap', 1_000)

/** `/v2/research/video/comment/list/`: of a video, replies among them, or the replies of one comment. */
export const answerComments = (call: Call): Reply => {
  const body = Body.ofJson(call.request)
  const fields = readFields(call.request, FIELDS)
  const video = body.id('video_id')
  const comment = body.id('comment_id')
  if ((video === undefined) === (comment === undefined))
    throw invalid('exactly one of video_id and comment_id is required')
  if (video === undefined && call.knobs.is('by-comment', 'refused')) throw invalid('video_id is required')
  const size = body.maxCount(10, 100)
  const asked = body.cursor()
  if (call.knobs.take('invalid-cursor', call.request) !== undefined) throw invalid(INVALID_CURSOR)
  const cap = capOf(call.knobs)
  if (cap !== null && asked + size > cap) throw invalid(INVALID_CURSOR)
  const rows = video === undefined ? repliesTo(call, comment ?? 0n) : commentsOn(call, video)
  if (asked > rows.length) throw invalid(INVALID_CURSOR)

  const docs = video === undefined && call.knobs.is('reply-shape', 'docs')
  const line = (row: Comment): Wire => showComment(row, fields, docs)
  const cursor = Math.min(asked + size, rows.length)
  const page = listPage(call, 'comments', {
    items: rows.slice(asked, cursor).map(line),
    asked,
    cursor,
    more: cursor < rows.length,
    before: count => rows.slice(0, asked).slice(-count).map(line),
  })
  return data(rows.length === 0 ? { ...page, comments: undefined } : page)
}

/** The list of a video: by falling likes, with as many of its replies as the switch says. */
export const listOf = (video: Video, at: number, inline: 'all' | 'some' | 'none'): readonly Comment[] =>
  commentsOf(video, at)
    .filter(
      ({ parent, index }) => parent === null || inline === 'all' || (inline === 'some' && index % 2 === 1),
    )
    .sort(byLikes)

/** Which replies the list of a video brings. */
export const inlineOf = (knobs: Knobs): 'all' | 'some' | 'none' =>
  knobs.is('inline-replies', 'none') ? 'none' : knobs.is('inline-replies', 'some') ? 'some' : 'all'

const commentsOn = (call: Call, id: bigint): readonly Comment[] => {
  const video = findVideo(call.world, id)
  if (video !== null && isShown(call, video)) return listOf(video, call.moment.at, inlineOf(call.knobs))
  if (call.knobs.is('comments-of-gone', 'error'))
    throw invalid(`\`video_id: ${id}\` is invalid: cannot find the video`)
  return []
}

const repliesTo = (call: Call, id: bigint): readonly Comment[] => {
  const { at } = call.moment
  const comment = findComment(call.world, id, at)
  if (comment === null || !isShown(call, comment.video)) return []
  return commentsOf(comment.video, at).filter(reply => reply.parent?.id === id)
}

const isShown = ({ moment, knobs }: Call, video: Video): boolean =>
  isUp(video, moment.at) && isSearchable(video.creator, traitsOf(knobs))

const showComment = (comment: Comment, fields: Wanted<Comment>, docs: boolean): Wire => {
  const shown = show(comment, fields)
  return docs ? { ...shown, video_id: undefined, display_name: sentence(1, 2, String(comment.id)) } : shown
}
