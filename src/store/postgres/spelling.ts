import { sql } from 'kysely'
import type { Spelling } from '../database/words.ts'

/** PostgreSQL's spelling. */
export const SPELLING: Spelling = {
  inList: values => sql`(select unnest(${values}::text[]))`,
  inNumbers: values => sql`(select unnest(${values}::bigint[]))`,
  rowsOf: (columns, rows) => {
    const fields = Object.entries<'text' | 'number'>(columns).map(
      ([name, type]) => sql`${sql.ref(name)} ${type === 'text' ? sql`text` : sql`bigint`}`,
    )
    return sql`(select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given (${sql.join(fields)}))`
  },
  jsonText: (json, key) => sql`((${json})::jsonb ->> ${sql.lit(key)})`,
  jsonNumber: (json, key) => sql`((${json})::jsonb ->> ${sql.lit(key)})::bigint`,
  jsonHas: (json, key, value) => sql`jsonb_exists((${json})::jsonb -> ${sql.lit(key)}, ${value})`,
  jsonEntries: json => sql`jsonb_each_text((${json})::jsonb)`,
  jsonList: text => sql`coalesce(jsonb_agg(${text})::text, '[]')`,
  isJson: text => sql`pg_input_is_valid(${text}, 'jsonb')`,
  larger: (a, b) => sql`greatest(${a}, ${b})`,
  smaller: (a, b) => sql`least(${a}, ${b})`,
  secondsBetween: (from, to) => sql`extract(epoch from (${to}::timestamptz - ${from}::timestamptz))::float8`,
  holds: (text, part) => sql`(strpos(${text}, ${part}) > 0)`,
  ownTable: name => sql.id('pg_temp', name),
  toClaim: sql`for update skip locked`,
}
