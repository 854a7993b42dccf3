import type { EntityKind } from '../../core/entity.ts'
import { BadInput } from '../../core/errors.ts'
import type { Emit } from '../../core/events.ts'
import type { Params, Queries } from '../../core/params.ts'
import { kindsOf, type Scope } from '../../core/scope.ts'
import type { TransformDefinition } from '../../core/transform.ts'
import type { Network } from '../../networks/contract.ts'
import type { Trigger } from '../../store/queue/orders.ts'
import type { Purpose } from '../../store/queue/sharing.ts'
import type { Settings } from '../config/settings.ts'
import type { EstimateOptions } from '../cost/estimate.ts'
import type { IdInput, ListOptions } from '../ids/ids.ts'
import type { Toolbox } from '../toolbox.ts'
import type { Expected } from './expected.ts'

/** How a run works, whatever it works on. */
export interface WorkSettings {
  readonly db: string
  readonly networks: readonly Network[]
  /** Calls in flight per network; null = what the network's limits say. */
  readonly concurrency: number | null
  readonly maxWaitMs: number
  /** Units that the run may spend, or null. */
  readonly budget: number | null
  readonly keepRaw: boolean
  /** The transforms that what lands is queued for. */
  readonly transforms?: readonly TransformDefinition[]
  readonly trigger: Trigger
  /** The schedule that it is a run of; left out = none. */
  readonly schedule?: string
  /** What its worker is there for; left out = this run. */
  readonly purpose?: Purpose
  /** The run that was ordered before and is done now (`orders.ts`); left out = one is made. */
  readonly adopt?: number
  readonly emit: Emit
  /** Aborted: no further page is begun. */
  readonly stop: AbortSignal
  /** Aborted: calls in flight are cut off. */
  readonly kill: AbortSignal
  /** Whether `planned` is told what is to be expected, where that can be said. */
  readonly expects?: boolean
  /** Told once how many jobs there are by network, and what is before them, before the first call; and the run's trace. */
  planned?(
    runId: number,
    jobs: ReadonlyMap<string, number>,
    expected: ReadonlyMap<string, Expected>,
    traceId: string,
  ): void
}

export interface RunRequest {
  readonly ids: IdInput
  /** The network of all ids, or null: each line says its own. */
  readonly network: string | null
  /** What ids point at that do not say it by themselves; left out = profiles. */
  readonly as?: EntityKind | undefined
  readonly scopes: readonly Scope[]
  readonly params: Omit<Params, 'kinds'>
  /** True: no profile is read further back than it is covered (`--since last`); left out = as far as `since` says. */
  readonly sinceLast?: boolean
  /** A profile is read whole again where its last full pass lies so far back. */
  readonly fullEveryMs: number
  /** A profile whose last reading began less than this before is only gone on with. */
  readonly refreshAfterMs: number
  readonly fresh: boolean
  /** True: profiles that another run holds are waited for, not skipped. */
  readonly wait: boolean
}

export interface ResumeRequest {
  readonly which: { readonly jobs: readonly number[] } | { readonly runId: number } | 'all'
}

/** How the list of a request is read. */
export const listOptionsOf = (
  { network, as, params: { queries = {} } }: Pick<RunRequest, 'network' | 'as' | 'params'>,
  networks: readonly Network[],
): ListOptions => ({ network, networks, queries, ...(as !== undefined && { as }) })

/** From when to when, as far as it is said. */
export type Bounds = Partial<Pick<Params, 'since' | 'until' | 'sinceId' | 'untilId'>>

/** What a request says in the words of the settings; from when to when it says by itself. */
export const fromSettings = (
  settings: Settings,
  bounds: Bounds,
  queries: Queries,
): Pick<RunRequest, 'scopes' | 'params' | 'fullEveryMs' | 'refreshAfterMs'> => ({
  scopes: settings.scope,
  fullEveryMs: settings.fullEvery,
  refreshAfterMs: settings.refreshAfter,
  params: {
    since: null,
    until: null,
    sinceId: null,
    untilId: null,
    ...bounds,
    limitPosts: settings.limitPosts,
    limitComments: settings.limitComments,
    replies: settings.replies,
    lists: settings.lists,
    ...(Object.keys(queries).length > 0 && { queries }),
    lookbackMs: settings.lookback,
  },
})

/** BadInput where a list is asked for by name, in `place`, that the network does not have or no scope of the run asks for; `network` null = each line says its own. */
export const checkLists = (
  lists: Params['lists'],
  { scopes, network }: Pick<RunRequest, 'scopes' | 'network'>,
  networks: readonly Network[],
  place: string,
): void => {
  const of = networks.find(({ name }) => name === network)
  const strange = lists.find(name => of !== undefined && of.lists[name] === undefined)
  if (of !== undefined && strange !== undefined) {
    const known = Object.keys(of.lists)
    throw new BadInput(`${place} ${strange} is no list that profiles of ${of.title} show`, {
      hint: known.length === 0 ? 'they show none: leave it out' : `allowed: ${known.join(', ')}`,
    })
  }
  if (!lists.includes('liked') || kindsOf(scopes).includes('likes')) return
  throw new BadInput(`${place} liked takes the scope likes or all, and the scope is ${scopes.join(',')}`)
}

/** A run's request as far as it matters for the price. */
export const estimateOptionsOf = (
  request: RunRequest,
  settings: Pick<WorkSettings, 'concurrency'>,
  toolbox: Toolbox,
): EstimateOptions => ({
  scopes: request.scopes,
  params: { ...request.params, kinds: kindsOf(request.scopes) },
  sinceLast: request.sinceLast ?? false,
  fullEveryMs: request.fullEveryMs,
  refreshAfterMs: request.refreshAfterMs,
  fresh: request.fresh,
  concurrency: settings.concurrency,
  now: toolbox.clock.now(),
})

/** Why a run stops that somebody cancelled: nobody goes on with it. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
}
