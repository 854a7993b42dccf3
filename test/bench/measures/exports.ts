import type { Figure } from '../figure.ts'
import { leastOf, measured } from '../measured.ts'

/** A file's comments to CSV and to JSON lines, against the `sqlite3` program, and in what memory; `small` = a tenth of the file. */
export async function* measureExports(path: string, small: string, out: string): AsyncIterable<Figure> {
  const write = ['-csv', path, `.output ${out}.sqlite.csv`, 'select * from comments']
  const bySqlite = await leastOf(2, 'sqlite3', write)
  for (const format of ['csv', 'jsonl']) {
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
