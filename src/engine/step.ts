import { FaultError } from '../core/fault.ts'
import type { Params } from '../core/params.ts'
import type { CommitOptions, Committed, CrashPoint, Walk, WalkStore } from '../core/ports.ts'
import { NO_SPAN, type Span, within } from '../core/span.ts'
import {
  page as emptyPage,
  type FetchContext,
  type Page,
  type PageRequest,
  type RawPage,
  type Source,
  type Stream,
} from '../core/stream.ts'
import type { TaskKind } from '../core/task.ts'
import { trim } from '../core/trim.ts'
import { limitOf } from '../core/verdict.ts'
import type { Lane } from './lane.ts'
import { sharedStreams } from './share.ts'

/** What a step needs beside its walk. */
export interface StepContext {
  readonly store: WalkStore
  readonly lane: Lane
  readonly signal: AbortSignal
  readonly crash: CrashPoint
  /** Whether this worker goes on with the walk after this page. */
  readonly keep: boolean
  /** Of each call. */
  readonly mostTries: number
  /** Whose credentials this run has on the network. */
  readonly owners: ReadonlySet<string>
  /** Of the walk; left out = nobody records. */
  readonly span?: Span
}

/**
 * The way of one page, from the cursor to the commit (docs/design.md §3). Null = the walk is no longer this worker's.
 * Throws the fault of a call that was not to be tried again; nothing of the page is stored then.
 */
export const step = (walk: Walk, context: StepContext): Promise<Committed | null> => {
  const { network, stream, id, seq } = walk
  const about = () => ({ network, stream, walk_id: id, seq })
  return within(context.span ?? NO_SPAN, 'page', about, span => stepWithin(walk, context, span))
}

const stepWithin = async (
  walk: Walk,
  { store, lane, signal, crash, keep, mostTries, owners }: StepContext,
  span: Span,
): Promise<Committed | null> => {
  const stream = streamOf(lane.source, walk.stream)
  const room = stream.looksUp === undefined ? roomOf(walk) : null
  const asked = stream.looksUp === undefined ? null : await store.lookUp(walk, stream.looksUp)
  const request: PageRequest = { ...requestOf(walk, room), ...(asked && { ids: asked.ids }) }

  crash('page.asked')
  const raw =
    asked?.ids.length === 0
      ? NO_ANSWER
      : await stream.fetch(request, {
          ...lane.context(signal, mostTries, span),
          ...storedOf(store, walk.network),
        })
  crash('page.fetched')
  const kindOf = (name: string): TaskKind => streamOf(lane.source, name).kind
  const { params } = walk
  const limits = { room, perPost: params.limitComments, kindOf }
  const brought = raw === NO_ANSWER ? emptyPage({}) : read(stream, raw, request)
  const page = trim(wanted(brought, kindOf, params), walk.kind, limits)
  // Where a look-up goes on is the store's to say; a page of it that finds nothing is no sign of a loop.
  const placed = asked === null ? page : { ...page, next: asked.next, window: asked.ids[0] ?? null }
  const about = () => ({ network: walk.network, stream: walk.stream, walk_id: walk.id })
  const committed = await within(span, 'commit', about, () =>
    store.commit(walk, raw, placed, {
      keep,
      room,
      stream,
      incremental: lane.source.incremental,
      owners,
      ...openingOptions(lane.source, walk),
    }),
  )
  crash('page.committed')
  return committed
}

/** What a stream may know of what is stored. */
export const storedOf = (
  store: WalkStore,
  network: string,
): Pick<FetchContext, 'known' | 'there' | 'counters' | 'observed'> => ({
  known: ids => store.known(network, ids),
  there: (subject, ids) => store.there(network, subject, ids),
  counters: ids => store.counters(network, ids),
  observed: counters => store.observed(network, counters),
})

/** What tasks are opened with that a walk, or its end, leads to. */
export const openingOptions = (
  source: Source,
  { params, credential }: Pick<Walk, 'params' | 'credential'>,
): Pick<CommitOptions, 'lookUpAfter' | 'shared' | 'rank' | 'streamOf' | 'credential' | 'owner'> => ({
  lookUpAfter: list => lookUpAfter(source, list),
  shared: sharedStreams(source, params),
  rank: kind => rankOf(source, kind),
  streamOf: name => streamOf(source, name),
  credential,
  owner: source.owner,
})

/** What a walk asks for where it stands. */
export const requestOf = (
  { tasks, cursor, params, startedAt }: Walk,
  room: number | null = null,
): PageRequest => ({ tasks, cursor, params, startedAt, room })

export const streamOf = ({ network, streams }: Source, name: string): Stream => {
  const stream = streams.find(candidate => candidate.name === name)
  if (stream === undefined) throw new Error(`${network} has no stream ${name}`)
  return stream
}

/** What a look-up brings that has nothing to ask about. */
const NO_ANSWER: RawPage = { parts: [] }

const lookUpAfter = ({ streams }: Source, list: string): ReturnType<CommitOptions['lookUpAfter']> => {
  const found = streams.find(({ looksUp }) => looksUp?.after.includes(list))
  return found?.looksUp === undefined ? null : { stream: found.name, asks: found.looksUp.asks }
}

/** Reads the answers; what the stream cannot read at all is the fault `unreadable`, the answer kept with it. */
const read = (stream: Stream, raw: RawPage, request: PageRequest): Page => {
  try {
    return stream.normalise(raw, request)
  } catch (error) {
    if (error instanceof FaultError) throw error
    throw new FaultError(
      { kind: 'unreadable', code: 'normalise' },
      `an answer of ${stream.name} could not be read`,
      {
        cause: error,
      },
    )
  }
}

/** Leaves out children of kinds that the user did not ask for. */
const wanted = (page: Page, kindOf: (stream: string) => TaskKind, params: Params): Page => ({
  ...page,
  children: page.children.filter(child => params.kinds.includes(kindOf(child.stream))),
})

/** How many items the user's limit still allows; a walk of several tasks has none. */
const roomOf = (walk: Walk): number | null => {
  const limit = limitOf(walk.kind, walk.params)
  return limit === null || walk.tasks.length > 1 ? null : Math.max(0, limit - walk.streak.brought)
}

const RANKS: Readonly<Record<TaskKind, number>> = { profile: 0, posts: 0, comments: 1, likes: 1 }

/** Breadth first: profiles and posts of all, then comments and likes. By entity: all the same, jobs take turns. */
export const rankOf = (source: Source, kind: TaskKind): number =>
  source.limits.order === 'breadth-first' ? RANKS[kind] : 0
