import type { Committed, Ending, WalkTask } from '../../core/ports.ts'
import type { Reason } from '../../core/task.ts'
import { lengthen, type PageFacts, type Streak, type Verdict, verdict } from '../../core/verdict.ts'
import type { Tx } from '../database/database.ts'
import { doubtTasks, failTasks } from '../queue/failing.ts'
import { notePageToken } from '../queue/place.ts'
import { endTasks, type JobEnd } from '../queue/tasks.ts'
import { advance, closeWalk, isOurs } from '../queue/walks.ts'
import { encodeJson } from '../schema/rows.ts'
import { markTakenOut } from './absence.ts'
import { markComments, writeChildren } from './children.ts'
import { listKey, noteCommentHead } from './comment-rests.ts'
import { emptinessOf, isVoidSearch } from './emptiness.ts'
import { endLists, endRelations } from './list-end.ts'
import type { PageWrite } from './page-write.ts'
import { identifyTasks, skipMissing } from './profiles.ts'
import { writeRaw } from './raw.ts'
import { TasksOfRecords } from './task-of-record.ts'
import { writeAside, writeRecords } from './write-records.ts'

/**
 * The transaction of a page (docs/design.md §5.1): raw answers, records, history, children, counters, cursor and seq
 * together or not at all. Null where the fence does not hold. What it takes: docs/performance.md.
 */
export const writePage = async (tx: Tx, write: PageWrite): Promise<Omit<Committed, 'commitMs'> | null> => {
  const { walk, page, options, fetchedAt } = write
  if (!(await isOurs(tx, walk, write.worker))) return null
  const owners = new TasksOfRecords(walk)
  const ended: JobEnd[] = []

  await writeRaw(tx, walk.id, walk.seq, write.raw, {
    cursor: walk.cursor,
    tasks: walk.tasks.map(task => task.id),
    room: options.room,
  })
  const identityChanges = await identifyTasks(tx, write, owners, ended)
  const found = await writeRecords(tx, write, owners)
  for (const id of page.entire) markTakenOut(tx, walk.network, id, fetchedAt)
  write.crash('page.written')
  const facts: PageFacts = {
    ...found,
    ...(await writeAside(tx, write)),
    emptiness: await emptinessOf(tx, write, found.items),
  }
  await writeChildren(tx, write, owners, facts.allKnownAndOld)
  ended.push(...(await skipMissing(tx, write, owners)))

  const streak = lengthen(walk.streak, page, facts)
  const decision = verdict(page, facts, streak, options.room)
  const left = walk.tasks.filter(task => !owners.gone.has(task.id))
  const goesOn = decision.goOn && left.length > 0
  const state = goesOn ? (options.keep ? 'running' : 'ready') : 'done'
  // What ends with nothing is asked for again where it stood, and what brought nothing at all from its beginning.
  const next = facts.emptiness === null ? page.next : facts.emptiness === 'rest' ? walk.cursor : null
  const cursor = next === null ? null : encodeJson(next)
  advance(tx, {
    id: walk.id,
    seq: walk.seq,
    worker: write.worker,
    cursor,
    streak: encodeJson({ ...streak }),
    whole: walk.whole && (decision.goOn || decision.whole) ? 1 : 0,
    answered: write.answered ? 1 : 0,
    state,
    next_worker: state === 'running' ? write.worker : null,
  })
  // A list of one page (stories, an insight) has no place worth a copy.
  if (walk.kind === 'posts' && (cursor !== null || walk.seq > 0)) {
    await notePageToken(tx, [...new Set(walk.tasks.map(task => task.jobId))], next)
  }
  if (!goesOn) {
    const reason = decision.goOn ? null : decision.reason
    const status = decision.goOn ? 'succeeded' : decision.status
    await closeWalk(tx, walk.id, status !== 'succeeded' || facts.emptiness !== null)
    const cameOf = (task: WalkTask): number => task.items + owners.cameOf(task).items
    const unlisted: WalkTask[] = []
    for (const task of left) {
      const isUnlisted = page.unlisted.includes(task.externalId)
      if (isUnlisted || (await isVoidSearch(tx, write, task, cameOf(task)))) unlisted.push(task)
    }
    const listed = left.filter(task => !unlisted.includes(task))
    ended.push(...(await failTasks(tx, unlisted, unfinished('failed', 'unlisted', unlisted), fetchedAt)))
    await endListsRead(tx, write, listed, decision, streak, owners)
    if (options.stream.lists === 'comments' && status !== 'failed') {
      for (const task of listed) await markRead(tx, write, task, reason)
    }
    if (status === 'succeeded') {
      const ending = endingOf(reason, streak.lost)
      const endAll = facts.emptiness === null ? endTasks : doubtTasks
      ended.push(...(await endAll(tx, listed, ending, fetchedAt)))
    } else {
      ended.push(...(await failTasks(tx, listed, unfinished(status, reason, listed), fetchedAt)))
    }
  }
  const tasks = left.map(task => ({ ...task, items: task.items + owners.cameOf(task).items }))
  return {
    walk: goesOn
      ? {
          ...walk,
          cursor: page.next,
          seq: walk.seq + 1,
          streak,
          tasks,
          failing: walk.failing && facts.unseen === 0,
        }
      : null,
    verdict: decision,
    items: facts.items,
    jobs: ended,
    identityChanges,
  }
}

