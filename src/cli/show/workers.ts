import type { ChalkInstance } from 'chalk'
import type { JobReader, ReadWalk, WorkerReport } from '../../store/reports/worker-rows.ts'
import { counted, moment, number, printable, table } from './text.ts'

/** Walks that are told of each worker. */
const TOLD = 5

/** Who is at work on the database, a line each, and below it what it reads. */
export const workerLines = (workers: readonly WorkerReport[], paint: ChalkInstance): string[] =>
  workers.flatMap(worker => [workerLine(worker, paint), ...walkLines(worker, paint)])

const workerLine = (worker: WorkerReport, paint: ChalkInstance): string => {
  const { id, host, pid, purpose, started_at: since } = worker
  return [
    `${purpose} ${id.slice(0, 8)} on ${printable(host)}, pid ${pid}`,
    `since ${moment(since)}`,
    ...stateOf(worker, paint),
    ...doingOf(worker),
  ].join(' · ')
}

const stateOf = ({ state, lease_expires_at: ends }: WorkerReport, paint: ChalkInstance): string[] => {
  const over = `its lease is over since ${moment(ends)}`
  switch (state) {
    case 'lives':
      return []
    case 'frozen':
      return [paint.yellow(`stands still: ${over}, others may take over what it holds`)]
    case 'gone':
      return [paint.red('its process is gone: others take over what it held')]
    case 'unknown':
      return [paint.yellow(`${over}; a replica knows no more of it`)]
  }
}

const doingOf = ({ state, runs, walk_count }: WorkerReport): string[] => {
  const doing = [
    ...(runs.length === 0 ? [] : [`sees to run ${runs.join(', ')}`]),
    ...(walk_count === 0 ? [] : [`reads ${counted(walk_count, 'walk')}`]),
  ]
  return doing.length === 0 && state === 'lives' ? ['waits for work'] : doing
}

const walkLines = ({ walks, walk_count }: WorkerReport, paint: ChalkInstance): string[] => {
  const told = walks.slice(0, TOLD)
  if (told.length === 0) return []
  const more = walk_count - told.length
  return [
    ...table(told.map(walkRow))
      .split('\n')
      .map(row => `  ${row}`),
    ...(more === 0 ? [] : [paint.dim(`  and ${number(more)} more`)]),
  ]
}

const walkRow = (walk: ReadWalk): string[] => [
  `${walk.network} ${walk.stream}`,
  `${printable(walk.entity_id)}${walk.profiles > 1 ? ` and ${number(walk.profiles - 1)} more` : ''}`,
  `run ${walk.run_id}`,
  [`since ${moment(walk.started_at)}`, ...byCredential(walk)].join(', '),
]

/** Who reads a job now, a line for each of its walks. */
export const readerLines = (readers: readonly JobReader[]): string[] =>
  readers.map(reader =>
    [
      `${reader.stream} by ${placeOf(reader)}`,
      `since ${moment(reader.started_at)}`,
      ...byCredential(reader),
    ].join(' · '),
  )

/** Where a reader is: `db1:4242`. */
export const placeOf = ({ host, pid }: Pick<JobReader, 'host' | 'pid'>): string => `${printable(host)}:${pid}`

const byCredential = ({ credential }: { readonly credential: string | null }): string[] =>
  credential === null ? [] : [`credential ${printable(credential)}`]
