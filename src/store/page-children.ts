import type { Instant } from '../core/instant.ts'
import type { Walk, WalkTask } from '../core/ports.ts'
import type { Child } from '../core/stream.ts'
import type { Reason, TaskKind } from '../core/task.ts'
import { builder } from './builder.ts'
import type { Tx } from './database.ts'
import type { Owners } from './owners.ts'
import type { PageWrite } from './pages.ts'
import { param, type Statement, statement } from './statement.ts'
import { addTask, countSettled } from './tasks.ts'
import { closeWalk, openWalk } from './walks.ts'

/** Opens a task and walk for each child with something to fetch; counts the others by their reason. */
export const writeChildren = (tx: Tx, write: PageWrite, owners: Owners): void => {
  const { walk, page, options, fetchedAt } = write
  const settled = new Map<WalkTask, Map<TaskKind, Map<Reason, number>>>()
  for (const child of page.children) {
    const kind = options.kindOf(child.stream)
    const parent = owners.of(child.profileId)
    if (owners.gone.has(parent.id)) continue
    if (child.next === null) {
      settle(settled, parent, kind, child.reason ?? 'none')
      if (kind === 'comments') markPost(tx, walk.network, child, fetchedAt)
      continue
    }
    const task = {
      job_id: parent.jobId,
      kind,
      stream: child.stream,
      external_id: child.externalId,
      profile_id: child.profileId ?? parent.profileId,
      post_id: child.postId ?? null,
      expected: child.declared ?? null,
    }
    if (options.shared.has(child.stream)) {
      addTask(tx, { ...task, walk_id: null })
      continue
    }
    const walkId = openWalk(tx, {
      runId: walk.runId,
      network: walk.network,
      jobId: parent.jobId,
      stream: child.stream,
      kind,
      rank: options.rank(kind),
      credential: options.credential,
      cursor: child.next === 'start' ? null : child.next,
      startedAt: fetchedAt,
    })
    if (!addTask(tx, { ...task, walk_id: walkId })) closeWalk(tx, walkId, false)
  }
  for (const [jobTask, kinds] of merge(settled, owners, walk)) {
    const job = { id: jobTask.jobId, entityId: jobTask.entityId }
    for (const [kind, { reasons, items }] of kinds) countSettled(tx, job, kind, reasons, items)
  }
}

const settle = (
  settled: Map<WalkTask, Map<TaskKind, Map<Reason, number>>>,
  task: WalkTask,
  kind: TaskKind,
  reason: Reason,
): void => {
  const kinds = settled.get(task) ?? new Map<TaskKind, Map<Reason, number>>()
  const reasons = kinds.get(kind) ?? new Map<Reason, number>()
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  kinds.set(kind, reasons)
  settled.set(task, kinds)
}

type Counts = Map<TaskKind, { reasons: ReadonlyMap<Reason, number>; items: number }>

/** What was settled without a call, together with the records of later kinds that came inline. */
const merge = (
  settled: ReadonlyMap<WalkTask, ReadonlyMap<TaskKind, ReadonlyMap<Reason, number>>>,
  owners: Owners,
  walk: Walk,
): Map<WalkTask, Counts> => {
  const all = new Map<WalkTask, Counts>()
  for (const task of walk.tasks) {
    const counts: Counts = new Map()
    for (const [kind, reasons] of settled.get(task) ?? []) counts.set(kind, { reasons, items: 0 })
    for (const [kind, items] of owners.extra.get(task.jobId) ?? []) {
      if (kind === 'profile') continue
      counts.set(kind, { reasons: counts.get(kind)?.reasons ?? new Map(), items })
    }
    if (counts.size > 0) all.set(task, counts)
  }
  return all
}

/** Why a post's comments are not all there although nothing is left to fetch; null = they are. */
const reasonOf = (child: Child): string | null =>
  child.reason === undefined || child.reason === 'inline' || child.reason === 'none' ? null : child.reason

const markPost = (tx: Tx, network: string, child: Child, at: Instant): void => {
  tx.prepared.run(commentsRead, {
    network,
    id: child.postId ?? child.externalId,
    reason: reasonOf(child),
    at,
  })
}

/** Notes on a post that its comments were read, by the walk that did. */
export const markComments = (
  tx: Tx,
  walk: Walk,
  task: WalkTask,
  reason: Reason | null,
  at: Instant,
): void => {
  if (walk.kind !== 'comments' || task.postId === null || task.postId !== task.externalId) return
  tx.prepared.run(commentsRead, { network: walk.network, id: task.postId, reason, at })
}

const commentsRead: Statement<{ network: string; id: string; reason: string | null; at: string }> = statement(
  builder
    .updateTable('posts')
    .set({ comments_reason: param<string | null>('reason'), comments_synced_at: param<string>('at') })
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id')),
)
