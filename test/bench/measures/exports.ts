import { tempFolder } from '../../support/cli.ts'
import type { Figure, Measure } from '../figure.ts'
import { leastOf, measured } from '../measured.ts'
import { syncComments } from './sync-comments.ts'

const COMMENTS = 1_000_000

/** As `export comments` gives them: beside each the address of its post and the names of the profile. */
const ROWS = `select c.*, p.permalink, r.username, r.name from comments c
  left join posts p on p.network = c.network and p.id = c.post_id
  left join profiles r on r.network = p.network and r.id = p.profile_id order by c.network, c.id`

/** A million comments synced, and exported in each format: how quick, and in what memory. */
export const exports: Measure = {
  name: 'exports',
  async *measure({ scale }) {
    using folder = tempFolder()
    const tenth = await syncComments((COMMENTS / 10) * scale, folder.file('small.db'))
    const million = await syncComments(COMMENTS * scale, folder.file('million.db'))
    yield {
      name: 'memory: a sync of a million comments',
      value: million.peakMb,
      unit: 'MB',
      reach: { most: 200 },
      note: `a tenth of them ${tenth.peakMb.toFixed(0)} MB`,
      isStable: true,
    } satisfies Figure
    yield* measureFormats(folder.file('million.db'), folder.file('small.db'), folder.file('out'))
  },
}

/** Against the same rows by the `sqlite3` program, which writes CSV; `small` = a tenth of the file. */
async function* measureFormats(path: string, small: string, out: string): AsyncIterable<Figure> {
  const write = ['-csv', path, `.output ${out}.sqlite.csv`, ROWS]
  const bySqlite = await leastOf(2, 'sqlite3', write)
  for (const format of ['csv', 'jsonl', 'parquet']) {
    const args = ['export', 'comments', '--format', format, '--force', '--out', `${out}.${format}`]
    const whole = await measured([...args, '--db', path])
    const tenth = await measured([...args, '--db', small])
    yield {
      name: `export: ${format}`,
      value: bySqlite / whole.wallMs,
      unit: '×',
      reach: { least: 0.8 },
      note: `of the sqlite3 program's rows a second, which writes CSV · ${(whole.wallMs / 1000).toFixed(1)} s and ${(bySqlite / 1000).toFixed(1)}`,
      isStable: true,
    }
    yield {
      name: `memory: export to ${format}`,
      value: whole.peakMb,
      unit: 'MB',
      reach: { most: 150 },
      note: `a tenth of the rows ${tenth.peakMb.toFixed(0)} MB`,
      isStable: true,
    }
  }
}
