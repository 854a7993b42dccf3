import { type RawBuilder, sql } from 'kysely'
import { ENTITY_KINDS, type EntityKind, HOLDING_KINDS, type OtherKind } from '../../core/entity.ts'

// What a key of a list points at, told by itself (`core/entity.ts`), as SQL.

/** Whether a key is a profile's: no other lacks a colon. */
export const isOfProfile = (key: RawBuilder<unknown>): RawBuilder<boolean> =>
  sql<boolean>`${key} not like '%:%'`

/** Whether a key is of another kind, along an index on it. */
export const isOf = (kind: OtherKind, key: RawBuilder<unknown>): RawBuilder<boolean> =>
  sql<boolean>`${key} >= ${sql.lit(`${kind}:`)} and ${key} < ${sql.lit(`${kind};`)}`

/** Whether a key is of what holds posts that need not be one profile's. */
export const isHolding = (key: RawBuilder<unknown>): RawBuilder<boolean> =>
  sql<boolean>`(${sql.join(
    HOLDING_KINDS.map(kind => isOf(kind, key)),
    sql` or `,
  )})`

/** The post that a key of one names. */
export const postOfKey = (key: RawBuilder<unknown>): RawBuilder<string> => sql<string>`substr(${key}, 6)`

/** The kind of a key. */
export const kindOfKey = (key: RawBuilder<unknown>): RawBuilder<EntityKind> => {
  const others = ENTITY_KINDS.filter(kind => kind !== 'profile')
  const cases = others.map(kind => sql`when ${isOf(kind, key)} then ${sql.lit(kind)}`)
  return sql<EntityKind>`case ${sql.join(cases, sql` `)} else 'profile' end`
}
