import { BadInput } from '../../core/errors.ts'
import { isAlive, type Reader, withReader, withReadTransaction } from '../../store/reader.ts'
import { type CompletenessReport, reportCompleteness } from '../../store/reports/completeness.ts'
import { type JobReport, reportJob } from '../../store/reports/job-report.ts'
import { type ListedJob, listJobsAfter } from '../../store/reports/lists.ts'
import {
  newestRun,
  type QuotaReport,
  type RunReport,
  reportQuota,
  reportRun,
} from '../../store/reports/run-report.ts'
import { type LearnedRule, readLearned } from './learned.ts'

/** How a run or job stands, with the quota of its networks. `alive`: a process is working on it now. */
export interface Status<Subject> {
  readonly subject: Subject
  readonly alive: boolean
  readonly quota: readonly QuotaReport[]
  /** What of its networks is not asked for. */
  readonly learned: readonly LearnedRule[]
}

/** A run with what is stored of its profiles; that is not counted while it goes on. */
export interface RunStatus extends RunReport {
  readonly completeness: CompletenessReport | null
}

/** A run, or the newest one. BadInput where there is none. */
export const runStatus = (path: string, id: number | null): Promise<Status<RunStatus>> =>
  withReadTransaction(path, async db => {
    const run = id ?? (await newestRun(db))
    const status = run === null ? null : await findRunStatus({ path, db }, run)
    if (status !== null) {
      const { subject, alive } = status
      const completeness = alive ? null : await reportCompleteness(db, { run: subject.id }, Date.now())
      return { ...status, subject: { ...subject, completeness } }
    }
    throw new BadInput(id === null ? `there is no run in ${path} yet` : `there is no run ${id} in ${path}`)
  })

/** A job. BadInput where there is none. */
export const jobStatusOf = (path: string, id: number): Promise<Status<JobReport>> =>
  withReadTransaction(path, async db => {
    const status = await findJobStatus({ path, db }, id)
    if (status !== null) return status
    throw new BadInput(`there is no job ${id} in ${path}`, { hint: '`socsync jobs` lists them' })
  })

/** A run, or null where there is none of this number. */
export const findRunStatus = async (
  { path, db }: Reader,
  id: number,
  now: number = Date.now(),
): Promise<Status<RunReport> | null> => {
  const subject = await reportRun(db, id)
  if (subject === null) return null
  const { networks } = subject
  return {
    subject,
    alive: isAlive(path, subject),
    quota: await reportQuota(db, networks),
    learned: await readLearned(db, networks, now),
  }
}

/** A job, or null where there is none of this number. */
export const findJobStatus = async (
  { path, db }: Reader,
  id: number,
  now: number = Date.now(),
): Promise<Status<JobReport> | null> => {
  const subject = await reportJob(db, id, now)
  if (subject === null) return null
  return {
    subject,
    alive: isAlive(path, subject),
    quota: await reportQuota(db, [subject.network]),
    learned: await readLearned(db, [subject.network], now),
  }
}

/** The newest job of each profile, newest first. */
export const jobLines = (
  db: string,
  only: { readonly statuses: readonly string[]; readonly network: string | null; readonly limit: number },
): Promise<readonly ListedJob[]> =>
  withReader(db, reader =>
    listJobsAfter(reader, { ...only, entity: null, run: null }, { after: null, limit: only.limit }),
  )
