import { type Instant, instant } from '../../core/instant.ts'
import type { Status } from '../../core/task.ts'
import type { Lane, Stop } from '../../engine/lane.ts'
import type { ParkReason } from '../../store/queue/park.ts'
import type { Store } from '../../store/store.ts'
import type { CreatedJobs } from './create-jobs.ts'

/** How a run ended, as the summary and the exit code tell it. */
export interface Outcome {
  readonly runId: number
  readonly jobs: Readonly<Record<Status, number>>
  readonly continued: number
  readonly duplicates: number
  /** Jobs that were skipped because another run holds their profile. */
  readonly locked: number
  /** Jobs whose profile is not there. */
  readonly absent: number
  /** Networks and credentials that stopped, and why. */
  readonly stops: readonly (Stop & { readonly network: string; readonly credential: string })[]
  /** When the earliest deferred work goes on; null = nothing is deferred. */
  readonly notBefore: Instant | null
  readonly errors: readonly {
    readonly errorType: string
    readonly message: string | null
    readonly jobs: number
  }[]
  readonly interrupted: boolean
}

const DEFERRED = ['quota_exhausted', 'rate_limited', 'unreachable']

/** Puts aside what is left of a run, and tells how it ended. */
export const closeRun = async (
  runId: number,
  planned: CreatedJobs,
  lanes: readonly Lane[],
  store: Store,
  { interrupted }: { readonly interrupted: boolean },
): Promise<Outcome> => {
  const stops = lanes.flatMap(lane =>
    lane.stopped === null
      ? []
      : [{ ...lane.stopped, network: lane.source.network, credential: lane.source.credential }],
  )
  await store.park(runId, interrupted ? new Map() : reasonsOf(stops))
  const rows = await store.countOutcomes(runId)
  const jobs = { pending: 0, running: 0, succeeded: 0, failed: 0, partial: 0, skipped: 0 }
  const errors = new Map<string, { errorType: string; message: string | null; jobs: number }>()
  let locked = 0
  let absent = 0
  let notBefore: Instant | null = null
  for (const row of rows) {
    jobs[row.status] += row.count
    if (row.reason === 'locked') locked += row.count
    if (row.status === 'skipped' && row.reason === 'not-found') absent += row.count
    if (row.notBefore !== null && (notBefore === null || row.notBefore < notBefore)) notBefore = row.notBefore
    if (row.errorType === null || (row.status !== 'partial' && row.status !== 'failed')) continue
    const seen = errors.get(row.errorType)
    errors.set(row.errorType, {
      errorType: row.errorType,
      message: seen?.message ?? row.errorMessage,
      jobs: (seen?.jobs ?? 0) + row.count,
    })
  }
  return {
    runId,
    jobs,
    continued: planned.continued,
    duplicates: planned.duplicates,
    locked,
    absent,
    stops,
    notBefore,
    errors: [...errors.values()].sort((a, b) => b.jobs - a.jobs),
    interrupted,
  }
}

/** What first stopped each network. */
const reasonsOf = (stops: Outcome['stops']): ReadonlyMap<string, ParkReason> =>
  new Map(
    stops.toReversed().map(({ network, errorType, message, until }) => {
      const notBefore = until === null ? null : instant(until)
      return [network, { errorType, message, notBefore }]
    }),
  )

/** The exit code of a run (docs/design.md §6): the first that applies. An interruption's own code is the CLI's. */
export const exitCodeOf = (outcome: Outcome, strict: boolean): number => {
  const { jobs } = outcome
  const all = Object.values(jobs).reduce((sum, count) => sum + count, 0)
  if (outcome.locked > 0 && outcome.locked === all) return 4
  const error = (types: readonly string[]): boolean =>
    outcome.errors.some(({ errorType }) => types.includes(errorType))
  if (error(['unauthorised', 'misconfigured'])) return 5
  if (error(DEFERRED)) return 75
  if (jobs.failed + jobs.partial + jobs.pending + jobs.running > 0) return 3
  return strict && outcome.absent > 0 ? 3 : 0
}
