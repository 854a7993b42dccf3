import { BadInput } from '../../core/errors.ts'
import { EXPORT_KINDS, type ExportKind } from '../../export/kinds.ts'
import { cellOf, isTrue, type Value } from '../../export/table.ts'
import { type Db, withReadTransaction } from '../../store/reader.ts'
import { EXPORTS } from '../../store/reports/export-rows.ts'
import { findChosen } from '../ids/find-profile.ts'
import type { IdNetwork } from '../ids/named-line.ts'
import { jobsOf } from './export.ts'

export interface StoredRowsRequest {
  readonly db: string
  readonly kind: ExportKind
  readonly network: string | null
  /** A profile, by an id in any form that a list takes, or its name. */
  readonly entity: string | null
  readonly networks: readonly IdNetwork[]
  readonly job: number | null
  readonly run: number | null
  readonly since: string | null
}

type StoredRow = Readonly<Record<string, Value>>

/**
 * The rows that `export` writes, as they are taken: all of one moment, whatever is written meanwhile, in memory that does not grow with
 * them. Until the last one is taken, or the loop is left, the database keeps that moment.
 */
export async function* storedRows(request: StoredRowsRequest): AsyncGenerator<StoredRow, void, undefined> {
  if (!EXPORT_KINDS.includes(request.kind))
    throw new BadInput(`there are no rows of "${request.kind}"`, {
      hint: `allowed: ${EXPORT_KINDS.join(', ')}`,
    })
  const hatch = openHatch<StoredRow>()
  const reading = withReadTransaction(request.db, async db => {
    for await (const row of await selectRows(db, request)) if (!(await hatch.give(row))) return
  }).then(
    () => hatch.close(),
    (error: unknown) => hatch.fail(error),
  )
  try {
    yield* hatch.taken()
  } finally {
    hatch.leave()
    await reading
  }
}

const selectRows = async (
  db: Db,
  { kind, job, run, since, ...chosen }: StoredRowsRequest,
): Promise<AsyncIterable<StoredRow>> => {
  const { network, entity } = await findChosen(db, chosen, kind === 'jobs' || kind === 'tasks')
  const jobs = await jobsOf(db, { job, run })
  const { columns } = EXPORTS[kind]
  const rows = EXPORTS[kind].rows(db, { network, entity, jobs, since })
  return (async function* () {
    for await (const row of rows)
      yield Object.fromEntries(
        columns.map(column => {
          const value = cellOf(row, column)
          return [column.name, column.type === 'flag' && value !== null ? isTrue(value) : value]
        }),
      )
  })()
}

interface Hatch<T> {
  /** Waits until it is taken; false = nobody takes any more. */
  give(item: T): Promise<boolean>
  close(): void
  fail(error: unknown): void
  leave(): void
  taken(): AsyncGenerator<T, void, undefined>
}

/** Hands one thing at a time from whoever has it to whoever takes it: a transaction stays within its function. */
const openHatch = <T>(): Hatch<T> => {
  let item: { readonly value: T } | null = null
  let end: { readonly error: unknown } | null = null
  let hasLeft = false
  let moved = Promise.withResolvers<void>()
  const ring = (): void => {
    moved.resolve()
    moved = Promise.withResolvers()
  }
  const finish = (error: unknown): void => {
    end ??= { error }
    ring()
  }
  return {
    give: async value => {
      while (item !== null && !hasLeft) await moved.promise
      if (hasLeft) return false
      item = { value }
      ring()
      while (item !== null && !hasLeft) await moved.promise
      return !hasLeft
    },
    close: () => finish(null),
    fail: finish,
    leave: () => {
      hasLeft = true
      ring()
    },
    async *taken() {
      for (;;) {
        while (item === null && end === null) await moved.promise
        if (item === null) {
          if (end !== null && end.error !== null) throw end.error
          return
        }
        const { value } = item
        item = null
        ring()
        yield value
      }
    },
  }
}
