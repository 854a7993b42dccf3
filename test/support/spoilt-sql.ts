import Database from 'better-sqlite3'
import pg from 'pg'

/**
 * What `SOCSYNC_TEST_SPOIL` takes away from every statement of this process, to show that the suite in `test/conformance/` fails
 * without it: it changes the text of statements on their way to a database, and nothing in `src` knows of it.
 *
 * - `fence`: a page is written whoever has the walk by now, and wherever it stands
 * - `overtaken`: a worker that was struck off goes on asking for work and calls
 * - `skip-locked`: who claims waits for whoever is claiming
 */
export const SPOILS = ['fence', 'overtaken', 'skip-locked'] as const
export type Spoil = (typeof SPOILS)[number]

/** A comparison that holds whatever it compares; its placeholders stay, since their values are handed over. */
const always = (comparison: string): string => `(${comparison} or 1 = 1)`

const FENCE = /"seq" = (\S+) and "worker" = (\S+)/
const CHANGES: Readonly<Record<Spoil, (sql: string) => string>> = {
  fence: sql =>
    /^(select "id" from|update) "sync_walks" /.test(sql) ? sql.replace(FENCE, all => always(all)) : sql,
  // One row, whoever asks: of the workers that there are, the first.
  overtaken: sql =>
    /^select "lease_expires_at" from "workers" where "id" = /.test(sql)
      ? sql.replace(/"id" = \S+/, all => always(all))
      : sql,
  'skip-locked': sql => sql.replace(/ skip locked/i, ''),
}

/** The text of a statement with what is to be taken away from it. */
export const spoil = (what: Spoil, sql: string): string => CHANGES[what](sql)

const wish = process.env.SOCSYNC_TEST_SPOIL ?? ''
const found = SPOILS.find(name => name === wish)
if (wish !== '' && found === undefined)
  throw new Error(`SOCSYNC_TEST_SPOIL is ${JSON.stringify(wish)}: allowed are ${SPOILS.join(', ')}`)

if (found !== undefined) {
  const { prepare } = Database.prototype
  Database.prototype.prepare = function (this: Database.Database, sql: string) {
    return prepare.call(this, spoil(found, sql))
  } as typeof prepare
  const { query } = pg.Client.prototype
  pg.Client.prototype.query = function (this: pg.Client, asked: unknown, ...rest: unknown[]) {
    return Reflect.apply(query, this, [spoiltQuery(found, asked), ...rest])
  } as typeof query
}

const spoiltQuery = (what: Spoil, asked: unknown): unknown => {
  if (typeof asked === 'string') return spoil(what, asked)
  if (typeof asked !== 'object' || asked === null || !('text' in asked)) return asked
  return { ...asked, text: spoil(what, String(asked.text)) }
}
