import type { Clock } from '../../src/core/clock.ts'
import { entityKey } from '../../src/core/entity.ts'
import { type Fault, FaultError } from '../../src/core/fault.ts'
import { instant } from '../../src/core/instant.ts'
import type { Params } from '../../src/core/params.ts'
import type { SocialRecord } from '../../src/core/records.ts'
import type {
  Child,
  Cursor,
  FetchContext,
  Page,
  PageRequest,
  RawPage,
  Source,
  Stream,
  TaskRef,
} from '../../src/core/stream.ts'
import { attempt, type RetryOptions } from '../../src/engine/attempt.ts'
import { EVERYTHING } from './params.ts'
import { taskRef } from './task-ref.ts'

/** One page on its way: what was asked, what came, what was read. */
export interface Step {
  readonly stream: Stream
  readonly request: PageRequest
  readonly raw: RawPage
  readonly page: Page
}

export interface Walked {
  readonly steps: readonly Step[]
  /** By key, as a store would hold them. */
  readonly records: ReadonlyMap<string, SocialRecord>
  /** Faults that ended a walk; the others went on. */
  readonly faults: readonly { readonly task: TaskRef; readonly fault: Fault; readonly message: string }[]
  /** Units by pool, charged before each attempt. */
  readonly charges: ReadonlyMap<string, number>
}

/** Retries by this clock, without chance. */
export const retryOptions = (clock: Clock, signal: AbortSignal, maxWaitMs: number): RetryOptions => ({
  now: () => clock.now(),
  sleep: ms => clock.sleep(ms, signal),
  random: () => 0.5,
  maxWaitMs,
  failed: () => {},
})

/** Calls of a source that are counted, and tried again as the engine would; the signal never ends them. */
export const openCounting = (
  clock: Clock,
): { readonly context: FetchContext; readonly charges: ReadonlyMap<string, number> } => {
  const charges = new Map<string, number>()
  const { signal } = new AbortController()
  const patience = retryOptions(clock, signal, 3_600_000)
  const context: FetchContext = {
    signal,
    now: () => clock.now(),
    usage: () => {},
    known: async () => new Set(),
    there: async () => new Set(),
    counters: async () => new Map(),
    observed: async () => [],
    call: ({ pool, units }, send) =>
      attempt(
        () => {
          charges.set(pool, (charges.get(pool) ?? 0) + units)
          return send(signal)
        },
        patience,
        signal,
      ),
  }
  return { context, charges }
}

/**
 * Reads profiles from their opening to the last reply, without the engine and its store: one walk after the other,
 * tasks that may share one together, cursors through JSON. A cursor that comes twice in a walk throws.
 */
export const walk = async (
  source: Source,
  entityIds: readonly string[],
  clock: Clock,
  params: Params = EVERYTHING,
): Promise<Walked> => {
  const { context, charges } = openCounting(clock)
  const steps: Step[] = []
  const faults: Walked['faults'][number][] = []
  let waiting: Waiting[] = entityIds.flatMap(entityId => openingTasks(source, entityId, params))
  while (waiting.length > 0) {
    const found: Waiting[] = []
    for (const { tasks, cursor } of group(source, waiting, params)) {
      try {
        for await (const step of follow(source, tasks, cursor, context, params)) {
          steps.push(step)
          found.push(...childTasks(source, step, params))
        }
      } catch (error) {
        const [task] = tasks
        if (!(error instanceof FaultError) || task === undefined) throw error
        faults.push({ task, fault: error.fault, message: error.message })
      }
    }
    waiting = found
  }
  return { steps, faults, charges, records: merge(steps.flatMap(({ page }) => page.records)) }
}

interface Waiting {
  readonly task: TaskRef
  readonly cursor: Cursor | null
}

const streamOf = (source: Source, name: string): Stream => {
  const stream = source.streams.find(candidate => candidate.name === name)
  if (stream === undefined) throw new Error(`${source.network} has no stream ${name}`)
  return stream
}

export const openingTasks = (source: Source, entityId: string, params: Params): Waiting[] =>
  (source.opening(entityId, params)?.tasks ?? []).map(({ stream, externalId }) => ({
    task: taskRef(streamOf(source, stream), externalId, { entityId }),
    cursor: null,
  }))

