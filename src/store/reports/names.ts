import { type Kysely, type RawBuilder, sql } from 'kysely'
import { inList } from '../database/words.ts'
import { isOf, isOfProfile, postOfKey } from '../queue/entity-kinds.ts'
import type { Schema } from '../schema/tables.ts'

/** What a profile is called, or a post or playlist that a list names: by its profile's name in an address, and its own title. */
export interface ProfileName {
  readonly network: string
  /** The key that it was asked by, or its own id: as it was asked for here. */
  readonly id: string
  /** The name in its address; null = the network has none, or does not tell. */
  readonly username: string | null
  /** The name that it shows. */
  readonly name: string | null
}

/** A profile by its network and a key or id. */
export type ProfileKey = Pick<ProfileName, 'network' | 'id'>

/** A post without a title is called by so much of its text, in characters. */
const TITLE = 60

/** What those of these profiles, and of what else lists name, are called that are stored and have a name; the same one twice where it was asked for by two keys. */
export const readNames = async (
  db: Kysely<Schema>,
  keys: readonly ProfileKey[],
): Promise<readonly ProfileName[]> => {
  const names: ProfileName[] = []
  for (const [network, of] of Map.groupBy(keys, key => key.network)) {
    const ids = inList([...new Set(of.map(({ id }) => id))])
    const { rows } = await sql<Omit<ProfileName, 'network'>>`
      select entity_id as id, username, name from entities
      join profiles on profiles.network = entities.network and profiles.id = entities.profile_id
      where entities.network = ${network} and entity_id in ${ids} and ${isOfProfile(sql`entity_id`)}
      union select id, username, name from profiles where network = ${network} and id in ${ids}
      union select entity_id, profiles.username, coalesce(posts.title, substr(posts.caption, 1, ${sql.lit(TITLE)}), profiles.name)
      from entities
      join posts on posts.network = entities.network and posts.id = ${postOfKey(sql`entity_id`)}
      left join profiles on profiles.network = posts.network and profiles.id = posts.profile_id
      where entities.network = ${network} and entity_id in ${ids} and ${isOf('post', sql`entity_id`)}
      union select collections.id, profiles.username, collections.title
      from collections
      left join profiles on profiles.network = collections.network and profiles.id = collections.profile_id
      where collections.network = ${network} and collections.id in ${ids}
      order by id`.execute(db)
    names.push(
      ...rows
        .filter(({ username, name }) => username !== null || name !== null)
        .map(row => ({ network, ...row })),
    )
  }
  return names
}

/** A name of the profile with the id `profileId` of a network, both as SQL: null where it is not stored. */
export const nameOfProfile = (
  column: 'username' | 'name',
  network: string,
  profileId: string,
): RawBuilder<string | null> =>
  sql<string | null>`(select named.${sql.raw(column)} from profiles as named
    where named.network = ${sql.raw(network)} and named.id = ${sql.raw(profileId)})`
