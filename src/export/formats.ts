import { csv } from './csv.ts'
import { json } from './json.ts'
import { jsonl } from './jsonl.ts'
import { parquet } from './parquet.ts'
import { singer } from './singer.ts'
import type { Table } from './table.ts'

/** A way to write a table, in pieces of any size. The name of a format is also the ending of its files. */
export type Format = (table: Table, options: FormatOptions) => AsyncIterable<string | Uint8Array>

export interface FormatOptions {
  /** For a spreadsheet; only csv knows the difference. */
  readonly excel: boolean
}

/** A further format is a file and a line here. */
export const FORMATS = {
  csv,
  json,
  jsonl,
  parquet,
  singer: table => singer([table]),
} as const satisfies Record<string, Format>
export type FormatName = keyof typeof FORMATS

/** What is compressed already, and no text for a screen. */
export const BINARY: ReadonlySet<FormatName> = new Set(['parquet'])
