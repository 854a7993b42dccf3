import type { Json } from '../../../core/json.ts'
import type { SandboxAnswer, SandboxOptions, SandboxRequest } from '../../sandbox.ts'
import { answerBatch } from './batch.ts'
import type { Call } from './call.ts'
import { encode } from './encode.ts'
import * as errors from './errors.ts'
import { takeFault, takeRefused } from './faults.ts'
import { type Ask, parseFields } from './grammar.ts'
import { HashtagsNamed, readHashtag, searchHashtag } from './hashtags.ts'
import { findNode } from './nodes.ts'
import { type Option, readOptions } from './options.ts'
import { type GraphRequest, readGraphRequest, serveVersion } from './request.ts'
import { signer } from './signer.ts'
import { TOKEN_ROUTES } from './token-routes.ts'
import { BUSINESS_ID, type Grant, type Host, proofOf, Tokens } from './tokens.ts'
import { Pools, usageHeader } from './usage.ts'
import { entry } from './views/view.ts'
import { Hashtag } from './world/hashtags.ts'
import { userId } from './world/ids.ts'
import { World } from './world/world.ts'

/** The sandbox's side of one Graph API: everything that lasts longer than a call. */
export class Graph {
  readonly option: Option
  readonly pools = new Pools()
  readonly #options: SandboxOptions
  readonly #tokens: Tokens
  readonly #sign = signer()
  readonly #hashtags = new HashtagsNamed()
  #answers = 0

  constructor(options: SandboxOptions) {
    this.#options = options
    this.option = readOptions(options.switches)
    this.#tokens = new Tokens(options.now())
  }

  /** The world at this moment. */
  world(): World {
    const { seed, size, moving, now } = this.#options
    return new World(seed, size, moving ? now() : null)
  }

  /** Refusals are answers too; what is thrown is a bug. */
  answer(request: SandboxRequest): SandboxAnswer {
    const headers: Record<string, string> = {}
    let host: Host = 'facebook'
    try {
      const asked = readGraphRequest(request)
      host = this.#hostOf(asked)
      return this.#send(200, this.#reply(asked, host, request, headers), headers)
    } catch (error) {
      if (!(error instanceof errors.GraphError)) throw error
      const { fault } = error
      const trace = `A${(this.#answers + 0x1f2e3d4c).toString(36)}`
      if (fault.code === 190 || fault.code === 102) {
        headers['www-authenticate'] = `OAuth "Facebook Platform" "invalid_token" "${fault.message}"`
      } else if (fault.code === 4) {
        headers['www-authenticate'] = `OAuth "Facebook Platform" "invalid_request" "${fault.message}"`
      }
      return this.#send(fault.status, errors.envelope(fault, host, trace), headers)
    }
  }

