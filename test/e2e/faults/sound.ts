import { jobStatus, type Status } from '../../../src/core/task.ts'
import type { TestSandbox } from '../../support/sandbox.ts'
import { checkFile, keyOf, query, RESULT_TABLES, type Row, resultRows } from '../../support/tables.ts'
import { callsOf, type Undisturbed } from './scene.ts'

/** How a file's rows differ from those of an undisturbed run; all empty = row by row the same. */
export interface Difference {
  readonly lost: readonly string[]
  readonly duplicated: readonly string[]
  readonly changed: readonly string[]
}

export const differenceOf = (path: string, { rows }: Undisturbed): Difference => {
  const stored = resultRows(path)
  const difference = { lost: [] as string[], duplicated: [] as string[], changed: [] as string[] }
  for (const table of RESULT_TABLES) {
    const left = new Map((stored[table] ?? []).map(row => [keyOf(table, row), row]))
    for (const row of rows[table] ?? []) {
      const key = keyOf(table, row)
      const found = left.get(key)
      left.delete(key)
      if (found === undefined) difference.lost.push(`${table} ${key}`)
      else difference.changed.push(...changesOf(`${table} ${key}`, found, row))
    }
    difference.duplicated.push(...[...left.keys()].map(key => `${table} ${key}`))
  }
  return difference
}

const changesOf = (place: string, found: Row, wanted: Row): readonly string[] =>
  Object.keys(wanted)
    .filter(column => inOrder(found[column]) !== inOrder(wanted[column]))
    .map(column => `${place}: ${column} is ${String(found[column])}, should be ${String(wanted[column])}`)

/** A value as text; of JSON the keys in order, since a network may send them in any. */
const inOrder = (value: unknown): string => {
  if (typeof value !== 'string' || !value.startsWith('{')) return String(value)
  return JSON.stringify(JSON.parse(value), (_, part) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}

/**
 * What must hold of every file that no process works on, whatever happened to it: whole, nothing held, nothing under
 * way, and every status follows from those below it (docs/design.md §4). Gives what does not.
 */
export const unsound = (path: string): readonly string[] => {
  const { integrity, foreignKeys } = checkFile(path)
  const found: string[] = []
  if (integrity !== 'ok') found.push(`integrity: ${String(integrity)}`)
  if (foreignKeys.length > 0) found.push(`foreign keys: ${JSON.stringify(foreignKeys)}`)
  for (const [what, sql] of Object.entries(MUST_BE_EMPTY)) {
    const rows = query(path, sql)
    if (rows.length > 0) found.push(`${what}: ${JSON.stringify(rows.slice(0, 5))}`)
  }
  for (const job of query(path, `select id, status, stored from sync_jobs where finished_at is not null`)) {
    const counts: Partial<Record<Status, number>> = {}
    for (const { status, count } of query(
      path,
      `select status, count(*) as count from sync_tasks where job_id = ${job.id} group by status`,
    )) {
      counts[status as Status] = Number(count)
    }
    // A job that was put aside, or never got to work, has its status from that.
    if (Object.keys(counts).length === 0 || (counts.pending ?? 0) > 0) continue
    const follows = jobStatus(counts, job.stored === 1)
    if (follows !== job.status) found.push(`job ${job.id} is ${job.status}, its tasks say ${follows}`)
  }
  return found
}

const MUST_BE_EMPTY: Readonly<Record<string, string>> = {
  'jobs under way': `select id, status from sync_jobs where status in ('running', 'pending')`,
  'tasks under way': `select id, job_id from sync_tasks where status = 'running'`,
  'profiles held': `select entity_id from entities where lock_worker is not null or lock_job_id is not null`,
  workers: 'select id from workers',
  'walks under way': `select id from sync_walks where state = 'running' or worker is not null`,
  'runs without an end': 'select id from sync_runs where finished_at is null',
  'cursors of walks that ended well': `select w.id from sync_walks w where w.state = 'done' and w.cursor is not null
    and not exists (select 1 from sync_tasks t where t.walk_id = w.id and t.status in ('failed', 'partial'))`,
  'open tasks of finished jobs': `select t.id from sync_tasks t join sync_jobs j on j.id = t.job_id
    where t.status = 'pending' and j.status in ('succeeded', 'skipped')`,
  'tasks of nobody': 'select id from sync_tasks where job_id not in (select id from sync_jobs)',
  'more open tasks than there are': `select id from sync_jobs j where finished_at is not null and open_tasks <>
    (select count(*) from sync_tasks t where t.job_id = j.id and t.status in ('pending', 'running') and t.stream <> '')`,
}

/** Calls that the network saw and the ledger does not know: each is charged before it is sent. */
export const uncharged = (path: string, sandbox: TestSandbox): number => {
  const [cost] = query(path, 'select coalesce(sum(units), 0) as units from run_costs')
  return Math.max(0, callsOf(sandbox).length - Number(cost?.units ?? 0))
}
