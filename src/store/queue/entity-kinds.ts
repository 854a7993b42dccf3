import { type RawBuilder, sql } from 'kysely'

// What a key of a list points at, told by itself (`core/entity.ts`), as SQL.

/** Whether a key is a profile's: no other lacks a colon. */
export const isOfProfile = (key: RawBuilder<unknown>): RawBuilder<boolean> =>
  sql<boolean>`${key} not like '%:%'`

/** Whether a key is a post's, along an index on it. */
export const isOfPost = (key: RawBuilder<unknown>): RawBuilder<boolean> =>
  sql<boolean>`${key} >= 'post:' and ${key} < 'post;'`

/** The post that a key of one names. */
export const postOfKey = (key: RawBuilder<unknown>): RawBuilder<string> => sql<string>`substr(${key}, 6)`
