import { isWholeEachTime, kindOfEntity } from '../../core/entity.ts'
import type { Instant } from '../../core/instant.ts'
import type { WalkTask } from '../../core/ports.ts'
import type { RelationKind } from '../../core/records.ts'
import type { Stream } from '../../core/stream.ts'
import { movesWatermark } from '../../core/watermark.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { readingOfJob } from '../queue/chain.ts'
import { moveWatermarks } from '../queue/watermarks.ts'
import {
  areAnyMissed,
  markAbsentComments,
  markAbsentPosts,
  markAbsentReplies,
  markMissingItems,
  markMissingPlaylists,
  markMissingRelations,
  type WholeWalk,
} from './absence.ts'
import { countPosts } from './counts.ts'
import { areUnmoved } from './freshness.ts'
import { openTask } from './open-task.ts'
import type { PageWrite } from './page-write.ts'

/** A list that was read to where it ends, or as far as an incremental walk need go. */
export interface ListEnd {
  readonly stream: string
  readonly lists: NonNullable<Stream['lists']>
  /** Whose list it is: the profile's task, or what the list's own task would be. */
  readonly task: WalkTask
  /** When the walk over it began. */
  readonly startedAt: Instant
  /** All that the network holds was read, without a restart. */
  readonly whole: boolean
  /** It came along with the page that found it, and was not asked for. */
  readonly isInline: boolean
  readonly caughtUp: boolean
  /** The network has no more to list: what it declares beyond that is never shown. */
  readonly isListed: boolean
  /** How far back; null = to its beginning. */
  readonly reached: Instant | null
}

/** What follows from ends of lists: watermarks move, what a whole walk did not bring is absent, and look-ups ask by id. */
export const endLists = async (tx: Tx, write: PageWrite, ends: readonly ListEnd[]): Promise<void> => {
  for (const end of ends) {
    if (end.lists === 'posts') await endPosts(tx, write, end)
    else if (end.whole) endShown(tx, write, end)
  }
  for (const lists of ['comments', 'replies'] as const) {
    await endComments(
      tx,
      write,
      lists,
      ends.filter(end => end.lists === lists && end.task.postId !== null),
    )
  }
}

/** What a whole walk over relations did not bring is no more. */
export const endRelations = (
  tx: Tx,
  write: PageWrite,
  kind: RelationKind,
  tasks: readonly WalkTask[],
): void => {
  const { stream, startedAt } = write.walk
  for (const task of tasks) {
    const { profileId } = task
    if (profileId !== null)
      markMissingRelations(tx, wholeWalk(write, { stream, task, startedAt }), kind, profileId)
  }
}

/** What a profile shows beside its posts: what a whole walk did not bring was taken out, or is shown no more. */
const endShown = (tx: Tx, write: PageWrite, end: ListEnd): void => {
  const { externalId, profileId } = end.task
  if (end.lists === 'items') markMissingItems(tx, wholeWalk(write, end), externalId)
  if (end.lists === 'playlists' && profileId !== null)
    markMissingPlaylists(tx, wholeWalk(write, end), profileId)
}

const endPosts = async (tx: Tx, write: PageWrite, end: ListEnd): Promise<void> => {
  const { walk, fetchedAt, options } = write
  const { params, network } = walk
  const { task, startedAt, reached } = end
  if (!end.caughtUp || !movesWatermark(params)) return
  // A full pass of the network's own reach covers no more than that.
  const covered = task.from === null ? { ...params, since: later(params.since, reached) } : params
  await moveWatermarks(tx, network, task, covered, { startedAt, lagMs: options.incremental.lagMs })
  const kind = kindOfEntity(task.entityId)
  if (isWholeEachTime(kind) && end.whole) markMissingItems(tx, wholeWalk(write, end), task.entityId)
  // What a profile has beside what the list names was not asked for.
  if (kind !== 'profile') return
  if (end.isListed && params.since === null) await noteUnlisted(tx, network, task)
  const profileId = task.profileId
  if (profileId === null) return
  const from = later(params.since, reached)
  const absent = end.whole ? await markAbsentPosts(tx, wholeWalk(write, end), profileId, from) : 0
  const lookUp = options.lookUpAfter(end.stream)
  if (lookUp === null || params.limitPosts !== null) return
  const stale = { network, profile_id: profileId, job_id: task.jobId, since: params.since }
  const wanted = lookUp.asks === 'absent' ? absent > 0 : (await tx.get(anyStale, stale)) !== undefined
  if (!wanted) return
  const asked = { stream: lookUp.stream, externalId: profileId, postId: null, cursor: null, declared: null }
  await openTask(tx, write, task, { ...asked, from: task.from, startedAt: fetchedAt })
}

