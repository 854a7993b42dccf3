import { createHash } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import type { Walk, WalkTask } from '../../core/ports.ts'
import type { Snapshot, SocialRecord } from '../../core/records.ts'
import type { TaskKind } from '../../core/task.ts'
import { countedType } from '../../core/trim.ts'
import type { PageFacts } from '../../core/verdict.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { jsonText } from '../database/words.ts'
import { noteCursor } from '../queue/walks.ts'
import { encodeJson } from '../schema/rows.ts'
import { type CommentRest, commentRestOf, listKey } from './comment-rests.ts'
import { isAllListed, isExplained } from './counts.ts'
import { appendSnapshots, type Metric, writeDated } from './history.ts'
import type { PageWrite } from './page-write.ts'
import type { TasksOfRecords } from './task-of-record.ts'
import { writeEach } from './upsert.ts'

const KIND_OF: Readonly<Record<SocialRecord['type'], TaskKind | null>> = {
  profile: 'profile',
  post: 'posts',
  media: null,
  comment: 'comments',
  like: 'likes',
  collection: 'profile',
  item: null,
  relation: null,
}

/** What of a page's write becomes records. */
export interface RecordsWrite extends Pick<PageWrite, 'walk' | 'page' | 'fetchedAt'> {
  readonly options: Pick<PageWrite['options'], 'stream'>
}

/** What the records of a page tell of it. */
type WrittenFacts = Pick<PageFacts, 'items' | 'unseen' | 'cursorSeen' | 'allKnownAndOld'>

/** A record of the page, and the task that it belongs to. */
interface Owned {
  readonly record: SocialRecord
  readonly task: WalkTask
}

/** Writes a page's records, each to the job that it belongs to, and finds out how much of them is new to the walk. */
export const writeRecords = async (
  tx: Tx,
  write: RecordsWrite,
  owners: TasksOfRecords,
): Promise<WrittenFacts> => {
  const { walk, page, fetchedAt, options } = write
  const counted = options.stream.relates === undefined ? countedType(walk.kind) : 'relation'
  const owned = ownedRecords(page.records, owners)
  const cursorSeen = seeCursor(tx, write)
  let items = page.listed.length
  let unseen = await seeListed(tx, write)
  let stranger = false
  // Posts that came with this page first: none of their media can be stored. Of the others, how many pictures came.
  const newPosts = new Set<string>()
  const albums = new Map<string, number>()
  for (const type of ORDER) {
    const mine = owned.filter(({ record }) => record.type === type)
    const writings = mine.map(({ record, task }) => ({
      record,
      writer: { network: walk.network, fetchedAt, jobId: task.jobId, rootId: walk.rootId },
      isNew: record.type === 'media' && newPosts.has(record.postId),
    }))
    const written = await writeEach(tx, type, writings)
    for (const [index, { record, task }] of mine.entries()) {
      const found = written[index]
      if (found === undefined) continue
      if (record.type === 'post' && found.isNew) newPosts.add(record.id)
      if (record.type === 'post' && found.known) albums.set(record.id, 0)
      if (record.type === 'media' && albums.has(record.postId))
        albums.set(record.postId, Math.max(albums.get(record.postId) ?? 0, record.position + 1))
      if (isListed(record) && !found.known) stranger = true
      const kind = type === counted ? walk.kind : KIND_OF[type]
      if (kind !== null && found.fresh) owners.count(task, kind, found.isNew)
      if (type !== counted) continue
      items++
      if (found.unseen) unseen++
    }
  }
  const shrunk = [...albums].filter(([, count]) => count > 0)
  tx.sendEach(
    shrink,
    shrunk.map(([post_id, count]) => ({ network: walk.network, post_id, count, at: fetchedAt })),
  )
  const counts = walk.tasks.map(task => {
    const came = owners.cameOf(task)
    return { id: task.id, items: came.items, new: came.new }
  })
  tx.sendEach(countPage, counts)
  return {
    items,
    unseen,
    cursorSeen: await cursorSeen,
    allKnownAndOld: (await isOldEnough(tx, write)) && (!stranger || (await isBesideRest(tx, write))),
  }
}

