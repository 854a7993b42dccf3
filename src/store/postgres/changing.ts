import { BadInput } from '../../core/errors.ts'
import type { Changing } from '../database/database.ts'
import { POSTGRES_TYPES } from '../schema/types.ts'
import type { Address } from './address.ts'
import { CLEAR_COMMITS, CREATE_COMMITS } from './commits.ts'
import { only, speak } from './dialect.ts'
import { Session } from './session.ts'

/** One process at a time changes the schema: the others wait here, before they look which one it is. */
const LOCK = `
  set client_min_messages = error; set lock_timeout = '10min'; set jit = off;
  select pg_advisory_lock(hashtextextended('socsync schema ' || current_schema(), 0)) as locked;
  set lock_timeout = '1min'`

export const changeSchema = async <T>(
  address: Address,
  use: (changing: Changing) => Promise<T>,
): Promise<T> => {
  const session = await Session.open(address)
  try {
    await session.query(LOCK)
    return await use({
      db: speak(only(session)),
      types: POSTGRES_TYPES,
      accept: async () => {
        await session.query(CREATE_COMMITS)
        await session.query(CLEAR_COMMITS)
      },
      step: work => work(),
    })
  } finally {
    await session.close()
  }
}

/** Whether there are tables of ours. BadInput where there are only another program's. */
export const hasTables = async (session: Session, name: string): Promise<boolean> => {
  const { rows } = await session.query(TABLES)
  const { schema, tables, ours } = rows[0] ?? {}
  if (schema === null)
    throw new BadInput(`${name} has no schema to write to`, {
      hint: 'make the schema that the search_path of this user names',
    })
  if (ours === 1 || tables === 0) return ours === 1
  throw new BadInput(`${name} is a database of another program: its schema ${schema} has other tables`, {
    hint: 'name another database, or another schema with `?options=-csearch_path%3DNAME`',
  })
}

/** Who was killed before the first migration left `commits` alone: that is an empty database. */
const TABLES = `
  select current_schema() as schema,
    count(*) filter (where relname <> 'commits' or not exists (
      select 1 from pg_attribute where attrelid = pg_class.oid and attname = 'connection')) as tables,
    coalesce(max(case when relname = 'kysely_migration' then 1 else 0 end), 0) as ours
  from pg_class where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`
