import { runStatus } from '../../app/reports/status.ts'
import type { Outcome } from '../../app/run/outcome.ts'
import { transformStatus } from '../../app/transform.ts'
import { showJson } from './json.ts'
import { LABEL, showRun } from './run.ts'
import { fitted, paint } from './text.ts'
import { showQueued } from './transform.ts'

/** How a run ended: the same screen as `socsync status`. Null = there was nothing to do. */
export const showOutcome = async (
  outcome: Outcome | null,
  { db, now, json, colour, transforms: names, sandbox }: Shown,
): Promise<void> => {
  if (outcome === null) {
    process.stdout.write(json ? showJson({ run: null }) : 'nothing to resume\n')
    return
  }
  const status = await runStatus(db, outcome.runId, now)
  const transforms = names.length === 0 ? [] : await transformStatus({ db, names })
  process.stdout.write(
    json
      ? showJson({
          run: status.subject,
          quota: status.quota,
          continued: outcome.continued,
          duplicates: outcome.duplicates,
          ...(names.length > 0 && { transforms }),
        })
      : // Who else is at work is asked for by `socsync status`.
        fitted(showRun({ ...status, workers: [] }, paint(process.stdout, colour)), process.stdout, LABEL) +
          showQueued(transforms, sandbox),
  )
}

interface Shown {
  readonly db: string
  /** Epoch ms. */
  readonly now: number
  readonly json: boolean
  readonly colour: boolean
  /** Transforms that what came was queued for. */
  readonly transforms: readonly string[]
  readonly sandbox: boolean
}
