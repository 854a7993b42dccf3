import { between, chance, handle, hash32, sentence, unit } from '../../../seeded.ts'
import { channelId, readReplyId, replyId } from './ids.ts'
import { findThread, idOf, replyTime, type Thread } from './threads.ts'
import { BEGINNING, DAY, type World } from './world.ts'

/** A top-level comment or a reply. Times are epoch milliseconds. */
export interface Comment {
  readonly id: string
  /** The thread, for a reply. */
  readonly parentId: string | null
  readonly text: string
  readonly author: { readonly id: string | null; readonly name: string }
  readonly likeCount: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** The comment at the head of a thread, or one of its replies by number. */
export const makeComment = (world: World, thread: Thread, id: string, reply: number | null): Comment => {
  const isTop = reply === null
  const key = isTop ? thread.key : hash32(thread.key, 'reply', reply)
  const { settled } = thread.video
  const plan = isTop ? thread.plan : {}
  const createdAt = isTop ? thread.createdAt : replyTime(thread, reply)
  const edit = settled ? (plan.edited ? createdAt + DAY : null) : lastEdit(world, key, createdAt)
  const text = plan.text ?? sentence(2, 16, key, 'text')
  const isAnonymous = plan.anonymous ?? (!settled && chance(0.005, key, 'anonymous'))
  return {
    id: isTop ? id : replyId(id, reply),
    parentId: isTop ? null : id,
    text: edit === null ? text : `${text} (edited ${new Date(edit).toISOString().slice(0, 10)})`,
    author: authorOf(world, key, isAnonymous),
    likeCount: countLikes(world, key),
    createdAt,
    updatedAt: edit ?? createdAt,
  }
}

/** A reply that can be seen now, with its thread. */
export const findReply = (
  world: World,
  id: string,
): { readonly thread: Thread; readonly reply: number } | null => {
  const place = readReplyId(id)
  const thread = place && findThread(world, place.thread)
  return thread && place.reply < thread.replies ? { thread, reply: place.reply } : null
}

export const topComment = (world: World, thread: Thread): Comment =>
  makeComment(world, thread, idOf(thread), null)

const HOUR = 3_600_000

/** Some were edited soon after they were written, some are on a day to come. */
const lastEdit = (world: World, key: number, createdAt: number): number | null => {
  const roll = unit(key, 'edited')
  if (roll > 0.05) return null
  const editedAt =
    roll < 0.03
      ? createdAt + between(1, 48, key, 'edited after') * HOUR
      : Math.max(createdAt, BEGINNING) + between(1, 40, key, 'edited on') * DAY - HOUR
  return editedAt < world.moment ? editedAt : null
}

/** Numbers of those who watch and write; beyond all channels that upload. */
const VIEWERS = 0x800000

const authorOf = (world: World, key: number, isAnonymous: boolean): Comment['author'] => {
  const number = VIEWERS + (hash32(key, 'author') % 20_000)
  return { id: isAnonymous ? null : channelId(number), name: `@${handle(world.seed, 'viewer', number)}` }
}

const countLikes = (world: World, key: number): number => {
  const atFirst = Math.floor(1_000 * unit(key, 'likes') ** 6)
  return chance(0.1, key, 'liked still')
    ? atFirst + Math.floor(world.day * unit(key, 'likes a day'))
    : atFirst
}
