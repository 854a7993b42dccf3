import { type RawBuilder, sql } from 'kysely'

/** Whether a task is the rest of a list that was begun earlier, and is not read to its end yet (docs/design.md §5.11). */
export const isOpenRest = (kind: 'posts' | 'comments'): RawBuilder<boolean> =>
  sql<boolean>`(sync_tasks.kind = ${sql.lit(kind)} and sync_tasks.part <> '' and (
    sync_tasks.status in ('pending', 'running', 'partial', 'failed') or sync_tasks.failing_since is not null))`
