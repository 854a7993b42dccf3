import { sql } from 'kysely'
import { type Instant, instant } from '../../core/instant.ts'
import type { CollectionKind, RelationKind } from '../../core/records.ts'
import type { IncrementalPolicy } from '../../core/stream.ts'
import { builder } from '../database/builder.ts'
import type { Tx } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import { chainSince } from '../queue/chain.ts'

/** What a whole walk read: everything of it that is stored and was not brought this time is absent. */
export interface WholeWalk {
  readonly network: string
  /** Its job: what this one and those that it continues have written was brought. */
  readonly jobId: number
  /** Its line: what it only listed was there. */
  readonly rootId: number
  /** When it began: what another job has written since was there. */
  readonly startedAt: Instant
  /** When it ended. */
  readonly time: Instant
  /** Null where a look-up confirms what is absent; else when it counts as missing without one. */
  readonly absence: IncrementalPolicy['absence'] | null
}

/** Posts of a profile that a whole walk did not bring, made at `from` or later; never stories. Returns how many. */
export const markAbsentPosts = async (
  tx: Tx,
  walk: WholeWalk,
  profileId: string,
  from: Instant | null,
): Promise<number> => {
  const row = { ...rowOf(walk), profile_id: profileId, from }
  const absent = await tx.run(absentPosts, row)
  if (absent > 0 && walk.absence !== null) tx.send(missingPosts, { ...row, ...longEnough(walk) })
  return absent
}

/** Top-level comments of a post that a whole walk did not bring, and replies that did not come although all did. Returns how many. */
export const markAbsentComments = async (
  tx: Tx,
  walk: WholeWalk,
  postId: string,
  replies: boolean,
): Promise<number> => {
  const row = { ...rowOf(walk), post_id: postId }
  const absent = (await tx.run(absentThreads, row)) + (replies ? await tx.run(absentInlineReplies, row) : 0)
  if (absent > 0) await settleComments(tx, walk, row)
  return absent
}

/** For each walk over a post's comments, or over some of them, whether anything at all of the post was not brought. */
export const areAnyMissed = async (
  tx: Tx,
  walks: readonly { readonly walk: WholeWalk; readonly postId: string }[],
): Promise<readonly boolean[]> => {
  const rows = walks.map(({ walk, postId }) => ({ ...rowOf(walk), post_id: postId }))
  return (await tx.getEach(anyMissed, rows)).map(row => row !== undefined)
}

/** Replies to a comment that a whole walk over them did not bring. Returns how many. */
export const markAbsentReplies = async (
  tx: Tx,
  walk: WholeWalk,
  postId: string,
  parentId: string,
): Promise<number> => {
  const row = { ...rowOf(walk), post_id: postId, parent_id: parentId }
  const absent = await tx.run(absentReplies, row)
  if (absent > 0) await settleComments(tx, walk, row)
  return absent
}

/** A profile that the network was asked for by its key, and says is not there. */
export const markMissingProfile = async (
  tx: Tx,
  network: string,
  entityId: string,
  at: Instant,
): Promise<void> => {
  tx.send(missingProfile, { network, entity_id: entityId, at })
}

/** A post that the network was asked for by its id, and says is not there. */
export const markMissingPost = async (tx: Tx, network: string, id: string, at: Instant): Promise<void> => {
  tx.send(missingPost, { network, id, at })
}

/** A collection likewise. */
export const markMissingCollection = (tx: Tx, network: string, id: string, at: Instant): void =>
  tx.send(missingCollection, { network, id, at })

/** Items of a collection that a whole walk over it did not bring: they were taken out of it. */
export const markMissingItems = (tx: Tx, walk: WholeWalk, collectionId: string): void =>
  tx.send(missingItems, { ...rowOf(walk), collection_id: collectionId })

/** Relations of a kind to a profile that a whole walk over them did not bring. */
export const markMissingRelations = (tx: Tx, walk: WholeWalk, kind: RelationKind, profileId: string): void =>
  tx.send(missingRelations, { ...rowOf(walk), kind, profile_id: profileId })

/** Items of a collection that do not stand on a page which holds all of it. */
export const markTakenOut = (tx: Tx, network: string, collectionId: string, at: Instant): void =>
  tx.send(takenOut, { network, id: collectionId, at })

/** A comment likewise; its replies have gone with it. */
export const markMissingComment = async (tx: Tx, network: string, id: string, at: Instant): Promise<void> => {
  tx.send(missingComment, { network, id, at })
  tx.send(missingReplies, { network, id, at })
}

