import { kindOfEntity } from '../../core/entity.ts'
import type { WalkTask } from '../../core/ports.ts'
import type { PageFacts } from '../../core/verdict.ts'
import type { Tx } from '../database/database.ts'
import { countComments, countItems, countPosts, countPostsSince, countReplies } from './counts.ts'
import type { PageWrite } from './page-write.ts'

/**
 * Whether a list ends with a page that brings nothing although the network declares more than is stored: such an answer
 * is not taken for all there is (docs/design.md §5.16). A search of what is new may well bring nothing, and so may one
 * within dates.
 */
export const emptinessOf = async (
  tx: Tx,
  write: PageWrite,
  items: number,
): Promise<PageFacts['emptiness']> => {
  const { walk, page, options } = write
  const [task, ...others] = walk.tasks
  const { lists, newestFirst } = options.stream
  if (lists === undefined || task === undefined || others.length > 0) return null
  if (items > 0 || page.next !== null || page.reason !== null || page.tail !== null) return null
  if (page.rejects.length > 0 || page.missing.length > 0) return null
  const { since, until, sinceId, untilId } = walk.params
  if (lists === 'posts' && (since ?? until ?? sinceId ?? untilId) !== null) return null
  // A search of what is new; a playlist is read whole each time.
  const isSearch = lists === 'posts' && !newestFirst && kindOfEntity(task.entityId) === 'profile'
  if (isSearch && task.from !== null) return null
  if (!(await declaresMore(tx, write, task))) return null
  // One that goes on where another page ended brought that page, or an earlier walk did.
  const goesOn = task.part !== '' || (walk.seq === 0 && walk.cursor !== null)
  return walk.streak.brought === 0 && !goesOn ? 'all' : 'rest'
}

/**
 * Whether a search of what is new brought nothing at all of a profile, though more posts of the days that were searched are
 * stored than go at once: then it says nothing of these days.
 */
export const isVoidSearch = async (
  tx: Tx,
  write: PageWrite,
  task: WalkTask,
  items: number,
): Promise<boolean> => {
  const { walk, page, options } = write
  const { lists, newestFirst } = options.stream
  if (lists !== 'posts' || newestFirst || items > 0 || page.reason !== null) return false
  if (task.from === null || task.profileId === null || (task.declared ?? 0) <= FEW) return false
  // What is counted begins where the search did, be that with the run's own first day.
  const { until, sinceId, untilId } = walk.params
  if ((until ?? sinceId ?? untilId) !== null) return false
  return (await countPostsSince(tx, walk.network, task.profileId, task.from)) > FEW
}

/** So many may well be declared and never listed: what is held back, private or removed is counted. */
const FEW = 10

/** Whether so much more of a task's list is declared than is stored that it cannot all be held back. */
const declaresMore = async (tx: Tx, { walk, options }: PageWrite, task: WalkTask): Promise<boolean> => {
  const { declared, postId, externalId, entityId } = task
  const { network, rootId } = walk
  if (declared === null || declared === 0) return false
  const stored = async (): Promise<number> => {
    switch (options.stream.lists) {
      case 'comments':
        return (await countComments(tx, network, postId ?? externalId, rootId)) ?? 0
      case 'replies':
        return await countReplies(tx, network, postId ?? '', externalId)
      case 'items':
        return await countItems(tx, network, externalId)
      default: {
        if (kindOfEntity(entityId) !== 'profile') return await countItems(tx, network, entityId)
        const posts = await countPosts(tx, network, entityId)
        return posts.stored + (posts.unlisted ?? 0)
      }
    }
  }
  // At its beginning a list of which something is stored brings something.
  return walk.cursor === null ? declared > FEW || (await stored()) > 0 : declared - (await stored()) > FEW
}
