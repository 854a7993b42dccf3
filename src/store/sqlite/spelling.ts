import { sql } from 'kysely'
import type { Spelling } from '../database/words.ts'

/** SQLite's spelling. A list in a placeholder arrives as JSON (`statement.ts`). */
export const SPELLING: Spelling = {
  inList: values => sql`(select value from json_each(${values}))`,
  inNumbers: values => sql`(select value from json_each(${values}))`,
  rowsOf: (columns, rows) => {
    const fields = Object.keys(columns).map(name => sql`value ->> ${sql.lit(name)} as ${sql.ref(name)}`)
    return sql`(select ${sql.join(fields)} from json_each(${rows}))`
  },
  jsonText: (json, key) => sql`(${json} ->> ${sql.lit(key)})`,
  jsonNumber: (json, key) => sql`(${json} ->> ${sql.lit(key)})`,
  jsonHas: (json, key, value) =>
    sql`exists (select 1 from json_each(${json}, ${sql.lit(`$.${key}`)}) where value = ${value})`,
  jsonEntries: json => sql`json_each(${json})`,
  jsonList: text => sql`json_group_array(${text})`,
  isJson: text => sql`(json_valid(${text}) = 1)`,
  larger: (a, b) => sql`max(${a}, ${b})`,
  smaller: (a, b) => sql`min(${a}, ${b})`,
  secondsBetween: (from, to) => sql`((julianday(${to}) - julianday(${from})) * 86400)`,
  holds: (text, part) => sql`(instr(${text}, ${part}) > 0)`,
  ownTable: name => sql.id('temp', name),
  toClaim: sql``,
}
