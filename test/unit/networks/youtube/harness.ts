import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Fault, FaultError } from '../../../../src/core/fault.ts'
import type { Json } from '../../../../src/core/json.ts'
import type { Params } from '../../../../src/core/params.ts'
import type { SocialRecord } from '../../../../src/core/records.ts'
import type {
  Child,
  Cursor,
  FetchContext,
  Page,
  PageRequest,
  Source,
  Stream,
  TaskRef,
} from '../../../../src/core/stream.ts'
import { openHttp } from '../../../../src/http/client.ts'
import { Redactor } from '../../../../src/http/redact.ts'
import type { Memory, OpenOptions } from '../../../../src/networks/contract.ts'
import { youtube } from '../../../../src/networks/youtube/index.ts'
import type { ErrorResponse, ListResponse } from '../../../../src/networks/youtube/wire.ts'
import { EVERYTHING } from '../../../support/params.ts'
import { taskRef } from '../../../support/task-ref.ts'

export const NOON = Date.UTC(2026, 2, 1, 12)

export const fixture = (name: string): Json =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/youtube/${name}.json`, import.meta.url), 'utf8'))

export interface Call {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** An object goes out as JSON, a text as HTML. */
  readonly body: unknown
}

/** A page of a list of channels, videos … */
export const listOf = <Resource>(
  kind: string,
  items: readonly Resource[],
  more: Partial<ListResponse<Resource>> = {},
): Answer => ({
  body: { kind: `youtube#${kind}ListResponse`, items, ...more } satisfies ListResponse<Resource>,
})

export const refusal = (code: number, reason: string, domain = 'global'): Answer => ({
  status: code,
  body: { error: { code, message: 'no', errors: [{ domain, reason }] } } satisfies ErrorResponse,
})

