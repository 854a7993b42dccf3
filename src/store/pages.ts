import { createHash } from 'node:crypto'
import type { Instant } from '../core/instant.ts'
import type { CommitOptions, Committed, CrashPoint, Walk, WalkTask } from '../core/ports.ts'
import type { SocialRecord } from '../core/records.ts'
import type { Child, Page } from '../core/stream.ts'
import type { Reason, TaskKind } from '../core/task.ts'
import { countedType } from '../core/trim.ts'
import { lengthen, type PageFacts, verdict } from '../core/verdict.ts'
import { builder } from './builder.ts'
import type { Tx } from './database.ts'
import { identify } from './entities.ts'
import { appendSnapshot } from './history.ts'
import { type PackedPart, writeRaw } from './raw.ts'
import { writeRecord } from './records.ts'
import { encodeJson } from './rows.ts'
import { param, type Statement, statement } from './statement.ts'
import { addTask, countSettled, endTasks, type JobEnd } from './tasks.ts'
import { advance, closeWalk, isOurs, noteCursor, openWalk } from './walks.ts'

/** One page on its way into the store. */
export interface PageWrite {
  readonly walk: Walk
  readonly worker: string
  readonly page: Page
  readonly raw: readonly PackedPart[]
  /** When the answer came: the observation time of all it holds. */
  readonly fetchedAt: Instant
  readonly options: CommitOptions
  readonly crash: CrashPoint
}

/**
 * The transaction of a page (DESIGN §5.1): raw answers, records, history, children, counters, cursor and seq
 * together or not at all. Null where the fence does not hold.
 */
export const writePage = (tx: Tx, write: PageWrite): Committed | null => {
  const { walk, page, options, fetchedAt } = write
  if (!isOurs(tx, walk, write.worker)) return null
  const owners = new Owners(walk)
  const ended: JobEnd[] = []

  writeRaw(tx, walk.id, walk.seq, write.raw)
  const identityChanges = identifyTasks(tx, write, owners, ended)
  const facts = writeRecords(tx, write, owners)
  write.crash('page.written')
  for (const snapshot of page.snapshots) {
    const { subject, subjectId, name, value } = snapshot
    appendSnapshot(tx, { network: walk.network, subject, subject_id: subjectId, name, value }, fetchedAt)
  }
  for (const reject of page.rejects) {
    tx.prepared.run(insertReject, {
      walk_id: walk.id,
      seq: walk.seq,
      path: reject.path,
      reason: reject.reason,
      value: encodeJson(reject.value),
      job_id: walk.jobId,
      seen_at: fetchedAt,
    })
  }
  const waiting = writeChildren(tx, write, owners)
  ended.push(...skipMissing(tx, write, owners))

  const streak = lengthen(walk.streak, page, facts)
  const decision = verdict(page, facts, streak, options.room)
  const left = walk.tasks.filter(task => !owners.gone.has(task.id))
  const goesOn = decision.goOn && left.length > 0
  const state = goesOn ? (options.keep ? 'running' : 'ready') : 'done'
  const cursor = page.next === null ? null : encodeJson(page.next)
  advance(tx, {
    id: walk.id,
    seq: walk.seq,
    worker: write.worker,
    cursor,
    streak: encodeJson({ ...streak }),
    whole: walk.whole && (decision.goOn || decision.whole) ? 1 : 0,
    state,
    next_worker: state === 'running' ? write.worker : null,
  })
  if (walk.kind === 'posts')
    for (const task of walk.tasks) tx.prepared.run(copyPlace, { id: task.jobId, cursor })
  if (!goesOn) {
    const reason = decision.goOn ? null : decision.reason
    const status = decision.goOn ? 'succeeded' : decision.status
    closeWalk(tx, walk.id, status === 'partial')
    for (const task of left) markComments(tx, walk, task, reason, fetchedAt)
    ended.push(...endTasks(tx, left, { status, reason, errorType: null, message: null }, fetchedAt))
  }
  const tasks = left.map(task => ({ ...task, items: task.items + owners.itemsOf(task) }))
  return {
    walk: goesOn ? { ...walk, cursor: page.next, seq: walk.seq + 1, streak, tasks } : null,
    verdict: decision,
    items: facts.items,
    waiting,
    jobs: ended,
    identityChanges,
  }
}

