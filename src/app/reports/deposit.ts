import { basename, extname } from 'node:path'
import { BadInput } from '../../core/errors.ts'
import type { DescribedTable, Person } from '../../export/catalogue/entry.ts'
import type { Asked, Collection, Deposit, Licence } from '../../export/deposit/deposit.ts'
import { DOCUMENT_NAMES, writeDocuments } from '../../export/deposit/documents.ts'
import { type ExportOptions, exportAll, type Manifest } from '../../export/export.ts'
import type { TabularFormat } from '../../export/formats.ts'
import type { ExportKind } from '../../export/kinds.ts'
import type { Table } from '../../export/table.ts'
import type { Network } from '../../networks/contract.ts'
import { isShared } from '../../store/connect.ts'
import type { Db } from '../../store/reader.ts'
import { type AskedOfRuns, readAsked } from '../../store/reports/asked.ts'
import type { ExportFilter } from '../../store/reports/export-table.ts'
import { isOfSandbox } from '../../store/reports/run-report.ts'
import type { DepositSettings } from '../config/deposit-config.ts'
import { aboutPeople, type PeopleCover, whomOf } from '../privacy/cover.ts'
import { isCovered, isStoredCovered, personOf, rowsOf } from '../privacy/rows.ts'
import { catalogueOf } from './catalogue.ts'
import { openTally, type Tally } from './deposit-tally.ts'
import { findLicence } from './licence.ts'

export interface PackageRequest {
  readonly db: string
  readonly out: string
  readonly filter: ExportFilter
  /** What was asked for, as the manifest tells it. */
  readonly parameters: Deposit['chosen']
  readonly networks: readonly Pick<Network, 'name' | 'title' | 'gives' | 'terms'>[]
  readonly settings: DepositSettings
  readonly version: string
  readonly now: string
  readonly options: ExportOptions
  /** How people are covered; null = not at all. */
  readonly cover: PeopleCover | null
  /** Whether people are pseudonyms in the database already. */
  readonly storesPseudonyms: boolean
}

/**
 * All tables in a folder, without the columns that may name who asked, and the files that describe them. Throws BadInput, before
 * anything is written, where the licence is none, or cells would not be what the descriptions say.
 */
export const exportPackage = async (db: Db, request: PackageRequest): Promise<Manifest> => {
  const { filter, networks, settings, options, version, now, parameters, cover, storesPseudonyms } = request
  if (options.excel)
    throw new BadInput('--excel changes what cells hold, and a package says what they hold', {
      hint: 'leave out --excel or --package',
    })
  const { format } = options
  if (format === 'singer')
    throw new BadInput('messages of Singer are one file, and a package has a file for each list', {
      hint: 'leave out --package, or give --format csv, json, jsonl or parquet',
    })
  if (options.packing)
    throw new BadInput('a package is read as it lies there', {
      hint: `leave out --${options.packing}; --format parquet is the small one`,
    })
  const licence = settings.licence === null ? null : await findLicence(settings.licence)
  const real = !(await isOfSandbox(db))
  const tally = openTally()
  const described = catalogueOf(networks).map(withoutKept)
  const tables = described.map(
    ({ name, columns }): Table => ({
      name,
      columns,
      rows: tally.watch(name, rowsOf(db, name, filter, cover)),
    }),
  )
  const about = { version, exported_at: now, parameters, ...aboutPeople(whomOf(cover, storesPseudonyms)) }
  return exportAll(tables, request.out, about, options, {
    names: DOCUMENT_NAMES,
    write: async files => {
      const collection = collectionOf(await readAsked(db, tally.runs()), tally)
      const deposit = describe(request, { licence, real, format, collection, tally, described, files })
      return writeDocuments(deposit, tally.list())
    },
  })
}

const withoutKept = (table: DescribedTable): DescribedTable => ({
  ...table,
  columns: table.columns.filter(({ kept }) => !kept),
})

