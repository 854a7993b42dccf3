import { kindOfEntity, type Listed, PLURALS } from '../../core/entity.ts'
import { FAILING_TRIES } from '../../core/failing.ts'
import { goOnHow } from '../../core/going-on.ts'
import { instant } from '../../core/instant.ts'
import { type Params, paramsFor } from '../../core/params.ts'
import {
  type Assumptions,
  type Cost,
  type CostAccumulator,
  NONE,
  type ProfileFacts,
  plus,
  type Range,
  type Remaining,
  through,
  times,
} from '../../core/price.ts'
import type { Scope } from '../../core/scope.ts'
import type { Source } from '../../core/stream.ts'
import { isWider, startOf, wantedOf } from '../../core/watermark.ts'
import { gapOf } from '../../engine/admission.ts'
import { boundsOf } from '../../store/queue/jobs.ts'
import { lastSince } from '../../store/queue/watermarks.ts'
import type { Db } from '../../store/reader.ts'
import { measureAverages, measureCall } from '../../store/reports/averages.ts'
import type { KnownProfile } from '../../store/reports/stored-profiles.ts'
import { firstSource, type OpenNetwork, openingOf } from '../open-networks.ts'
import { readFacts, readKnown } from './facts.ts'
import { forecast, type PoolForecast } from './quota-forecast.ts'
import { SeenNames } from './seen-names.ts'

/** Profiles are asked about this many at once: a list of ten million costs no memory. */
const BATCH = 500

export interface EstimateOptions {
  readonly scopes: readonly Scope[]
  readonly params: Params
  /** True: no profile is read further back than it is covered (`--since last`). */
  readonly sinceLast: boolean
  /** A profile is read whole again where its last full pass lies so far back. */
  readonly fullEveryMs: number
  /** A profile whose last reading began less than this before is only gone on with. */
  readonly refreshAfterMs: number
  /** True: unfinished jobs of the same profile are not continued. */
  readonly fresh: boolean
  /** Calls in flight per network; null = what the network's limits say. */
  readonly concurrency: number | null
  /** Epoch ms. */
  readonly now: number
}

/** What a run would cost on one network, a unit a call. */
export interface NetworkEstimate {
  readonly network: string
  readonly listed: Listed
  /** Of these: which is stored or known to be gone, whose lists are read from where they were left, whose job is continued. */
  readonly stored: number
  readonly incremental: number
  readonly continued: number
  readonly costs: readonly Cost[]
  readonly calls: Range
  readonly pools: readonly PoolForecast[]
  readonly seconds: Range
  readonly secondsPerCall: number
  /** Where the pace comes from: runs of this file, or an assumption. */
  readonly measured: boolean
  readonly assumptions: readonly Assumption[]
}

/** Something that was not known, and what was taken in its place. */
export interface Assumption extends Range {
  readonly name: keyof Assumptions
  /** How many stored things it was measured on; 0 = assumed. */
  readonly measuredOn: number
}

type Ids = AsyncIterable<{ readonly network: string; readonly entityId: string }>

/**
 * What a run over these profiles would cost, from what is stored and, where nothing is, from stated assumptions.
 * `db` null = there is no file yet. Each batch is read as the file is then: a list of ten million takes minutes, for which no
 * log should grow, and what a run writes meanwhile is less than the range.
 */
export const estimate = async (
  ids: Ids,
  open: ReadonlyMap<string, OpenNetwork>,
  db: Db | null,
  options: EstimateOptions,
): Promise<readonly NetworkEstimate[]> => {
  const meters = new Map<string, Meter>()
  for (const [name, network] of open) meters.set(name, await Meter.open(network, db, options))
  for await (const { network, entityId } of ids) {
    const meter = meters.get(network)
    if (meter === undefined) throw new Error(`network ${network} was not opened`)
    await meter.add(entityId)
  }
  const estimates: NetworkEstimate[] = []
  for (const meter of meters.values()) estimates.push(await meter.close())
  return estimates
}

/** Prices the profiles of one network, batch by batch. */
class Meter {
  readonly #network: OpenNetwork
  readonly #db: Db | null
  readonly #options: EstimateOptions
  readonly #assumptions: readonly Assumption[]
  readonly #accumulators = new Map<string, CostAccumulator>()
  /** Of what failed in an earlier run: as if each took a call. */
  readonly #sick = new Map<string, CostAccumulator>()
  readonly #seen = new SeenNames()
  #batch: string[] = []
  readonly #listed = { profiles: 0, posts: 0, playlists: 0, tags: 0, searches: 0 }
  #stored = 0
  #incremental = 0
  #continued = 0
  #guessesPosts = false
  #guessesTalk = false

