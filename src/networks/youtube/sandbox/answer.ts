import type { JsonObject } from '../../../core/json.ts'
import type { SandboxAnswer, SandboxRequest, Switches } from '../../sandbox.ts'
import { type Caller, identify } from './access.ts'
import { distort } from './distort.ts'
import { errorBody, isErrorName, Refusal, refuse } from './errors.ts'
import { selectFields } from './fields.ts'
import type { Ledger } from './ledger.ts'
import type { Method } from './method.ts'
import { activities, playlists, subscriptions } from './methods/channel-lists.ts'
import { channels } from './methods/channels.ts'
import { commentThreads } from './methods/comment-threads.ts'
import { comments } from './methods/comments.ts'
import { playlistItems } from './methods/playlist-items.ts'
import { search } from './methods/search.ts'
import { batchGetStats, videos } from './methods/videos.ts'
import { readOne, validate } from './validate.ts'
import { etagOf, etagsOf } from './wire/resource.ts'
import type { World } from './world/world.ts'

const METHODS: ReadonlyMap<string, Method> = new Map(
  [
    activities,
    batchGetStats,
    channels,
    commentThreads,
    comments,
    playlistItems,
    playlists,
    search,
    subscriptions,
    videos,
  ].map(method => [method.path, method]),
)

/** Filters that mean the person behind the token: a key is nobody. */
const OF_THE_CALLER: ReadonlySet<string | null> = new Set([
  'mine',
  'managedByMe',
  'myRating',
  'forMine',
  'forContentOwner',
  'forDeveloper',
  'mySubscribers',
  'myRecentSubscribers',
])

export const BASE_PATH = '/youtube/v3/'

interface Desk {
  readonly world: World
  readonly now: number
  readonly switches: Switches
  readonly ledger: Ledger
}

/**
 * One call, in the order of the real thing: who asks, is there quota, may they, is it valid, what is it. Switches:
 * `error` with a name of error-forms.ts refuses; `retry-after` n sends that header with 429 and 503; `etag-header`
 * sends the etag as a header too; those of distort.ts change what is answered; `free-304` does not charge what has not changed (open questions of docs/networks/youtube.md §1).
 */
export const answerCall = (request: SandboxRequest, desk: Desk): SandboxAnswer => {
  try {
    const method = METHODS.get(request.path.slice(BASE_PATH.length).replace(/%3a/i, ':'))
    if (method === undefined || request.method !== 'GET') throw refuse('notFound')
    const caller = identify(request, desk.now)
    if (caller instanceof Refusal) throw caller
    const exhausted = desk.ledger.charge(caller.project, method.pool)
    if (exhausted !== null) throw exhausted
    return answerCharged(method, caller, request, desk)
  } catch (error) {
    if (error instanceof Refusal) return refusalAnswer(error, request, desk)
    throw error
  }
}

const answerCharged = (
  method: Method,
  caller: Caller,
  request: SandboxRequest,
  { world, switches, ledger }: Desk,
): SandboxAnswer => {
  const error = switches.take('error', request)
  if (isErrorName(error)) throw refuse(error)
  if (method.needsForceSsl && caller.scope === 'readonly') throw refuse('insufficientPermissions')
  const { fields, ...asked } = validate(method, request)
  if (caller.scope === null && OF_THE_CALLER.has(asked.filter)) throw refuse('loginRequired')
  const right = method.answer({ ...asked, caller, world, request, switches })
  const { kind, ...members } = distort(method, right, request, switches)
  const etag = etagOf({ ...members, items: etagsOf(members.items ?? []) })
  const headers = { ...HEADERS, ...(switches.peek('etag-header') && { etag: `"${etag}"` }) }
  if (knowsEtag(request, etag)) {
    if (switches.peek('free-304')) ledger.refund(caller.project, method.pool)
    return { status: 304, headers, body: '' }
  }
  const envelope = { kind, etag, ...members }
  return {
    status: 200,
    headers,
    body: print(fields === null ? envelope : selectFields(envelope, fields), request),
  }
}

const refusalAnswer = ({ form }: Refusal, request: SandboxRequest, { switches }: Desk): SandboxAnswer => {
  const wait = form.status === 429 || form.status === 503 ? switches.peek('retry-after') : undefined
  return {
    status: form.status,
    headers: { ...HEADERS, ...(wait !== undefined && { 'retry-after': String(wait) }) },
    body: print(errorBody(form), request),
  }
}

/** As seen in 2026 (docs/networks/youtube.md §1); nothing tells of quota. */
const HEADERS = {
  'content-type': 'application/json; charset=UTF-8',
  vary: 'Origin, X-Origin, Referer',
  server: 'scaffolding on HTTPServer2',
  'x-xss-protection': '0',
  'x-frame-options': 'SAMEORIGIN',
  'x-content-type-options': 'nosniff',
} as const

/** Indented unless `prettyPrint=false`. */
const print = (body: JsonObject, request: SandboxRequest): string =>
  readOne(request, 'prettyPrint') === 'false' ? JSON.stringify(body) : `${JSON.stringify(body, null, 2)}\n`

const knowsEtag = ({ headers }: SandboxRequest, etag: string): boolean =>
  (headers['if-none-match'] ?? '')
    .split(',')
    .some(known => known.trim().replace(/^W\//, '').replaceAll('"', '') === etag)
