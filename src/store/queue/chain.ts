import { type RawBuilder, sql } from 'kysely'

/**
 * The numbers of a job and of all that it continues, as a list for `in`: what they have written was brought this time.
 * By the job and not by the moment, since clocks go back.
 */
const chainOfJob = (jobId: number): RawBuilder<number> => sql<number>`(
  with recursive chain (id) as (
    select ${jobId} union all
    select previous_job_id from sync_jobs join chain using (id) where previous_job_id is not null)
  select id from chain)`

/** Of the same, those from a job on: what began before is not of this time. */
export const chainSince = (jobId: number, first: RawBuilder<unknown>): RawBuilder<number> =>
  sql<number>`(select id from ${chainOfJob(jobId)} as chain where id >= ${first})`

/** The numbers of the jobs in which the reading of a job was done: it began in one and was continued in others. */
export const readingOfJob = (jobId: number): RawBuilder<number> => sql<number>`(
  select part.id from sync_jobs as part
  where part.reading_id = (select reading_id from sync_jobs where id = ${jobId}))`
