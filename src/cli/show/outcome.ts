import type { Outcome } from '../../app/outcome.ts'
import { runStatus } from '../../app/status.ts'
import { showJson } from './json.ts'
import { showRun } from './run.ts'
import { paint } from './text.ts'

/** How a run ended: the same screen as `socsync status`. Null = there was nothing to do. */
export const showOutcome = async (
  outcome: Outcome | null,
  { db, json, colour }: { readonly db: string; readonly json: boolean; readonly colour: boolean },
): Promise<void> => {
  if (outcome === null) {
    process.stdout.write(json ? showJson({ run: null }) : 'nothing to resume\n')
    return
  }
  const status = await runStatus(db, outcome.runId)
  process.stdout.write(
    json
      ? showJson({
          run: status.of,
          quota: status.quota,
          continued: outcome.continued,
          duplicates: outcome.duplicates,
        })
      : showRun(status, paint(process.stdout, colour)),
  )
}
