import type { Figure } from '../figure.ts'
import { leastOf, measured } from '../measured.ts'

/** As `export comments` gives them: beside each the address of its post and the names of the profile. */
const COMMENTS = `select c.*, p.permalink, r.username, r.name from comments c
  left join posts p on p.network = c.network and p.id = c.post_id
  left join profiles r on r.network = p.network and r.id = p.profile_id order by c.network, c.id`

/** A file's comments to each format, against the same rows by the `sqlite3` program, and in what memory; `small` = a tenth of the file. */
export async function* measureExports(path: string, small: string, out: string): AsyncIterable<Figure> {
  const write = ['-csv', path, `.output ${out}.sqlite.csv`, COMMENTS]
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
