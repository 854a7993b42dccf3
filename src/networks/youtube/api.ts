import { amendPassing, FaultError } from '../../core/fault.ts'
import type { CallContext, RawPart } from '../../core/stream.ts'
import type { Http, HttpAnswer } from '../../http/http.ts'
import type { OpenOptions } from '../contract.ts'
import { describeBody } from '../plain-text.ts'
import { type Fields, Reader } from '../reader.ts'
import { NEEDS_FORCE_SSL, readFault } from './errors.ts'
import type { Gate, Permit } from './tokens.ts'

export type Method =
  | 'channels'
  | 'playlists'
  | 'playlistItems'
  | 'videos'
  | 'commentThreads'
  | 'comments'
  | 'search'
export type Query = Readonly<Record<string, string>>

/** The API as the streams call it: a list method in, its answer out, each attempt charged one unit (docs/networks/youtube.md §8). */
export interface Api {
  /** One page of a list. `query` is asked before each attempt how often this page was answered with 503 so far. */
  list(
    ctx: CallContext,
    method: Method,
    query: (outages: number) => Query,
    options?: ListOptions,
  ): Promise<RawPart>
}

export interface ListOptions {
  /** A refusal of one of these codes is given back as an answer; any other one is thrown as a fault. */
  readonly tolerated?: readonly string[]
  /** A passing fault is met so often at most. */
  readonly tries?: number
  /** What is wrong with a list that came; null = nothing. */
  check?(list: Fields): FaultError | null
}

/** What each call costs; searches are counted apart. */
export const UNIT = { pool: 'default', units: 1 } as const
export const SEARCH = { pool: 'search', units: 1 } as const
const PATH = '/youtube/v3/'

/** Known to be there since the beginning: asked about where nothing better is at hand. */
export const WELL_KNOWN = { channels: 'UCLA_DiR1FfKNvjuUpBHmylQ', videos: 'jNQXAC9IVRw' } as const

export const originOf = ({ baseUrl }: OpenOptions): string => baseUrl ?? 'https://youtube.googleapis.com'

export const openApi = (http: Http, origin: string, gate: Gate): Api => ({
  async list(ctx, method, query, { tolerated = [], tries, check } = {}) {
    let outages = 0
    const sendOnce = async ({ headers }: Permit, signal: AbortSignal) => {
      const asked = query(outages)
      // Indented unless told otherwise.
      const parameters = new URLSearchParams({ ...asked, prettyPrint: 'false' })
      const url = `${origin}${PATH}${method}?${parameters}`
      const answer = await http.send({ method: 'GET', url, headers }, signal)
      if (answer.status === 503) outages++
      const refusal = answer.status === 401 ? null : refusalOf(answer, method, asked, check)
      if (refusal !== null && !tolerated.includes(refusal.fault.code)) throw refusal
      return { answer, asked }
    }
    const send = (permit: Permit) =>
      ctx.call(priceOf(method), signal =>
        sendOnce(permit, signal).catch(error => Promise.reject(capped(error, tries))),
      )

    const permit = await gate.permit(ctx)
    requirePermission(method, permit)
    const first = await send(permit)
    const stale = first.answer.status === 401 && gate.renew !== null
    const { answer, asked } = stale ? await send(await gate.renew(ctx, permit)) : first
    if (answer.status === 401) throw readFault(answer, askedOf(method, asked))
    return {
      request: { method: 'GET', path: `${PATH}${method}`, query: asked },
      status: answer.status,
      fetchedAt: answer.receivedAt,
      text: answer.text,
      json: answer.json(),
    }
  },
})

/** Null = a list of the API. A success without its `kind` comes from something in between, and must not pass for an empty list. */
const refusalOf = (
  answer: HttpAnswer,
  method: Method,
  query: Query,
  check: ListOptions['check'],
): FaultError | null => {
  if (answer.status !== 200) return readFault(answer, askedOf(method, query))
  const body = new Reader().object(answer.json(), '$')
  if (body?.has('error')) return readFault(answer, askedOf(method, query))
  if (body?.string('kind')?.startsWith('youtube#')) return check?.(body) ?? null
  return new FaultError(
    { kind: 'unreadable', code: 'no kind' },
    `YouTube's answer to ${method} is no list of the API: ${describeBody(answer.text, 80)}`,
  )
}

/** The error with no more tries than are wanted here. */
const capped = (error: unknown, tries: number | undefined): unknown =>
  amendPassing(error, fault => (tries === undefined ? {} : { tries: Math.min(tries, fault.tries ?? tries) }))

const priceOf = (method: Method) => (method === 'search' ? SEARCH : UNIT)

const askedOf = (method: Method, query: Query) => ({
  method,
  pool: priceOf(method).pool,
  paged: query.pageToken !== undefined,
})

const requirePermission = (method: Method, { permissions }: Permit): void => {
  if (permissions === null || !NEEDS_FORCE_SSL.has(method) || permissions.has('youtube.force-ssl')) return
  throw new FaultError(
    { kind: 'forbidden', code: 'insufficientPermissions', reason: 'refused' },
    'YouTube gives comments only to an API key or a token with the permission youtube.force-ssl',
  )
}
