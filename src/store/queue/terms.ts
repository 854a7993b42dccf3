import type { TransformDefinition } from '../../core/transform.ts'
import type { Tx } from '../database/database.ts'
import { decodeJson, encodeJson } from '../schema/rows.ts'
import { openBudget } from './budgets.ts'

/** What all that work on a run go by, on whatever machine: it stands in the database, and in no process's memory alone. */
export interface Terms {
  /** Units that it may spend; null = as many as there are. */
  readonly budget: number | null
  /** What its pages are queued for. */
  readonly transforms: readonly TransformDefinition[]
}

/** Says of a run what nobody has said of it before: an order may have been made with terms, or have inherited them. */
export const setTerms = async (tx: Tx, runId: number, { budget, transforms }: Terms): Promise<void> => {
  if (budget !== null) await openBudget(tx, runId, budget)
  if (transforms.length === 0) return
  await tx.db
    .updateTable('sync_runs')
    .set({ transforms: encodeTransforms(transforms) })
    .where('id', '=', runId)
    .where('transforms', 'is', null)
    .execute()
}

/** By their names, so that whoever writes a page goes through them in one order. Addresses and tokens stay in the config file. */
const encodeTransforms = (transforms: readonly TransformDefinition[]): string =>
  encodeJson(
    transforms
      .toSorted((a, b) => (a.transform < b.transform ? -1 : 1))
      .map(({ transform, version, elements, filter: { networks, kinds, since } }) => ({
        transform,
        version,
        elements,
        filter: { networks, kinds, since },
      })),
  )

/** The transforms in a run's row. */
export const decodeTransforms = (text: string | null): readonly TransformDefinition[] =>
  text === null ? [] : decodeJson<readonly TransformDefinition[]>(text)
