import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { tempFolder } from '../../support/cli.ts'
import type { Figure, Measure } from '../figure.ts'
import { measured, type Used } from '../measured.ts'
import { profileOf, startStandIn } from '../processes.ts'
import { measureExports } from './exports.ts'
import { addTasks, measureReports } from './reports.ts'

const COMMENTS = 10_000_000
/** As many as a page of YouTube's has, times ten. */
const COMMENTS_OF_POST = 1000
const TASKS = 1_000_000

/** A file that grows to ten million comments: how quick it stays, in what memory, and how long its reports take. */
export const large: Measure = {
  name: 'large',
  async *measure({ scale }) {
    using folder = tempFolder()
    const sync = async (comments: number, name: string): Promise<Used> => {
      const posts = Math.max(1, Math.round(comments / COMMENTS_OF_POST))
      await using standIn = await startStandIn({ posts, comments: COMMENTS_OF_POST })
      const args = [
        'run',
        '--network',
        'youtube',
        '--scope',
        'comments',
        '--quiet',
        '--db',
        folder.file(name),
      ]
      return await measured([...args, profileOf('youtube', 0)], standIn.env)
    }
    const tenth = await sync((COMMENTS / 100) * scale, 'small.db')
    const million = await sync((COMMENTS / 10) * scale, 'million.db')
    yield {
      name: 'memory: a sync of a million comments',
      value: million.peakMb,
      unit: 'MB',
      reach: { most: 200 },
      note: `a tenth of them ${tenth.peakMb.toFixed(0)} MB`,
      isStable: true,
    } satisfies Figure
    yield* measureExports(folder.file('million.db'), folder.file('small.db'), folder.file('out'))

    const path = folder.file('whole.db')
    const whole = await sync(COMMENTS * scale, 'whole.db')
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
