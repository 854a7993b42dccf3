import { sql } from 'kysely'
import { kindOfEntity } from '../../core/entity.ts'
import { type Instant, instant } from '../../core/instant.ts'
import type { WalkTask } from '../../core/ports.ts'
import type { Child } from '../../core/stream.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { readElsewhere } from './comment-readers.ts'
import { commentRestsOf, listKey } from './comment-rests.ts'
import { areItemsRead } from './item-readings.ts'
import type { PageWrite } from './page-write.ts'

/** Whether something that a page found is read this time, and then whether all of it (`from` null) or what is new. */
export type Due = { readonly due: false } | { readonly due: true; readonly from: Instant | null }

const ALL: Due = { due: true, from: null }
const UP_TO_DATE: Due = { due: false }

/** Something that a page found, and the task that found it. */
export interface Found {
  readonly parent: WalkTask
  readonly child: Child
}

/**
 * What an incremental walk leaves alone: lists whose declared number did not move, unless the post is young; and the
 * rest of a list that it has already read as far as it need (docs/design.md §5.5). A full one reads everything, one that only
 * goes further back than before the comments of known posts as an incremental one does.
 */
export const dueOf = async (
  tx: Tx,
  write: PageWrite,
  found: readonly Found[],
  caughtUp: boolean,
): Promise<readonly Due[]> => {
  const { streamOf } = write.options
  const due = new Map<Found, Due>()
  const asked: Record<'comments' | 'replies' | 'items' | 'young', Found[]> = {
    comments: [],
    replies: [],
    items: [],
    young: [],
  }
  const isTold = ({ child }: Found): boolean =>
    streamOf(child.stream).lists === 'replies' && child.declared != null
  for (const one of found) {
    const { parent, child } = one
    const { kind, lists } = streamOf(child.stream)
    const isOfTalk = lists === 'comments' || lists === 'replies'
    // A post that the list names, or a collection holds, may have been read with its profile.
    const isShared = kindOfEntity(parent.entityId) !== 'profile' || write.options.stream.lists === 'items'
    // What is tried again may have found its replies the last time.
    const isKnown =
      (isOfTalk && (write.walk.params.widens || isShared)) || (isTold(one) && write.walk.failing)
    if (parent.from === null && !isKnown) due.set(one, ALL)
    else if (lists === 'playlists') due.set(one, { due: true, from: parent.from })
    else if (lists === 'posts')
      due.set(one, child.begun === true && caughtUp ? UP_TO_DATE : { due: true, from: parent.from })
    else if (lists !== undefined) asked[lists].push(one)
    else if (kind === 'posts' && child.postId != null) asked.young.push(one)
    else due.set(one, ALL)
  }
  for (const [one, of] of await commentsDue(tx, write, asked.comments)) due.set(one, of)
  for (const [one, of] of await repliesDue(tx, write, asked.replies)) due.set(one, of)
  for (const [one, of] of await youngDue(tx, write, asked.young)) due.set(one, of)
  // Nothing says which of them moved: they are read whole, or not at all.
  const areRead = await areItemsRead(tx, write.walk.network, asked.items)
  for (const [index, one] of asked.items.entries()) due.set(one, areRead[index] === true ? UP_TO_DATE : ALL)
  const talked = found.filter(one => streamOf(one.child.stream).lists === 'comments' && due.get(one)?.due)
  for (const one of await readElsewhere(tx, write, talked)) due.set(one, UP_TO_DATE)
  return found.map(one => due.get(one) ?? ALL)
}

type Answers = readonly (readonly [Found, Due])[]

