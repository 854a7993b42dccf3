import { BadInput } from '../core/errors.ts'
import { type Reading, SqliteFile } from '../store/database.ts'
import { checkVersion } from '../store/migrate.ts'
import {
  type JobLine,
  type JobReport,
  listJobs,
  newestRun,
  type QuotaReport,
  type RunReport,
  reportJob,
  reportQuota,
  reportRun,
} from '../store/report.ts'
import { isDead } from '../store/worker.ts'

/** How a run or job stands, with the quota of its networks. `alive`: a process is working on it now. */
export interface Status<Of> {
  readonly of: Of
  readonly alive: boolean
  readonly quota: readonly QuotaReport[]
}

/** A run, or the newest one. BadInput where there is none. */
export const runStatus = (path: string, id: number | null): Promise<Status<RunReport>> =>
  reading(path, async db => {
    const run = id ?? (await newestRun(db))
    const status = run === null ? null : await findRunStatus({ path, db }, run)
    if (status !== null) return status
    throw new BadInput(id === null ? `there is no run in ${path} yet` : `there is no run ${id} in ${path}`)
  })

/** A job. BadInput where there is none. */
export const jobStatusOf = (path: string, id: number): Promise<Status<JobReport>> =>
  reading(path, async db => {
    const status = await findJobStatus({ path, db }, id)
    if (status !== null) return status
    throw new BadInput(`there is no job ${id} in ${path}`, { hint: '`socsync jobs` lists them' })
  })

/** A run, or null where there is none of this number. */
export const findRunStatus = async ({ path, db }: Reader, id: number): Promise<Status<RunReport> | null> => {
  const of = await reportRun(db, id)
  if (of === null) return null
  return { of, alive: isAlive(path, of), quota: await reportQuota(db, of.networks) }
}

/** A job, or null where there is none of this number. */
export const findJobStatus = async ({ path, db }: Reader, id: number): Promise<Status<JobReport> | null> => {
  const of = await reportJob(db, id)
  if (of === null) return null
  return { of, alive: isAlive(path, of), quota: await reportQuota(db, [of.network]) }
}

/** The newest job of each profile. */
export const jobLines = (
  db: string,
  only: { readonly statuses: readonly string[]; readonly network: string | null; readonly limit: number },
): Promise<JobLine[]> => reading(db, reader => listJobs(reader, only))

/** A connection that is only read from, and the file that it reads. */
export interface Reader {
  readonly path: string
  readonly db: Reading['db']
}

/** Opens a file for reading, after its version was found to be this one's. */
export const openReader = async (path: string): Promise<Reader & Disposable> => {
  const { db, close } = SqliteFile.openReader(path)
  try {
    await checkVersion(path, db)
    return { path, db, [Symbol.dispose]: close }
  } catch (error) {
    close()
    throw error
  }
}

/** {@link openReader} for as long as `use` takes. */
export const reading = async <T>(path: string, use: (db: Reading['db']) => Promise<T>): Promise<T> => {
  using reader = await openReader(path)
  return await use(reader.db)
}

/** Whether a process is working on it now. */
export const isAlive = (
  db: string,
  of: { readonly worker: string | null; readonly finished_at: string | null },
): boolean => of.finished_at === null && of.worker !== null && !isDead(db, of.worker)
