import type { Table } from './table.ts'

/** A way to write a table, in pieces of any size. The name of a format is also the ending of its files. */
export type Format = (table: Table, options: FormatOptions) => AsyncIterable<string | Uint8Array>

export interface FormatOptions {
  /** For a spreadsheet; only csv knows the difference. */
  readonly excel: boolean
}

/** A further format is a file and a line here. Each is loaded where it is wanted: most commands know their names alone. */
export const FORMATS = {
  csv: async () => (await import('./csv.ts')).csv,
  json: async () => (await import('./json.ts')).json,
  jsonl: async () => (await import('./jsonl.ts')).jsonl,
  parquet: async () => (await import('./parquet.ts')).parquet,
  singer: async () => {
    const { singer } = await import('./singer.ts')
    return table => singer([table])
  },
} as const satisfies Record<string, () => Promise<Format>>
export type FormatName = keyof typeof FORMATS

/** Those of which each list is a table, whose rows need no key. */
export const TABULAR = ['csv', 'json', 'jsonl', 'parquet'] as const satisfies readonly FormatName[]
export type TabularFormat = (typeof TABULAR)[number]

/** What is compressed already, and no text for a screen. */
export const BINARY: ReadonlySet<FormatName> = new Set(['parquet'])
