import type { Selectable } from 'kysely'
import type { TaskTable } from '../schema/tables.ts'
import type { WalkRow } from './walk-rows.ts'

export type Task = Selectable<TaskTable>

/** A list that was begun, in the order in which that was done. */
export interface Begun {
  readonly task: Task
  readonly walk: WalkRow
}

/**
 * Where a head fails on its way above a rest that fails no deeper in the list, the two are one: it will read all that the
 * older one would, and is tried no sooner. So a list has two parts however many nights it fails.
 */
export const joinRests = (begun: readonly Begun[]): readonly Begun[] => {
  const joined: Begun[] = []
  for (const { task, walk } of begun) {
    const older = joined.findLast(
      rest => rest.task.stream === task.stream && rest.task.external_id === task.external_id,
    )
    const isJoined =
      older?.task.failing_since != null && task.failing_since !== null && older.walk.seq <= walk.seq
    if (isJoined) joined.splice(joined.indexOf(older), 1)
    joined.push({ task: isJoined ? { ...task, ...joinedWith(older.task, task) } : task, walk })
  }
  return joined
}

const joinedWith = (older: Task, newer: Task) => ({
  part: older.part,
  from_at: older.from_at === null || newer.from_at === null ? null : lesser(older.from_at, newer.from_at),
  failing_since: older.failing_since,
  failed_runs: Math.max(older.failed_runs, newer.failed_runs),
  not_before: older.not_before === null ? newer.not_before : later(older.not_before, newer.not_before),
})

const lesser = (a: string, b: string): string => (a < b ? a : b)
const later = (a: string, b: string | null): string => (b !== null && b > a ? b : a)
