import { describe, expect, test } from 'vitest'
import type { Fault } from '../../../../src/core/fault.ts'
import type { Json } from '../../../../src/core/json.ts'
import { faultOf, fixture, open, serve, step } from './harness.ts'

interface Refusal {
  readonly name: string
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Json
  readonly text?: string
  readonly asked?: { readonly method?: string; readonly paged?: boolean }
  readonly fault: Fault
  readonly message?: string
}

const STREAM_OF: Readonly<Record<string, string>> = {
  channels: 'channels',
  playlistItems: 'uploads',
  commentThreads: 'threads',
  comments: 'replies',
}

const CHANNEL = 'UCnorthPierChannel0001-w'

describe('a refusal', () => {
  test.each(fixture('refusals') as unknown as Refusal[])('$name', async refusal => {
    const method = refusal.asked?.method ?? 'channels'
    await using server = await serve(({ path }) => {
      const answer = {
        status: refusal.status,
        headers: refusal.headers ?? {},
        body: refusal.body ?? refusal.text ?? '',
      }
      if (path === (method === 'token' ? '/token' : `/youtube/v3/${method}`)) return answer
      return { body: fixture('uploads') }
    })
    const values =
      method === 'token' ? { client_id: 'a', client_secret: 'b', refresh_token: 'c' } : { api_key: 'k' }
    const source = open(server.baseUrl, { values })
    const cursor = { pageToken: 'x', seen: 50 }
    const stream = STREAM_OF[method] ?? 'channels'
    const error = await faultOf(
      step(source, stream, [CHANNEL], { ...(refusal.asked?.paged && { cursor }), patient: false }),
    )
    expect(error.fault).toEqual(refusal.fault)
    if (refusal.message !== undefined) expect(error.message).toBe(refusal.message)
  })
})
