import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../../../src/core/clock.ts'
import { type Fault, FaultError } from '../../../../src/core/fault.ts'
import { instant } from '../../../../src/core/instant.ts'
import type { Json, JsonObject } from '../../../../src/core/json.ts'
import type { Params } from '../../../../src/core/params.ts'
import type { SocialRecord } from '../../../../src/core/records.ts'
import type {
  Child,
  Cursor,
  FetchContext,
  Page,
  RawPage,
  Source,
  TaskRef,
} from '../../../../src/core/stream.ts'
import { attempt } from '../../../../src/engine/attempt.ts'
import { openHttp } from '../../../../src/http/client.ts'
import { Redactor } from '../../../../src/http/redact.ts'
import type { Memory, OpenOptions } from '../../../../src/networks/contract.ts'
import { tiktok } from '../../../../src/networks/tiktok/index.ts'
import { EVERYTHING } from '../../../support/params.ts'
import { stillClock } from '../../../support/still-clock.ts'
import { taskRef } from '../../../support/task-ref.ts'
import { retryOptions } from '../../../support/walk.ts'

/** The body of an answer as TikTok writes it, ids as bare numbers. */
export const fixture = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/tiktok/${name}.json`, import.meta.url), 'utf8')

export const task = (stream: string, externalId: string, part: Partial<TaskRef> = {}): TaskRef =>
  taskRef({ name: stream, kind: 'posts' }, externalId, { profileId: externalId, ...part })

export interface Call {
  readonly path: string
  readonly fields: string
  readonly authorization: string
  readonly body: JsonObject
}

export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

/** A server that answers by script, and what it was asked; it gives client tokens by itself. */
export const serve = async (script: (call: Call, nth: number) => Answer | string) => {
  const calls: Call[] = []
  const forms: URLSearchParams[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const url = new URL(request.url ?? '/', 'http://tiktok')
    const token = url.pathname === '/v2/oauth/token/'
    const given = token ? giveToken(forms, text) : null
    const call: Call = {
      path: url.pathname,
      fields: url.searchParams.get('fields') ?? '',
      authorization: request.headers.authorization ?? '',
      body: token || text === '' ? {} : JSON.parse(text),
    }
    if (!token) calls.push(call)
    const said = given ?? script(call, calls.length)
    const { status = 200, headers = {}, body } = typeof said === 'string' ? { body: said } : said
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    calls,
    forms,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const giveToken = (forms: URLSearchParams[], text: string): string => {
  const form = new URLSearchParams(text)
  forms.push(form)
  const user = form.get('grant_type') === 'refresh_token'
  return JSON.stringify({
    access_token: `${user ? 'act' : 'clt'}.token-number-${forms.length}`,
    expires_in: 7200,
    token_type: 'Bearer',
    ...(user && { refresh_token: `rft.token-number-${forms.length}`, open_id: OPEN_ID }),
  })
}

export const OPEN_ID = '-000AbCdEfGhIjKlMnOpQrStUvWxYz012345'

export const ok = (data: string): string =>
  `{"data":${data},"error":{"code":"ok","message":"","log_id":"2026"}}`

export const refusal = (status: number, code: string, message: string): Answer => ({
  status,
  body: JSON.stringify({ error: { code, message, log_id: '20260301120000A1B2C3D4E5F607182930' } }),
})

const RESEARCH = { client_key: 'key-of-nobody', client_secret: 'secret-of-nobody' }

export interface OpenedTiktok extends AsyncDisposable {
  readonly source: Source
  /** What it was opened with. */
  readonly options: OpenOptions
  readonly memory: Map<string, Json>
  /** Calls charged, by pool. */
  readonly charged: Map<string, number>
  readonly renewed: Readonly<Record<string, string>>[]
  readonly clock: Clock
  context(signal?: AbortSignal): FetchContext
}

/** TikTok, opened against an address, over the real HTTP client and the engine's retries. */
export const openTiktok = (
  origin: string,
  options: {
    clock?: Clock
    kind?: string
    values?: Readonly<Record<string, string>>
    /** Calls of a pool until the ledger says that nothing is left. */
    allowance?: number
    /** What earlier runs have learned. */
    memory?: Map<string, Json>
  } = {},
): OpenedTiktok => {
  const {
    clock = stillClock(),
    kind = 'research client',
    values = RESEARCH,
    allowance = 10_000,
    memory = new Map<string, Json>(),
  } = options
  const charged = new Map<string, number>()
  const renewed: Readonly<Record<string, string>>[] = []
  const http = openHttp({ clock, redactor: new Redactor([]) })
  const known: Memory = { get: key => memory.get(key), set: (key, value) => void memory.set(key, value) }
  const opened: OpenOptions = {
    credential: { kind, name: 'tiktok-1', values },
    baseUrl: origin,
    http,
    clock,
    memory: known,
    insights: {},
    renew: async (stale, make) => {
      const change = await make(stale)
      renewed.push(change)
      return { ...stale, ...change }
    },
  }
  return {
    source: tiktok.open(opened),
    options: opened,
    memory,
    charged,
    renewed,
    clock,
    context: (signal = new AbortController().signal) => ({
      signal,
      now: () => clock.now(),
      usage: () => {},
      known: async () => new Set(),
      there: async () => new Set(),
      counters: async () => new Map(),
      observed: async () => [],
      call: ({ pool, units }, send) =>
        attempt(
          async () => {
            const used = (charged.get(pool) ?? 0) + units
            if (used > allowance) {
              throw new FaultError({ kind: 'quota-exhausted', code: 'ledger', pool, until: null }, 'used up')
            }
            charged.set(pool, used)
            return send(signal)
          },
          retryOptions(clock, signal, 60_000),
          signal,
        ),
    }),
    [Symbol.asyncDispose]: () => http.close(),
  }
}

export interface Walked {
  readonly pages: readonly Page[]
  readonly raws: readonly RawPage[]
  readonly cursors: readonly Cursor[]
  readonly records: readonly SocialRecord[]
  readonly children: readonly Child[]
  /** How it ended: the last page's reason, `loop` as the engine would say, or the fault that ended it. */
  readonly end: string | null
  readonly fault: Fault | null
}

/** Follows one stream to its end, as the engine does: cursors go through JSON, the same one twice is a loop. */
export const walk = async (
  { source, context, clock }: OpenedTiktok,
  tasks: readonly TaskRef[],
  params: Partial<Params> = {},
): Promise<Walked> => {
  const stream = source.streams.find(({ name }) => name === tasks[0]?.stream)
  if (stream === undefined) throw new Error(`no stream ${tasks[0]?.stream}`)
  const pages: Page[] = []
  const raws: RawPage[] = []
  const seen = new Set<string>()
  const startedAt = instant(clock.now())
  let cursor: Cursor | null = null
  let end: string | null = null
  let fault: Fault | null = null
  for (;;) {
    const request = { tasks, cursor, params: { ...EVERYTHING, ...params }, room: null, startedAt }
    try {
      const raw = await stream.fetch(request, context())
      raws.push(raw)
      const page = stream.normalise(raw, request)
      pages.push(page)
      end = page.reason
      if (page.next === null) break
      const text = JSON.stringify(page.next)
      if (seen.has(text)) {
        end = 'loop'
        break
      }
      seen.add(text)
      cursor = JSON.parse(text)
    } catch (error) {
      if (!(error instanceof FaultError)) throw error
      fault = error.fault
      end = fault.kind
      break
    }
  }
  return {
    pages,
    raws,
    cursors: [...seen].map(text => JSON.parse(text)),
    records: pages.flatMap(({ records }) => records),
    children: pages.flatMap(({ children }) => children),
    end,
    fault,
  }
}
