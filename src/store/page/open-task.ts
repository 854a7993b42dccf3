import type { Instant } from '../../core/instant.ts'
import type { CommitOptions, WalkTask } from '../../core/ports.ts'
import type { Cursor } from '../../core/stream.ts'
import type { Tx } from '../database/database.ts'
import { failedBefore, isPutOff, putOff, remember } from '../queue/failing.ts'
import { addTask, addTasks, type NewTask, newOnes } from '../queue/tasks.ts'
import { openWalks, rankOfFailing } from '../queue/walks.ts'
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

/** A task to be opened beside another one, for its job. */
export interface Opening extends TaskStart {
  readonly parent: WalkTask
}

/**
 * Adds tasks to the jobs of others, each with a walk of its own unless it waits to share one. A list of posts that failed
 * in an earlier run, and whose day has not come, is left alone: what is stored of it is looked up all the same.
 */
export const openTasks = async (tx: Tx, write: OpenWrite, openings: readonly Opening[]): Promise<void> => {
  const { streamOf } = write.options
  const isOfPosts = ({ stream }: Opening): boolean => streamOf(stream).lists === 'posts'
  for (const opening of openings.filter(isOfPosts)) await openPosts(tx, write, opening)
  await openThese(
    tx,
    write,
    openings.filter(opening => !isOfPosts(opening)),
  )
}

export const openTask = (tx: Tx, write: OpenWrite, parent: WalkTask, opening: TaskStart): Promise<void> =>
  openTasks(tx, write, [{ ...opening, parent }])

const openPosts = async (tx: Tx, write: OpenWrite, opening: Opening): Promise<void> => {
  const { parent, stream, externalId, startedAt } = opening
  const key = { job_id: parent.jobId, stream, external_id: externalId, part: '' }
  const [failed] = await failedBefore(tx, [key])
  if (failed !== undefined && isPutOff(failed, startedAt)) {
    if (await addTask(tx, { ...taskOf(write, opening), walk_id: null })) await putOff(tx, key, failed)
    await openStaleLookUp(tx, write, parent, stream, startedAt)
    return
  }
  const opened = await openThese(tx, write, [opening], failed !== undefined)
  if (failed !== undefined && opened > 0) await remember(tx, key, failed)
}

/** Returns how many were not there already. */
const openThese = async (
  tx: Tx,
  write: OpenWrite,
  openings: readonly Opening[],
  isFailing = false,
): Promise<number> => {
  const { walk, options } = write
  const tasks = await newOnes(
    tx,
    openings.map(opening => ({ ...taskOf(write, opening), opening })),
  )
  const alone = tasks.filter(({ stream }) => !options.shared.has(stream))
  const walks = alone.map(({ job_id: jobId, stream, kind, opening: { cursor, startedAt } }) => ({
    runId: walk.runId,
    network: walk.network,
    jobId,
    stream,
    kind,
    rank: rankOfFailing(options.rank(kind), isFailing),
    credential: options.credential,
    cursor,
    startedAt,
  }))
  const ids = await openWalks(tx, walks)
  const walkOf = new Map(alone.map((task, index) => [task, ids[index] ?? null]))
  await addTasks(
    tx,
    tasks.map(task => ({ ...task, walk_id: walkOf.get(task) ?? null })),
  )
  return tasks.length
}

const taskOf = ({ options }: OpenWrite, { parent, ...opening }: Opening): Omit<NewTask, 'walk_id'> => ({
  job_id: parent.jobId,
  kind: options.streamOf(opening.stream).kind,
  stream: opening.stream,
  external_id: opening.externalId,
  profile_id: parent.profileId,
  post_id: opening.postId,
  expected: opening.declared,
  from_at: opening.from,
})

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
