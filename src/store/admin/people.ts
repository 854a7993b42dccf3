import { type Kysely, sql } from 'kysely'
import { BadInput } from '../../core/errors.ts'
import type { Database } from '../database/database.ts'
import type { Schema } from '../schema/tables.ts'
import { tablesOf } from './unfinished-copy.ts'

/** How the people of a database stand in it: `names` as they are, or by pseudonyms under the key of this fingerprint. */
export type PeopleAs =
  | { readonly as: 'nobody' | 'names' }
  | { readonly as: 'pseudonyms'; readonly key: string }

/** The one row of its table. */
const ROW = 1

/** How people stand in a database, of whatever version. */
export const peopleIn = async (db: Kysely<Schema>): Promise<PeopleAs> => {
  const tables = await tablesOf(db)
  const noted = tables.has('data_people') ? await notedIn(db) : NOBODY
  if (noted.as === 'pseudonyms') return noted
  for (const table of ['profiles', 'comments', 'raw_pages'] as const) {
    if (!tables.has(table)) continue
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(db)
    if (rows.length > 0) return { as: 'names' }
  }
  return NOBODY
}

const NOBODY: PeopleAs = { as: 'nobody' }

/** What is noted of them: whether they are pseudonyms. */
const notedIn = async (db: Kysely<Schema>): Promise<PeopleAs> => {
  const noted = await db.selectFrom('data_people').select('fingerprint').executeTakeFirst()
  return noted === undefined ? NOBODY : { as: 'pseudonyms', key: noted.fingerprint }
}

/** BadInput where whoever writes by this key's pseudonyms, or with null by names, would put beside each other what is told apart. */
export const refuseOtherPeople = (name: string, people: PeopleAs, key: string | null): void => {
  if (key === null && people.as === 'pseudonyms') {
    throw new BadInput(`${name} has pseudonyms in place of people: names are not put beside them`, {
      hint: 'say "privacy": { "pseudonymise": true } in the config file, as when it was filled, or name another database with --db',
    })
  }
  if (key !== null && people.as === 'names') {
    throw new BadInput(`${name} has people by their names: pseudonyms are not put beside them`, {
      hint: 'name a new database with --db; of this one `socsync export --pseudonymise` makes pseudonyms',
    })
  }
  if (key !== null && people.as === 'pseudonyms' && people.key !== key) {
    throw new BadInput(`${name} has pseudonyms under another key than this one`, {
      hint: 'name the key that it was filled under with pseudonym_key or SOCSYNC_PSEUDONYM_KEY, or another database with --db',
    })
  }
}

/** Notes in a database under which key people are pseudonyms, the first time; null = they are not. BadInput as {@link refuseOtherPeople}. */
export const enterPeople = async (database: Database, key: string | null): Promise<void> => {
  const { name, committed } = database
  // Who stores names need not know whether there are any.
  const people = key === null ? await notedIn(committed.db) : await peopleIn(committed.db)
  refuseOtherPeople(name, people, key)
  if (key === null || people.as === 'pseudonyms') return
  await database.write(async tx => {
    await tx.db
      .insertInto('data_people')
      .values({ id: ROW, fingerprint: key })
      .onConflict(conflict => conflict.column('id').doNothing())
      .execute()
  })
  // Another process may have been first, with another key.
  refuseOtherPeople(name, await peopleIn(committed.db), key)
}