/** Which of a walk's tasks a record or child belongs to. */
class Owners {
  readonly #walk: Walk
  readonly #byProfile = new Map<string, WalkTask>()
  readonly #items = new Map<number, number>()
  /** Inline records of later kinds, by job and kind. */
  readonly extra = new Map<number, Map<TaskKind, number>>()
  /** Tasks that this page has already ended. */
  readonly gone = new Set<number>()

  constructor(walk: Walk) {
    this.#walk = walk
    for (const task of walk.tasks) {
      this.#byProfile.set(task.profileId ?? task.externalId, task)
    }
  }

  learn(profileId: string, task: WalkTask): void {
    this.#byProfile.set(profileId, task)
  }

  get first(): WalkTask {
    const task = this.#walk.tasks[0]
    if (task === undefined) throw new Error(`walk ${this.#walk.id} serves no task`)
    return task
  }

  of(profileId: string | undefined): WalkTask {
    return (profileId === undefined ? undefined : this.#byProfile.get(profileId)) ?? this.first
  }

  count(task: WalkTask, kind: TaskKind): void {
    if (kind === this.#walk.kind) {
      this.#items.set(task.id, this.itemsOf(task) + 1)
      return
    }
    const kinds = this.extra.get(task.jobId) ?? new Map<TaskKind, number>()
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    this.extra.set(task.jobId, kinds)
  }

  itemsOf(task: WalkTask): number {
    return this.#items.get(task.id) ?? 0
  }
}

const identifyTasks = (
  tx: Tx,
  write: PageWrite,
  owners: Owners,
  ended: JobEnd[],
): Committed['identityChanges'] => {
  const { walk, page, fetchedAt } = write
  const changes: { jobId: number; entityId: string; from: string; to: string }[] = []
  for (const found of page.identities) {
    const task = walk.tasks.find(candidate => candidate.externalId === found.externalId)
    if (task === undefined) continue
    owners.learn(found.profileId, task)
    const job = { id: task.jobId, network: walk.network, entityId: task.entityId }
    const { changedFrom, duplicate } = identify(tx, job, found, fetchedAt)
    if (duplicate) {
      owners.gone.add(task.id)
      const ending = { status: 'skipped', reason: 'duplicate', errorType: null, message: null } as const
      ended.push(...endTasks(tx, [task], ending, fetchedAt))
    }
    if (changedFrom !== null) {
      tx.prepared.run(noteReason, { id: task.jobId, reason: 'identity-changed' })
      changes.push({ jobId: task.jobId, entityId: found.entityId, from: changedFrom, to: found.profileId })
    }
  }
  return changes
}

const KIND_OF: Readonly<Record<SocialRecord['type'], TaskKind | null>> = {
  profile: 'profile',
  post: 'posts',
  media: null,
  comment: 'comments',
  like: 'likes',
}

const writeRecords = (tx: Tx, write: PageWrite, owners: Owners): PageFacts => {
  const { walk, page, fetchedAt } = write
  const counted = countedType(walk.kind)
  const profileOfPost = new Map<string, string>()
  let items = 0
  let unseen = 0
  for (const record of page.records) {
    if (record.type === 'post') profileOfPost.set(record.id, record.profileId)
    const profileId =
      record.type === 'profile'
        ? record.id
        : record.type === 'post'
          ? record.profileId
          : profileOfPost.get(record.postId)
    const task = owners.of(profileId)
    if (owners.gone.has(task.id)) continue
    const written = writeRecord(tx, record, {
      network: walk.network,
      fetchedAt,
      jobId: task.jobId,
      rootId: walk.rootId,
    })
    const kind = KIND_OF[record.type]
    if (kind !== null && written.unseen) owners.count(task, kind)
    if (record.type === counted) {
      items++
      if (written.unseen) unseen++
    }
  }
  for (const task of walk.tasks) {
    tx.prepared.run(countPage, { id: task.id, items: owners.itemsOf(task) })
  }
  const cursorSeen =
    page.next !== null &&
    noteCursor(tx, walk.id, createHash('sha256').update(encodeJson(page.next)).digest('base64'))
  return { items, unseen, cursorSeen, allKnownAndOld: false }
}

/** Opens a task and walk for each child with something to fetch; counts the others by their reason. Gives how many wait for company. */
const writeChildren = (tx: Tx, write: PageWrite, owners: Owners): number => {
  const { walk, page, options, fetchedAt } = write
  const settled = new Map<WalkTask, Map<TaskKind, Map<Reason, number>>>()
  let waiting = 0
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
      if (addTask(tx, { ...task, walk_id: null })) waiting++
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
  return waiting
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
      if (kind === 'profile' || kind === 'posts') continue
      counts.set(kind, { reasons: counts.get(kind)?.reasons ?? new Map(), items })
    }
    if (counts.size > 0) all.set(task, counts)
  }
  return all
}