  private constructor(
    network: OpenNetwork,
    db: Db | null,
    options: EstimateOptions,
    assumptions: readonly Assumption[],
  ) {
    this.#network = network
    this.#db = db
    this.#options = options
    this.#assumptions = assumptions
  }

  static async open(network: OpenNetwork, db: Db | null, options: EstimateOptions): Promise<Meter> {
    const { name } = network.network
    const { pricing } = firstSource(network)
    const measured = db === null ? null : await measureAverages(db, name, pricing)
    const assumptions = NAMES.map((name): Assumption => {
      const found = measured?.[name] ?? null
      return { name, ...(found?.range ?? pricing.assumed[name]), measuredOn: found?.sample ?? 0 }
    })
    return new Meter(network, db, options, assumptions)
  }

  async add(entityId: string): Promise<void> {
    this.#batch.push(entityId)
    if (this.#batch.length === BATCH) await this.#flush()
  }

  async close(): Promise<NetworkEstimate> {
    if (this.#batch.length > 0) await this.#flush()
    const sick = [...this.#sick.values()].flatMap(accumulator => accumulator.costs())
    const costs = rounded([
      ...[...this.#accumulators.values()].flatMap(accumulator => accumulator.costs()),
      ...sick.map(cost => ({ ...cost, calls: times(cost.calls, TRIES) })),
    ])
    const calls = costs.reduce((sum, cost) => plus(sum, cost.calls), NONE)
    const { network, sources } = this.#network
    const { limits, pricing } = firstSource(this.#network)
    const owners = new Set(sources.map(({ owner }) => owner)).size
    const measured = this.#db === null ? null : await measureCall(this.#db, network.name)
    const inFlight = this.#options.concurrency ?? limits.concurrency.start
    // As the turns of each owner's calls really lie.
    const pace = limits.perSecond === null ? 0 : gapOf(limits.perSecond) / 1000 / owners
    const secondsPerCall = Math.max(pace, measured ?? pricing.secondsPerCall / inFlight)
    const seconds = through(calls, n => n * secondsPerCall)
    const { now } = this.#options
    return {
      network: network.name,
      listed: { ...this.#listed },
      stored: this.#stored,
      incremental: this.#incremental,
      continued: this.#continued,
      costs,
      calls,
      pools: await forecast(costs, sources, this.#db, { now, seconds }),
      seconds,
      secondsPerCall,
      measured: measured !== null,
      assumptions: this.#used(costs),
    }
  }

  async #flush(): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    for (const [params, ids] of await this.#bounded(batch)) await this.#add(ids, params)
  }

  /** Profiles by the parameters that hold for them: `--since last` begins with each where that one is covered from, and each search has its query. */
  async #bounded(ids: readonly string[]): Promise<readonly (readonly [Params, readonly string[]])[]> {
    const { params, sinceLast } = this.#options
    const begins =
      !sinceLast || this.#db === null
        ? null
        : await lastSince(this.#db, this.#network.network.name, ids, params.kinds)
    const sinceOf = (id: string) => (begins === null ? params.since : (begins.get(id) ?? null))
    const isSearch = (id: string) => kindOfEntity(id) === 'search'
    const groups = Map.groupBy(
      ids.filter(id => !isSearch(id)),
      sinceOf,
    )
    const { queries: _, ...others } = params
    return [
      ...[...groups].map(([since, of]) => [{ ...others, since }, of] as const),
      ...ids.filter(isSearch).map(id => [{ ...paramsFor(id, params), since: sinceOf(id) }, [id]] as const),
    ]
  }

  async #add(ids: readonly string[], params: Params): Promise<void> {
    const { scopes, fresh } = this.#options
    const bounds = fresh ? null : boundsOf(scopes, params)
    const known = await readKnown(this.#db, this.#network.network.name, ids, bounds)
    const profiles = known.filter(({ entityId }) => this.#seen.add(entityId))
    for (const [source, group] of Map.groupBy(profiles, profile => this.#sourceOf(profile))) {
      if (source !== null) await this.#price(source, group, params)
    }
    for (const { entityId } of profiles) this.#listed[PLURALS[kindOfEntity(entityId)]]++
  }

  /** The credential that would read it; null = none can, which costs nothing. */
  #sourceOf({ entityId }: KnownProfile): Source | null {
    const found = openingOf(this.#network, entityId, this.#options.params)
    return found === null || found.opening.tasks.length === 0 ? null : found.source
  }

  async #price(source: Source, profiles: readonly KnownProfile[], params: Params): Promise<void> {
    const { fullEveryMs, now } = this.#options
    const started = profiles.map(profile => {
      const wanted = wantedOf(profile.entityId, params, profile.watermarks)
      const how = [profile.watermarks, wanted, source.incremental, fullEveryMs, now] as const
      return { ...profile, from: startOf(...how), widens: isWider(...how) }
    })
    const factsOf = await readFacts(this.#db, source, started, params, now)
    const accumulator = this.#accumulatorOf(source, params)
    for (const one of started) {
      const { before, profileId: _, ...profile } = one
      const how = before === null ? 'open' : goOnHow(before, { ...this.#options, params }, before.isCutShort)
      if (how === 'leave') continue
      const { remaining, ...facts } = factsOf(one)
      const known = { ...profile, ...facts }
      const carried = how === 'continue' ? (remaining ?? []) : carriedOf(remaining ?? [], source)
      const [sick = [], healthy = []] = [true, false].map(fails =>
        carried.filter(each => each.fails === fails),
      )
      this.#note({ ...known, remaining: how === 'continue' || carried.length > 0 ? carried : null })
      // A list whose rest is read apart is read down to where that begins.
      const isHead =
        healthy.length + sick.length > 0 && carried.some(({ stream }) => isPostList(source, stream))
      const from = isHead && before !== null ? (known.from ?? before.readAt) : known.from
      if (how === 'open') accumulator.add({ ...known, from, remaining: null })
      if (healthy.length > 0) accumulator.add({ ...known, remaining: healthy })
      const inVain = sick.map(each => ({ ...each, incremental: true }))
      if (sick.length > 0)
        this.#accumulatorOf(source, params, this.#sick).add({ ...known, remaining: inVain })
    }
  }

  /** What jobs share they share within equal bounds. */
  #accumulatorOf(source: Source, params: Params, of = this.#accumulators): CostAccumulator {
    const key = `${source.credential} ${params.since}`
    const known = of.get(key)
    if (known !== undefined) return known
    const assumed = Object.fromEntries(
      this.#assumptions.map(({ name, low, likely, high }) => [name, { low, likely, high }]),
    ) as Record<keyof Assumptions, Range>
    const accumulator = source.pricing.open(params, assumed, instant(this.#options.now))
    of.set(key, accumulator)
    return accumulator
  }

  #note(known: ProfileFacts): void {
    const { stored, gone, whole, posts, postsCount, from, remaining: left } = known
    if (stored || gone) this.#stored++
    if (left !== null) this.#continued++
    else if (from !== null) this.#incremental++
    if (gone || from !== null || !this.#options.params.kinds.includes('posts')) return
    const isProfile = kindOfEntity(known.entityId) === 'profile'
    this.#guessesPosts ||= !stored && isProfile
    this.#guessesTalk ||= !stored || (isProfile && !whole && posts.count < (postsCount ?? 0))
  }

  /** The assumptions that the price really rests on. */
  #used(costs: readonly Cost[]): readonly Assumption[] {
    const ofComments = costs.some(({ kind, calls }) => kind === 'comments' && calls.high > calls.low)
    const uses: Readonly<Record<keyof Assumptions, boolean>> = {
      postsPerProfile: this.#guessesPosts,
      commentsPerPost: this.#guessesTalk && ofComments,
      threadsPerComment: ofComments,
      replyCallsPerComment: ofComments,
    }
    return this.#assumptions.filter(({ name, low, high }) => uses[name] && low < high)
  }
}

/** What failed before is tried up to so often in a run, or refused at once. */
const TRIES: Range = { low: 1, likely: 2, high: FAILING_TRIES }

const isPostList = ({ streams }: Source, name: string): boolean =>
  streams.some(stream => stream.name === name && stream.lists === 'posts')

/** What a new reading carries along: not what it opens itself, the profile and a list of posts that was not begun. */
const carriedOf = (left: readonly Remaining[], source: Source): readonly Remaining[] =>
  left.filter(({ stream, items }) => {
    const kind = source.streams.find(({ name }) => name === stream)?.kind
    return kind !== 'profile' && (items > 0 || !isPostList(source, stream))
  })

const NAMES = [
  'postsPerProfile',
  'commentsPerPost',
  'threadsPerComment',
  'replyCallsPerComment',
] as const satisfies readonly (keyof Assumptions)[]

/** Whole calls, equal kinds and pools together, in order of work. */
const rounded = (costs: readonly Cost[]): readonly Cost[] => {
  const groups = Map.groupBy(costs, ({ kind, pool }) => `${kind} ${pool}`)
  return [...groups.values()]
    .flatMap(([first, ...others]) =>
      first === undefined
        ? []
        : [{ ...first, calls: others.reduce((sum, { calls }) => plus(sum, calls), first.calls) }],
    )
    .map(cost => ({ ...cost, calls: through(cost.calls, Math.round) }))
    .toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
}

const ORDER = ['profile', 'posts', 'comments', 'likes']
