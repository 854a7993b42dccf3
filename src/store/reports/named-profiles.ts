import { type Kysely, sql } from 'kysely'
import type { Schema } from '../schema/tables.ts'

/** A profile that somebody named. */
export interface NamedProfile {
  readonly network: string
  /** The profile's own id; where nothing is stored of it, the key that it was asked by. */
  readonly id: string
  /** Whether it is stored; false = it was asked for, and has not come. */
  readonly isStored: boolean
}

type Db = Kysely<Schema>

/** The profiles of a network that are known by a key, another name of it, or their own id. */
export const findProfileByKey = async (
  db: Db,
  network: string,
  key: string,
): Promise<readonly NamedProfile[]> => {
  const { rows } = await sql<{ id: string; stored: number }>`
    select coalesce(profile_id, entity_id) as id, max(case when profiles.id is null then 0 else 1 end) as stored
    from entities left join profiles on profiles.network = entities.network and profiles.id = entities.profile_id
    where entities.network = ${network} and (entity_id = ${key} or profile_id = ${key} or entity_id in (
      select entity_id from entity_aliases where network = ${network} and alias = ${key}))
    group by 1
    union select id, 1 from profiles where network = ${network} and id = ${key}
    order by 1`.execute(db)
  return rows.map(({ id, stored }) => ({ network, id, isStored: stored === 1 }))
}

/** The profiles that bear a name, be it the one in their address or the one that is shown; letter case does not count. Null = of any network. */
export const findProfilesByName = async (
  db: Db,
  network: string | null,
  name: string,
): Promise<readonly NamedProfile[]> => {
  const handle = name.replace(/^@/, '')
  const { rows } = await sql<{ network: string; id: string }>`
    select network, id from profiles
    where (lower(username) in (lower(${handle}), lower(${`@${handle}`})) or lower(name) = lower(${name}))
      and ${network === null ? sql`true` : sql`network = ${network}`}
    order by network, id`.execute(db)
  return rows.map(row => ({ ...row, isStored: true }))
}
