import { instant } from '../../src/core/instant.ts'
import type { Params } from '../../src/core/params.ts'
import type { CommitOptions, EndOptions, Walk } from '../../src/core/ports.ts'
import {
  type Child,
  headedList,
  type IncrementalPolicy,
  type LookUp,
  type Page,
  page,
} from '../../src/core/stream.ts'
import type { TaskKind } from '../../src/core/task.ts'
import { isWider, startOf } from '../../src/core/watermark.ts'
import { boundsOf } from '../../src/store/queue/jobs.ts'
import { Store } from '../../src/store/store.ts'
import { tempFolder } from './cli.ts'
import { EVERYTHING } from './params.ts'
import { query, type Row } from './tables.ts'

export const DAY_MS = 86_400_000
const START = Date.UTC(2026, 2, 1, 12)
/** So many days after a file was opened; before it where negative. */
export const day = (days: number): string => instant(START + days * DAY_MS)

const POLICY: IncrementalPolicy = {
  overlapMs: DAY_MS,
  lookbackMs: DAY_MS,
  lagMs: 0,
  absence: { walks: 1, overMs: 0 },
}

const STREAMS: Readonly<
  Record<string, Pick<CommitOptions['stream'], 'lists'> & { readonly kind: TaskKind }>
> = {
  profile: { kind: 'profile' },
  posts: { kind: 'posts', lists: 'posts' },
  comments: { kind: 'comments', lists: 'comments' },
  replies: { kind: 'comments', lists: 'replies' },
  'look-up': { kind: 'posts' },
}

const POSTS: Child = { stream: 'posts', externalId: '1', next: 'start' }

/** The page of the profile `ada`, id 1, whose list of posts can be read. */
export const PROFILE = page({
  records: [{ type: 'profile', id: '1', username: 'ada' }],
  identities: [{ externalId: 'ada', entityId: 'ada', profileId: '1' }],
  children: [POSTS],
})
/** Posts of hers by their ids, made so many days before the file was opened. */
export const postsPage = (ids: Readonly<Record<string, number>>, part: Partial<Page> = {}): Page =>
  page({
    records: Object.entries(ids).map(([id, days]) => ({
      type: 'post',
      id,
      profileId: '1',
      createdAt: day(-days),
    })),
    ...part,
  })

export interface Night {
  /** The pages of each walk in turn, by its stream, by stream and what it is read from (`comments 7`), or as `posts rest`. */
  readonly pages: Readonly<Record<string, readonly Page[]>>
  /** Walks that fail where their pages end, and whether their place is worth another try; named like `pages`. */
  readonly fails?: Readonly<Record<string, 'place kept' | 'place lost'>>
  readonly params?: Partial<Params>
  readonly policy?: Partial<IncrementalPolicy>
  /** Set where the network can be asked by id about what a list did not bring. */
  readonly asks?: LookUp['asks']
}

export interface Scripted extends AsyncDisposable {
  readonly path: string
  readonly store: Store
  /** One run over the profile `ada`, its walks fed by the script; a day passes. Gives the walks that were read, in order. */
  read(night: Night): Promise<readonly string[]>
  rows(sql: string): Row[]
}

/** A store on a real file whose walks read pages of a script in the place of a network's answers. */
export const openScripted = async (): Promise<Scripted> => {
  const folder = tempFolder()
  const path = folder.file('socsync.db')
  let now = START
  const store = await Store.open({
    path,
    clock: { now: () => now, sleep: async () => {} },
    crash: () => {},
    keepRaw: false,
  })
  return {
    path,
    store,
    read: async night => {
      const walked = await readNight(store, night, now)
      now += DAY_MS
      return walked
    },
    rows: sql => query(path, sql),
    [Symbol.asyncDispose]: async () => {
      await store.close()
      folder[Symbol.dispose]()
    },
  }
}

const readNight = async (
  store: Store,
  { pages, fails = {}, params: wanted, policy: part, asks }: Night,
  now: number,
): Promise<readonly string[]> => {
  const params = { ...EVERYTHING, ...wanted }
  const incremental = { ...POLICY, ...part }
  const runId = await store.createRun({ trigger: 'cli', scopes: ['all'], params: {}, traceId: 'trace' })
  const job = {
    runId,
    traceId: 'trace',
    network: 'any',
    entityId: 'ada',
    scopes: ['all'] as const,
    params,
    credential: null,
    kindOf: (stream: string) => streamOf(stream).kind,
    headedList: (stream: string) => headedList({ newestFirst: true, ...streamOf(stream) }),
    rank: () => 0,
    shared: new Set<string>(),
    retry: false,
    closedUntil: null,
  }
  const [previous = null] = await store.findPrevious([
    { network: 'any', entityId: 'ada', bounds: boundsOf(job.scopes, params) },
  ])
  const reading = {
    opening: { tasks: [{ stream: 'profile', externalId: 'ada' }], skipped: [], exclusive: false },
    start: (marks: Parameters<typeof startOf>[0]) => startOf(marks, params, incremental, 30 * DAY_MS, now),
    widens: (marks: Parameters<typeof startOf>[0]) => isWider(marks, params, incremental, 30 * DAY_MS, now),
    carries: previous?.isUnfinished || previous?.fails ? previous : null,
    isFresh: false,
    overlapMs: incremental.overlapMs,
    onward: () => [POSTS],
  }
  await store.addJobs([{ how: 'open', job, ...reading }], new Map())
  const claim = {
    ...{ runId, network: 'any', credential: 'any-1', streams: Object.keys(STREAMS) },
    ...{ failing: true, count: 1 },
  }
  const walked: string[] = []
  const opening: Omit<EndOptions, 'onward' | 'keepPlace'> = {
    lookUpAfter: list => (asks !== undefined && list === 'posts' ? { stream: 'look-up', asks } : null),
    shared: new Set(),
    rank: () => 0,
    streamOf,
    credential: null,
    owner: 'owner',
  }
  for (let [walk] = await store.claim(claim); walk !== undefined; [walk] = await store.claim(claim)) {
    const name = nameOf(walk, pages)
    walked.push(name)
    let read = 0
    for (let at: Walk | null = walk; at !== null; ) {
      const answer = pages[name]?.[read++]
      if (answer === undefined) {
        const failed = fails[name]
        if (failed === undefined) throw new Error(`the script has no page ${read - 1} of ${name}`)
        const ending = { status: 'failed', reason: null, errorType: 'network_error', message: 'no' } as const
        await store.end(at, ending, { ...opening, keepPlace: failed === 'place kept', onward: () => [POSTS] })
        break
      }
      const stream = { newestFirst: true, ...streamOf(at.stream) }
      const committed = await store.commit(at, { parts: [] }, answer, {
        ...{ keep: true, room: null, stream, incremental, owners: new Set(['owner']) },
        ...opening,
      })
      at = committed?.walk ?? null
    }
  }
  return walked
}

const nameOf = ({ stream, tasks }: Walk, pages: Night['pages']): string => {
  const [task] = tasks
  if (task?.part) return `${stream} rest`
  const whole = `${stream} ${task?.externalId}`
  return whole in pages ? whole : stream
}

const streamOf = (name: string): (typeof STREAMS)[string] => {
  const stream = STREAMS[name]
  if (stream === undefined) throw new Error(`the script has no stream ${name}`)
  return stream
}

/** Comments of a post to be read. */
export const commentsOf = (postId: string, declared: number): Child => ({
  stream: 'comments',
  externalId: postId,
  postId,
  next: 'start',
  declared,
})
