import { existsSync, statSync } from 'node:fs'
import { BadInput } from '../core/errors.ts'
import { type Held, reportHeld } from '../store/completeness.ts'
import { type Reading, SqliteFile } from '../store/database.ts'
import { checkVersion, isCurrent } from '../store/migrate.ts'
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

/** A connection to a file that is only read. */
export type Db = Reading['db']

/** How a run or job stands, with the quota of its networks. `alive`: a process is working on it now. */
export interface Status<Of> {
  readonly of: Of
  readonly alive: boolean
  readonly quota: readonly QuotaReport[]
}

/** A run with what is stored of its profiles; that is not counted while it goes on. */
export interface RunStatus extends RunReport {
  readonly completeness: Held | null
}

/** A run, or the newest one. BadInput where there is none. */
export const runStatus = (path: string, id: number | null): Promise<Status<RunStatus>> =>
  reading(path, async db => {
    const run = id ?? (await newestRun(db))
    const status = run === null ? null : await findRunStatus({ path, db }, run)
    if (status !== null) {
      const { of, alive } = status
      const completeness = alive ? null : await reportHeld(db, { run: of.id }, Date.now())
      return { ...status, of: { ...of, completeness } }
    }
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
export const findJobStatus = async (
  { path, db }: Reader,
  id: number,
  now: number = Date.now(),
): Promise<Status<JobReport> | null> => {
  const of = await reportJob(db, id, now)
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
  readonly db: Db
}

/** Opens a file for reading, after its version was found to be this one's. */
export const openReader = async (path: string): Promise<Reader & Pick<Reading, 'prepared'> & Disposable> => {
  const { db, prepared, close } = SqliteFile.openReader(path)
  try {
    await checkVersion(path, db)
    return { path, db, prepared, [Symbol.dispose]: close }
  } catch (error) {
    close()
    throw error
  }
}

/** {@link openReader} for as long as `use` takes. */
export const reading = async <T>(
  path: string,
  use: (db: Db, prepared: Reading['prepared']) => Promise<T>,
): Promise<T> => {
  using reader = await openReader(path)
  return await use(reader.db, reader.prepared)
}

/** The same where there may be no file yet, or one that a run would first bring to this version: null, nothing is known. */
export const glancing = async <T>(path: string, use: (db: Db | null) => Promise<T>): Promise<T> => {
  if (!existsSync(path) || statSync(path).size === 0) return use(null)
  const { db, close } = SqliteFile.openReader(path)
  try {
    return await use((await isCurrent(path, db)) ? db : null)
  } finally {
    close()
  }
}

/** Whether a process is working on it now. */
export const isAlive = (
  db: string,
  of: { readonly worker: string | null; readonly finished_at: string | null },
): boolean => of.finished_at === null && of.worker !== null && !isDead(db, of.worker)
