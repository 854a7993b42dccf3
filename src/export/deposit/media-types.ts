import type { PackageFormat } from './deposit.ts'

/** As registered, or as everybody calls it. */
export const MEDIA_TYPES: Readonly<Record<PackageFormat, string>> = {
  csv: 'text/csv',
  json: 'application/json',
  jsonl: 'application/jsonl',
  parquet: 'application/vnd.apache.parquet',
}
