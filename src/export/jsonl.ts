import { jsonRows } from './json-row.ts'
import type { Table } from './table.ts'

/** One JSON object per line, each as in {@link json}. */
export async function* jsonl({ columns, rows }: Table): AsyncGenerator<string> {
  const write = jsonRows(columns)
  for await (const row of rows) yield `${write(row)}\n`
}
