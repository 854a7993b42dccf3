import type { SandboxAnswer, SandboxRequest } from '../../sandbox.ts'
import { hash32 } from '../../seeded.ts'
import { RESEARCH } from './access/credentials.ts'
import { Quota, SlidingWindow } from './access/quota.ts'
import type { Grant, Tokens } from './access/tokens.ts'
import { type Call, data, type Reply } from './call.ts'
import { notAuthorized, obeySwitches, spoil, tokenInvalid } from './faults.ts'
import type { Route } from './routes.ts'
import { refuseSick, type Sickness, sicknessOf } from './sick.ts'
import type { Knobs } from './switches.ts'
import { jsonAnswer, logId, Refusal } from './wire/reply.ts'
import type { Wire } from './wire/write-json.ts'

/** What a call needs besides its token. */
export type Setting = Omit<Call, 'grant'>

const DISPLAY_PER_MINUTE = 600

/** The door of every endpoint behind a token: who is let in, what it costs, and the envelope of what is said. */
export class Door {
  readonly quota: Quota
  readonly #tokens: Tokens
  readonly #knobs: Knobs
  readonly #minute = new SlidingWindow(60)
  readonly #second = new SlidingWindow(1)

  constructor(tokens: Tokens, knobs: Knobs) {
    this.#tokens = tokens
    this.#knobs = knobs
    this.quota = new Quota(knobs)
  }

  answer(route: Route, setting: Setting): SandboxAnswer | Promise<SandboxAnswer> {
    const sickness = sicknessOf(this.#knobs, setting.request)
    const answer = this.#envelope(route, setting, sickness)
    this.#charge(route, answer.status, setting.now)
    return spoil(this.#knobs, setting.request, answer, sickness === 'cut')
  }

  #envelope(route: Route, setting: Setting, sickness: Sickness | null): SandboxAnswer {
    const { request, world, now } = setting
    const order = hash32(world.seed, request.path, request.body)
    const log_id = logId(now, world.seed, order)
    const status = (number: number): { readonly [key: string]: Wire | undefined } =>
      route.compliance ? { http_status_code: number } : {}
    try {
      const grant = this.#admit(route, setting)
      obeySwitches(this.#knobs, request)
      refuseSick(sickness)
      const reply: Reply = sickness === 'empty' ? data({}) : route.endpoint({ ...setting, grant })
      if (reply.kind === 'file') return fileAnswer(reply.text)
      return this.#goodAnswer(reply, request, order, {
        code: 'ok',
        message: route.ok,
        log_id,
        ...status(reply.status ?? 200),
      })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const said = { code: error.code, message: error.message, log_id, ...status(error.status) }
      const answer = jsonAnswer(error.status, { data: error.withData ? {} : undefined, error: said }, order)
      return { ...answer, headers: { ...answer.headers, ...error.headers } }
    }
  }

  #goodAnswer(
    reply: Reply & { readonly kind: 'data' },
    request: SandboxRequest,
    order: number,
    error: { readonly [key: string]: Wire | undefined },
  ): SandboxAnswer {
    const odd = this.#knobs.take('good-500', request)
    const given = this.#knobs.take('missing-data', request) === undefined ? reply.data : undefined
    const said = odd === 'bare' ? { ...error, message: undefined } : error
    return jsonAnswer(odd === undefined ? (reply.status ?? 200) : 500, { data: given, error: said }, order)
  }

  /** The grant of the request's token; throws where it may not pass. */
  #admit(route: Route, { request, now }: Setting): Grant {
    const token = /^bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    const grant = token === undefined ? null : this.#tokens.find(token, now)
    if (grant === null) throw tokenInvalid()
    if (grant.kind !== route.takes) throw notAuthorized('This token is for another API')
    if (route.pool === null) {
      this.#minute.demand(request.path, this.#knobs.number('display-per-minute') ?? DISPLAY_PER_MINUTE, now)
      return grant
    }
    const perSecond = this.#knobs.number('per-second')
    if (perSecond !== null) this.#second.demand(RESEARCH.SOCSYNC_TIKTOK_CLIENT_KEY, perSecond, now)
    this.quota.demand(route.pool, now)
    return grant
  }

  /** Failures cost what answers cost (docs/networks/tiktok.md §4); whether refusals do is a switch. */
  #charge(route: Route, status: number, now: number): void {
    if (route.pool === null || (route.compliance && this.#knobs.is('charge-compliance', false))) return
    const free: Readonly<Record<number, boolean>> = {
      400: this.#knobs.is('charge-400', false),
      401: !this.#knobs.is('charge-401', true),
      429: true,
    }
    if (free[status] !== true) this.quota.charge(route.pool, now)
  }
}

const fileAnswer = (text: string): SandboxAnswer => ({
  status: 200,
  headers: {
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': 'attachment; filename="valid.txt"',
  },
  body: text,
})