/** A server that answers by script, and what it was asked. */
export const serve = async (script: (call: Call, nth: number) => Answer) => {
  const calls: Call[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const url = new URL(request.url ?? '/', 'http://sandbox')
    url.searchParams.delete('prettyPrint')
    const call = {
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    }
    calls.push(call)
    const { status = 200, headers = {}, body } = script(call, calls.length)
    const isText = typeof body === 'string'
    response.writeHead(status, {
      'content-type': isText ? 'text/html' : 'application/json; charset=UTF-8',
      ...headers,
    })
    response.end(isText ? body : JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    calls,
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

export const remember = (): Memory => {
  const known = new Map<string, Json>()
  return { get: key => known.get(key), set: (key, value) => void known.set(key, value) }
}

export const KEY = { api_key: 'key-of-nobody' }
export const CLIENT = { client_id: 'id', client_secret: 'secret', refresh_token: 'refresh' }

export const open = (
  baseUrl: string,
  options: Partial<OpenOptions> & { values?: Record<string, string> } = {},
): Source => {
  const clock = options.clock ?? { now: () => NOON, sleep: async () => {} }
  const values = options.values ?? KEY
  return youtube.open({
    credential: { kind: 'api_key' in values ? 'API key' : 'OAuth client', name: 'youtube-1', values },
    baseUrl,
    clock,
    http: openHttp({ clock, redactor: new Redactor(Object.values(values)) }),
    memory: remember(),
    insights: {},
    renew: async (stale, make) => ({ ...stale, ...(await make(stale)) }),
    ...options,
  })
}

export const params = (wanted: Partial<Params> = {}): Params => ({ ...EVERYTHING, ...wanted })

/** A step's context: units by pool, and (unless `patient` is false) retries without waiting, as the fault wants them. */
export const context = (now: () => number = () => NOON, patient = true) => {
  const spent: Record<string, number> = {}
  const ctx: FetchContext = {
    signal: new AbortController().signal,
    usage: () => {},
    known: async () => new Set(),
    there: async () => new Set(),
    counters: async () => new Map(),
    observed: async () => [],
    now,
    async call({ pool, units }, send) {
      for (let attempt = 1; ; attempt++) {
        if (units > 0) spent[pool] = (spent[pool] ?? 0) + units
        try {
          return await send(this.signal)
        } catch (error) {
          if (!(error instanceof FaultError) || error.fault.kind !== 'transient' || !patient) throw error
          if (attempt < (error.fault.tries ?? 4)) continue
          throw error.fault.then ? new FaultError(error.fault.then, error.message) : error
        }
      }
    },
  }
  return { ctx, spent }
}

export const streamOf = (source: Source, name: string): Stream => {
  const stream = source.streams.find(stream => stream.name === name)
  if (!stream) throw new Error(`no stream ${name}`)
  return stream
}

/** A first page of one task. */
export const requestFor = (stream: Stream, externalId: string): PageRequest => ({
  tasks: [taskRef(stream, externalId)],
  cursor: null,
  params: params(),
  room: null,
  startedAt: '',
})

/** One page of one stream, as fetched and as read. */
export const step = async (
  source: Source,
  name: string,
  ids: readonly string[],
  options: {
    cursor?: Cursor
    params?: Partial<Params>
    postId?: string
    profileId?: string
    declared?: number | null
    patient?: boolean
    /** What is stored and there. */
    there?: readonly string[]
  } = {},
) => {
  const stream = streamOf(source, name)
  const { ctx: empty, spent } = context(undefined, options.patient)
  const ctx = { ...empty, there: async () => new Set(options.there) }
  const request = {
    tasks: ids.map(id =>
      taskRef(stream, id, {
        postId: options.postId ?? null,
        declared: options.declared ?? null,
        ...(options.profileId !== undefined && { profileId: options.profileId }),
      }),
    ),
    cursor: options.cursor ?? null,
    params: params(options.params),
    room: null,
    startedAt: new Date(NOON).toISOString(),
  }
  const raw = await stream.fetch(request, ctx)
  return { raw, page: stream.normalise(raw, request), units: spent.default ?? 0 }
}

export const faultOf = async (work: Promise<unknown>): Promise<FaultError> => {
  try {
    await work
  } catch (error) {
    if (error instanceof FaultError) return error
    throw error
  }
  throw new Error('no fault')
}

interface Follow {
  readonly stream: Stream
  readonly tasks: readonly TaskRef[]
  readonly from?: Cursor | null
}

/** Follows every stream of the profiles to its end, one page after the other, as the engine would without limits. */
export const follow = async (
  source: Source,
  entityIds: readonly string[],
  wanted: Partial<Params> = {},
  now: () => number = () => NOON,
) => {
  const { ctx, spent } = context(now)
  const chosen = params(wanted)
  const records = new Map<string, SocialRecord>()
  const pages: Page[] = []
  const unopened: Child[] = []
  const faults: { readonly externalId: string; readonly fault: Fault }[] = []
  let walks: Follow[] = source.streams.flatMap(stream =>
    shared(
      stream,
      entityIds
        .flatMap(id => source.opening(id, chosen)?.tasks ?? [])
        .filter(opened => opened.stream === stream.name)
        .map(opened => taskRef(stream, opened.externalId)),
      chosen,
    ),
  )
  while (walks.length > 0) {
    const found: Follow[] = []
    for (const { stream, tasks, from = null } of walks) {
      let cursor = from
      do {
        const request: PageRequest = {
          tasks,
          cursor,
          params: chosen,
          room: null,
          startedAt: new Date(now()).toISOString(),
        }
        let page: Page
        try {
          page = stream.normalise(await stream.fetch(request, ctx), request)
        } catch (error) {
          if (!(error instanceof FaultError)) throw error
          faults.push({ externalId: tasks[0]!.externalId, fault: error.fault })
          break
        }
        pages.push(page)
        for (const record of page.records)
          records.set(keyOf(record), Object.assign({}, records.get(keyOf(record)), record))
        for (const child of page.children) {
          if (child.next === null) unopened.push(child)
          else {
            const next = streamOf(source, child.stream)
            const of = {
              entityId: tasks[0]!.entityId,
              profileId: child.profileId ?? null,
              postId: child.postId ?? null,
              declared: child.declared ?? null,
              from: null,
            }
            const from = child.next === 'start' ? null : child.next
            found.push({ stream: next, tasks: [taskRef(next, child.externalId, of)], from })
          }
        }
        cursor = page.next
      } while (cursor !== null)
    }
    walks = found
  }
  return { records: [...records.values()], pages, unopened, faults, spent }
}

const shared = (stream: Stream, tasks: readonly TaskRef[], chosen: Params) => {
  const walks: { stream: Stream; tasks: TaskRef[]; key: string | null }[] = []
  for (const task of tasks) {
    const key = stream.share?.(task, chosen) ?? null
    const open = walks.find(walk => key !== null && walk.key === key && walk.tasks.length < stream.batch)
    if (open) open.tasks.push(task)
    else walks.push({ stream, tasks: [task], key })
  }
  return walks as { stream: Stream; tasks: TaskRef[] }[]
}

export const keyOf = (record: SocialRecord): string =>
  'id' in record ? `${record.type} ${record.id}` : `${record.type} ${record.postId}`