const describe = (
  { db, networks, settings, version, now, parameters, cover, storesPseudonyms }: PackageRequest,
  found: {
    readonly licence: Licence | null
    readonly real: boolean
    readonly format: TabularFormat
    readonly collection: Collection
    readonly tally: Tally
    readonly described: readonly DescribedTable[]
    readonly files: Manifest['files']
  },
): Deposit => {
  const { licence, real, format, collection, tally, described, files } = found
  const { format: _, ...chosen } = parameters
  const list = tally.list()
  const there = networks.map(({ name, title, terms }) => ({
    name,
    title,
    terms,
    listed: list.filter(line => line.startsWith(`${name}:`)).length,
  }))
  const isStoredIn = (name: ExportKind, person: Person): boolean =>
    storesPseudonyms && isStoredCovered(name, person)
  const isCoveredIn = (name: ExportKind, person: Person): boolean =>
    isStoredIn(name, person) || (cover !== null && isCovered(person, cover.whom))
  const held = new Set(described.flatMap(({ name }) => Object.keys(tally.rowsOf(name))))
  return {
    title:
      settings.title ??
      titleOf(
        there.filter(({ name }) => held.has(name)),
        collection,
      ),
    abstract: settings.description,
    version: settings.version ?? versionOf(now),
    url: settings.url,
    keywords:
      settings.keywords.length > 0
        ? settings.keywords
        : ['social media', ...there.filter(({ name }) => held.has(name)).map(({ title }) => title)],
    licence,
    creators: settings.creators.map(creator => ({
      ...creator,
      orcid: creator.orcid === null ? null : `https://orcid.org/${creator.orcid}`,
    })),
    software: version,
    exportedAt: now,
    real,
    pseudonymised: whomOf(cover, storesPseudonyms),
    storesPseudonyms,
    format,
    chosen,
    collection,
    networks: there.filter(({ name }) => held.has(name)),
    tables: described.map((table, at) => {
      const { name: file = '', rows = 0, bytes = 0, sha256 = '' } = files[at] ?? {}
      return {
        ...table,
        file,
        rows,
        bytes,
        sha256,
        rowsOf: tally.rowsOf(table.name),
        pseudonymised: namesOf(table, person => isCoveredIn(table.name, person)),
        storedPseudonyms: namesOf(table, person => isStoredIn(table.name, person)),
      }
    }),
    gaps: tally.gaps(),
    database: isShared(db) ? 'socsync' : basename(db, extname(db)),
  }
}

/** The columns that hold what is chosen of a person. */
const namesOf = (
  { name, columns }: DescribedTable,
  isChosen: (person: Person) => boolean,
): readonly string[] => columns.filter(column => isChosen(personOf(name, column))).map(column => column.name)

const titleOf = (networks: readonly { readonly title: string }[], { published }: Collection): string => {
  const of = networks.map(({ title }) => title).join(', ') || 'No network'
  if (published === null) return `${of}: a list of profiles`
  const [from, to] = [published.from.slice(0, 4), published.to.slice(0, 4)]
  return `${of}: posts of a list of profiles, ${from === to ? from : `${from} to ${to}`}`
}

/** The day as a version: `2026.3.1`. */
const versionOf = (moment: string): string =>
  moment
    .slice(0, 10)
    .split('-')
    .map(part => String(Number(part)))
    .join('.')

const collectionOf = ({ runs, from, to, ways }: AskedOfRuns, tally: Tally): Collection => ({
  runs,
  from,
  to,
  asked: ways.map(way => ({ runs: way.runs, scopes: way.scopes, flags: flagsOf(way.params) })),
  fetched: tally.fetched(),
  published: tally.published(),
})

const DAY_MS = 86_400_000

/** What differs from what `run` does by itself, by the names of its flags. */
const flagsOf = (params: AskedOfRuns['ways'][number]['params']): Asked['flags'] => {
  const since = params.since ?? params.sinceId
  const until = params.until ?? params.untilId
  return {
    ...(since !== null && { since }),
    ...(until !== null && { until }),
    ...(params.limitPosts !== null && { 'limit-posts': params.limitPosts }),
    ...(params.limitComments !== null && { 'limit-comments': params.limitComments }),
    ...(params.replies !== 'full' && { replies: params.replies }),
    ...(params.lists.length > 0 && { lists: params.lists.join(',') }),
    ...(params.lookbackMs !== null && { lookback: `${params.lookbackMs / DAY_MS}d` }),
  }
}
