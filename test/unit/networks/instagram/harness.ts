import { readFileSync } from 'node:fs'
import type { Clock } from '../../../../src/core/clock.ts'
import { FaultError } from '../../../../src/core/fault.ts'
import type { Json } from '../../../../src/core/json.ts'
import type { Params } from '../../../../src/core/params.ts'
import type { Snapshot, SocialRecord } from '../../../../src/core/records.ts'
import type {
  Child,
  Cursor,
  Page,
  PageRequest,
  RawPage,
  RawPart,
  Source,
  Stream,
  TaskRef,
} from '../../../../src/core/stream.ts'
import { Lane } from '../../../../src/engine/lane.ts'
import type { Http } from '../../../../src/http/http.ts'
import type { Insights, Memory } from '../../../../src/networks/contract.ts'
import { instagram } from '../../../../src/networks/instagram/index.ts'
import { EVERYTHING } from '../../../support/params.ts'
import { taskRef } from '../../../support/task-ref.ts'

/** What a plain `--scope posts` wants. */
export const PARAMS: Params = { ...EVERYTHING, kinds: ['profile', 'posts'] }

export const COMMENTS: Params = { ...PARAMS, kinds: ['profile', 'posts', 'comments'] }

export const OWN = '17841400000000001'

export const openMemory = (): Memory & { readonly values: Map<string, Json> } => {
  const values = new Map<string, Json>()
  return { values, get: key => values.get(key), set: (key, value) => void values.set(key, value) }
}

const CLOSED: Http = { send: () => Promise.reject(new Error('no call expected')) }
const STILL: Clock = { now: () => 0, sleep: async () => {} }

/** The adapter as the app opens it; without `http` it makes no calls. */
export const openInstagram = (
  values: Readonly<Record<string, string>>,
  { baseUrl = null, http = CLOSED, clock = STILL, memory = openMemory(), insights = {} }: OpenWith = {},
): Source =>
  instagram.open({
    credential: {
      kind: 'user token',
      name: 'instagram-1',
      values: { access_token: 'EAAinvented', ...values },
    },
    baseUrl,
    http,
    clock,
    memory,
    insights,
    renew: async (stale, make) => ({ ...stale, ...(await make(stale)) }),
  })

interface OpenWith {
  readonly baseUrl?: string | null
  readonly http?: Http
  readonly clock?: Clock
  readonly memory?: Memory
  readonly insights?: Insights
}

export const streamOf = (source: Source, name: string): Stream => {
  const stream = source.streams.find(candidate => candidate.name === name)
  if (stream === undefined) throw new Error(`no stream ${name}`)
  return stream
}

/** A first page of one task. */
export const requestFor = (
  stream: Stream,
  task: Partial<TaskRef> & Pick<TaskRef, 'externalId'>,
  more: Partial<PageRequest> = {},
): PageRequest => ({
  tasks: [taskRef(stream, task.externalId, task)],
  cursor: null,
  params: PARAMS,
  room: null,
  startedAt: '2026-03-01T12:00:00.000Z',
  ...more,
})

/** A stored answer, `{ query, status?, body }`, as the part of a raw page. */
export const readPart = (name: string): RawPart => {
  const text = readFileSync(new URL(`../../../fixtures/instagram/${name}.json`, import.meta.url), 'utf8')
  const { query, status = 200, body } = JSON.parse(text)
  const request = { method: 'GET', path: '/v26.0/x', query }
  return { request, status, fetchedAt: '2026-03-01T12:00:00.000Z', text: JSON.stringify(body), json: body }
}

/** What a stream makes of stored answers. */
export const normalise = (
  name: string,
  task: Partial<TaskRef> & Pick<TaskRef, 'externalId'>,
  more: Partial<PageRequest>,
  ...parts: readonly RawPart[]
): Page => {
  const stream = streamOf(openInstagram({ user_id: OWN }), name)
  return stream.normalise({ parts }, requestFor(stream, task, more))
}

/** Everything that a job on one profile brought. */
export interface Walked {
  readonly records: ReadonlyMap<string, SocialRecord>
  readonly snapshots: readonly Snapshot[]
  readonly children: readonly Child[]
  readonly raw: readonly RawPage[]
  /** What became of the tasks that failed: `insights 100/2108006`. */
  readonly faults: readonly string[]
  /** Units charged, by pool. */
  readonly charged: Readonly<Record<string, number>>
  /** What was waited, in milliseconds. */
  readonly waits: readonly number[]
}

/** Walks a profile whole, through the engine's own lane: retries, waits and charges are real. */
export const walk = async (
  source: Source,
  entityId: string,
  params: Params,
  { clock, maxWaitMs = 0, without = [] }: { clock: Clock; maxWaitMs?: number; without?: readonly string[] },
): Promise<Walked> => {
  const records = new Map<string, SocialRecord>()
  const snapshots: Snapshot[] = []
  const children: Child[] = []
  const raw: RawPage[] = []
  const faults: string[] = []
  const charged: Record<string, number> = {}
  const waits: number[] = []
  const lane = new Lane({
    runId: 1,
    source,
    concurrency: source.limits.concurrency,
    ledger: {
      turn: async () => 0,
      charge: async ({ pool, units }) => {
        charged[pool] = (charged[pool] ?? 0) + units
        return null
      },
      takeBack: async () => {},
      exhaust: async () => {},
      machines: null,
    },
    clock,
    emit: event => {
      if (event.event === 'call.failed' && event.waitMs !== null) waits.push(event.waitMs)
    },
    maxWaitMs,
    random: () => 0,
  })
  const ctx = {
    ...lane.context(new AbortController().signal),
    known: async () => new Set<string>(),
    there: async () => new Set<string>(),
    counters: async () => new Map(),
    observed: async () => [],
  }
  const startedAt = new Date(clock.now()).toISOString()
  let profileId: string | null = null

  const follow = async (child: Pick<Child, 'stream' | 'externalId' | 'postId' | 'declared' | 'next'>) => {
    const stream = streamOf(source, child.stream)
    let cursor: Cursor | null = child.next === 'start' ? null : child.next
    do {
      const { externalId, postId = null, declared = null } = child
      const task = { externalId, entityId, profileId, postId, declared }
      const request: PageRequest = requestFor(stream, task, { params, cursor, startedAt })
      const answers = await stream.fetch(request, ctx)
      const page: Page = stream.normalise(answers, request)
      raw.push(answers)
      profileId = page.identities[0]?.profileId ?? profileId
      for (const record of page.records) records.set(keyOf(record), record)
      snapshots.push(...page.snapshots)
      children.push(...page.children)
      if (page.rejects.length > 0) faults.push(`${child.stream} rejects ${JSON.stringify(page.rejects[0])}`)
      for (const next of page.children) {
        if (next.next !== null && !without.includes(next.stream)) await follow(next).catch(note(next.stream))
      }
      cursor = page.next
    } while (cursor !== null)
  }
  const note = (stream: string) => (error: unknown) => {
    if (!(error instanceof FaultError)) throw error
    const { fault } = error
    faults.push(`${stream} ${fault.kind} ${fault.code}`)
  }
  for (const task of source.opening(entityId, params)?.tasks ?? []) {
    await follow({ ...task, next: 'start' }).catch(note(task.stream))
  }
  return { records, snapshots, children, raw, faults, charged, waits }
}

export const keyOf = (record: SocialRecord): string => {
  if (record.type === 'media') return `media ${record.postId}/${record.position}`
  if (record.type === 'like') return `like ${record.postId}/${record.authorId}`
  return 'id' in record ? `${record.type} ${record.id}` : `${record.type} ${record.postId}`
}
