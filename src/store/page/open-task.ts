import type { Instant } from '../../core/instant.ts'
import type { WalkTask } from '../../core/ports.ts'
import type { Cursor } from '../../core/stream.ts'
import { addTask } from '../queue/tasks.ts'
import { closeWalk, openWalk } from '../queue/walks.ts'
import type { Tx } from '../sqlite/database.ts'
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

/** Adds a task to the parent's job, with a walk of its own unless it waits to share one. */
export const openTask = (
  tx: Tx,
  { walk, options }: PageWrite,
  parent: WalkTask,
  opening: TaskStart,
): void => {
  const { kind } = options.streamOf(opening.stream)
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
  if (options.shared.has(stream)) {
    addTask(tx, { ...task, walk_id: null })
    return
  }
  const { runId, network } = walk
  const { credential } = options
  const place = { jobId: parent.jobId, stream, kind, rank: options.rank(kind), credential, cursor, startedAt }
  const walkId = openWalk(tx, { runId, network, ...place })
  if (!addTask(tx, { ...task, walk_id: walkId })) closeWalk(tx, walkId, false)
}