/** Notes how many posts a profile declares that its list, read to its end, did not bring. */
const noteUnlisted = async (tx: Tx, network: string, { entityId, declared }: WalkTask): Promise<void> => {
  if (declared === null) return
  const unlisted = Math.max(0, declared - (await countPosts(tx, network, entityId)).stored)
  tx.send(setUnlisted, { network, entity_id: entityId, unlisted })
}

const setUnlisted: Statement<{ network: string; entity_id: string; unlisted: number }> = statement(
  builder
    .updateTable('entities')
    .set({ posts_unlisted: param<number>('unlisted') })
    .where('network', '=', param<string>('network'))
    .where('entity_id', '=', param<string>('entity_id')),
)

const endComments = async (
  tx: Tx,
  write: PageWrite,
  lists: 'comments' | 'replies',
  ends: readonly ListEnd[],
): Promise<void> => {
  const { walk, fetchedAt, options } = write
  const { network } = walk
  const keys = ends.map(({ task }) => ({ network, id: task.externalId }))
  const read = await tx.getEach<Of, { read: unknown }>(lists === 'comments' ? postRead : threadRead, keys)
  if (lists === 'replies') {
    const caughtUp = ends.filter(end => end.caughtUp)
    tx.sendEach(
      repliesRead,
      caughtUp.map(({ task }) => ({ network, id: task.externalId, declared: task.declared })),
    )
  }
  // What is read for the first time can miss nothing.
  const again = ends.filter((end, index) => end.whole && read[index]?.read != null)
  const whole = lists === 'comments' ? await withoutUnmoved(tx, network, again) : again
  const missed = await areAnyMissed(
    tx,
    whole.map(end => ({ walk: wholeWalk(write, end), postId: end.task.postId ?? '' })),
  )
  for (const end of whole.filter((_, index) => missed[index])) {
    const { externalId, postId, from } = end.task
    const of = postId ?? ''
    const absent =
      lists === 'comments'
        ? await markAbsentComments(tx, wholeWalk(write, end), of, walk.params.replies === 'full')
        : await markAbsentReplies(tx, wholeWalk(write, end), of, externalId)
    const lookUp = options.lookUpAfter(end.stream)
    if (absent === 0 || lookUp === null) continue
    const asked = { stream: lookUp.stream, externalId, postId, cursor: null, declared: null }
    await openTask(tx, write, end.task, { ...asked, from, startedAt: fetchedAt })
  }
}

/**
 * A list that came along of a post whose number did not move, and with nothing new, says of nothing that it is gone: it was not
 * asked for, and what it leaves out night after night would be looked up night after night. A full pass believes it.
 */
const withoutUnmoved = async (
  tx: Tx,
  network: string,
  ends: readonly ListEnd[],
): Promise<readonly ListEnd[]> => {
  const unmoved = await areUnmoved(
    tx,
    network,
    ends.map(({ task, startedAt }) => ({
      postId: task.postId ?? '',
      declared: task.declared,
      since: startedAt,
    })),
  )
  return ends.filter(
    ({ isInline, task }, index) => !isInline || task.from === null || unmoved[index] !== true,
  )
}

const wholeWalk = (
  { walk, fetchedAt, options }: PageWrite,
  { stream, task, startedAt }: Pick<ListEnd, 'stream' | 'task' | 'startedAt'>,
): WholeWalk => ({
  network: walk.network,
  jobId: task.jobId,
  rootId: walk.rootId,
  startedAt,
  time: fetchedAt,
  absence: options.lookUpAfter(stream) === null ? options.incremental.absence : null,
})

const later = (a: Instant | null, b: Instant | null): Instant | null =>
  a !== null && (b === null || a > b) ? a : b

const anyStale: Statement<{
  network: string
  profile_id: string
  job_id: number
  since: string | null
}> = statement(
  builder
    .selectFrom('posts')
    .select('id')
    .where('network', '=', param<string>('network'))
    .where('profile_id', '=', param<string>('profile_id'))
    .where('job_id', 'not in', readingOfJob(param<number>('job_id')))
    .where(eb =>
      eb.or([
        eb('created_at', 'is', null),
        eb(eb.val(param<string | null>('since')), 'is', null),
        eb('created_at', '>=', param<string>('since')),
      ]),
    )
    .limit(1),
)

type Of = { network: string; id: string }

const postRead: Statement<Of> = statement(
  builder
    .selectFrom('posts')
    .select('comments_synced_at as read')
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id')),
)

const threadRead: Statement<Of> = statement(
  builder
    .selectFrom('comments')
    .select('replies_declared as read')
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id')),
)

const repliesRead: Statement<Of & { declared: number | null }> = statement(
  builder
    .updateTable('comments')
    .set({ replies_declared: param<number | null>('declared') })
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id')),
)
