import type { CommitOptions, EndOptions, Walk } from '../../src/core/ports.ts'
import {
  exactly,
  type IncrementalPolicy,
  type Page,
  type PageRequest,
  type Pool,
  page,
  type RawPage,
  type Source,
  type Stream,
} from '../../src/core/stream.ts'
import type { TaskKind } from '../../src/core/task.ts'
import type { JobRequest } from '../../src/store/queue/add-jobs.ts'
import { EVERYTHING } from './params.ts'

/** Pages of each profile's list, and posts on each. */
export const PAGES = 4
export const POSTS = 3
/** Units of each call. */
export const UNITS = 2
export const CREDENTIAL = 'tiny-1'
export const OWNER = 'owner'

const DAY_MS = 86_400_000
const BEGINNING = Date.UTC(2026, 0, 1)

const INCREMENTAL: IncrementalPolicy = {
  overlapMs: DAY_MS,
  lookbackMs: DAY_MS,
  lagMs: 0,
  absence: { walks: 1, overMs: 0 },
}

const POOL: Pool = { name: 'calls', allowance: null, window: { kind: 'rolling', ms: 365 * DAY_MS } }

/** Only `posts` has pages; the others are there to wait in other ranks, and to share a walk. */
const KINDS: Readonly<Record<string, TaskKind>> = {
  posts: 'posts',
  profile: 'profile',
  comments: 'comments',
  likes: 'likes',
}

export const STREAMS = Object.keys(KINDS)

/** `n` = the page, from 0; `by` = who fetched it, kept in what it brings. */
export const postsOf = (entity: string, n: number, by = 'tiny'): Page =>
  page({
    records: Array.from({ length: POSTS }, (_, index) => ({
      type: 'post',
      id: `${entity}-${n}-${index}`,
      profileId: entity,
      caption: by,
      createdAt: new Date(BEGINNING - (n * POSTS + index) * 60_000).toISOString(),
    })),
    tail: new Date(BEGINNING - (n * POSTS + POSTS - 1) * 60_000).toISOString(),
    next: n + 1 < PAGES ? { n: n + 1 } : null,
  })

/** Where a walk stands: the page that it asks for next. */
export const placeOf = (cursor: unknown): number => (cursor === null ? 0 : Number(Object(cursor).n))

/** An answer as it was received. */
export const answer = (entity: string, n: number, by = 'tiny'): RawPage => {
  const json = { entity, n, by }
  const fetchedAt = '2026-03-01T12:00:00.000Z'
  return { parts: [{ request: { entity, n }, status: 200, fetchedAt, text: JSON.stringify(json), json }] }
}

const streamOf = (name: string): Stream => {
  const kind = KINDS[name]
  if (kind === undefined) throw new Error(`the tiny network has no stream ${name}`)
  return {
    name,
    kind,
    batch: 1,
    newestFirst: true,
    ...(name === 'posts' ? { lists: 'posts' } : {}),
    fetch: async ({ tasks, cursor }: PageRequest, { call }) =>
      call({ pool: 'calls', units: UNITS }, async () =>
        answer(tasks[0]?.externalId ?? '', placeOf(cursor), String(process.pid)),
      ),
    normalise: ({ parts }) => {
      const { entity, n, by } = Object(parts[0]?.json)
      return postsOf(entity, n, by)
    },
  }
}

/** A network that needs no way out: each profile has one list of posts, told from its name. */
export const tinySource = (network: string): Source => ({
  network,
  credential: CREDENTIAL,
  owner: OWNER,
  limits: { concurrency: exactly(1), perSecond: null, order: 'breadth-first', pools: [POOL] },
  incremental: INCREMENTAL,
  pricing: {} as Source['pricing'],
  streams: STREAMS.map(streamOf),
  opening: entity => ({ tasks: [{ stream: 'posts', externalId: entity }], skipped: [], exclusive: false }),
})

const opening: Omit<EndOptions, 'onward' | 'keepPlace'> = {
  lookUpAfter: () => null,
  shared: new Set(),
  rank: () => 0,
  streamOf,
  credential: null,
  owner: OWNER,
}

/** What a page of this walk is committed with. */
export const commitOptions = (walk: Pick<Walk, 'stream'>, keep = true): CommitOptions => ({
  ...opening,
  keep,
  room: null,
  stream: streamOf(walk.stream),
  incremental: INCREMENTAL,
  owners: new Set([OWNER]),
})

export const endOptions: EndOptions = { ...opening, onward: () => [], keepPlace: true }

/** A job of a run on each of these profiles, with these tasks, that read it anew. */
export const jobsOn = (
  network: string,
  runId: number,
  entities: readonly string[],
  { streams = ['posts'], shared = [] }: { streams?: readonly string[]; shared?: readonly string[] } = {},
): Extract<JobRequest, { how: 'open' }>[] =>
  entities.map(entityId => ({
    how: 'open',
    job: {
      runId,
      network,
      entityId,
      scopes: ['all'],
      params: EVERYTHING,
      traceId: 'trace',
      credential: null,
      kindOf: stream => streamOf(stream).kind,
      headedList: () => null,
      rank: kind => (kind === 'comments' || kind === 'likes' ? 1 : 0),
      shared: new Set(shared),
      retry: false,
      closedUntil: null,
    },
    carries: null,
    isFresh: false,
    overlapMs: 0,
    start: () => null,
    onward: () => [],
    opening: {
      tasks: streams.map(stream => ({ stream, externalId: entityId })),
      skipped: [],
      exclusive: false,
    },
  }))

export const RUN = { trigger: 'cli', scopes: ['all'], params: {}, traceId: 'trace' } as const

export const claimOf = (network: string, runId: number, count = 1) => ({
  ...{ runId, network, credential: CREDENTIAL, streams: STREAMS },
  ...{ failing: true, count },
})

/** One call's charge to a pool that nothing limits, unless it is said. */
export const chargeOf = (network: string, runId: number | null, allowance: number | null = null) => ({
  ...{ runId, network, owner: OWNER, pool: 'calls', units: UNITS, allowance },
  window: { start: BEGINNING, end: BEGINNING + 365 * DAY_MS },
})

/** A transform of the captions of a network, of the same name. */
export const transformOf = (network: string) => ({
  transform: network,
  version: '1',
  elements: ['posts.caption'] as const,
  filter: { networks: [network], kinds: null, since: null },
})
