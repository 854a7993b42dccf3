import { type Instant, instant } from '../../core/instant.ts'
import { type RefusedCredential, refusedIn } from '../../core/refused-credential.ts'
import { recall } from '../../store/queue/memory.ts'
import { withReaderIfCurrent } from '../../store/reader.ts'
import { networksAskedLately, reportStandings, type Standing } from '../../store/reports/standing.ts'
import type { RunStatus } from './status.ts'

/**
 * Something that does not pass by itself: a person has to do something about it.
 *
 *   renew    a credential is refused
 *   set-up   a network does not answer as it is set up
 *   report   a network calls a request wrong
 *   list     no profile of the list is there
 *   look     nothing came for so long that it will not pass
 *   start    nothing starts runs any more
 */
export interface Need {
  readonly kind: 'renew' | 'set-up' | 'report' | 'list' | 'look' | 'start'
  /** Null = it is about the list, or all of them. */
  readonly network: string | null
  /** The run that met it; null = it is told of all runs together. */
  readonly run: number | null
  /** What of it keeps the network from giving; null = nothing is known. */
  readonly errorType: string | null
  readonly message: string | null
  /** Of how many profiles, and some of them; 0 = that is not told. */
  readonly profiles: number
  readonly examples: readonly string[]
  /** Since when, and in how many runs; null and 0 = that is not known. */
  readonly since: Instant | null
  readonly runs: number
  readonly lastSuccess: Instant | null
  /** Credentials that are refused, by their names; none = that is not what it is about, or it is not known which. */
  readonly credentials: readonly string[]
}

const LASTING = { unauthorised: 'renew', misconfigured: 'set-up', rejected: 'report' } as const
const LASTING_TYPES: readonly string[] = Object.keys(LASTING)

const kindOf = (errorType: string | null): Need['kind'] =>
  LASTING[(errorType ?? '') as keyof typeof LASTING] ?? 'look'

/** What passes by itself has done so after three days. */
const STALE_MS = 3 * 86_400_000

/** A network that nobody has asked for so many days is no longer wanted. */
const LATELY_DAYS = 30

/** What the end of a run tells beside the report of it. */
interface RunEnd {
  /** Credentials that stopped, and why: others may have gone on with their work. */
  readonly stops: readonly {
    readonly network: string
    readonly errorType: string
    readonly message: string
  }[]
  /** Profiles that are not there. */
  readonly absent: number
}

/** What a run that has ended leaves to a person, at a moment, epoch ms. `strict` = also that a profile is not there. */
export const needsOfRun = async (
  db: string,
  run: RunStatus,
  { stops, absent }: RunEnd,
  { strict, now }: { readonly strict: boolean; readonly now: number },
): Promise<readonly Need[]> => {
  const stopped = stops.filter(({ errorType }) => LASTING_TYPES.includes(errorType))
  const unfinished = new Set([
    ...run.errors.map(({ network }) => network),
    ...stopped.map(({ network }) => network),
  ])
  const found = await standingsOf(db, [...unfinished])
  return [
    ...found.flatMap(standing => {
      const { network } = standing
      const of = run.errors.filter(error => error.network === network)
      const lasting = of.find(({ error_type }) => LASTING_TYPES.includes(error_type))
      const stop = stopped.find(one => one.network === network)
      if (lasting === undefined && stop === undefined && !isStale(standing, now)) return []
      const error = lasting ?? of[0]
      return {
        ...needOf(standing, run.id),
        kind: kindOf(lasting?.error_type ?? stop?.errorType ?? null),
        errorType: lasting?.error_type ?? stop?.errorType ?? error?.error_type ?? null,
        message: lasting?.message ?? stop?.message ?? error?.message ?? null,
        profiles: error?.jobs ?? 0,
      }
    }),
    ...((strict ? absent > 0 : isNobodyThere(run)) ? [listNeed(run)] : []),
  ]
}

