import { needsOfRun } from '../../app/reports/needs.ts'
import { runStatus } from '../../app/reports/status.ts'
import type { Outcome } from '../../app/run/outcome.ts'
import { transformStatus } from '../../app/transform.ts'
import { pasted } from '../pasted.ts'
import { showJson } from './json.ts'
import { needsJson, showNeeds } from './needs.ts'
import { LABEL, showRun } from './run.ts'
import { fitted, paint } from './text.ts'
import { showQueued } from './transform.ts'

/** How a run ended: the same screen as `socsync status`. Null = there was nothing to do. */
export const showOutcome = async (
  outcome: Outcome | null,
  { db, now, json, quiet, strict, colour, transforms: names, sandbox, tookMs }: Shown,
): Promise<void> => {
  if (outcome === null) {
    if (json || !quiet) process.stdout.write(json ? showJson({ run: null }) : 'nothing to resume\n')
    return
  }
  const status = await runStatus(db, outcome.runId, now)
  if (quiet) {
    const needs = await needsOfRun(db, status.subject, outcome, { strict, now })
    process.stderr.write((json ? needsJson : showNeeds)(needs, process.env))
    if (outcome.interrupted) process.stderr.write(showStopped(outcome.runId))
    if (!json) return
  }
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
        fitted(
          showRun({ ...status, workers: [] }, paint(process.stdout, colour), sandbox ? tookMs : null),
          process.stdout,
          LABEL,
        ) + showQueued(transforms),
  )
}

/** What a person who stopped a run is told where nothing else is. */
const showStopped = (runId: number): string =>
  `socsync: run ${runId} was stopped before it was done; what came is stored\n  ${pasted(`socsync resume --run ${runId}`)}\n`

interface Shown {
  readonly db: string
  /** Epoch ms. */
  readonly now: number
  readonly json: boolean
  /** Nothing but what needs a person, on standard error; with `json` the object, too. */
  readonly quiet: boolean
  /** Whether a profile that is not there needs one. */
  readonly strict: boolean
  readonly colour: boolean
  /** Whether its time is the sandbox's. */
  readonly sandbox: boolean
  /** How long it took by the clock on the wall. */
  readonly tookMs: number
  /** Transforms that what came was queued for. */
  readonly transforms: readonly string[]
}