/** Playlists of a profile that a whole walk over those that it shows did not bring; one that a list names is asked about by itself. */
export const markMissingPlaylists = (tx: Tx, walk: WholeWalk, profileId: string): void =>
  tx.send(missingPlaylists, { ...rowOf(walk), profile_id: profileId })

const rowOf = ({ network, jobId, rootId, startedAt: began, time: at }: WholeWalk) => ({
  network,
  job_id: jobId,
  walk_id: rootId,
  began,
  at,
})

const settleComments = async (
  tx: Tx,
  walk: WholeWalk,
  row: { readonly network: string; readonly post_id: string; readonly at: Instant },
): Promise<void> => {
  if (walk.absence === null) return
  const due = { ...row, ...longEnough(walk) }
  for (const { id } of await tx.all<typeof due, { id: string }>(lostComments, due)) {
    await markMissingComment(tx, walk.network, id, walk.time)
  }
}

/** Absent in so many walks, the first of them so long ago. */
const longEnough = ({ absence, time: at }: WholeWalk): { walks: number; before: Instant } => ({
  walks: absence?.walks ?? 1,
  before: instant(Date.parse(at) - (absence?.overMs ?? 0)),
})

/** From the job on in which the walk over the list began: a chain may be older than the reading of the list. */
const chain = chainSince(
  param<number>('job_id'),
  sql`coalesce((select job_id from sync_walks where id = ${param<number>('walk_id')}), 0)`,
)

const once = {
  absent_walks: sql<number>`coalesce(absent_walks, 0) + 1`,
  absent_since: sql<string>`coalesce(absent_since, ${param<string>('at')})`,
}

type Walked = ReturnType<typeof rowOf>
type Posts = Walked & { profile_id: string; from: string | null }

const absentPosts: Statement<Posts> = statement(
  builder
    .updateTable('posts')
    .set(once)
    .where('network', '=', param<string>('network'))
    .where('profile_id', '=', param<string>('profile_id'))
    .where('job_id', 'not in', chain)
    .where('walk_id', '!=', param<number>('walk_id'))
    .where('fetched_at', '<', param<string>('began'))
    .where('missing_since', 'is', null)
    .where(eb => eb.or([eb('kind', 'is', null), eb('kind', '!=', 'story')]))
    .where(eb =>
      eb.or([
        eb(eb.val(param<string | null>('from')), 'is', null),
        eb('created_at', '>=', param<string>('from')),
      ]),
    ),
)

const missingPosts: Statement<Posts & { walks: number; before: string }> = statement(
  builder
    .updateTable('posts')
    .set({ missing_since: param<string>('at') })
    .where('network', '=', param<string>('network'))
    .where('profile_id', '=', param<string>('profile_id'))
    .where('missing_since', 'is', null)
    .where('absent_walks', '>=', param<number>('walks'))
    .where('absent_since', '<=', param<string>('before')),
)

type Comments = Walked & { post_id: string }

const absentOf = builder
  .updateTable('comments')
  .set(once)
  .where('network', '=', param<string>('network'))
  .where('post_id', '=', param<string>('post_id'))
  .where('job_id', 'not in', chain)
  .where('fetched_at', '<', param<string>('began'))
  .where('missing_since', 'is', null)

const anyMissed: Statement<Comments> = statement(
  builder
    .selectFrom('comments')
    .select('id')
    .where('network', '=', param<string>('network'))
    .where('post_id', '=', param<string>('post_id'))
    .where('job_id', 'not in', chain)
    .where('fetched_at', '<', param<string>('began'))
    .where('missing_since', 'is', null)
    .limit(1),
)

const absentThreads: Statement<Comments> = statement(absentOf.where('parent_id', 'is', null))

/** Of a thread that came, with as many replies as it has, or whose replies are all told with it: the others are gone. */
const absentInlineReplies: Statement<Comments> = statement(
  absentOf.where(
    sql<boolean>`parent_id in (
      select thread.id from comments as thread
      where thread.network = ${param<string>('network')} and thread.post_id = ${param<string>('post_id')}
        and thread.parent_id is null and thread.job_id in ${chain}
        and coalesce(thread.replies_left_by, 0) != ${param<number>('walk_id')}
        and not exists (
          select 1 from sync_tasks where sync_tasks.job_id in ${chain}
            and sync_tasks.external_id = thread.id and sync_tasks.kind = 'comments')
        and (thread.reply_count is null or thread.reply_count <= (
          select count(*) from comments as reply
          where reply.network = thread.network and reply.post_id = thread.post_id
            and reply.parent_id = thread.id and reply.job_id in ${chain})))`,
  ),
)

