import { countRunJobs, findRun, gauges, type RunView, viewRun } from '../app/reports/queries.ts'
import type { Reader } from '../store/reader.ts'
import type { Gauges } from '../store/reports/lists.ts'
import { cachedRead, cachedReads } from './cached-read.ts'

/** Reports that take long on a large file and are asked for often: one that was dear is given again for a while. */
export interface CachedReports {
  /** A run, or null; counted anew as soon as it stands otherwise, ended above all. */
  run(id: number): Promise<RunView | null>
  /** A run's jobs by status. */
  jobsOfRun(id: number): Promise<Record<string, number>>
  gauges(): Promise<Gauges>
}

/** Runs that are looked at by turns. */
const KEPT = 100

/** `now` tells the time that runs of this server have. */
export const openCachedReports = (reader: Reader, now: () => Promise<number>): CachedReports => {
  const runs = cachedReads<RunView | null>(KEPT)
  const jobs = cachedReads<Record<string, number>>(KEPT)
  return {
    run: async id => {
      const standing = await findRun(reader, id)
      if (standing === null) return null
      return runs.read(JSON.stringify([id, standing]), async () => viewRun(reader, id, await now()))
    },
    jobsOfRun: id => jobs.read(String(id), () => countRunJobs(reader, id)),
    gauges: cachedRead(() => gauges(reader)).read,
  }
}
