import { type RawBuilder, sql } from 'kysely'
import type { TaskKind } from '../../core/task.ts'

/** Condition on a job of this name: a reading began with it, of a kind of thing among others. */
export const isReading = (job: string, kind: TaskKind): RawBuilder<boolean> => {
  const of = (column: string) => sql.ref(`${job}.${column}`)
  return sql`
    (${of('reading_id')} = ${of('id')} or (${of('reading_id')} is null and ${of('previous_job_id')} is null))
    and exists (select 1 from json_each(${of('params')}, '$.kinds') where value = ${sql.lit(kind)})`
}
