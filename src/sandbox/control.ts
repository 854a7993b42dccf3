import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { BadInput } from '../core/errors.ts'
import type { NetworkSandbox, SandboxRequest } from '../networks/sandbox.ts'
import type { MovableClock } from './clock.ts'
import type { SandboxLog } from './log.ts'
import { readRules, type SwitchBoard } from './switches.ts'
import type { TransformSandbox } from './transforms.ts'

/** What the control paths act on. */
export interface Controlled {
  readonly clock: MovableClock
  readonly switches: SwitchBoard
  readonly log: SandboxLog
  readonly sandboxes: ReadonlyMap<string, NetworkSandbox>
  readonly transforms: TransformSandbox
}

/** A value is sent as JSON, a text as text, lines are streamed; undefined is a 404. */
type Reply = object | string | Lines | undefined
class Lines {
  readonly of: Iterable<string>
  constructor(of: Iterable<string>) {
    this.of = of
  }
}

/** `rest` = the path's segments after the route's own, decoded. */
type Route = (host: Controlled, request: SandboxRequest, rest: readonly string[]) => Reply

const ABOUT = `This is the socsync sandbox: a local server that answers as the real APIs do, from an invented world.

GET              /sandbox/clock                       {"now": epoch ms}
POST             /sandbox/clock                       {"advance_ms": 60000}, {"until": epoch ms} or {"now": epoch ms}
GET POST DELETE  /sandbox/switches                    faults: {"name", "network", "value", "match", "body", "after", "times"}
GET DELETE       /sandbox/log                         the requests seen
GET              /sandbox/calls                       how many, by network and route, and how many at once
GET              /sandbox/quota                       units used
GET              /sandbox/transforms                  what the services at /transforms/<name> began, and how often they were asked
GET              /sandbox/entities/<network>          the profiles there are, one per line
GET              /sandbox/truth/<network>/<profile>   what a perfect sync of one stores, as lines of JSON

A switch is bound to requests by "match", what their path and query hold, and by "body": a text, {"pattern": "…"}, or a
list of which all must be there. It spares the first "after" uses and ends after "times"; without these it is for ever:

{"name": "break", "network": "tiktok", "value": {"way": "empty"}, "match": "video/comment/list", "body": "cursor"}

breaks these calls, "way": "5xx" or "4xx" (also with "status" and "body"), "cut" in the middle of the answer, or "empty",
the right answer without its content.
`

const ROUTES: Readonly<Record<string, Route>> = {
  'GET /sandbox': () => ABOUT,
  'GET /sandbox/clock': ({ clock }) => ({ now: clock.now() }),
  'POST /sandbox/clock': ({ clock }, { body }) => {
    const { now, advance_ms: by, until } = readMove(body)
    if (now !== undefined) clock.set(now)
    if (by !== undefined) clock.advance(by)
    if (until !== undefined) clock.reach(until)
    return { now: clock.now() }
  },
  'GET /sandbox/switches': ({ switches }) => switches.list(),
  'POST /sandbox/switches': ({ switches }, { body }) => readRules(body).map(rule => switches.set(rule)),
  'DELETE /sandbox/switches': ({ switches }, { query }) => {
    const id = query.get('id')
    const name = query.get('name')
    return { cleared: switches.clear({ ...(id && { id: Number(id) }), ...(name && { name }) }) }
  },
  'GET /sandbox/log': ({ log }) => ({ calls: log.calls, errors: log.errors }),
  'DELETE /sandbox/log': ({ log }) => {
    log.clear()
    return {}
  },
  'GET /sandbox/calls': ({ log }) => log.counts(),
  'GET /sandbox/quota': ({ sandboxes }) =>
    [...sandboxes.values()].flatMap(sandbox =>
      sandbox.quota().map(used => ({ network: sandbox.network, ...used })),
    ),
  'GET /sandbox/transforms': ({ transforms }) => transforms.counts(),
  'GET /sandbox/entities': ({ sandboxes }, _, [network = '']) => {
    const sandbox = sandboxes.get(network)
    return sandbox && new Lines(sandbox.entities())
  },
  'GET /sandbox/truth': ({ sandboxes }, _, [network = '', entity]) => {
    const sandbox = sandboxes.get(network)
    return sandbox && entity !== undefined ? new Lines(asJson(sandbox.truth(entity))) : undefined
  },
}

/** Answers a request below `/sandbox`; whatever is wrong with it is a 4xx with a sentence. */
export const control = async (
  host: Controlled,
  request: SandboxRequest,
  response: ServerResponse,
): Promise<void> => {
  const send = (status: number, type: string, body: string): void => {
    response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(body)
  }
  const sendJson = (status: number, body: object): void =>
    send(status, 'application/json', JSON.stringify(body))

  const [name, ...rest] = segments(request.path)
  const route = ROUTES[`${request.method} /sandbox${name ? `/${name}` : ''}`]
  try {
    const reply = route?.(host, request, rest)
    if (reply === undefined)
      return sendJson(404, { error: 'No such control path; GET /sandbox/ lists them.' })
    if (typeof reply === 'string') return send(200, 'text/plain', reply)
    if (!(reply instanceof Lines)) return sendJson(200, reply)
    response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8' })
    await pipeline(Readable.from(withBreaks(reply.of)), response)
  } catch (error) {
    if (!(error instanceof BadInput)) throw error
    sendJson(400, { error: error.message })
  }
}

/** What follows `/sandbox/`. Throws {@link BadInput} on a broken percent sign. */
const segments = (path: string): readonly string[] => {
  try {
    return path.split('/').slice(2).map(decodeURIComponent)
  } catch (cause) {
    throw new BadInput(`The path ${path} is not percent-encoded.`, { cause })
  }
}

function* asJson(records: Iterable<object>): Generator<string> {
  for (const record of records) yield JSON.stringify(record)
}

function* withBreaks(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`
}

const readMove = (body: string): { now?: number; advance_ms?: number; until?: number } => {
  const move = /^\s*\{\s*"(now|advance_ms|until)"\s*:\s*(-?\d+)\s*\}\s*$/.exec(body)
  if (!move?.[1]) throw new BadInput('The clock takes {"now": ms}, {"advance_ms": ms} or {"until": ms}.')
  return { [move[1]]: Number(move[2]) }
}
