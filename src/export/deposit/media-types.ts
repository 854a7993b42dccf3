import type { TabularFormat } from '../formats.ts'

/** As registered, or as everybody calls it. */
export const MEDIA_TYPES: Readonly<Record<TabularFormat, string>> = {
  csv: 'text/csv',
  json: 'application/json',
  jsonl: 'application/jsonl',
  parquet: 'application/vnd.apache.parquet',
}
