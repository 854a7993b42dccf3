import { setTimeout as pause } from 'node:timers/promises'
import { timerLength } from '../../../core/clock.ts'
import type { Json } from '../../../core/json.ts'
import type { SandboxAnswer, SandboxRequest } from '../../sandbox.ts'
import { rateLimited } from './access/quota.ts'
import type { Knobs, SwitchName } from './switches.ts'
import { Refusal } from './wire/reply.ts'

/** Errors in place of an answer, by the switch that orders them (docs/networks/tiktok.md §6). */
const ORDERED: readonly (readonly [SwitchName, (value: Json) => Refusal])[] = [
  ['token-dead', () => tokenInvalid()],
  ['not-authorized', () => notAuthorized('The application is not authorized for this scope')],
  [
    'rate-limited',
    value => (typeof value === 'number' ? rateLimited({ 'retry-after': String(value) }) : rateLimited()),
  ],
  [
    'error-500',
    value => new Refusal(500, 'internal_error', typeof value === 'string' ? value : SOMETHING_WRONG, true),
  ],
]

const SOMETHING_WRONG = 'Something is wrong. Please try again later.'

/** 401 of a token that is unknown, expired or revoked. */
export const tokenInvalid = (): Refusal =>
  new Refusal(401, 'access_token_invalid', 'The access token is invalid or not found in the request.', true)

/** 401 of a good token that is not good for this. */
export const notAuthorized = (message: string): Refusal =>
  new Refusal(401, 'scope_not_authorized', message, true)

/** Throws what a switch orders for this request. */
export const obeySwitches = (knobs: Knobs, request: SandboxRequest): void => {
  for (const [name, refusal] of ORDERED) {
    const value = knobs.take(name, request)
    if (value !== undefined) throw refusal(value)
  }
  const refused = knobs.trait('refused-fields')
  if (!Array.isArray(refused)) return
  const field = (request.query.get('fields') ?? '').split(',').find(name => refused.includes(name.trim()))
  if (field === undefined) return
  throw new Refusal(400, 'scope_permission_missed', `The field ${field} needs a further permission`, true)
}

const GATEWAY: SandboxAnswer = {
  status: 504,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<html><head><title>504 Gateway Time-out</title></head><body><h1>504 Gateway Time-out</h1></body></html>',
}

/** An answer spoiled on its way: half a body, or the gateway's page in its place. */
export const spoil = (
  knobs: Knobs,
  request: SandboxRequest,
  answer: SandboxAnswer,
  isCut: boolean,
): SandboxAnswer | Promise<SandboxAnswer> => {
  const wait = knobs.take('gateway-504', request)
  if (wait !== undefined) return typeof wait === 'number' ? pause(timerLength(wait), GATEWAY) : GATEWAY
  if (!isCut && knobs.take('cut-json', request) === undefined) return answer
  return { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) }
}
