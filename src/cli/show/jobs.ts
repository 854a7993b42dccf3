import type { ChalkInstance } from 'chalk'
import type { JobLine, JobLines } from '../../app/reports/status.ts'
import { kindOfEntity } from '../../core/entity.ts'
import { namesBeside } from './called.ts'
import { counted, moment, number, printable, table, widthOf } from './text.ts'
import { placeOf } from './workers.ts'

/** A name in the table is cut to so many characters; whole it stands in `--json`. */
const NAME = 28
const INDENT = '    '

/**
 * The list of jobs: a line each where `columns` (null = any number) take it, else two, and how many of how many they are.
 */
export const showJobs = ({ jobs, total }: JobLines, columns: number | null, paint: ChalkInstance): string => {
  if (jobs.length === 0) return 'no jobs\n'
  const rows = jobs.map(cellsOf)
  const of = jobs.every(({ entity_id }) => kindOfEntity(entity_id) === 'profile') ? 'profile' : 'listed'
  const titles = ['job', 'network', of, 'status', 'why', 'called', 'came', 'when', 'run', ...RARE]
  // What no job has takes no room.
  const kept = titles.flatMap((_, column) => (rows.some(row => row[column] !== '') ? [column] : []))
  const pick = (row: readonly string[], wanted = kept): string[] => wanted.map(column => row[column] ?? '')
  const head = titles.map(title => paint.dim(title))
  const wide = table([pick(head), ...rows.map(row => pick(row))])
  const fits = columns === null || wide.split('\n').every(line => widthOf(line) <= columns)
  const lines = fits ? wide : narrow(rows, head, kept, columns)
  return `${lines}\n${paint.dim(countOf(jobs.length, total))}\n`
}

const RARE = ['goes on', 'fails', 'read by']

/** What it is about on one line, all else below it, broken where one thing ends. */
const narrow = (
  rows: readonly (readonly string[])[],
  head: readonly string[],
  kept: readonly number[],
  columns: number,
): string => {
  const first = table([head.slice(0, 4), ...rows.map(row => row.slice(0, 4))]).split('\n')
  return first
    .flatMap((line, index) => {
      const row = rows[index - 1]
      if (row === undefined) return [line]
      const rest = kept.filter(column => column >= 4 && row[column] !== '')
      return [
        line,
        ...joined(
          rest.map(column => LABELS[column]?.(row[column] ?? '') ?? row[column] ?? ''),
          columns,
        ),
      ]
    })
    .join('\n')
}

/** What a cell says without the title of its column. */
const LABELS: Readonly<Record<number, (cell: string) => string>> = {
  6: cell => `came ${cell}`,
  8: cell => `run ${cell}`,
  9: cell => `goes on ${cell}`,
  10: cell => `fails ${cell}`,
  11: cell => `read by ${cell}`,
}

const joined = (parts: readonly string[], columns: number): readonly string[] => {
  const lines: string[] = []
  for (const part of parts) {
    const last = lines.at(-1)
    const longer = `${last} · ${part}`
    if (last !== undefined && longer.length <= columns) lines[lines.length - 1] = longer
    else lines.push(`${INDENT}${part}`.slice(0, columns))
  }
  return lines
}

const cellsOf = (job: JobLine): readonly string[] => [
  String(job.id),
  job.network,
  printable(job.entity_id),
  job.alive === false ? 'interrupted' : job.status,
  job.alive === false ? 'its process is gone' : (job.error_type ?? job.reason ?? ''),
  cut(namesBeside(job.entity_id, job)),
  job.items === 0 ? '' : `${number(job.items)} (${number(job.new_items)} new)`,
  moment(job.finished_at ?? job.started_at ?? job.created_at),
  String(job.run_id),
  job.not_before === null ? '' : moment(job.not_before),
  job.failing_since === null ? '' : `${number(job.failing)} since ${job.failing_since.slice(0, 10)}`,
  [...new Set(job.readers.map(placeOf))].join(', '),
]

const cut = (text: string): string => {
  const characters = Array.from(text)
  return characters.length <= NAME ? text : `${characters.slice(0, NAME - 1).join('')}…`
}

const countOf = (shown: number, total: number | null): string => {
  if (total === shown) return counted(shown, 'job')
  const all = total === null ? 'very many' : number(total)
  return `${number(shown)} of ${all} jobs; --limit shows more`
}

/** A line of the list for programs. */
export const jobLineJson = ({ newest: _newest, ...job }: JobLine): object => job