const childTasks = (source: Source, { page, request }: Step, params: Params): Waiting[] =>
  page.children
    .filter(({ stream, next }) => next !== null && params.kinds.includes(streamOf(source, stream).kind))
    .map(child => ({
      task: childTask(source, child, page, request),
      cursor: child.next === 'start' ? null : child.next,
    }))

const childTask = (source: Source, child: Child, page: Page, { tasks }: PageRequest): TaskRef => {
  const profileOf = (task: TaskRef): string | null =>
    page.identities.find(found => found.externalId === task.externalId)?.profileId ?? task.profileId
  const parent =
    tasks.find(({ entityId }) => entityId === (child.entityId ?? entityKey('post', child.postId ?? ''))) ??
    tasks.find(task => profileOf(task) === child.profileId) ??
    tasks[0]
  if (parent === undefined) throw new Error('a page without a task')
  return {
    stream: child.stream,
    kind: streamOf(source, child.stream).kind,
    externalId: child.externalId,
    entityId: parent.entityId,
    profileId: child.profileId ?? profileOf(parent),
    postId: child.postId ?? null,
    declared: child.declared ?? null,
    from: null,
  }
}

/** Tasks at their start that one call can serve go together. */
const group = (
  source: Source,
  waiting: readonly Waiting[],
  params: Params,
): { readonly tasks: TaskRef[]; readonly cursor: Cursor | null }[] => {
  const groups: { key: string | null; tasks: TaskRef[]; cursor: Cursor | null }[] = []
  for (const { task, cursor } of waiting) {
    const stream = streamOf(source, task.stream)
    const share = cursor === null && stream.batch > 1 ? (stream.share?.(task, params) ?? null) : null
    const key = share === null ? null : `${stream.name} ${share}`
    const open = groups.find(each => key !== null && each.key === key && each.tasks.length < stream.batch)
    if (open) open.tasks.push(task)
    else groups.push({ key, tasks: [task], cursor })
  }
  return groups.flatMap(({ key, tasks, cursor }) => {
    const packed = key === null ? undefined : streamOf(source, tasks[0]?.stream ?? '').pack?.(tasks)
    return packed?.map(of => ({ tasks: [...of], cursor })) ?? [{ tasks, cursor }]
  })
}

async function* follow(
  source: Source,
  tasks: readonly TaskRef[],
  start: Cursor | null,
  context: FetchContext,
  params: Params,
): AsyncGenerator<Step> {
  const stream = streamOf(source, tasks[0]?.stream ?? '')
  const startedAt = instant(context.now())
  const seen = new Set<string>()
  for (let cursor = start; ; ) {
    const request: PageRequest = { tasks, cursor, params, room: null, startedAt }
    const raw = await stream.fetch(request, context)
    const page = stream.normalise(raw, request)
    yield { stream, request, raw, page }
    if (page.next === null) return
    const text = JSON.stringify(page.next)
    if (seen.has(text)) throw new Error(`${source.network} ${stream.name}: the cursor ${text} came twice`)
    seen.add(text)
    cursor = JSON.parse(text) as Cursor
  }
}

/** What a record is stored under. */
export const keyOf = (record: SocialRecord): string => {
  switch (record.type) {
    case 'media':
      return `media ${record.postId} ${record.position}`
    case 'like':
      return `like ${record.postId} ${record.authorId}`
    case 'relation':
      return `relation ${record.kind} ${record.profileId} ${record.personId} ${record.postId}`
    case 'item':
      return `item ${record.collectionId} ${record.postId}`
    default:
      return `${record.type} ${record.id}`
  }
}

/** Last write wins, field by field; `undefined` keeps what there is. */
const merge = (records: readonly SocialRecord[]): ReadonlyMap<string, SocialRecord> => {
  const merged = new Map<string, SocialRecord>()
  for (const record of records) {
    const key = keyOf(record)
    const told = Object.entries(record).filter(([, value]) => value !== undefined)
    merged.set(key, { ...merged.get(key), ...Object.fromEntries(told) } as SocialRecord)
  }
  return merged
}
