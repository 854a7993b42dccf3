import { isDeepStrictEqual } from 'node:util'
import { entityKey } from '../../core/entity.ts'
import { BadInput } from '../../core/errors.ts'
import type { Queries } from '../../core/params.ts'
import type { Db } from '../../store/reader.ts'
import { readNewestParams } from '../../store/reports/newest-params.ts'
import type { ListedSearch } from '../ids/validated-list.ts'

/**
 * Refuses a search whose query is not the one that its name stood for: its watermark, and what it has brought, are of that one.
 * `db` null = there is no file yet.
 */
export const refuseChanged = async (
  db: Db | null,
  searches: readonly ListedSearch[],
  queries: Queries | undefined,
): Promise<void> => {
  if (db === null) return
  for (const { network, name } of searches) {
    const newest = await readNewestParams(db, network, entityKey('search', name))
    const before = newest?.queries?.[name]
    if (before === undefined || isDeepStrictEqual(before, queries?.[name])) continue
    throw new BadInput(`the search ${name} of ${network} asked for something else before`, {
      hint: 'give the new query a name of its own: what was brought and how far it goes is of the old one',
    })
  }
}

/** Of the queries that are known those that a list names; left out = it names none. */
export const queriesNamed = (
  searches: readonly ListedSearch[],
  queries: Queries | undefined,
): Queries | undefined =>
  searches.length === 0
    ? undefined
    : Object.fromEntries(
        searches.flatMap(({ name }) => (queries?.[name] === undefined ? [] : [[name, queries[name]]])),
      )
