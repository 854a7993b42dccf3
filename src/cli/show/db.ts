import type { ChalkInstance } from 'chalk'
import type { CheckReport } from '../../store/admin/check.ts'
import type { Erased } from '../../store/admin/erase.ts'
import type { Migrated } from '../../store/admin/migrate.ts'
import type { Backup } from '../../store/database/database.ts'
import { counted, moment, number, printable, table } from './text.ts'

/** What a check found: nothing, or each broken rule with places. */
export const showCheck = (
  db: string,
  { rules, violations, dead }: CheckReport,
  paint: ChalkInstance,
): string => {
  const verdict =
    violations.length === 0
      ? `${printable(db)} is whole: ${counted(rules, 'rule')} hold`
      : `${printable(db)} is damaged: ${number(violations.length)} of ${counted(rules, 'rule')} broken`
  const lines = violations.flatMap(({ rule, holds, count, examples }) => [
    `${paint.red(rule)} · ${number(count)} × not so: ${holds}`,
    ...examples.map(example => `    ${printable(example)}`),
  ])
  const left = dead.map(
    ({ host, started_at }) =>
      `a process of ${moment(started_at)} on ${printable(host)} ended without saying so: the next run takes over what it held`,
  )
  const next = violations.length === 0 ? [] : [db.includes('://') ? NEXT_ON_SERVER : NEXT]
  return `${[verdict, ...lines, ...left, ...next].join('\n')}\n`
}

const NEXT =
  'Nothing was changed. Keep a plain copy of the file and its -wal, and put the newest of your backups in its place; what is newer is fetched again.'

const NEXT_ON_SERVER =
  'Nothing was changed. Keep a dump of it as it is (pg_dump), and restore the newest of your backups; what is newer is fetched again.'

export const checkJson = (db: string, report: CheckReport): object => ({
  db,
  whole: report.violations.length === 0,
  rules: report.rules,
  violations: report.violations,
  ended_processes: report.dead,
})

export const showBackup = ({ file, bytes }: Backup): string => `${printable(file)} · ${number(bytes)} bytes\n`

export const showMigrated = (db: string, { from, to, backup }: Migrated): string => {
  if (from === to) return `${printable(db)} has schema ${to} already\n`
  const copy = backup === null ? '' : `as it was: ${showBackup(backup)}`
  return `${printable(db)} went from schema ${from} to ${to}\n${copy}`
}

/** What was deleted, or would be, by table. */
export const showErased = (erased: Erased, really: boolean): string => {
  const rows = Object.entries(erased).filter(([, count]) => count > 0)
  if (rows.length === 0) return 'there is nothing to delete\n'
  const [head, end] = really
    ? ['deleted', 'It is gone from the database. Backups of earlier days still hold it.']
    : ['would be deleted', 'Nothing was deleted: add --yes.']
  return `${head}\n${table(rows.map(([name, count]) => [`  ${name}`, count]))}\n${end}\n`
}
