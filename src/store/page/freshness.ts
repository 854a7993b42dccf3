import { sql } from 'kysely'
import { type Instant, instant } from '../../core/instant.ts'
import type { WalkTask } from '../../core/ports.ts'
import type { Child } from '../../core/stream.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { commentRestsOf, listKey } from './comment-rests.ts'
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
  const asked: Record<'comments' | 'replies' | 'young', Found[]> = { comments: [], replies: [], young: [] }
  for (const one of found) {
    const { parent, child } = one
    const { kind, lists } = streamOf(child.stream)
    // What is tried again may have found its replies the last time.
    const isOfTalk = lists === 'comments' || lists === 'replies'
    const isKnown = (isOfTalk && write.walk.params.widens) || (lists === 'replies' && write.walk.failing)
    if (parent.from === null && !isKnown) due.set(one, ALL)
    else if (lists === 'posts')
      due.set(one, child.begun === true && caughtUp ? UP_TO_DATE : { due: true, from: parent.from })
    else if (lists !== undefined) asked[lists].push(one)
    else if (kind === 'posts' && child.postId != null) asked.young.push(one)
    else due.set(one, ALL)
  }
  for (const [one, of] of await commentsDue(tx, write, asked.comments)) due.set(one, of)
  for (const [one, of] of await repliesDue(tx, write, asked.replies)) due.set(one, of)
  for (const [one, of] of await youngDue(tx, write, asked.young)) due.set(one, of)
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
  await tx.runEach(noteStored, begun)
  return answers
}

/** Left unread by a limit of the user's, of which there is none any more. */
const isCut = ({ comments_reason }: PostRow, limit: number | null): boolean =>
  comments_reason === 'limited' && limit === null

/** Refused to a credential that is no longer used: another one may be let in. */
const refusedToOther = ({ comments_refused_to }: PostRow, owners: ReadonlySet<string>): boolean =>
  comments_refused_to !== null && !owners.has(comments_refused_to)

const repliesDue = async (tx: Tx, { walk }: PageWrite, found: readonly Found[]): Promise<Answers> => {
  const keys = found.map(({ child }) => ({ network: walk.network, id: child.externalId }))
  const read = await tx.getEach<Key, { replies_declared: number | null }>(commentRow, keys)
  return found.map((one, index) => {
    const declared = read[index]?.replies_declared
    return [one, declared != null && declared === one.child.declared ? UP_TO_DATE : ALL]
  })
}

/** What hangs on a post and cannot be told apart by a number is read while the post is young. */
const youngDue = async (
  tx: Tx,
  { walk, fetchedAt, options }: PageWrite,
  found: readonly Found[],
): Promise<Answers> => {
  const keys = found.map(({ child }) => ({ network: walk.network, id: child.postId ?? '' }))
  const posts = await tx.getEach<Key, PostRow>(postRow, keys)
  const young = youngSince(fetchedAt, walk.params.lookbackMs ?? options.incremental.lookbackMs)
  return found.map((one, index) => {
    const created = posts[index]?.created_at ?? null
    return [one, created === null || created >= young ? ALL : UP_TO_DATE]
  })
}

const youngSince = (at: Instant, lookbackMs: number): Instant => instant(Date.parse(at) - lookbackMs)

/**
 * Whether the comments that are stored, and the replies that their threads have more than before, account for the
 * number that the network declares: then an incremental walk need not look for changes further down. The difference
 * that there was before stays: what is held back or removed is counted and never shown.
 */
export const isExplained = async (
  tx: Tx,
  network: string,
  task: WalkTask,
  rootId: number,
): Promise<boolean> => {
  const row = { network, id: task.externalId, walk_id: rootId }
  const sums = await tx.get<typeof row, Sums>(accounts, row)
  if (sums === undefined) return false
  const { declared, stored_before, stored, pending } = sums
  if (task.declared === null || declared === null || stored_before === null) return false
  return task.declared - (stored + pending) === declared - stored_before
}

/**
 * Whether so many posts of a profile are stored as it declares, but for those that it is known to declare and never to
 * list: then an incremental walk need not look for more further down. What is not known holds nobody up.
 */
export const isAllListed = async (
  tx: Tx,
  network: string,
  entityId: string,
  declared: number | null,
): Promise<boolean> => {
  if (declared === null) return true
  const { stored, unlisted } = await countPosts(tx, network, entityId)
  return unlisted === null || declared - stored <= unlisted
}