/** Whether this walk has been sent on by the same cursor before. It is waited for when the page's records are on their way. */
const seeCursor = (tx: Tx, { walk, page }: RecordsWrite): Promise<boolean> => {
  if (page.next === null) return Promise.resolve(false)
  const hash = createHash('sha256').update(encodeJson(page.next)).digest('base64')
  const seen = noteCursor(tx, walk.id, hash)
  // Where something else fails first, nobody waits for it.
  seen.catch(() => {})
  return seen
}

/** What is written before what: media are looked for only where their post was stored. */
const ORDER: readonly SocialRecord['type'][] = [
  'profile',
  'collection',
  'post',
  'media',
  'item',
  'comment',
  'like',
  'relation',
]

/** A medium or comment belongs to the profile of its post. */
const ownedRecords = (records: readonly SocialRecord[], owners: TasksOfRecords): readonly Owned[] => {
  const profileOfPost = new Map<string, string>()
  const owned: Owned[] = []
  for (const record of records) {
    if (record.type === 'post') profileOfPost.set(record.id, record.profileId)
    const task = owners.of(belongsTo(record, profileOfPost))
    if (!owners.gone.has(task.id)) owned.push({ record, task })
  }
  return owned
}

/** What is left out is not known. */
const belongsTo = (
  record: SocialRecord,
  profileOfPost: ReadonlyMap<string, string>,
): Parameters<TasksOfRecords['of']>[0] => {
  if (record.type === 'profile') return { profileId: record.id }
  if (record.type === 'collection') return { entityId: record.id }
  if (record.type === 'item') return { entityId: record.collectionId }
  if (record.type === 'relation') return { profileId: record.profileId }
  if (record.type === 'post') return { profileId: record.profileId, postId: record.id }
  const profileId = profileOfPost.get(record.postId)
  return { postId: record.postId, ...(profileId !== undefined && { profileId }) }
}

/** What the lists are of: media and replies come along with these. */
const isListed = (record: SocialRecord): boolean =>
  record.type === 'post' || (record.type === 'comment' && record.parentId === null)

/** Whether an incremental walk over this list, or over one that this page began, need go no further if it knows all of the page. */
const isOldEnough = async (tx: Tx, { walk, page, options }: RecordsWrite): Promise<boolean> => {
  const [task, ...others] = walk.tasks
  const ordered = options.stream.newestFirst || walk.kind === 'profile'
  if (!ordered || task === undefined || others.length > 0) return false
  if (task.from === null || page.tail === null || page.tail >= task.from) return false
  if (options.stream.lists === 'comments')
    return (
      (await isExplained(tx, walk.network, task, walk.rootId)) ||
      (await restBelow(tx, walk, task)) !== undefined
    )
  const begun = walk.kind === 'profile' ? page.children.find(child => child.begun) : task
  return await isAllListed(tx, walk.network, task.entityId, begun?.declared ?? null)
}

/**
 * Whether what stands below is the rest of a list that fails, and has a task of its own: then the head is read down to where it
 * was read last, known or not, and no further.
 */
const isBesideRest = async (tx: Tx, { walk, options }: RecordsWrite): Promise<boolean> => {
  const [task] = walk.tasks
  if (task?.part !== '') return false
  if (options.stream.lists === 'comments') return (await restBelow(tx, walk, task))?.failing === 1
  const isHead = options.stream.lists === 'posts' || walk.kind === 'profile'
  return isHead && (await tx.get<OfJob, { id: number }>(failingRest, { job_id: task.jobId })) !== undefined
}

/** The rest of the comments that a walk reads the head of. */
const restBelow = (
  tx: Tx,
  { stream }: Walk,
  { jobId, externalId }: WalkTask,
): Promise<CommentRest | undefined> => commentRestOf(tx, listKey(jobId, stream, externalId))

type OfJob = { job_id: number }

const failingRest: Statement<OfJob> = statement(
  builder
    .selectFrom('sync_tasks')
    .select('id')
    .where('job_id', '=', param<number>('job_id'))
    .where('kind', '=', sql.lit('posts'))
    .where('failing_since', 'is not', null)
    .where('part', '!=', sql.lit(''))
    .limit(1),
)

