import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../core/instant.ts'
import { rowsOf } from '../database/words.ts'
import type { Schema } from '../schema/tables.ts'
import { type Chosen, chosenProfiles } from './listed-profiles.ts'
import { withTurns } from './slices.ts'

type Db = Kysely<Schema>

/** A post of a profile that was asked for, and what is counted of it. */
export interface ListedPost {
  readonly network: string
  readonly profile_id: string
  readonly id: string
  readonly created_at: Instant | null
  readonly like_count: number | null
  readonly comments_count: number | null
  readonly share_count: number | null
  readonly view_count: number | null
}

/**
 * Posts that are there, stories left out, profile by profile; `since` = only what was published from then on. Of whom nobody
 * asked, as the makers of liked videos, there is none. Nothing but numbers: a million of them are gone through.
 */
export const streamListedPosts = (
  db: Db,
  chosen: Chosen,
  since: Instant | null,
): AsyncIterable<ListedPost> => {
  const query = sql<ListedPost>`(
    select network, profile_id, id, created_at, like_count, comments_count, share_count, view_count from posts
    where missing_since is null and coalesce(kind, '') <> 'story'
      and ${since === null ? sql`true` : sql`created_at >= ${since}`}
      and (network, profile_id) in ${chosenProfiles(chosen)})`
  return withTurns(
    db
      .selectFrom(query.as('listed'))
      .selectAll()
      .orderBy('network')
      .orderBy('profile_id')
      .orderBy('id')
      .stream(),
  )
}

/** A post by its network and id. */
export interface PostId {
  readonly network: string
  readonly id: string
}

/** The beginning of what a post says, where it is, and whose it is. */
export interface PostText extends PostId {
  readonly text: string | null
  readonly permalink: string | null
  readonly username: string | null
  readonly name: string | null
}

/** How much of a text is told, in characters. */
const TEXT = 200

/** What some posts say, by network and id. */
export const readPostTexts = async (db: Db, posts: readonly PostId[]): Promise<readonly PostText[]> => {
  const { rows } = await sql<PostText>`
    select posts.network, posts.id, substr(coalesce(posts.title, posts.caption), 1, ${sql.lit(TEXT)}) as text,
      posts.permalink, owner.username, owner.name
    from ${rowsOf<PostId>({ network: 'text', id: 'text' }, posts)} as wanted cross join posts
    left join profiles as owner on owner.network = posts.network and owner.id = posts.profile_id
    where posts.network = wanted.network and posts.id = wanted.id order by posts.network, posts.id`.execute(
    db,
  )
  return rows
}