/** Notes on a post that its comments were read; while a rest of them is open, on that what stands above it. */
const markRead = async (
  tx: Tx,
  { walk, fetchedAt }: PageWrite,
  task: WalkTask,
  reason: Reason | null,
): Promise<void> => {
  const list = listKey(task.jobId, walk.stream, task.externalId)
  const head = { startedAt: walk.startedAt, declared: task.declared }
  if (task.part === '' && (await noteCommentHead(tx, list, head))) return
  await markComments(tx, walk, task, { reason, refusedTo: null }, fetchedAt)
}

/** The ends of the lists that this walk read, one for each task; where items were lost the list is not known whole. */
const endListsRead = async (
  tx: Tx,
  write: PageWrite,
  tasks: readonly WalkTask[],
  decision: Verdict,
  streak: Streak,
  owners: TasksOfRecords,
): Promise<void> => {
  const { walk, page, options } = write
  const { lists, relates } = options.stream
  if (decision.goOn) return
  const whole =
    walk.whole && decision.whole && (streak.rejected ?? streak.lost) === 0 && page.rejects.length === 0
  if (relates !== undefined && whole) endRelations(tx, write, relates, tasks)
  if (lists === undefined) return
  const end = {
    stream: walk.stream,
    lists,
    startedAt: walk.startedAt,
    whole,
    isInline: false,
    caughtUp: decision.caughtUp,
    isListed: page.next === null && LISTED.has(decision.reason ?? ''),
    reached: page.reached,
  }
  const ends = tasks.map(task => {
    // A list that brings nothing where something is declared tells of nothing that it is gone.
    const only = tasks.length === 1 ? streak.brought : 0
    const isVoid = only + task.items + owners.cameOf(task).items === 0 && task.declared !== 0
    return { ...end, task, whole: whole && !isVoid }
  })
  await endLists(tx, write, ends)
}

/**
 * A list of which items could not be read has failed, whatever else it brought (docs/design.md §5.10): once, since the
 * same items of later nights are known. Nothing of it is to be fetched again.
 */
const endingOf = (reason: Reason | null, lost: number): Ending =>
  lost === 0
    ? { status: 'succeeded', reason, errorType: null, message: null }
    : {
        status: 'failed',
        reason,
        errorType: 'unreadable',
        message: `${lost} ${lost === 1 ? 'item' : 'items'} could not be read and are kept aside`,
        isRead: true,
      }

/** Reasons of an end beyond which the network lists no more; none is one. */
const LISTED: ReadonlySet<string> = new Set(['', 'capped'])

/** The end of a list of which more can be had. */
const unfinished = (
  status: 'partial' | 'failed',
  reason: Reason | null,
  [task]: readonly WalkTask[],
): Ending =>
  status === 'partial'
    ? { status, reason, errorType: null, message: null }
    : {
        status,
        reason,
        errorType: 'empty',
        message: `the network declares ${task?.declared ?? 'more'} and lists none`,
      }
