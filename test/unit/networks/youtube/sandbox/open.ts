import type { JsonObject } from '../../../../../src/core/json.ts'
import type { SocialRecord } from '../../../../../src/core/records.ts'
import type { SandboxAnswer, SandboxOptions, SandboxRequest } from '../../../../../src/networks/sandbox.ts'
import { openYoutubeSandbox, YOUTUBE_ACCESS } from '../../../../../src/networks/youtube/sandbox.ts'
import { openSwitches, type SwitchRule } from '../../../../../src/sandbox/switches.ts'

export const OCTOBER = Date.UTC(2026, 9, 1)
export const DAY = 86_400_000

export interface Item {
  readonly id: string
  readonly etag: string
  // biome-ignore lint/suspicious/noExplicitAny: the wire is what is looked at here
  readonly [part: string]: any
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly body: JsonObject & {
    readonly items?: readonly Item[]
    readonly nextPageToken?: string
    readonly prevPageToken?: string
    readonly etag?: string
  }
  /** `[status, reason]` of a refusal. */
  readonly refusal: readonly [number, string]
}

type Query = Readonly<Record<string, string | number>> | string

/** A sandbox without a server, with a clock and switches to move by hand. */
export const open = (options: Partial<SandboxOptions> & { rules?: readonly SwitchRule[] } = {}) => {
  const board = openSwitches(options.rules)
  let now = OCTOBER
  const sandbox = openYoutubeSandbox({
    seed: 1,
    size: 'small',
    origin: 'http://127.0.0.1',
    moving: false,
    now: () => now,
    switches: board.of('youtube'),
    ...options,
  })
  const send = (request: Partial<SandboxRequest>): Answer => {
    const whole = {
      method: 'GET',
      path: '/',
      query: new URLSearchParams(),
      headers: {},
      body: '',
      ...request,
    }
    const { status, headers = {}, body: text } = sandbox.answer(whole) as SandboxAnswer
    const body = text === '' ? {} : JSON.parse(text)
    return { status, headers, text, body, refusal: [status, body.error?.errors?.[0].reason] }
  }
  const query = (given: Query): URLSearchParams =>
    new URLSearchParams(
      typeof given === 'string'
        ? given
        : Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)])),
    )
  return {
    sandbox,
    switches: board,
    send,
    setNow: (moment: number) => {
      now = moment
    },
    /** A call with the ordinary key. */
    ask: (method: string, given: Query, headers: Record<string, string> = {}): Answer => {
      const asked = query(given)
      asked.append('key', YOUTUBE_ACCESS.apiKey)
      return send({ path: `/youtube/v3/${method}`, query: asked, headers })
    },
    /** A call with what stands in it alone. */
    askBare: (method: string, given: Query, headers: Record<string, string> = {}): Answer =>
      send({ path: `/youtube/v3/${method}`, query: query(given), headers }),
    truth: (id: string): readonly SocialRecord[] => [...sandbox.truth(id)],
    used: () =>
      Object.fromEntries(sandbox.quota().map(({ owner, pool, used }) => [`${owner} ${pool}`, used])),
  }
}

export type Opened = ReturnType<typeof open>

/** Follows a list to its end; gives its pages. */
export const walk = (
  { ask }: Opened,
  method: string,
  query: Readonly<Record<string, string | number>>,
): Answer[] => {
  const pages: Answer[] = []
  let token: string | undefined
  do {
    const page = ask(method, { ...query, ...(token !== undefined && { pageToken: token }) })
    if (page.status !== 200) throw new Error(page.text)
    pages.push(page)
    token = page.body.nextPageToken
  } while (token !== undefined)
  return pages
}

export const idsOf = (pages: readonly Answer[]): string[] =>
  pages.flatMap(({ body }) => body.items ?? []).map(item => item.contentDetails?.videoId ?? item.id)

export const uploadsOf = (channelId: string): string => channelId.replace(/^UC/, 'UU')