/** Ends the tasks whose profile is not there; marks posts that a look-up did not bring. */
const skipMissing = (tx: Tx, write: PageWrite, owners: Owners): JobEnd[] => {
  const { walk, page, fetchedAt } = write
  const ended: JobEnd[] = []
  for (const missing of page.missing) {
    if (missing.subject === 'post') {
      tx.prepared.run(postGone, { network: walk.network, id: missing.id, at: fetchedAt })
      continue
    }
    const task = walk.tasks.find(candidate => candidate.externalId === missing.id)
    if (task === undefined || owners.gone.has(task.id)) continue
    owners.gone.add(task.id)
    const ending = { status: 'skipped', reason: missing.reason, errorType: null, message: null } as const
    ended.push(...endTasks(tx, [task], ending, fetchedAt))
  }
  return ended
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

const markComments = (tx: Tx, walk: Walk, task: WalkTask, reason: Reason | null, at: Instant): void => {
  if (walk.kind !== 'comments' || task.postId === null || task.postId !== task.externalId) return
  tx.prepared.run(commentsRead, { network: walk.network, id: task.postId, reason, at })
}

const insertReject: Statement<{
  walk_id: number
  seq: number
  path: string
  reason: string
  value: string
  job_id: number
  seen_at: string
}> = statement(
  builder
    .insertInto('rejects')
    .values({
      walk_id: param<number>('walk_id'),
      seq: param<number>('seq'),
      path: param<string>('path'),
      reason: param<string>('reason'),
      value: param<string>('value'),
      job_id: param<number>('job_id'),
      seen_at: param<string>('seen_at'),
    })
    .onConflict(conflict => conflict.doNothing()),
)

const copyPlace: Statement<{ id: number; cursor: string | null }> = statement(
  builder
    .updateTable('sync_jobs')
    .set(eb => ({
      cursor: eb.fn<string>('json_set', [
        'cursor',
        eb.val('$.page_token'),
        eb.fn('json', [eb.fn.coalesce(eb.val(param<string | null>('cursor')), eb.val('null'))]),
      ]),
    }))
    .where('id', '=', param<number>('id')),
)

const countPage: Statement<{ id: number; items: number }> = statement(
  builder
    .updateTable('sync_tasks')
    .set(eb => ({ pages: eb('pages', '+', 1), items: eb('items', '+', param<number>('items')) }))
    .where('id', '=', param<number>('id')),
)

const noteReason: Statement<{ id: number; reason: string }> = statement(
  builder
    .updateTable('sync_jobs')
    .set({ reason: param<string>('reason') })
    .where('id', '=', param<number>('id')),
)

const postGone: Statement<{ network: string; id: string; at: string }> = statement(
  builder
    .updateTable('posts')
    .set({ missing_since: param<string>('at') })
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id'))
    .where('missing_since', 'is', null),
)

const commentsRead: Statement<{ network: string; id: string; reason: string | null; at: string }> = statement(
  builder
    .updateTable('posts')
    .set({ comments_reason: param<string | null>('reason'), comments_synced_at: param<string>('at') })
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id')),
)
