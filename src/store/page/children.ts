import type { Instant } from '../../core/instant.ts'
import type { Walk, WalkTask } from '../../core/ports.ts'
import type { Child } from '../../core/stream.ts'
import type { Reason, TaskKind } from '../../core/task.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { countSettled } from '../queue/tasks.ts'
import { dueOf, leaveReplies } from './freshness.ts'
import { endLists, type ListEnd } from './list-end.ts'
import { type Opening, openTasks } from './open-task.ts'
import type { PageWrite } from './page-write.ts'
import { type Came, NOTHING, type TasksOfRecords } from './task-of-record.ts'

/**
 * Opens a task and walk for each child with something to fetch that is due; counts the others by their reason.
 * `caughtUp` = the page brought as much of a list that it began as an incremental walk need read.
 */
export const writeChildren = async (
  tx: Tx,
  write: PageWrite,
  owners: TasksOfRecords,
  caughtUp: boolean,
): Promise<void> => {
  const { walk, page, options, fetchedAt } = write
  const settled = new Map<WalkTask, Map<TaskKind, Map<Reason, number>>>()
  const found = page.children
    .map(child => ({ child, parent: owners.of(child) }))
    .filter(({ parent }) => !owners.gone.has(parent.id))
  const wanted = found.filter(({ child }) => child.next !== null)
  const due = await dueOf(tx, write, wanted, caughtUp)
  const dueOn = new Map(wanted.map((one, index) => [one, due[index]]))
  const openings: Opening[] = []
  const ends: ListSettled[] = []
  const left: string[] = []
  for (const one of found) {
    const { child, parent } = one
    const of = dueOn.get(one)
    if (child.next !== null && of?.due) {
      const { stream, externalId, postId = null, declared = null, next } = child
      const cursor = next === 'start' ? null : next
      const task = { stream, externalId, postId, declared, cursor, from: of.from, startedAt: fetchedAt }
      openings.push({ ...task, parent: owned(owners, parent, child) })
      continue
    }
    const isEnd = of === undefined
    if (!isEnd && options.streamOf(child.stream).lists === 'replies') left.push(child.externalId)
    settle(
      settled,
      parent,
      options.streamOf(child.stream).kind,
      isEnd ? (child.reason ?? 'none') : 'up-to-date',
    )
    ends.push({ child, parent, isEnd })
  }
  leaveReplies(tx, write, left)
  await openTasks(tx, write, openings)
  await settleLists(
    tx,
    write,
    ends.map(end => ({ ...end, parent: owned(owners, end.parent, end.child) })),
  )
  await countSettled(
    tx,
    [...merge(settled, owners, walk)].flatMap(([{ jobId: id, entityId }, kinds]) =>
      [...kinds].map(([kind, counts]) => ({ job: { id, entityId }, kind, ...counts })),
    ),
  )
}

const owned = (owners: TasksOfRecords, parent: WalkTask, { profileId }: Child): WalkTask => ({
  ...parent,
  profileId: profileId ?? owners.profileOf(parent),
})

/** Reasons with which a list came whole with the page that found it. */
const WHOLE: ReadonlySet<string> = new Set(['inline', 'none'] satisfies Reason[])

interface ListSettled {
  readonly child: Child
  readonly parent: WalkTask
  /** There is nothing to fetch; else it is as far as it need be. */
  readonly isEnd: boolean
}

/** Lists that need no walk: they came whole with the page, cannot be had, or are as far as they need be. */
const settleLists = async (tx: Tx, write: PageWrite, settled: readonly ListSettled[]): Promise<void> => {
  const { fetchedAt, walk, options } = write
  const read: Read[] = []
  const ends: ListEnd[] = []
  for (const { child, parent, isEnd } of settled) {
    const { lists } = options.streamOf(child.stream)
    if (lists === undefined) continue
    const { externalId, postId = null, declared = null } = child
    const came = isEnd && WHOLE.has(child.reason ?? 'none')
    const task = { ...parent, externalId, postId, declared }
    // Replies that were not asked for say nothing of their thread.
    if (
      lists === 'comments'
        ? came && walk.params.limitComments === null
        : (lists === 'posts' && (came || !isEnd)) || (lists === 'items' && came)
    ) {
      ends.push({
        stream: child.stream,
        lists,
        task,
        startedAt: fetchedAt,
        whole: came,
        isInline: true,
        caughtUp: true,
        isListed: came,
        reached: null,
      })
    }
    if (lists === 'comments' && isEnd) read.push(readOf(walk.network, child, fetchedAt))
  }
  await endLists(tx, write, ends)
  tx.sendEach(commentsRead, read)
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

type Counts = Map<TaskKind, { reasons: ReadonlyMap<Reason, number>; came: Came }>

/** What was settled without a call, together with the records of later kinds that came inline. */
const merge = (
  settled: ReadonlyMap<WalkTask, ReadonlyMap<TaskKind, ReadonlyMap<Reason, number>>>,
  owners: TasksOfRecords,
  walk: Walk,
): Map<WalkTask, Counts> => {
  const all = new Map<WalkTask, Counts>()
  for (const task of walk.tasks) {
    const counts: Counts = new Map()
    for (const [kind, reasons] of settled.get(task) ?? []) counts.set(kind, { reasons, came: NOTHING })
    for (const [kind, came] of owners.extra.get(task.jobId) ?? []) {
      if (kind === 'profile') continue
      counts.set(kind, { reasons: counts.get(kind)?.reasons ?? new Map(), came })
    }
    if (counts.size > 0) all.set(task, counts)
  }
  return all
}

/** Why a post's comments are not all there although nothing is left to fetch; null = they are. */
const reasonOf = (child: Child): string | null =>
  child.reason === undefined || child.reason === 'inline' || child.reason === 'none' ? null : child.reason

const readOf = (network: string, child: Child, at: Instant): Read => ({
  network,
  id: child.postId ?? child.externalId,
  reason: reasonOf(child),
  refused_to: null,
  declared: child.declared ?? null,
  at,
})

/** Notes on a post that its comments were read, or whose credential they were refused to, by the walk over them. */
export const markComments = async (
  tx: Tx,
  walk: Walk,
  task: WalkTask,
  { reason, refusedTo }: { readonly reason: Reason | null; readonly refusedTo: string | null },
  at: Instant,
): Promise<void> => {
  if (task.postId === null) return
  tx.send(commentsRead, {
    network: walk.network,
    id: task.postId,
    reason,
    refused_to: refusedTo,
    declared: task.declared,
    at,
  })
}

type Read = {
  network: string
  id: string
  reason: string | null
  refused_to: string | null
  declared: number | null
  at: string
}

const commentsRead: Statement<Read> = statement(
  builder
    .updateTable('posts')
    .set({
      comments_reason: param<string | null>('reason'),
      comments_refused_to: param<string | null>('refused_to'),
      comments_synced_at: param<string>('at'),
      comments_declared: param<number | null>('declared'),
    })
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id')),
)
