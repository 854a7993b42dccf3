import { type RawBuilder, sql } from 'kysely'

/**
 * The numbers of a job and of all that it continues, as a list for `in`: what they have written was brought this time.
 * By the job and not by the moment, since clocks go back.
 */
export const chainOfJob = (jobId: number): RawBuilder<number> => sql<number>`(
  with recursive chain (id) as (
    select ${jobId} union all
    select previous_job_id from sync_jobs join chain using (id) where previous_job_id is not null)
  select id from chain)`
