import type { Kysely } from 'kysely'
import type { Schema } from '../schema/tables.ts'
import { EXPORTS } from './export-rows.ts'
import type { ExportColumn } from './export-table.ts'

export interface TransformResultRequest {
  readonly transform: string
  /** Null = of all versions. */
  readonly version: string | null
  readonly network: string | null
  /** None = whatever became of it. */
  readonly statuses: readonly string[]
  /** The number of the last row of the page before; null = from the beginning. */
  readonly after: number | null
  readonly limit: number
}

export type TransformRow = Readonly<Record<string, string | number | null>>

/** The columns that exports have too. */
export const transformColumns: readonly ExportColumn[] = EXPORTS.transforms.columns

/** A page of what a transform was given and what came of it, in the order in which it was queued. */
export const readTransformResults = async (
  db: Kysely<Schema>,
  { transform, version, network, statuses, after, limit }: TransformResultRequest,
): Promise<{ readonly rows: readonly TransformRow[]; readonly next: number | null }> => {
  const rows = await db
    .selectFrom('transforms')
    .selectAll()
    .where('transform', '=', transform)
    .$if(version !== null, query => query.where('version', '=', version ?? ''))
    .$if(network !== null, query => query.where('network', '=', network ?? ''))
    .$if(statuses.length > 0, query => query.where('status', 'in', statuses))
    .$if(after !== null, query => query.where('id', '>', after ?? 0))
    .orderBy('id')
    // One more than asked for tells whether there are more, without counting.
    .limit(limit + 1)
    .execute()
  const page = rows.slice(0, limit)
  return { rows: page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null }
}

/** Whether anything is stored of a transform, of whatever version. */
export const isStoredTransform = async (db: Kysely<Schema>, transform: string): Promise<boolean> =>
  (await db
    .selectFrom('transforms')
    .select('id')
    .where('transform', '=', transform)
    .limit(1)
    .executeTakeFirst()) !== undefined
