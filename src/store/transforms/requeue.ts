import { randomUUID } from 'node:crypto'
import type { Instant } from '../../core/instant.ts'
import type { TransformDefinition } from '../../core/transform.ts'
import { builder } from '../database/builder.ts'
import type { Database } from '../database/database.ts'
import { param, type Statement, statement } from '../database/statement.ts'
import type { TransformTable } from '../schema/tables.ts'
import { renew } from './elements.ts'

/**
 * What failed in this version is queued again; returns how much. Where the service never said anything of a submission
 * it may still have it: that keeps its key, all else gets a new one.
 */
export const requeueFailed = (
  writer: Pick<Database, 'write'>,
  { transform, version }: TransformDefinition,
  at: Instant,
): Promise<number> =>
  writer.write(async tx => {
    const rows = await tx.all<Failed, FailedRow>(failedOnes, { transform, version })
    return tx.runEach(
      renew,
      rows.map(({ id, seq, input_hash, input_fetched_at, ...row }) => {
        const isUnheard = row.external_job_id === null && UNHEARD.has(row.error_type ?? '')
        return {
          id,
          seq,
          input_hash,
          input_fetched_at,
          key: isUnheard ? row.idempotency_key : randomUUID(),
          at,
        }
      }),
    )
  })

/** Ends of submissions that no answer came to. */
const UNHEARD: ReadonlySet<string> = new Set(['network_error', 'deadline'])

type Failed = { transform: string; version: string }
type FailedRow = Pick<
  TransformTable,
  'seq' | 'input_hash' | 'input_fetched_at' | 'idempotency_key' | 'external_job_id' | 'error_type'
> & { readonly id: number }

const failedOnes: Statement<Failed> = statement(
  builder
    .selectFrom('transforms')
    .select([
      'id',
      'seq',
      'input_hash',
      'input_fetched_at',
      'idempotency_key',
      'external_job_id',
      'error_type',
    ])
    .where('transform', '=', param<string>('transform'))
    .where('version', '=', param<string>('version'))
    .where('status', '=', 'failed'),
)
