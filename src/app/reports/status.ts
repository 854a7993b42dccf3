import { BadInput } from '../../core/errors.ts'
import { instant } from '../../core/instant.ts'
import { nameOfDatabase } from '../../store/connect.ts'
import { isAlive, type Reader, withReader, withReadTransaction } from '../../store/reader.ts'
import { type CompletenessReport, reportCompleteness } from '../../store/reports/completeness.ts'
import { type JobReport, reportJob } from '../../store/reports/job-report.ts'
import { type LedgerRow, readLedger } from '../../store/reports/ledger-rows.ts'
import {
  countListed,
  endsOf,
  type JobSize,
  type ListedJob,
  listJobsAfter,
  sizesOf,
} from '../../store/reports/lists.ts'
import { type ProfileKey, type ProfileName, readNames } from '../../store/reports/names.ts'
import { isOfSandbox, newestRun, type RunReport, reportRun } from '../../store/reports/run-report.ts'
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
  /** What the profiles are called that are told of. */
  readonly names: readonly ProfileName[]
}

/** Whether its moments are those of the sandbox's clock, which moves on while limits are waited for. */
export interface WithClock {
  readonly bySandbox: boolean
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
): Promise<Status<RunStatus> & WithWorkers & WithClock> =>
  withReadTransaction(path, async (db, reader) => {
    const run = id ?? (await newestRun(db))
    const status = run === null ? null : await findRunStatus(reader, run, now, reportCompleteness)
    if (status !== null)
      return { ...status, workers: await reportWorkers(reader), bySandbox: await isOfSandbox(db) }
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
    names: await readNames(db, toldIn(run, null)),
  }
}

/** The profiles that a report names by their keys. */
const toldIn = (
  { failing, unread, locks }: Pick<RunReport, 'failing' | 'unread'> & Partial<Pick<RunReport, 'locks'>>,
  job: JobReport | null,
): readonly ProfileKey[] =>
  [...(job === null ? [] : [job]), ...failing.tasks, ...unread.examples, ...(locks ?? [])].map(
    ({ network, entity_id: id }) => ({ network, id }),
  )

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
    names: await readNames(db, toldIn(subject, subject)),
    readers: await readersOf(db, isUnderWay(subject) ? [id] : []),
  }
}

const isUnderWay = ({ status }: { readonly status: string }): boolean => status === 'running'

/** A job of the list, with what is told beside it. */
export type JobLine = ListedJob &
  WithReaders &
  Pick<JobSize, 'items' | 'new_items'> &
  Pick<ProfileName, 'username' | 'name'> & {
    /** Whether a process works on it, or will; null = it has ended. */
    readonly alive: boolean | null
  }

export interface JobLines {
  readonly jobs: readonly JobLine[]
  /** How many there are; null = more than are counted. */
  readonly total: number | null
}

/** Beyond so many a list is not counted to its end: that would take longer than what is shown. */
const MOST_COUNTED = 100_000

/** The newest job of each profile, newest first, what it is called, what came, and who reads it now. */
export const jobLines = (
  db: string,
  only: { readonly statuses: readonly string[]; readonly network: string | null; readonly limit: number },
): Promise<JobLines> =>
  withReader(db, async (db, reader) => {
    const of = { ...only, entity: null, run: null }
    const jobs = await listJobsAfter(db, of, { after: null, limit: only.limit })
    const found = await readersOf(
      db,
      jobs.filter(isUnderWay).map(({ id }) => id),
    )
    const readers = Map.groupBy(found, ({ job_id }) => job_id)
    const names = await readNames(
      db,
      jobs.map(({ network, entity_id: id }) => ({ network, id })),
    )
    const nameOf = new Map(names.map(name => [`${name.network} ${name.id}`, name]))
    const sizes = await sizesOf(
      db,
      jobs.map(({ id }) => id),
    )
    const sizeOf = new Map(sizes.map(size => [size.job_id, size]))
    const total = jobs.length < only.limit ? jobs.length : await countListed(db, only, MOST_COUNTED)
    const lives = await aliveRuns(
      reader,
      jobs.filter(isOpen).map(({ run_id }) => run_id),
    )
    return {
      total: total > MOST_COUNTED ? null : total,
      jobs: jobs.map(job => {
        const called = nameOf.get(`${job.network} ${job.entity_id}`)
        const size = sizeOf.get(job.id)
        return {
          ...job,
          username: called?.username ?? null,
          name: called?.name ?? null,
          items: size?.items ?? 0,
          new_items: size?.new_items ?? 0,
          alive: isOpen(job) ? lives.has(job.run_id) : null,
          readers: readers.get(job.id) ?? [],
        }
      }),
    }
  })

const isOpen = ({ status }: { readonly status: string }): boolean =>
  status === 'running' || status === 'pending'

/** Those of some runs that a process works on, or that wait for one. */
const aliveRuns = async (reader: Reader, ids: readonly number[]): Promise<ReadonlySet<number>> => {
  const alive = new Set<number>()
  for (const id of new Set(ids)) {
    const run = await endsOf(reader.db, id)
    if (run !== null && (run.worker === null || (await isAlive(reader, run)))) alive.add(id)
  }
  return alive
}
