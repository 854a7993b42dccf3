import { BadInput } from '../../core/errors.ts'
import { instant } from '../../core/instant.ts'
import { nameOfDatabase } from '../../store/connect.ts'
import { isAlive, type Reader, withReader, withReadTransaction } from '../../store/reader.ts'
import { type CompletenessReport, reportCompleteness } from '../../store/reports/completeness.ts'
import { type JobReport, reportJob } from '../../store/reports/job-report.ts'
import { type LedgerRow, readLedger } from '../../store/reports/ledger-rows.ts'
import { type ListedJob, listJobsAfter } from '../../store/reports/lists.ts'
import { newestRun, type RunReport, reportRun } from '../../store/reports/run-report.ts'
import {
  type JobReader,
  readersOf,
  reportWorkers,
  type WorkerReport,
} from '../../store/reports/worker-rows.ts'
import { type LearnedRule, readLearned } from './learned.ts'

/** How a run or job stands, with the quota of its networks. `alive`: a process is working on it now. */
export interface Status<Subject> {
  readonly subject: Subject
  readonly alive: boolean
  /** Epoch ms for which it is told. */
  readonly now: number
  readonly quota: readonly LedgerRow[]
  /** What of its networks is not asked for. */
  readonly learned: readonly LearnedRule[]
}

/** A run with what is stored of its profiles; that is not counted while it goes on. */
export type RunWith<Completeness> = RunReport & { readonly completeness: Completeness | null }
export type RunStatus = RunWith<CompletenessReport>

/** What `status` tells beside a run: who is at work on the database. */
export interface WithWorkers {
  readonly workers: readonly WorkerReport[]
}

/** What is told beside a job: who reads it now. */
export interface WithReaders {
  readonly readers: readonly JobReader[]
}

/** A run, or the newest one, at a moment. BadInput where there is none. */
export const runStatus = (
  path: string,
  id: number | null,
  now: number,
): Promise<Status<RunStatus> & WithWorkers> =>
  withReadTransaction(path, async (db, reader) => {
    const run = id ?? (await newestRun(db))
    const status = run === null ? null : await findRunStatus(reader, run, now, reportCompleteness)
    if (status !== null) return { ...status, workers: await reportWorkers(reader) }
    throw new BadInput(
      id === null
        ? `there is no run in ${nameOfDatabase(path)} yet`
        : `there is no run ${id} in ${nameOfDatabase(path)}`,
    )
  })

/** A job at a moment. BadInput where there is none. */
export const jobStatusOf = (
  path: string,
  id: number,
  now: number,
): Promise<Status<JobReport> & WithReaders> =>
  withReadTransaction(path, async (_, reader) => {
    const status = await findJobStatus(reader, id, now)
    if (status !== null) return status
    throw new BadInput(`there is no job ${id} in ${nameOfDatabase(path)}`, {
      hint: '`socsync jobs` lists them',
    })
  })

/** A run, or null where there is none of this number; `complete` counts what is stored of its profiles. */
export const findRunStatus = async <Completeness>(
  reader: Reader,
  id: number,
  now: number,
  complete: (db: Reader['db'], of: { readonly run: number }, now: number) => Promise<Completeness>,
): Promise<Status<RunWith<Completeness>> | null> => {
  const { db } = reader
  const run = await reportRun(db, id)
  if (run === null) return null
  const { networks } = run
  const alive = await isAlive(reader, run)
  const completeness = alive ? null : await complete(db, { run: id }, now)
  return {
    subject: { ...run, completeness },
    alive,
    now,
    quota: await readLedger(db, networks, instant(now)),
    learned: await readLearned(db, networks, now),
  }
}

/** A job, or null where there is none of this number. */
export const findJobStatus = async (
  reader: Reader,
  id: number,
  now: number,
): Promise<(Status<JobReport> & WithReaders) | null> => {
  const { db } = reader
  const subject = await reportJob(db, id, now)
  if (subject === null) return null
  return {
    subject,
    alive: await isAlive(reader, subject),
    now,
    quota: await readLedger(db, [subject.network], instant(now)),
    learned: await readLearned(db, [subject.network], now),
    readers: await readersOf(db, isUnderWay(subject) ? [id] : []),
  }
}

const isUnderWay = ({ status }: { readonly status: string }): boolean => status === 'running'

/** The newest job of each profile, newest first, and who reads it now. */
export const jobLines = (
  db: string,
  only: { readonly statuses: readonly string[]; readonly network: string | null; readonly limit: number },
): Promise<readonly (ListedJob & WithReaders)[]> =>
  withReader(db, async reader => {
    const of = { ...only, entity: null, run: null }
    const jobs = await listJobsAfter(reader, of, { after: null, limit: only.limit })
    const found = await readersOf(
      reader,
      jobs.filter(isUnderWay).map(({ id }) => id),
    )
    const readers = Map.groupBy(found, ({ job_id }) => job_id)
    return jobs.map(job => ({ ...job, readers: readers.get(job.id) ?? [] }))
  })
