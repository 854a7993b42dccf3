import type { SandboxRequest } from '../networks/sandbox.ts'

/** One call that the sandbox saw. */
export interface LoggedCall {
  /** Epoch milliseconds by the sandbox's clock, when the request had come whole. */
  readonly at: number
  /** Null where no network owns the path. */
  readonly network: string | null
  readonly method: string
  readonly path: string
  /** Query and form fields, decoded; secrets replaced. */
  readonly fields: Readonly<Record<string, string>>
  /** A JSON request body as sent, its first 2,000 characters; else empty. */
  readonly body: string
  /** 0 = no answer, or none yet. */
  readonly status: number
  /** The transport fault that was switched on for it. */
  readonly fault: string | null
}

/** What the sandbox saw of one network. Exact however long the sandbox runs. */
interface CallCounts {
  readonly calls: number
  /** By method and path with ids replaced: `GET /v24.0/:id/media`. */
  readonly routes: Readonly<Record<string, number>>
  readonly statuses: Readonly<Record<string, number>>
  readonly inFlight: number
  readonly maxInFlight: number
}

/** The requests of a sandbox: the newest ones whole, all of them as counts. */
export interface SandboxLog {
  /** Oldest first; the newest 10,000. */
  readonly calls: readonly LoggedCall[]
  /** Exceptions of a network's sandbox, with their stacks: bugs, so tests hold this empty. */
  readonly errors: readonly string[]
  counts(): Readonly<Record<string, CallCounts>>
  /** A call begins. `network` null = nobody's. */
  begin(network: string | null, request: SandboxRequest, fault: string | null, at: number): OpenCall
  fail(error: unknown): void
  clear(): void
}

/** A call that is in flight until it is ended; a second end is nothing. */
interface OpenCall {
  /** 0 = no answer. */
  end(status: number): void
}

const KEPT = 10_000
const ROUTES = 1000

interface Tally {
  calls: number
  routes: Map<string, number>
  statuses: Map<string, number>
  inFlight: number
  maxInFlight: number
}

export const openLog = (): SandboxLog => {
  let calls: LoggedCall[] = []
  let errors: string[] = []
  const tallies = new Map<string, Tally>()

  const tally = (network: string): Tally => {
    const known = tallies.get(network)
    if (known) return known
    const fresh = { calls: 0, routes: new Map(), statuses: new Map(), inFlight: 0, maxInFlight: 0 }
    tallies.set(network, fresh)
    return fresh
  }

  return {
    get calls() {
      return calls.slice(-KEPT)
    },
    get errors() {
      return errors
    },
    counts: () =>
      Object.fromEntries(
        [...tallies].map(([network, { routes, statuses, ...rest }]) => [
          network,
          { ...rest, routes: Object.fromEntries(routes), statuses: Object.fromEntries(statuses) },
        ]),
      ),
    begin(network, request, fault, at) {
      const { method, path } = request
      const call = { at, network, method, path, ...loggable(request), status: 0, fault }
      calls.push(call)
      if (calls.length > 2 * KEPT) calls = calls.slice(-KEPT)
      const of = tally(network ?? 'none')
      of.calls += 1
      of.inFlight += 1
      of.maxInFlight = Math.max(of.maxInFlight, of.inFlight)
      const route = routeOf(method, path)
      count(of.routes, of.routes.has(route) || of.routes.size < ROUTES ? route : 'others')
      let ended = false
      return {
        end(status) {
          if (ended) return
          ended = true
          call.status = status
          of.inFlight -= 1
          count(of.statuses, String(status))
        },
      }
    },
    fail(error) {
      if (errors.length < KEPT)
        errors.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    },
    clear() {
      calls = []
      errors = []
      for (const of of tallies.values()) {
        of.calls = 0
        of.routes.clear()
        of.statuses.clear()
        of.maxInFlight = of.inFlight
      }
    },
  }
}

const count = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** A path without its ids: a segment that is all digits, or eight and more characters with a digit among them. */
const routeOf = (method: string, path: string): string =>
  `${method} ${path.replaceAll(/(?<=\/)(?:\d+|(?=[^/]*\d)[^/]{8,})(?=\/|$)/g, ':id')}`

const SECRETS = new Set([
  'access_token',
  'appsecret_proof',
  'client_secret',
  'code',
  'fb_exchange_token',
  'input_token',
  'key',
  'refresh_token',
])

/** The fields and body of a request as the log keeps them. */
const loggable = (request: SandboxRequest): Pick<LoggedCall, 'fields' | 'body'> => {
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false
  const form = isForm ? [...new URLSearchParams(request.body)] : []
  const shown = [...request.query, ...form].map(([name, value]) => [name, SECRETS.has(name) ? '***' : value])
  return { fields: Object.fromEntries(shown), body: isForm ? '' : request.body.slice(0, 2000) }
}