/** Notes that this walk saw the posts that the page only lists. Returns how many it had not seen before. */
const seeListed = (tx: Tx, { walk, page }: RecordsWrite): Promise<number> =>
  tx.runEach(
    see,
    [...new Set(page.listed)].map(id => ({ network: walk.network, id, walk_id: walk.rootId })),
  )

const see: Statement<{ network: string; id: string; walk_id: number }> = statement(
  builder
    .updateTable('posts')
    .set({ walk_id: param<number>('walk_id') })
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id'))
    .where('walk_id', '!=', param<number>('walk_id')),
)

/** Counters without a column, and what could not be read. Returns how many items were lost, and how many not before. */
export const writeAside = async (
  tx: Tx,
  { walk, page, fetchedAt }: RecordsWrite,
): Promise<Pick<PageFacts, 'rejected' | 'lost'>> => {
  const metricOf = ({ subject, subjectId, name, value }: Snapshot): Metric => ({
    network: walk.network,
    subject,
    subject_id: subjectId,
    name,
    value,
  })
  const now = page.snapshots.filter(({ observedAt }) => observedAt === undefined)
  await appendSnapshots(tx, now.map(metricOf), fetchedAt)
  writeDated(
    tx,
    page.snapshots.flatMap(snapshot =>
      snapshot.observedAt === undefined ? [] : { ...metricOf(snapshot), observed_at: snapshot.observedAt },
    ),
  )
  const rejects = page.rejects.map(({ path, reason, value, item }) => ({
    walk_id: walk.id,
    seq: walk.seq,
    job_id: walk.jobId,
    seen_at: fetchedAt,
    path,
    reason,
    value: encodeJson(value),
    item,
  }))
  const items = rejects.filter(({ item }) => item)
  const met = await tx.getEach(metBefore, items)
  tx.sendEach(insertReject, rejects)
  return { rejected: items.length, lost: met.filter(row => row === undefined).length }
}

/** A row is known by its id where it has one: its counters may have moved. */
const rowId = (value: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`coalesce(${jsonText(value, 'id')}, ${value})`

/** A row that could not be read in an earlier job on the same profile. */
const metBefore: Statement<{ job_id: number; value: string; reason: string }> = statement(
  builder
    .selectFrom('sync_jobs as mine')
    .innerJoin('sync_jobs as earlier', join =>
      join
        .onRef('earlier.network', '=', 'mine.network')
        .onRef('earlier.entity_id', '=', 'mine.entity_id')
        .onRef('earlier.id', '<', 'mine.id'),
    )
    .innerJoin('rejects', 'rejects.job_id', 'earlier.id')
    .select('rejects.walk_id')
    .where('mine.id', '=', param<number>('job_id'))
    .where('rejects.reason', '=', param<string>('reason'))
    .where(sql<boolean>`${rowId(sql.ref('rejects.value'))} = ${rowId(sql`${param<string>('value')}`)}`)
    .limit(1),
)

/** Pictures that an album no longer has: they stand behind those that came. */
const shrink: Statement<{ network: string; post_id: string; count: number; at: string }> = statement(
  builder
    .updateTable('media')
    .set({ missing_since: param<string>('at') })
    .where('network', '=', param<string>('network'))
    .where('post_id', '=', param<string>('post_id'))
    .where('position', '>=', param<number>('count'))
    .where('missing_since', 'is', null),
)

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

/** A page that brings something new is an answer: what failed until then fails no more. */
const countPage: Statement<{ id: number; items: number; new: number }> = statement(
  builder
    .updateTable('sync_tasks')
    .set(eb => ({
      pages: eb('pages', '+', 1),
      items: eb('items', '+', param<number>('items')),
      new_items: eb('new_items', '+', param<number>('new')),
      failing_since: eb
        .case()
        .when(eb.val(param<number>('new')), '>', 0)
        .then(null)
        .else(eb.ref('failing_since'))
        .end(),
      failed_runs: eb
        .case()
        .when(eb.val(param<number>('new')), '>', 0)
        .then(0)
        .else(eb.ref('failed_runs'))
        .end(),
    }))
    .where('id', '=', param<number>('id')),
)
