import { sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { WalkTask } from '../../core/ports.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'

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

/** Items of a collection that are stored and there. */
export const countItems = async (tx: Tx, network: string, id: string): Promise<number> =>
  (await tx.get<Key, { count: number }>(itemCount, { network, id }))?.count ?? 0

const itemCount: Statement<Key> = statement(
  builder
    .selectFrom('collection_items')
    .select(eb => eb.fn.countAll<number>().as('count'))
    .where('network', '=', param<string>('network'))
    .where('collection_id', '=', param<string>('id'))
    .where('missing_since', 'is', null),
)

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
