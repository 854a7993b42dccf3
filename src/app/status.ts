import { BadInput } from '../core/errors.ts'
import { type Held, reportHeld } from '../store/completeness.ts'
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

/** A run with what is stored of its profiles; that is not counted while it goes on. */
export interface RunStatus extends RunReport {
  readonly completeness: Held | null
}

/** A run, or the newest one. BadInput where there is none. */
export const runStatus = (
  db: string,
  id: number | null,
  now: number = Date.now(),
): Promise<Status<RunStatus>> =>
  reading(db, async reader => {
    const run = id ?? (await newestRun(reader))
    const report = run === null ? null : await reportRun(reader, run)
    if (report === null) {
      throw new BadInput(id === null ? `there is no run in ${db} yet` : `there is no run ${id} in ${db}`)
    }
    const alive = isAlive(db, report)
    const completeness = alive ? null : await reportHeld(reader, { run: report.id }, now)
    return { of: { ...report, completeness }, alive, quota: await reportQuota(reader, report.networks) }
  })

/** A job. BadInput where there is none. */
export const jobStatusOf = (db: string, id: number, now: number = Date.now()): Promise<Status<JobReport>> =>
  reading(db, async reader => {
    const report = await reportJob(reader, id, now)
    if (report === null)
      throw new BadInput(`there is no job ${id} in ${db}`, { hint: '`socsync jobs` lists them' })
    return { of: report, alive: isAlive(db, report), quota: await reportQuota(reader, [report.network]) }
  })

/** The newest job of each profile. */
export const jobLines = (
  db: string,
  only: { readonly statuses: readonly string[]; readonly network: string | null; readonly limit: number },
): Promise<JobLine[]> => reading(db, reader => listJobs(reader, only))

/** Opens a file for reading, after its version was found to be this one's. */
export const reading = async <T>(
  path: string,
  use: (db: Reading['db'], prepared: Reading['prepared']) => Promise<T>,
): Promise<T> => {
  const { db, prepared, close } = SqliteFile.openReader(path)
  try {
    await checkVersion(path, db)
    return await use(db, prepared)
  } finally {
    close()
  }
}

const isAlive = (
  db: string,
  of: { readonly worker: string | null; readonly finished_at: string | null },
): boolean => of.finished_at === null && of.worker !== null && !isDead(db, of.worker)
