import { type Kysely, sql } from 'kysely'
import type { Schema } from '../schema/tables.ts'

/** A word by which a profile of the list is known: what it was asked by, its id, or the name in its address. */
export interface ListedWord {
  readonly network: string
  readonly word: string
}

/** All of them, of profiles that have not come too; a word may come more than once. */
export const streamListedWords = (db: Kysely<Schema>): AsyncIterable<ListedWord> =>
  db
    .selectFrom(
      sql<ListedWord>`(
        select network, id as word from profiles
        union all select network, username from profiles where username is not null
        union all select network, entity_id from entities)`.as('words'),
    )
    .selectAll()
    .stream()