/** Posts of a profile that are stored and there, without stories; and how many more it is known to declare than to list. */
export const countPosts = async (
  tx: Tx,
  network: string,
  entityId: string,
): Promise<{ readonly stored: number; readonly unlisted: number | null }> =>
  (await tx.get<EntityKey, { stored: number; unlisted: number | null }>(postCount, {
    network,
    entity_id: entityId,
  })) ?? {
    stored: 0,
    unlisted: null,
  }

type EntityKey = { network: string; entity_id: string }

const postCount: Statement<EntityKey> = statement(
  builder
    .selectFrom('entities')
    .select(eb => [
      'posts_unlisted as unlisted',
      eb
        .selectFrom('posts')
        .select(eb.fn.countAll<number>().as('count'))
        .whereRef('posts.network', '=', 'entities.network')
        .whereRef('posts.profile_id', '=', 'entities.profile_id')
        .where('posts.missing_since', 'is', null)
        .where(({ or, eb: on }) => or([on('posts.kind', 'is', null), on('posts.kind', '!=', 'story')]))
        .$asScalar()
        .$notNull()
        .as('stored'),
    ])
    .where('network', '=', param<string>('network'))
    .where('entity_id', '=', param<string>('entity_id')),
)

/** Posts of a profile that are stored, there, and made from a moment on. */
export const countPostsSince = async (
  tx: Tx,
  network: string,
  profileId: string,
  since: Instant,
): Promise<number> =>
  (await tx.get<Since, { count: number }>(countSince, { network, profile_id: profileId, since }))?.count ?? 0

type Since = { network: string; profile_id: string; since: string }

const countSince: Statement<Since> = statement(
  builder
    .selectFrom('posts')
    .select(eb => eb.fn.countAll<number>().as('count'))
    .where('network', '=', param<string>('network'))
    .where('profile_id', '=', param<string>('profile_id'))
    .where('missing_since', 'is', null)
    .where('created_at', '>=', param<string>('since')),
)

/** How many of a post's comments are stored, with the replies that threads of this walk still owe. */
export const countComments = async (
  tx: Tx,
  network: string,
  postId: string,
  rootId: number,
): Promise<number | null> => {
  const row = { network, id: postId, walk_id: rootId }
  const sums = await tx.get<typeof row, Sums>(accounts, row)
  return sums === undefined ? null : sums.stored + sums.pending
}

/** How many replies to a comment are stored. */
export const countReplies = async (
  tx: Tx,
  network: string,
  postId: string,
  parentId: string,
): Promise<number> =>
  (await tx.get<ThreadKey, { count: number }>(replyCount, { network, post_id: postId, parent_id: parentId }))
    ?.count ?? 0

type ThreadKey = { network: string; post_id: string; parent_id: string }

const replyCount: Statement<ThreadKey> = statement(
  builder
    .selectFrom('comments')
    .select(eb => eb.fn.countAll<number>().as('count'))
    .where('network', '=', param<string>('network'))
    .where('post_id', '=', param<string>('post_id'))
    .where('parent_id', '=', param<string>('parent_id'))
    .where('missing_since', 'is', null),
)

interface Sums {
  readonly declared: number | null
  readonly stored_before: number | null
  readonly stored: number
  readonly pending: number
}

type Key = { network: string; id: string }

interface PostRow {
  readonly created_at: string | null
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
      'comments_synced_at',
      'comments_declared',
      'comments_reason',
      'comments_refused_to',
    ])
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id')),
)

const commentRow: Statement<Key> = statement(
  builder
    .selectFrom('comments')
    .select('replies_declared')
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

const accounts: Statement<Key & { walk_id: number }> = statement(
  builder
    .selectFrom('posts')
    .select(['comments_declared as declared', 'comments_stored as stored_before'])
    .select(eb => [
      eb
        .selectFrom('comments')
        .select(eb.fn.countAll<number>().as('count'))
        .whereRef('comments.network', '=', 'posts.network')
        .whereRef('comments.post_id', '=', 'posts.id')
        .where('comments.missing_since', 'is', null)
        .$asScalar()
        .$notNull()
        .as('stored'),
      // Of threads that came in this walk: what they have more than when their replies were read, and than is stored.
      sql<number>`(
        select coalesce(sum(case when read >= stored then declared - read else declared - stored end), 0) from (
          select thread.reply_count as declared, coalesce(thread.replies_declared, 0) as read, (
            select count(*) from comments as reply
            where reply.network = thread.network and reply.post_id = thread.post_id and reply.parent_id = thread.id
          ) as stored
          from comments as thread
          where thread.network = posts.network and thread.post_id = posts.id and thread.parent_id is null
            and thread.reply_count > 0 and thread.walk_id = ${param<number>('walk_id')}
        ) as threads where declared > read and declared > stored)`.as('pending'),
    ])
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id')),
)
