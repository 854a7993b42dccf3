import type { Kysely } from 'kysely'
import type { Schema } from '../schema/tables.ts'

/** A column of an export and what it holds. */
export interface ExportColumn {
  readonly name: string
  readonly type: 'text' | 'id' | 'instant' | 'counter' | 'ratio' | 'flag' | 'json'
}

/** Which rows are wanted; all conditions hold together. */
export interface ExportFilter {
  readonly network: string | null
  /** The profile's key in the user's list, or its id. */
  readonly entity: string | null
  /** Jobs that wrote the row last, or null: any. */
  readonly jobs: readonly number[] | null
  /** Fetched at or after this moment. */
  readonly since: string | null
}

export interface ExportTable {
  readonly columns: readonly ExportColumn[]
  /** Those of them that are not worked out; left out = all. */
  readonly stored?: readonly ExportColumn[]
  /** The columns that tell one row from all others. */
  readonly key: readonly string[]
  /** The column that {@link ExportFilter.since} is about; null = none alone, or one that does not move when a row does. */
  readonly bookmark: string | null
  rows(db: Kysely<Schema>, filter: ExportFilter): AsyncIterable<Record<string, string | number | null>>
}

/** A column by its name; text, unless it says otherwise. */
export const column = (name: string, type: ExportColumn['type'] = 'text'): ExportColumn => ({ name, type })

export type AnyTables = Record<string, Record<string, string | number | null>>

/** The builder without the tables' columns: each export names its own. */
export const untyped = (db: Kysely<Schema>): Kysely<AnyTables> => db as unknown as Kysely<AnyTables>
