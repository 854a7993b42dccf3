import { query, type Row } from './tables.ts'

/** How every job of a file ended, in the order in which they were made: to be held against {@link job}. */
export const jobsOf = (db: string): Row[] =>
  query(db, 'select entity_id, status, reason, error_type from sync_jobs order by id')

/** How a job ended that met no error. */
export const job = (entity_id: string, status: string, reason: string | null = null): Row => ({
  entity_id,
  status,
  reason,
  error_type: null,
})
