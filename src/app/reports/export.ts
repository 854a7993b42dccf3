import { BadInput } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import {
  type Exported,
  type ExportOptions,
  exportAll,
  exportMessages,
  exportTable,
  type Manifest,
} from '../../export/export.ts'
import { EXPORT_KINDS, type ExportKind } from '../../export/kinds.ts'
import type { Table } from '../../export/table.ts'
import type { Network } from '../../networks/contract.ts'
import { peopleIn } from '../../store/admin/people.ts'
import { chainOf, jobsOfRun } from '../../store/queue/find-jobs.ts'
import { type Db, withReadTransaction } from '../../store/reader.ts'
import { EXPORTS } from '../../store/reports/export-rows.ts'
import type { ExportFilter } from '../../store/reports/export-table.ts'
import type { DepositSettings } from '../config/deposit-config.ts'
import { findChosen } from '../ids/find-profile.ts'
import type { IdNetwork } from '../ids/named-line.ts'
import { aboutPeople, type CoverRequest, coverOf, type PeopleCover, whomOf } from '../privacy/cover.ts'
import { rowsOf } from '../privacy/rows.ts'
import { exportPackage } from './deposit.ts'

export interface ExportRequest extends Pick<CoverRequest, 'pseudonymise'> {
  readonly db: string
  readonly what: ExportKind | 'all'
  /** The file, for `all` the folder; null = standard output. */
  readonly out: string | null
  readonly network: string | null
  readonly entity: string | null
  /** What ids may be of, where profiles stand in texts, and what a package tells of each. */
  readonly networks: readonly (IdNetwork & Pick<Network, 'title' | 'profileAddress' | 'gives' | 'terms'>)[]
  readonly job: number | null
  readonly run: number | null
  readonly since: string | null
  /** Names of columns in the order wanted, or null: all. */
  readonly columns: readonly string[] | null
  readonly version: string
  readonly now: string
  readonly options: ExportOptions
  /** As a package with what is said here of it; null = the tables alone. */
  readonly deposit: DepositSettings | null
}

/** Writes what is stored, all of one moment, whatever is written meanwhile; returns the manifest where that was everything. */
export const exportStored = (request: ExportRequest): Promise<Exported | Manifest> =>
  withReadTransaction(request.db, async db => {
    const { what, out, since, options } = request
    // Of a profile that was not there, only that it was asked for is known.
    const alsoMissing = what === 'jobs' || what === 'tasks' || what === 'all'
    const { network, entity } = await findChosen(db, request, alsoMissing)
    const filter: ExportFilter = { network, entity, jobs: await jobsOf(db, request), since }
    const cover = await coverOf(db, request)
    const table = (kind: ExportKind): Table => ({
      name: kind,
      columns: choose(kind, request.columns),
      ...aboutRows(kind, since),
      rows: rowsOf(db, kind, filter, cover),
    })
    const isMessages = options.format === 'singer'
    if (what !== 'all') {
      if (request.deposit !== null)
        throw new BadInput('--package goes with all', { hint: 'socsync export all --package --out <folder>' })
      const one = table(what)
      if (isMessages) requireKey(one)
      return exportTable(one, out, options)
    }
    if (request.columns !== null) throw new BadInput('--columns goes with one list, not with all')
    if (isMessages && request.deposit === null) return exportMessages(EXPORT_KINDS.map(table), out, options)
    if (out === null) throw new BadInput('export all needs a folder', { hint: 'name one with --out' })
    const parameters = {
      network,
      entity: coveredEntity(network, entity, cover),
      job: request.job,
      run: request.run,
      since,
      format: options.format,
    }
    const { version, now, networks, deposit } = request
    const storesPseudonyms = (await peopleIn(db)).as === 'pseudonyms'
    if (deposit !== null)
      return exportPackage(db, {
        ...{ db: request.db, out, filter, parameters, networks, settings: deposit, version, now, options },
        ...{ cover, storesPseudonyms },
      })
    const about = { version, exported_at: now, parameters, ...aboutPeople(whomOf(cover, storesPseudonyms)) }
    return exportAll(EXPORT_KINDS.map(table), out, about, options)
  })

/** The profile that was chosen, as it is called in what goes out. */
const coveredEntity = (
  network: string | null,
  entity: string | null,
  cover: PeopleCover | null,
): string | null => (entity === null || cover?.whom !== 'all' ? entity : cover.cover(network ?? '', entity))

/** The jobs whose rows are wanted: of a job those that it continues, too; null = of all. */
export const jobsOf = async (
  db: Db,
  { job, run }: Pick<ExportRequest, 'job' | 'run'>,
): Promise<readonly number[] | null> =>
  job === null && run === null
    ? null
    : [...(job === null ? [] : await chainOf(db, job)), ...(run === null ? [] : await jobsOfRun(db, run))]

const aboutRows = (kind: ExportKind, since: string | null): Pick<Table, 'key' | 'bookmark'> => {
  const { key, bookmark } = EXPORTS[kind]
  return { key, bookmark: bookmark === null ? null : { column: bookmark, from: since } }
}

const requireKey = ({ name, columns, key = [] }: Table): void => {
  const missing = key.filter(one => !columns.some(column => column.name === one))
  if (missing.length > 0)
    throw new BadInput(
      `--columns leaves out ${missing.join(' and ')}, by which a target of Singer tells ${name} apart`,
      {
        hint: `${key.join(', ')} must be among them`,
      },
    )
}

const choose = (kind: ExportKind, names: readonly string[] | null): Table['columns'] => {
  const { columns } = EXPORTS[kind]
  if (names === null) return columns
  return names.map(name => {
    const found = columns.find(column => column.name === name)
    if (found !== undefined) return found
    const known = columns.map(column => column.name)
    const meant = nearest(name, known)
    throw new BadInput(`${kind} have no column "${name}"`, {
      hint: meant === null ? `allowed: ${known.join(', ')}` : `did you mean ${meant}?`,
    })
  })
}
