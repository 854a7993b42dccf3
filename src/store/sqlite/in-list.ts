import { type RawBuilder, sql } from 'kysely'
import { encodeJson } from '../schema/rows.ts'

/** A list of any length as the right side of `in`. */
export const inList = (values: readonly (string | number)[]): RawBuilder<unknown> =>
  sql`(select value from json_each(${encodeJson([...values])}))`
