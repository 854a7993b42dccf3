import type { Emit } from '../core/events.ts'
import type { Params } from '../core/params.ts'
import { exactly, type Opening, type Source, type Widths } from '../core/stream.ts'
import { Lane, type LaneOptions } from '../engine/lane.ts'
import type { Credential, Network } from '../networks/contract.ts'
import { recall } from '../store/queue/memory.ts'
import { withReaderIfCurrent } from '../store/reader.ts'
import type { Store } from '../store/store.ts'
import type { Toolbox } from './toolbox.ts'

/** A network opened with each of its credentials. */
export interface OpenNetwork {
  readonly network: Network
  readonly sources: readonly Source[]
}

/** Where what is learned about networks is kept. */
type MemoryStore = Pick<Store, 'recall' | 'remember'>

/** Keeps nothing: for networks that are opened to be looked at. */
export const NO_MEMORY: MemoryStore = { recall: async () => new Map(), remember: () => {} }

/** What a database knows of networks, and nothing is added to it: for those that are opened to be asked for their prices. */
export const readOnlyMemory = (path: string): MemoryStore => ({
  recall: network => withReaderIfCurrent(path, async db => (db === null ? new Map() : recall(db, network))),
  remember: () => {},
})

/** The network as its first credential sees it: what is the same for all of them. */
export const firstSource = ({ sources: [source] }: OpenNetwork): Source => {
  if (source === undefined) throw new Error('a network is opened with at least one credential')
  return source
}

/** The same for who stores what they tell: people are covered where they are not to be stored as they are. */
export const openStoredNetworks = async (
  ...[names, networks, toolbox, store]: Parameters<typeof openNetworks>
): Promise<Map<string, OpenNetwork>> => {
  const open = await openNetworks(names, networks, toolbox, store)
  const people = await toolbox.people()
  if (people === null) return open
  return new Map(
    [...open].map(([name, { network, sources }]) => [
      name,
      { network, sources: sources.map(source => people.cover(source)) },
    ]),
  )
}

/** Opens the networks of these names. Throws NoCredential for one without. */
export const openNetworks = async (
  names: readonly string[],
  networks: readonly Network[],
  toolbox: Toolbox,
  store: MemoryStore,
): Promise<Map<string, OpenNetwork>> => {
  const open = new Map<string, OpenNetwork>()
  for (const network of networks.filter(({ name }) => names.includes(name))) {
    open.set(network.name, await openNetwork(network, toolbox.credentials(network), store, toolbox))
  }
  return open
}

/** Opens a network once per credential, with what was learned about it before. */
const openNetwork = async (
  network: Network,
  credentials: readonly Credential[],
  store: MemoryStore,
  toolbox: Toolbox,
): Promise<OpenNetwork> => {
  const known = await store.recall(network.name)
  const memory = {
    get: (key: string) => known.get(key),
    set: (key: string, value: Parameters<Store['remember']>[2]) => {
      known.set(key, value)
      store.remember(network.name, key, value)
    },
  }
  const sources = credentials.map(credential =>
    network.open({
      credential,
      baseUrl: toolbox.baseUrl(network),
      http: toolbox.http,
      clock: toolbox.clock,
      memory,
      insights: toolbox.insights(network),
      renew: toolbox.renew(network, credential),
    }),
  )
  return { network, sources }
}

/** Where a job on a profile starts, by the first credential that can serve it; null = none can. */
export const openingOf = (
  { sources }: OpenNetwork,
  entityId: string,
  params: Params,
): { opening: Opening; credential: string | null; source: Source } | null => {
  for (const source of sources) {
    const opening = source.opening(entityId, params)
    if (opening !== null) return { opening, credential: opening.exclusive ? source.credential : null, source }
  }
  return null
}

export interface OpenLanesOptions {
  readonly runId: number
  readonly concurrency: number | null
  readonly maxWaitMs: number
  /** {@link LaneOptions.isLimited} */
  readonly isLimited: boolean
  readonly emit: Emit
}

/** A lane for each credential. The calls in flight that the user allows are shared out among a network's lanes. */
export const openLanes = (
  open: readonly OpenNetwork[],
  store: Store,
  toolbox: Toolbox,
  options: OpenLanesOptions,
): Lane[] =>
  open.flatMap(({ sources }) =>
    sources.map(
      (source, index) =>
        new Lane({
          source,
          runId: options.runId,
          concurrency: widthsOf(options.concurrency, source, sources.length, index),
          ledger: store,
          clock: toolbox.clock,
          emit: options.emit,
          maxWaitMs: options.maxWaitMs,
          isLimited: options.isLimited,
          random: Math.random,
        }),
    ),
  )

/** A number that the user gives stays as it is. */
const widthsOf = (given: number | null, { limits }: Source, lanes: number, index: number): Widths => {
  const { start, most } = given === null ? limits.concurrency : exactly(given)
  return { start: share(start, lanes, index), most: share(most, lanes, index) }
}

const share = (total: number, lanes: number, index: number): number =>
  Math.max(1, Math.floor(total / lanes) + (index < total % lanes ? 1 : 0))