const commentsDue = async (tx: Tx, write: PageWrite, found: readonly Found[]): Promise<Answers> => {
  const { walk, fetchedAt, options } = write
  const keys = found.map(({ child }) => ({ network: walk.network, id: child.postId ?? child.externalId }))
  const posts = await tx.getEach<Key, PostRow>(postRow, keys)
  const lists = found.map(({ parent, child }) => listKey(parent.jobId, child.stream, child.externalId))
  const rests = await commentRestsOf(tx, lists)
  const young = youngSince(fetchedAt, walk.params.lookbackMs ?? options.incremental.lookbackMs)
  const begun: Key[] = []
  const answers = found.map((one, index): readonly [Found, Due] => {
    const post = posts[index]
    const rest = rests[index]
    const readAt = rest?.above ?? post?.comments_synced_at
    if (post === undefined || readAt == null || refusedToOther(post, options.owners)) return [one, ALL]
    const declared = rest === undefined ? post.comments_declared : rest.declared
    const isMoved = (one.child.declared ?? null) !== declared
    const isYoung = post.created_at !== null && post.created_at >= young
    if (!isMoved && !isYoung && !isCut(post, walk.params.limitComments)) return [one, UP_TO_DATE]
    begun.push(keys[index] as Key)
    return [one, { due: true, from: readAt }]
  })
  tx.sendEach(noteStored, begun)
  return answers
}

/** Left unread by a limit of the user's, of which there is none any more. */
const isCut = ({ comments_reason }: PostRow, limit: number | null): boolean =>
  comments_reason === 'limited' && limit === null

/** Refused to a credential that is no longer used: another one may be let in. */
const refusedToOther = ({ comments_refused_to }: PostRow, owners: ReadonlySet<string>): boolean =>
  comments_refused_to !== null && !owners.has(comments_refused_to)

/**
 * Where a thread does not say how many replies it has, its post does, with those of all others: they are read where that number
 * moved by another one than this reading has brought (docs/design.md §5.5).
 */
const repliesDue = async (tx: Tx, write: PageWrite, found: readonly Found[]): Promise<Answers> => {
  const { walk } = write
  const since = newSince(write)
  const keys = found.map(({ child }) => ({ network: walk.network, id: child.externalId }))
  const read = await tx.getEach<Key, ThreadRow>(commentRow, keys)
  const ofPost = found.map(({ child }) => ({ network: walk.network, id: child.postId ?? '', since }))
  const posts = await tx.getEach<Key, PostRow>(postRow, ofPost)
  const came = await tx.getEach<Key & { since: string }, { count: number }>(newComments, ofPost)
  return found.map((one, index) => {
    const [thread, post] = [read[index], posts[index]]
    if (one.child.declared != null) {
      const declared = thread?.replies_declared
      return [one, declared != null && declared === one.child.declared ? UP_TO_DATE : ALL]
    }
    const isKnown = thread !== undefined && thread.first_seen_at < since
    if (!isKnown || post === undefined || post.comments_synced_at === null) return [one, ALL]
    if (refusedToOther(post, write.options.owners) || isCut(post, walk.params.limitComments))
      return [one, ALL]
    const { comments_count: now, comments_declared: before } = post
    const isExplained = now !== null && before !== null && now - before === (came[index]?.count ?? 0)
    return [one, isExplained ? UP_TO_DATE : ALL]
  })
}

/** From when on what came of a post's comments was brought by the reading that this page belongs to. */
const newSince = ({ walk, fetchedAt, options }: PageWrite): Instant =>
  options.stream.lists === 'comments' ? walk.startedAt : fetchedAt

/** Notes threads whose further replies this line leaves unread. */
export const leaveReplies = (tx: Tx, { walk }: PageWrite, threads: readonly string[]): void =>
  tx.sendEach(
    leave,
    threads.map(id => ({ network: walk.network, id, walk_id: walk.rootId })),
  )

