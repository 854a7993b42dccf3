import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { tempFolder } from '../../support/cli.ts'
import type { Figure, Measure } from '../figure.ts'
import type { Used } from '../measured.ts'
import { startStandIn } from '../processes.ts'
import { addTasks, measureReports } from './reports.ts'
import { syncComments } from './sync-comments.ts'

const COMMENTS = 10_000_000
const TASKS = 1_000_000

/** A file that grows to ten million comments: how quick it stays, and how long its reports take. */
export const large: Measure = {
  name: 'large',
  async *measure({ scale }) {
    using folder = tempFolder()
    const path = folder.file('whole.db')
    const whole = await syncComments(COMMENTS * scale, path)
    yield growthOf(path, whole)
    addTasks(path, Math.round(TASKS * scale))
    await using network = await startStandIn()
    yield* measureReports(path, network.env)
  },
}

/** Pages are of one size, so their number stands for rows. */
const growthOf = (path: string, { peakMb, wallMs }: Used): Figure => {
  const db = new Database(path, { readonly: true })
  const times = db
    .prepare(`select fetched_at from raw_pages where request like '%commentThreads%' order by id`)
    .pluck()
    .all() as string[]
  db.close()
  const tenth = Math.floor(times.length / 10)
  const took = (from: number, to: number): number =>
    Date.parse(times[to] ?? '') - Date.parse(times[from] ?? '')
  const first = took(0, tenth)
  const last = took(times.length - 1 - tenth, times.length - 1)
  return {
    name: 'growth: the last tenth of the rows',
    value: first / last,
    unit: '×',
    reach: { least: 0.8 },
    note: `of the first tenth's rows a second · ${times.length} pages in ${(wallMs / 1000).toFixed(0)} s, ${(statSync(path).size / 2 ** 20).toFixed(0)} MB, at most ${peakMb.toFixed(0)} MB of memory`,
    isStable: true,
  }
}
