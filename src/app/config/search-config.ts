import { basename } from 'node:path'
import { BadInput } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Queries } from '../../core/params.ts'
import { fieldsOf, parseJson, readTextFile } from './json-file.ts'
import { quote } from './quote.ts'

/** What a search may be called: it stands behind `search:` in lists, and in files' names. */
export const SEARCH_NAME = /^[a-z0-9][a-z0-9_-]{0,59}$/
const ALLOWED = 'allowed: lower-case letters, digits, "-" and "_", at most 60, no mark at the beginning'

/** The section `searches` of a config file: queries by name. What stands in them, their network looks at. Throws BadInput that names the key. */
export const readSearches = (given: unknown, file: string): Queries =>
  Object.fromEntries(
    Object.entries(fieldsOf(given, `"searches" in ${file}`)).map(([name, query]) => {
      if (!SEARCH_NAME.test(name))
        throw new BadInput(`the search ${quote(name)} in ${file} has a name that cannot be`, {
          hint: ALLOWED,
        })
      return [name, queryOf(query, `searches.${name} of ${file}`)]
    }),
  )

/** The one query of a file, which is called as the file is. */
export const readQueryFile = async (file: string): Promise<Queries> => {
  const name = basename(file).replace(/\.[^.]*$/, '')
  if (!SEARCH_NAME.test(name))
    throw new BadInput(
      `--query ${quote(file)}: a search is called as its file, and ${quote(name)} cannot be`,
      {
        hint: ALLOWED,
      },
    )
  const title = `the query ${file}`
  return { [name]: queryOf(parseJson(await readTextFile(file, 'the query'), title), title) }
}

/** As it came out of JSON, so that nothing but JSON stands in it. */
const queryOf = (given: unknown, place: string): JsonObject => fieldsOf(given, place) as JsonObject