  /** The token of a request, alive and of this host; error 104, 190 or 100 otherwise. */
  #admit(asked: GraphRequest, host: Host): Grant {
    if (asked.token === null) throw asked.parts[0] === 'me' ? errors.noCurrentUser() : errors.noToken()
    const grant = this.#tokens.check(asked.token, host, this.#options.now())
    const proof = asked.params.get('appsecret_proof')
    if (host === 'facebook' && proof === null && this.option('proof-required')) throw errors.proofRequired()
    if (host === 'facebook' && proof !== null && proof !== proofOf(asked.token)) throw errors.proofWrong()
    return grant
  }

  #hostOf({ host, token }: GraphRequest): Host {
    return host ?? (token === null ? 'facebook' : (this.#tokens.read(token)?.host ?? 'facebook'))
  }

  #reply(asked: GraphRequest, host: Host, request: SandboxRequest, headers: Record<string, string>): Json {
    const { switches, now: clock } = this.#options
    const now = clock()
    const fault = takeFault(switches, request, now, this.option)
    const version = serveVersion(asked.version, now)
    headers['facebook-api-version'] = version

    const path = asked.parts.join('/')
    const tokenRoute = entry(TOKEN_ROUTES, path)
    if (tokenRoute !== undefined && asked.method === 'GET') {
      if (fault !== null) throw fault
      return tokenRoute(asked.params, this.#tokens, now)
    }

    const refused = takeRefused(switches, request, asked.params)
    const call = this.#call(asked, this.#admit(asked, host), version)
    const fields = asked.params.get('fields')
    const asks = fields === null || fields === '' ? null : parseFields(fields)
    const charge = (account: number | null): void => {
      const pool = asks?.some(isDiscovery) || account === null ? 'app' : `account:${userId(account)}`
      this.#charge(pool, call, headers)
      this.#tellUsage(account, request, headers)
      if (fault !== null) throw fault
      if (refused !== null) throw refused
    }

    if (path === '') {
      if (host === 'instagram' && !this.option('instagram-batch')) throw errors.unknownPath('')
      return asked.method === 'POST'
        ? answerBatch(asked, request, switches, part => this.answer(part))
        : this.#readMany(asked, asks, call, charge)
    }
    if (path === 'ig_hashtag_search') {
      charge(null)
      return searchHashtag(call, this.#hashtags)
    }
    const [id = '', edge] = asked.parts
    const hashtag = host === 'facebook' ? Hashtag.ofId(call.world, id) : null
    if (hashtag !== null) {
      charge(null)
      return readHashtag(hashtag, edge, asks, call, this.#hashtags)
    }
    return readOne(asked, asks, call, charge)
  }

  #call(asked: GraphRequest, grant: Grant, version: string): Call {
    const now = this.#options.now()
    const heaviest = this.option('heaviest-answer')
    const refused = this.option('discovery-refuses')
    let weight = 0
    return {
      world: this.world(),
      now,
      host: grant.host,
      grant,
      base: `${this.#options.origin}/${version}`,
      params: asked.params,
      option: this.option,
      refuses: new Set(refused === '' ? [] : refused.split(',')),
      refuse: (path, query) => {
        const within: SandboxRequest = {
          method: 'GET',
          path: `/${version}/${path}`,
          query: new URLSearchParams(query),
          headers: {},
          body: '',
        }
        const { switches } = this.#options
        const fault =
          takeFault(switches, within, now, this.option) ?? takeRefused(switches, within, within.query)
        if (fault !== null) throw fault
      },
      sign: (id, what) => this.#sign(id, what, now),
      weigh: objects => {
        weight += objects
        if (weight > heaviest) throw errors.tooMuchData()
      },
    }
  }

  /** `?ids=a,b`: each is a call. One bad id spoils them all, unless it is switched otherwise. */
  #readMany(
    { params }: GraphRequest,
    asks: readonly Ask[] | null,
    call: Call,
    charge: (account: number | null) => void,
  ): Json {
    const ids = (params.get('ids') ?? '').split(',').filter(id => id !== '')
    if (ids.length === 0) throw errors.badParameter('The parameter ids is required')
    if (ids.length > 50) throw errors.badParameter('Param ids must have at most 50 elements')
    const answer: Record<string, Json> = {}
    for (const id of ids) {
      const { account, node } = findNode(id, call)
      charge(account)
      if (node !== null) answer[id] = node.read(asks)
      else if (this.option('multi-get-spoils')) throw errors.unsupportedRequest(id)
    }
    return answer
  }

  #charge(pool: string, call: Call, headers: Record<string, string>): void {
    const usage = this.pools.charge(pool, call.now, this.#allowance(pool, call.world))
    if (this.option('usage-headers')) Object.assign(headers, usageHeader(pool, usage, BUSINESS_ID))
    if (usage.full)
      throw pool === 'app' ? errors.appLimit() : errors.accountLimit(this.option('limit-status'))
  }

  /** The switch `usage`, `{ "percent": 100, "minutes": 12 }`: what the call's account has used, whoever pays. */
  #tellUsage(account: number | null, request: SandboxRequest, headers: Record<string, string>): void {
    const value = this.#options.switches.take('usage', request)
    if (account === null || value === undefined) return
    const { percent = 0, minutes = 0 } = Object(value)
    const usage = { percent, regainMinutes: minutes, full: false }
    Object.assign(headers, usageHeader(`account:${userId(account)}`, usage, BUSINESS_ID))
  }

  /** Calls that a pool allows in its window. */
  #allowance(pool: string, world: World): number {
    if (pool === 'app') return this.option('app-allowance')
    const set = this.option('account-allowance')
    return set > 0 ? set : 4800 * (world.accountById(pool.slice('account:'.length))?.impressions ?? 1)
  }

  #send(status: number, body: Json, headers: Readonly<Record<string, string>>): SandboxAnswer {
    this.#answers++
    return {
      status,
      headers: {
        'content-type': 'application/json; charset=UTF-8',
        'x-fb-request-id': `R${this.#answers}`,
        'x-fb-trace-id': `T${this.#answers}`,
        'x-fb-rev': '1031700000',
        ...headers,
      },
      body: encode(body),
    }
  }
}

const isDiscovery = ({ name }: Ask): boolean => name === 'business_discovery'

/** `/{node}` or `/{node}/{edge}`. */
const readOne = (
  { method, parts }: GraphRequest,
  asks: readonly Ask[] | null,
  call: Call,
  charge: (account: number | null) => void,
): Json => {
  const [id = '', edge, ...rest] = parts
  const { account, node } = findNode(id, call)
  charge(account)
  if (node === null || method !== 'GET') throw errors.unsupportedRequest(id, method)
  if (rest.length > 0) throw errors.unknownPath(rest.join('/'))
  return edge === undefined ? node.read(asks) : node.edge(edge, asks)
}
