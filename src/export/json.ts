import { jsonRows } from './json-row.ts'
import type { Table } from './table.ts'

/** One JSON array, an object per row: ids are strings, counters numbers, absent values null. */
export async function* json({ columns, rows }: Table): AsyncGenerator<string> {
  const write = jsonRows(columns)
  let before = '[\n'
  for await (const row of rows) {
    yield before + write(row)
    before = ',\n'
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}