const absentReplies: Statement<Comments & { parent_id: string }> = statement(
  absentOf.where('parent_id', '=', param<string>('parent_id')),
)

const lostComments: Statement<Comments & { walks: number; before: string }> = statement(
  builder
    .selectFrom('comments')
    .select('id')
    .where('network', '=', param<string>('network'))
    .where('post_id', '=', param<string>('post_id'))
    .where('missing_since', 'is', null)
    .where('absent_walks', '>=', param<number>('walks'))
    .where('absent_since', '<=', param<string>('before')),
)

const missingProfile: Statement<{ network: string; entity_id: string; at: string }> = statement(
  builder
    .updateTable('profiles')
    .set({ missing_since: param<string>('at') })
    .where('network', '=', param<string>('network'))
    .where('id', '=', eb =>
      eb
        .selectFrom('entities')
        .select('profile_id')
        .where('entities.network', '=', param<string>('network'))
        .where('entities.entity_id', '=', param<string>('entity_id'))
        .$asScalar()
        .$notNull(),
    )
    .where('missing_since', 'is', null),
)

type One = { network: string; id: string; at: string }

const missingCollection: Statement<One> = statement(
  builder
    .updateTable('collections')
    .set({ missing_since: param<string>('at') })
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id'))
    .where('missing_since', 'is', null),
)

const takenOut: Statement<One> = statement(
  builder
    .updateTable('collection_items')
    .set({ missing_since: param<string>('at') })
    .where('network', '=', param<string>('network'))
    .where('collection_id', '=', param<string>('id'))
    .where('fetched_at', '<', param<string>('at'))
    .where('missing_since', 'is', null),
)

const missingItems: Statement<Walked & { collection_id: string }> = statement(
  builder
    .updateTable('collection_items')
    .set({ missing_since: param<string>('at') })
    .where('network', '=', param<string>('network'))
    .where('collection_id', '=', param<string>('collection_id'))
    .where('job_id', 'not in', chain)
    .where('walk_id', '!=', param<number>('walk_id'))
    .where('fetched_at', '<', param<string>('began'))
    .where('missing_since', 'is', null),
)

const missingRelations: Statement<Walked & { kind: string; profile_id: string }> = statement(
  builder
    .updateTable('relations')
    .set({ missing_since: param<string>('at') })
    .where('network', '=', param<string>('network'))
    .where('profile_id', '=', param<string>('profile_id'))
    .where('kind', '=', param<string>('kind'))
    .where('job_id', 'not in', chain)
    .where('walk_id', '!=', param<number>('walk_id'))
    .where('fetched_at', '<', param<string>('began'))
    .where('missing_since', 'is', null),
)

const missingPlaylists: Statement<Walked & { profile_id: string }> = statement(
  builder
    .updateTable('collections')
    .set({ missing_since: param<string>('at') })
    .where('network', '=', param<string>('network'))
    .where('profile_id', '=', param<string>('profile_id'))
    .where('kind', '=', sql.lit('playlist' satisfies CollectionKind))
    .where('job_id', 'not in', chain)
    .where('walk_id', '!=', param<number>('walk_id'))
    .where('fetched_at', '<', param<string>('began'))
    .where('missing_since', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('entities')
            .select('entities.entity_id')
            .whereRef('entities.network', '=', 'collections.network')
            .whereRef('entities.entity_id', '=', 'collections.id'),
        ),
      ),
    ),
)

const missingPost: Statement<One> = statement(
  builder
    .updateTable('posts')
    .set({ missing_since: param<string>('at') })
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id'))
    .where('missing_since', 'is', null),
)

const missingComment: Statement<One> = statement(
  builder
    .updateTable('comments')
    .set({ missing_since: param<string>('at') })
    .where('network', '=', param<string>('network'))
    .where('id', '=', param<string>('id'))
    .where('missing_since', 'is', null),
)

const missingReplies: Statement<One> = statement(
  builder
    .updateTable('comments')
    .set({ missing_since: param<string>('at') })
    .where('network', '=', param<string>('network'))
    .where('post_id', 'in', eb =>
      eb
        .selectFrom('comments as top')
        .select('top.post_id')
        .where('top.network', '=', param<string>('network'))
        .where('top.id', '=', param<string>('id')),
    )
    .where('parent_id', '=', param<string>('id'))
    .where('missing_since', 'is', null),
)
