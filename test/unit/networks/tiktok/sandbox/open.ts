import type { SandboxAnswer, SandboxOptions } from '../../../../../src/networks/sandbox.ts'
import { DISPLAY, OPENING, openTiktokSandbox } from '../../../../../src/networks/tiktok/sandbox.ts'
import { openSwitches, type SwitchRule } from '../../../../../src/sandbox/switches.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
const JSON_TYPE = { 'content-type': 'application/json' }

export const FIELDS =
  'id,video_description,create_time,region_code,share_count,view_count,like_count,comment_count,music_id,hashtag_names,' +
  'username,effect_ids,playlist_id,voice_to_text,is_stem_verified,favorites_count,video_duration,hashtag_info_list,' +
  'sticker_info_list,effect_info_list,video_mention_list,video_label,video_tag'
export const COMMENT_FIELDS = 'id,video_id,text,like_count,reply_count,parent_comment_id,create_time'

// biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what the tests are about
export type Data = any

/** A sandbox with its clock, its switches and a client token. */
export const open = (given: Partial<SandboxOptions> & { rules?: readonly SwitchRule[] } = {}) => {
  const board = openSwitches(given.rules)
  let now = OPENING * 1_000
  const options: SandboxOptions = {
    seed: 1,
    size: 'small',
    now: () => now,
    origin: 'http://127.0.0.1:1',
    moving: false,
    switches: board.of('tiktok'),
    ...given,
  }
  const box = openTiktokSandbox(options)

  const send = async (
    path: string,
    body: string | object,
    headers: Readonly<Record<string, string>> = JSON_TYPE,
    method = 'POST',
  ): Promise<SandboxAnswer> => {
    const [plain = '', query = ''] = path.split('?')
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return box.answer({ method, path: plain, query: new URLSearchParams(query), headers, body: text })
  }
  const oauth = async (form: Readonly<Record<string, string>>, path = '/v2/oauth/token/'): Promise<Data> => {
    const client = {
      client_key: box.credentials.SOCSYNC_TIKTOK_CLIENT_KEY ?? '',
      client_secret: box.credentials.SOCSYNC_TIKTOK_CLIENT_SECRET ?? '',
    }
    const answer = await send(path, new URLSearchParams({ ...client, ...form }).toString(), {})
    return { status: answer.status, ...(answer.body === '' ? {} : JSON.parse(answer.body)) }
  }
  let token = ''
  /** A Research call; a token is asked for when there is none. Long ids come as text. */
  const ask = async (path: string, body: string | object, headers: Readonly<Record<string, string>> = {}) => {
    if (token === '') token = (await oauth({ grant_type: 'client_credentials' })).access_token
    const answer = await send(path, body, { ...JSON_TYPE, authorization: `Bearer ${token}`, ...headers })
    return { ...answer, ...readAnswer(answer) }
  }
  const display = async (path: string, body: object | null, access = DISPLAY.SOCSYNC_TIKTOK_ACCESS_TOKEN) => {
    const headers = { ...JSON_TYPE, authorization: `Bearer ${access}` }
    const answer = await send(path, body ?? '', headers, body === null ? 'GET' : 'POST')
    return { ...answer, ...readAnswer(answer) }
  }
  return {
    box,
    options,
    send,
    oauth,
    ask,
    display,
    on: (name: string, rule: Omit<SwitchRule, 'name'> = {}) => void board.set({ name, ...rule }),
    off: (name: string) => void board.clear({ name }),
    advance: (ms: number) => {
      now += ms
    },
    /** The next call asks for a new token. */
    leave: () => {
      token = ''
    },
    search: (
      username: string | readonly string[],
      window: readonly [string, string],
      more: object = {},
      fields = FIELDS,
    ) =>
      ask(`/v2/research/video/query/?fields=${fields}`, {
        query: { and: [{ operation: 'IN', field_name: 'username', field_values: [username].flat() }] },
        start_date: window[0],
        end_date: window[1],
        max_count: 100,
        ...more,
      }),
    posts: (username: string) => [...box.truth(username)].filter(record => record.type === 'post'),
    comments: (username: string) => [...box.truth(username)].filter(record => record.type === 'comment'),
  }
}

const readAnswer = ({ body }: SandboxAnswer): { data: Data; error: Data } => {
  try {
    return JSON.parse(
      body.replace(/"(?:[^"\\]|\\.)*"|\d{16,}/g, token => (token[0] === '"' ? token : `"${token}"`)),
    )
  } catch {
    return { data: undefined, error: undefined }
  }
}

export const SEPTEMBER = ['20260901', '20261001'] as const