/** Whether a post's declared number is what it was when its comments were last read, and this reading brought none that is new. */
export const areUnmoved = async (
  tx: Tx,
  network: string,
  lists: readonly { readonly postId: string; readonly declared: number | null; readonly since: Instant }[],
): Promise<readonly boolean[]> => {
  const keys = lists.map(({ postId: id, since }) => ({ network, id, since }))
  const posts = await tx.getEach<Key, PostRow>(postRow, keys)
  const came = await tx.getEach<Key & { since: string }, { count: number }>(newComments, keys)
  return lists.map(({ declared }, index) => {
    const before = posts[index]?.comments_declared ?? null
    return declared !== null && before === declared && (came[index]?.count ?? 0) === 0
  })
}

/** What hangs on a post and has no number of its own is read while the post is young, and when its counters moved with this page. */
const youngDue = async (
  tx: Tx,
  { walk, fetchedAt, options }: PageWrite,
  found: readonly Found[],
): Promise<Answers> => {
  const keys = found.map(({ child }) => ({ network: walk.network, id: child.postId ?? '' }))
  const posts = await tx.getEach<Key, PostRow>(postRow, keys)
  const moved = await tx.getEach<Key & { at: string }, { name: string }>(
    movedCounter,
    keys.map(key => ({ ...key, at: fetchedAt })),
  )
  const young = youngSince(fetchedAt, walk.params.lookbackMs ?? options.incremental.lookbackMs)
  return found.map((one, index) => {
    const created = posts[index]?.created_at ?? null
    const isDue = created === null || created >= young || moved[index] !== undefined
    return [one, isDue ? ALL : UP_TO_DATE]
  })
}

const youngSince = (at: Instant, lookbackMs: number): Instant => instant(Date.parse(at) - lookbackMs)

type Key = { network: string; id: string }

interface ThreadRow {
  readonly first_seen_at: string
  readonly replies_declared: number | null
}

interface PostRow {
  readonly created_at: string | null
  readonly comments_count: number | null
  readonly comments_synced_at: string | null
  readonly comments_declared: number | null
  readonly comments_reason: string | null
  readonly comments_refused_to: string | null
}

const postRow: Statement<Key> = statement(
  builder
    .selectFrom('posts')
    .select([
      'created_at',
      'comments_count',
      'comments_synced_at',
      'comments_declared',
      'comments_reason',
      'comments_refused_to',
    ])
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id')),
)

/** A counter of a post that was written at this moment and was another one before: an entry that only repeats it is none. */
const movedCounter: Statement<Key & { at: string }> = statement(
  builder
    .selectFrom('metrics as now')
    .select('now.name')
    .where('now.network', '=', param<string>('network'))
    .where('now.subject', '=', sql.lit('post'))
    .where('now.subject_id', '=', param<string>('id'))
    .where('now.observed_at', '=', param<string>('at'))
    .where(
      sql<boolean>`now.value is distinct from (
        select before.value from metrics as before
        where before.network = now.network and before.subject = now.subject and before.subject_id = now.subject_id
          and before.name = now.name and before.observed_at < now.observed_at
        order by before.observed_at desc limit 1)`,
    )
    .limit(1),
)

const commentRow: Statement<Key> = statement(
  builder
    .selectFrom('comments')
    .select(['first_seen_at', 'replies_declared'])
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id')),
)

const newComments: Statement<Key & { since: string }> = statement(
  builder
    .selectFrom('comments')
    .select(eb => eb.fn.countAll<number>().as('count'))
    .where('network', '=', param<string>('network'))
    .where('post_id', '=', param<string>('id'))
    .where('first_seen_at', '>=', param<string>('since')),
)

const leave: Statement<Key & { walk_id: number }> = statement(
  builder
    .updateTable('comments')
    .set({ replies_left_by: param<number>('walk_id') })
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id')),
)

const noteStored: Statement<Key> = statement(
  builder
    .updateTable('posts')
    .set(eb => ({
      comments_stored: eb
        .selectFrom('comments')
        .select(eb.fn.countAll<number>().as('count'))
        .where('comments.network', '=', param<string>('network'))
        .where('comments.post_id', '=', param<string>('id'))
        .where('comments.missing_since', 'is', null),
    }))
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id')),
)
