import type { SandboxRequest } from '../../sandbox.ts'
import * as errors from './errors.ts'
import type { Host } from './tokens.ts'

/** A request in the words of the Graph API (docs/networks/instagram.md §3). */
export interface GraphRequest {
  readonly method: string
  /** The path without its version and without empty parts, decoded. */
  readonly parts: readonly string[]
  /** As asked for, `v18.0`; null = the app's default. */
  readonly version: string | null
  /** Query, then body. */
  readonly params: URLSearchParams
  readonly token: string | null
  /** By the Host header where it names one of the two, else null: the token decides. */
  readonly host: Host | null
}

const VERSION = /^v\d+\.\d+$/

/** Path parts, doubled and trailing slashes forgiven. */
export const partsOf = (path: string): readonly string[] => path.split('/').filter(part => part !== '')

export const isVersion = (part: string | undefined): boolean => part !== undefined && VERSION.test(part)

export const readGraphRequest = (request: SandboxRequest): GraphRequest => {
  const parts = partsOf(request.path).map(decode)
  const [version = null] = parts
  const params = new URLSearchParams(request.query)
  for (const [name, value] of bodyOf(request)) if (!params.has(name)) params.set(name, value)
  const versioned = isVersion(parts[0])
  return {
    method: request.method,
    parts: versioned ? parts.slice(1) : parts,
    version: versioned ? version : null,
    params,
    token: params.get('access_token') ?? headerToken(request),
    host: hostOf(request.headers.host),
  }
}

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    throw errors.unknownPath(part)
  }
}

/** Form fields or the keys of a JSON object; the official client sends an empty one even with GET. */
const bodyOf = ({ method, headers, body }: SandboxRequest): readonly (readonly [string, string])[] => {
  if (method === 'GET' || body === '') return []
  if (!(headers['content-type'] ?? '').includes('json')) return [...new URLSearchParams(body)]
  try {
    const fields: unknown = JSON.parse(body)
    if (typeof fields !== 'object' || fields === null) return []
    return Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ])
  } catch {
    throw errors.badParameter('The request body is not valid JSON')
  }
}

const headerToken = ({ headers }: SandboxRequest): string | null =>
  /^(?:Bearer|OAuth)\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null

const hostOf = (name = ''): Host | null =>
  name.startsWith('graph.instagram.com')
    ? 'instagram'
    : name.startsWith('graph.facebook.com')
      ? 'facebook'
      : null

/** When each version ends; a call to an ended one is served by the oldest that lives (docs/networks/instagram.md §1). */
const VERSIONS: readonly (readonly [name: string, until: number])[] = [
  ['v21.0', Date.parse('2027-01-21')],
  ['v22.0', Date.parse('2027-05-20')],
  ['v23.0', Date.parse('2027-10-08')],
  ['v24.0', Date.parse('2028-02-18')],
  ['v25.0', Date.parse('2028-07-29')],
  ['v26.0', Number.POSITIVE_INFINITY],
]
const CURRENT = 'v26.0'

/** The version that serves the one asked for. One that is not there yet is error 2500. */
export const serveVersion = (asked: string | null, now: number): string => {
  if (asked === null) return CURRENT
  if (Number(asked.slice(1)) > Number(CURRENT.slice(1))) throw errors.unknownPath(asked)
  const live = VERSIONS.filter(([, until]) => now < until).map(([name]) => name)
  return live.includes(asked) ? asked : (live[0] ?? CURRENT)
}
