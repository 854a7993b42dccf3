import { CATALOGUE } from '../../export/catalogue/catalogue.ts'
import type { Person } from '../../export/catalogue/entry.ts'
import type { ExportKind } from '../../export/kinds.ts'
import type { Column, Row, Table, Value } from '../../export/table.ts'
import { decode } from '../../http/json.ts'
import { coverJson } from '../../pseudonyms/json.ts'
import { coverText, namesInTexts, type TextOf } from '../../pseudonyms/texts.ts'
import type { Db } from '../../store/reader.ts'
import { EXPORTS } from '../../store/reports/export-rows.ts'
import type { ExportFilter } from '../../store/reports/export-table.ts'
import type { PeopleCover } from './cover.ts'

/** The rows of a list as they go out, one at a time: with their people covered, unless `cover` is null. */
export const rowsOf = (
  db: Db,
  kind: ExportKind,
  filter: ExportFilter,
  cover: PeopleCover | null,
): Table['rows'] => {
  const { columns, rows } = EXPORTS[kind]
  return cover === null ? rows(db, filter) : coverRows(kind, columns, rows(db, filter), cover)
}

/** Rows as a store gives them, one at a time, with their people covered. */
export const coverRows = (
  kind: ExportKind,
  columns: readonly Column[],
  rows: Table['rows'],
  cover: PeopleCover,
): Table['rows'] => {
  const words = columns.map(column => [column.name, personOf(kind, column)] as const)
  return (async function* () {
    for await (const row of rows) yield coverRow(words, row, cover)
  })()
}

type Words = readonly (readonly [column: string, person: Person])[]

/** Columns whose values are no words. */
const WORDLESS: ReadonlySet<Column['type']> = new Set(['instant', 'counter', 'ratio', 'flag'])

/** What of a person a column may hold. Throws where the catalogue does not say so of one that may hold words: nothing goes out by oversight. */
export const personOf = (kind: ExportKind, { name, type }: Column): Person => {
  const person = CATALOGUE[kind].columns[name]?.person ?? (WORDLESS.has(type) ? 'nothing' : null)
  if (person === null) throw new Error(`the catalogue does not say what of a person ${kind}.${name} holds`)
  return person
}

/** Whether a column may hold something else once it is covered. */
export const isCovered = (person: Person, whom: PeopleCover['whom']): boolean =>
  person !== 'nothing' && (whom === 'all' || !ONLY_WITH_ALL.has(person))

/** Whether a column holds something else in a database that stores pseudonyms. */
export const isStoredCovered = (kind: ExportKind, person: Person): boolean =>
  !NOT_OF_NETWORKS.has(kind) && person !== 'message' && isCovered(person, 'authors')

/** Lists whose JSON is stored as it came: what a service found, and where a job is. */
const NOT_OF_NETWORKS: ReadonlySet<ExportKind> = new Set(['transforms', 'jobs'])

const ONLY_WITH_ALL: ReadonlySet<Person> = new Set(['profile', 'subject', 'profile_link'])

const coverRow = (words: Words, row: Row, cover: PeopleCover): Row => {
  const network = String(row.network)
  const people = peopleOf(words, row, network, cover)
  const of: TextOf = { network, known: people.known }
  // What the row itself says of the profile is no author's, whatever it is called.
  const rules = {
    ...cover,
    cover: (its: string, word: string) => (people.spared.has(word) ? word : cover.cover(its, word)),
  }
  const covers: Readonly<Record<Person, (value: string, column: string) => Value>> = {
    nothing: value => value,
    profile: value => (cover.whom === 'all' ? cover.cover(network, value) : value),
    subject: value => (cover.whom === 'all' ? coverSubject(value, network, cover) : value),
    author_id: value => (people.isAuthorListed ? value : cover.cover(network, value)),
    author_name: value => (people.isAuthorListed ? value : cover.cover(network, value)),
    text: value => coverText(value, rules, of),
    json: (value, column) => JSON.stringify(coverJson(decode(value), column, rules, of)),
    profile_link: value => (cover.whom === 'all' ? null : value),
    message: () => null,
  }
  const covered = words.flatMap(([name, person]) => {
    const value = row[name]
    return value == null || person === 'nothing' ? [] : [[name, covers[person](String(value), name)] as const]
  })
  return { ...row, ...Object.fromEntries(covered) }
}

/** Whom a row names: who is covered in its texts, too, and who is not. */
const peopleOf = (words: Words, row: Row, network: string, { whom, isListed }: PeopleCover) => {
  const valuesOf = (...those: readonly Person[]): string[] =>
    words.flatMap(([name, person]) =>
      those.includes(person) && row[name] != null ? [String(row[name])] : [],
    )
  const profile = valuesOf('profile')
  const ids = valuesOf('author_id')
  const names = valuesOf('author_name')
  // A name may be anybody's: where there is an id, that says who it is.
  const isAuthorListed =
    whom === 'authors' && (ids.length > 0 ? ids : names).some(word => isListed(network, word))
  return {
    isAuthorListed,
    spared: new Set(whom === 'authors' ? profile : []),
    known: [
      ...(isAuthorListed ? [] : [...ids, ...namesInTexts(names)]),
      ...(whom === 'all' ? namesInTexts(profile) : []),
    ],
  }
}

/** An id of a profile, alone or beside what it is told with (`name 2026-03-01`, `account:1784`); any other stays. */
export const coverSubject = (value: string, network: string, { isListed, cover }: PeopleCover): string =>
  value
    .split(/([ :])/)
    .map(word => (isListed(network, word) ? cover(network, word) : word))
    .join('')
