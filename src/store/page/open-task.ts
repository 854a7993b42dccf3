import type { Instant } from '../../core/instant.ts'
import type { CommitOptions, WalkTask } from '../../core/ports.ts'
import type { Cursor } from '../../core/stream.ts'
import type { Tx } from '../database/database.ts'
import { failedBefore, isPutOff, putOff, remember } from '../queue/failing.ts'
import { addTask, type NewTask } from '../queue/tasks.ts'
import { closeWalk, openWalk, rankOfFailing } from '../queue/walks.ts'
import type { PageWrite } from './page-write.ts'

/** A task to be opened, for the job of another one. */
export interface TaskStart {
  readonly stream: string
  readonly externalId: string
  readonly postId: string | null
  readonly declared: number | null
  readonly cursor: Cursor | null
  readonly from: Instant | null
  readonly startedAt: Instant
}

/** What a task is opened with. */
export interface OpenWrite extends Pick<PageWrite, 'walk'> {
  readonly options: Pick<CommitOptions, 'streamOf' | 'shared' | 'rank' | 'credential' | 'lookUpAfter'>
}

/**
 * Adds a task to the parent's job, with a walk of its own unless it waits to share one. A list of posts that failed in an
 * earlier run, and whose day has not come, is left alone: what is stored of it is looked up all the same.
 */
export const openTask = async (
  tx: Tx,
  write: OpenWrite,
  parent: WalkTask,
  opening: TaskStart,
): Promise<void> => {
  const { options } = write
  const { kind, lists } = options.streamOf(opening.stream)
  const { stream, cursor, startedAt } = opening
  const task = {
    job_id: parent.jobId,
    kind,
    stream,
    external_id: opening.externalId,
    profile_id: parent.profileId,
    post_id: opening.postId,
    expected: opening.declared,
    from_at: opening.from,
  }
  const key = { job_id: parent.jobId, stream, external_id: opening.externalId, part: '' }
  const failed = lists === 'posts' ? await failedBefore(tx, key) : undefined
  if (failed !== undefined && isPutOff(failed, startedAt)) {
    if (await addTask(tx, { ...task, walk_id: null })) await putOff(tx, key, failed)
    await openStaleLookUp(tx, write, parent, stream, startedAt)
    return
  }
  const isNew = options.shared.has(stream)
    ? await addTask(tx, { ...task, walk_id: null })
    : await addWithWalk(tx, write, task, { cursor, startedAt, isFailing: failed !== undefined })
  if (failed !== undefined && isNew) await remember(tx, key, failed)
}

/** A task with a walk of its own. False: it was there already. */
const addWithWalk = async (
  tx: Tx,
  { walk, options }: OpenWrite,
  task: Omit<NewTask, 'walk_id'>,
  { cursor, startedAt, isFailing }: Pick<TaskStart, 'cursor' | 'startedAt'> & { readonly isFailing: boolean },
): Promise<boolean> => {
  const walkId = await openWalk(tx, {
    runId: walk.runId,
    network: walk.network,
    jobId: task.job_id,
    stream: task.stream,
    kind: task.kind,
    rank: rankOfFailing(options.rank(task.kind), isFailing),
    credential: options.credential,
    cursor,
    startedAt,
  })
  const isNew = await addTask(tx, { ...task, walk_id: walkId })
  if (!isNew) await closeWalk(tx, walkId, false)
  return isNew
}

/** Opens the look-up of all that is stored of a profile's posts, where one follows on this list. */
export const openStaleLookUp = async (
  tx: Tx,
  write: OpenWrite,
  parent: WalkTask,
  list: string,
  startedAt: Instant,
): Promise<void> => {
  const lookUp = write.options.lookUpAfter(list)
  if (lookUp?.asks !== 'stale' || parent.profileId === null) return
  const asked = {
    stream: lookUp.stream,
    externalId: parent.profileId,
    postId: null,
    cursor: null,
    declared: null,
  }
  await openTask(tx, write, parent, { ...asked, from: parent.from, startedAt })
}