/** What a person has to do where some network has given nothing for so long, at a moment, epoch ms. `run` = the newest. */
export const needsOfAge = (
  db: string,
  run: Pick<RunStatus, 'created_at' | 'networks'>,
  alive: boolean,
  { maxAgeMs, now }: { readonly maxAgeMs: number; readonly now: number },
): Promise<readonly Need[]> =>
  withReaderIfCurrent(db, async reader => {
    const oldest = instant(now - maxAgeMs)
    if (!alive && run.created_at < oldest)
      return [{ ...NOTHING, kind: 'start', run: null, since: run.created_at }]
    if (reader === null) return []
    const networks = await networksAskedLately(reader, LATELY_DAYS)
    const standings = await reportStandings(reader, networks, LASTING_TYPES)
    return standings.flatMap(standing => {
      const { network, last_success: last } = standing
      // The first one that it is asked for may still be on its way.
      if (last === null ? alive && run.networks.includes(network) : last >= oldest) return []
      const need = needOf(standing, null)
      return standing.failing_since === null ? { ...need, kind: 'list' as const } : need
    })
  })

/**
 * What a person has to do by now, whichever run met it, at a moment, epoch ms: of the networks that are still asked, and the
 * credentials that are set, `namesOf` each network.
 */
export const needsNow = (
  db: string,
  now: number,
  namesOf: (network: string) => readonly string[],
): Promise<readonly Need[]> =>
  withReaderIfCurrent(db, async reader => {
    if (reader === null) return []
    const networks = await networksAskedLately(reader, LATELY_DAYS)
    const needs: Need[] = []
    for (const standing of await reportStandings(reader, networks, LASTING_TYPES)) {
      const names = namesOf(standing.network)
      const memory = await recall(reader, standing.network)
      const refused = refusedIn(memory).filter(({ credential }) => names.includes(credential))
      const [first] = refused
      const credentials = refused.map(({ credential }) => credential)
      const need = { ...needOf(standing, null), credentials }
      if (LASTING_TYPES.includes(standing.error_type ?? '') || isStale(standing, now)) needs.push(need)
      // The others do its work: nothing fails, and all of it takes longer.
      else if (first !== undefined) needs.push({ ...need, ...whyOf(first) })
    }
    return needs
  })

const whyOf = ({ errorType, message, since }: RefusedCredential) => ({
  kind: kindOf(errorType),
  ...{ errorType, message, since },
  runs: 0,
})

const NOTHING: Omit<Need, 'kind' | 'run'> = {
  network: null,
  errorType: null,
  message: null,
  profiles: 0,
  examples: [],
  since: null,
  runs: 0,
  lastSuccess: null,
  credentials: [],
}

const needOf = (standing: Standing, run: number | null): Need => ({
  ...NOTHING,
  kind: kindOf(standing.error_type),
  run,
  network: standing.network,
  errorType: standing.error_type,
  message: standing.error_message,
  since: standing.failing_since,
  runs: standing.failed_runs,
  lastSuccess: standing.last_success,
})

const standingsOf = (db: string, networks: readonly string[]): Promise<readonly Standing[]> =>
  withReaderIfCurrent(db, async reader =>
    reader === null || networks.length === 0 ? [] : reportStandings(reader, networks, LASTING_TYPES),
  )

const isStale = ({ last_success: last, failing_since: since }: Standing, now: number): boolean => {
  const from = last ?? since
  return since !== null && from !== null && now - Date.parse(from) > STALE_MS
}

/** Whether nothing of a run's list is there: all of it was skipped, and not because another run has it or nothing is new. */
export const isNobodyThere = ({ jobs, gaps }: Pick<RunStatus, 'jobs' | 'gaps'>): boolean => {
  const [status, ...others] = Object.keys(jobs)
  return status === 'skipped' && others.length === 0 && absentOf({ gaps }).length > 0
}

/** Profiles, and posts that the list names, that are not to be had, by reason. */
export const absentOf = ({ gaps }: Pick<RunStatus, 'gaps'>): RunStatus['gaps'] =>
  gaps.filter(({ what }) => what === 'profile' || what === 'post')

const listNeed = (run: RunStatus): Need => {
  const absent = absentOf(run)
  return {
    ...NOTHING,
    kind: 'list',
    run: run.id,
    profiles: absent.reduce((sum, { count }) => sum + count, 0),
    examples: absent.flatMap(({ network, examples }) => examples.map(id => `${network}:${id}`)),
    message: absent[0]?.reason ?? null,
    since: run.created_at,
  }
}
