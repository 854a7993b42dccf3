import type { Json } from '../../../../../src/core/json.ts'
import type { SocialRecord } from '../../../../../src/core/records.ts'
import { TOKENS } from '../../../../../src/networks/instagram/sandbox/tokens.ts'
import { openInstagramSandbox } from '../../../../../src/networks/instagram/sandbox.ts'
import type { NetworkSandbox } from '../../../../../src/networks/sandbox.ts'
import { openSwitches } from '../../../../../src/sandbox/switches.ts'

export const ORIGIN = 'http://127.0.0.1:8377'
export const DAY = 86_400_000
export const HOUR = 3_600_000

/** A wire object, looked into without types: what is there is what the test is about. */
// biome-ignore lint/suspicious/noExplicitAny: answers are compared as they are
export type Wire = any

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly json: Wire
}

interface Options {
  readonly seed?: number
  readonly size?: 'small' | 'medium' | 'large'
  readonly moving?: boolean
  readonly now?: number
}

/** The sandbox without a server: its answers to requests as the host would hand them over. */
export const open = (options: Options = {}) => {
  let now = options.now ?? Date.UTC(2026, 2, 1, 12)
  const board = openSwitches()
  const sandbox: NetworkSandbox = openInstagramSandbox({
    seed: options.seed ?? 1,
    size: options.size ?? 'small',
    moving: options.moving ?? false,
    now: () => now,
    origin: ORIGIN,
    switches: board.of('instagram'),
  })
  const own = sandbox.credentials.SOCSYNC_INSTAGRAM_USER_ID ?? ''

  const send = (
    method: string,
    url: string,
    { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string } = {},
  ): Reply => {
    const { pathname, searchParams } = new URL(url.startsWith('/') ? `${ORIGIN}${url}` : url)
    const request = { method, path: pathname, query: searchParams, headers, body }
    if (!sandbox.owns(request)) throw new Error(`not owned: ${url}`)
    const answer = sandbox.answer(request)
    if (answer instanceof Promise) throw new Error('answers at once')
    return {
      status: answer.status,
      headers: answer.headers ?? {},
      text: answer.body,
      json: JSON.parse(answer.body),
    }
  }

  /** `get('me', { fields })` with a token, the system user's unless said. */
  const get = (
    path: string,
    params: Readonly<Record<string, string>> = {},
    token: string | null = TOKENS.system,
  ): Reply => {
    const query = new URLSearchParams({ ...params, ...(token !== null && { access_token: token }) })
    return send('GET', `/v26.0/${path}?${query}`)
  }

  /** An address of a next page, followed to the letter. */
  const follow = (url: string): Reply => send('GET', url)

  return {
    sandbox,
    own,
    send,
    get,
    follow,
    truth: (entity = own): SocialRecord[] => [...sandbox.truth(entity)],
    discover: (username: string, fields: string, token?: string): Wire => {
      const reply = get(own, { fields: `business_discovery.username(${username}){${fields}}` }, token)
      return reply.json.business_discovery ?? reply.json
    },
    set: (name: string, value: Json = true, more: { match?: string; after?: number; times?: number } = {}) =>
      board.set({ name, value, ...more }),
    clear: () => board.clear(),
    advance: (ms: number) => {
      now += ms
    },
  }
}

export type Opened = ReturnType<typeof open>

/** `100/33`, `190/463`, `2500`. */
export const codeOf = ({ json }: Reply): string =>
  [json.error?.code, json.error?.error_subcode].filter(part => part !== undefined).join('/')
