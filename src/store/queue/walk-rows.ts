import type { Selectable } from 'kysely'
import type { Params } from '../../core/params.ts'
import type { Walk, WalkTask } from '../../core/ports.ts'
import type { Cursor } from '../../core/stream.ts'
import type { TaskKind } from '../../core/task.ts'
import type { Streak } from '../../core/verdict.ts'
import { decodeJson } from '../schema/rows.ts'
import type { TaskTable, WalkTable } from '../schema/tables.ts'

export type WalkRow = Selectable<WalkTable>
/** A task joined with its job's `entity_id`. */
export type TaskRow = Selectable<TaskTable> & { readonly entity_id: string }

/** A task as the engine sees it. */
export const taskOf = (row: TaskRow): WalkTask => ({
  id: row.id,
  jobId: row.job_id,
  stream: row.stream,
  kind: row.kind as TaskKind,
  externalId: row.external_id,
  entityId: row.entity_id,
  profileId: row.profile_id,
  postId: row.post_id,
  declared: row.expected,
  from: row.from_at,
  items: row.items,
  part: row.part,
})

/** A walk as the engine sees it, with the tasks that it still serves. */
export const walkOf = (row: WalkRow, tasks: readonly TaskRow[], params: Params): Walk => ({
  id: row.id,
  runId: row.run_id,
  network: row.network,
  jobId: row.job_id,
  stream: row.stream,
  kind: row.kind as TaskKind,
  cursor: row.cursor === null ? null : decodeJson<Cursor>(row.cursor),
  seq: row.seq,
  rootId: row.root_id,
  restarts: row.restarts,
  streak: decodeJson<Streak>(row.streak),
  whole: row.whole === 1,
  credential: row.credential,
  startedAt: row.started_at,
  params,
  tasks: tasks.map(taskOf),
  failing: tasks.some(task => task.failing_since !== null),
})
