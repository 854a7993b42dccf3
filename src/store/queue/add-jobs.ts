import type { Instant } from '../../core/instant.ts'
import type { CrashPoint } from '../../core/ports.ts'
import type { Tx } from '../database/database.ts'
import { continueJob, type Successors } from './continue.ts'
import type { Unfinished } from './find-jobs.ts'
import { leaveJob, type NewJob } from './jobs.ts'
import { type OpeningJob, openJobs } from './open-job.ts'
import type { JobEnd } from './tasks.ts'

/** What the app says of a job; worker and time are the store's. */
export type JobFacts = Omit<NewJob, 'previous' | 'worker' | 'time'>

/** A job to be made: it reads its profile anew, only goes on with an unfinished one, or has nothing to do. */
export type JobRequest =
  | ({ readonly how: 'open'; readonly job: JobFacts } & Omit<OpeningJob, keyof NewJob>)
  | { readonly how: 'continue'; readonly job: JobFacts; readonly previous: Unfinished }
  | { readonly how: 'leave'; readonly job: JobFacts }

/** Makes jobs. Returns how many, and those that ended at once. */
export const addJobs = async (
  tx: Tx,
  jobs: readonly JobRequest[],
  successors: Successors,
  { worker, time, crash }: { readonly worker: string; readonly time: Instant; readonly crash: CrashPoint },
): Promise<{ readonly created: number; readonly ended: readonly JobEnd[] }> => {
  const made: ({ readonly ended: JobEnd | null } | null)[] = []
  const opening: OpeningJob[] = []
  for (const request of jobs) {
    const job = { ...request.job, worker, time }
    crash('job.create')
    if (request.how === 'open') opening.push({ ...job, ...request })
    else if (request.how === 'leave') made.push(await leaveJob(tx, job))
    else made.push(await continueJob(tx, request.previous, job, successors))
  }
  made.push(...(await openJobs(tx, opening, successors)))
  const created = made.filter(job => job !== null)
  return { created: created.length, ended: created.flatMap(({ ended }) => ended ?? []) }
}
