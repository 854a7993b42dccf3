import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import type { Schema } from '../schema/tables.ts'

type Db = Kysely<Schema>

/** Where a page of posts ended: when the last one was published, empty = that is not known, and its id. */
export type PostPlace = readonly [createdAt: string, id: string]

/** A profile's posts, newest first, whoever wrote them last; those without a date at the end. A page is one leap along an index. */
export const listNewestPosts = async (
  db: Db,
  { network, profileId }: { readonly network: string; readonly profileId: string },
  { after, limit }: { readonly after: PostPlace | null; readonly limit: number },
) => {
  const posts = db
    .selectFrom('posts')
    .select(['id', 'kind', 'title', 'caption', 'permalink', 'created_at', 'fetched_at', 'missing_since'])
    .select(['like_count', 'comments_count', 'view_count', 'share_count', 'save_count', 'comments_reason'])
    .where('network', '=', network)
    .where('profile_id', '=', profileId)
    .$narrowType<{ created_at: Instant | null; fetched_at: Instant; missing_since: Instant | null }>()
  const wanted = limit + 1
  const dated =
    after?.[0] === ''
      ? []
      : await posts
          .where('created_at', 'is not', null)
          .$if(after !== null, query =>
            query.where(sql<boolean>`(created_at, id) < (${after?.[0]}, ${after?.[1]})`),
          )
          .orderBy('created_at', 'desc')
          .orderBy('id', 'desc')
          .limit(wanted)
          .execute()
  const rest = wanted - dated.length
  const undated =
    rest === 0
      ? []
      : await posts
          .where('created_at', 'is', null)
          .$if(after?.[0] === '', query => query.where('id', '<', after?.[1] ?? ''))
          .orderBy('id', 'desc')
          .limit(rest)
          .execute()
  const found = [...dated, ...undated]
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  const next: PostPlace | null =
    found.length > limit && last !== undefined ? [last.created_at ?? '', last.id] : null
  return { rows, next }
}

export type NewestPost = Awaited<ReturnType<typeof listNewestPosts>>['rows'][number]

/** The comments of a post in the order of their ids, replies among them; `after` = the id that the page before ended with. */
export const listComments = async (
  db: Db,
  { network, postId }: { readonly network: string; readonly postId: string },
  { after, limit }: { readonly after: string | null; readonly limit: number },
) => {
  const found = await db
    .selectFrom('comments')
    .select(['id', 'parent_id', 'author_id', 'author_name', 'content', 'like_count', 'reply_count'])
    .select(['created_at', 'missing_since'])
    .where('network', '=', network)
    .where('post_id', '=', postId)
    .$if(after !== null, query => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit + 1)
    .$narrowType<{ created_at: Instant | null; missing_since: Instant | null }>()
    .execute()
  const rows = found.slice(0, limit)
  return { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null }
}
