import { type RawBuilder, sql } from 'kysely'
import { idOfEntity, kindOfEntity } from '../../core/entity.ts'

/** What a list names, by its key in lists, and the profile's id. */
export interface Line {
  readonly network: string
  readonly entityId: string
  /** Null = it is no profile's, or that has not come. */
  readonly profileId: string | null
}

/** Of which profiles something is asked: of one, or what else a list names; of all of a run; or of all that were asked for, network null = of any. */
export type ProfilesOf = Line | { readonly run: number } | { readonly network: string | null }

/** Which of `entities` are asked about where no run is: one, those of a network, or all. */
export const isAsked = (of: Exclude<ProfilesOf, { readonly run: number }>): RawBuilder<boolean> => {
  if ('entityId' in of)
    return sql<boolean>`entities.network = ${of.network} and entities.entity_id = ${of.entityId}`
  return of.network === null ? sql<boolean>`true` : sql<boolean>`entities.network = ${of.network}`
}

/** The posts of what a line of a list names. */
export const postsOfLine = ({ network, entityId, profileId }: Line): RawBuilder<boolean> => {
  switch (kindOfEntity(entityId)) {
    case 'post':
      return sql<boolean>`posts.network = ${network} and posts.id = ${idOfEntity(entityId)}`
    case 'profile':
      return sql<boolean>`posts.network = ${network} and posts.profile_id = ${profileId}`
    default:
      return sql<boolean>`posts.network = ${network} and posts.id in (select post_id from collection_items
        where network = ${network} and collection_id = ${entityId} and missing_since is null)`
  }
}
