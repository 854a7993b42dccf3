import { describe, expect, test } from 'vitest'
import type { Fault } from '../../../../src/core/fault.ts'
import { decode } from '../../../../src/http/json.ts'
import { type Asked, faultOf, readRefusal } from '../../../../src/networks/tiktok/errors.ts'
import { fixture } from './harness.ts'

interface Row {
  readonly status: number
  readonly code: string | null
  readonly message: string
  readonly asked?: Partial<Asked>
  readonly fault: Fault
}

const rows = JSON.parse(fixture('refusals')) as readonly Row[]

describe('what a refusal means (docs/networks/tiktok.md §6)', () => {
  test.each(rows)('$status $code $message', ({ status, code, message, asked, fault }) => {
    const json = code === null ? null : { error: { code, message, log_id: '2026A' } }
    const refusal = readRefusal({ status, json })
    expect(refusal).not.toBeNull()
    const error = faultOf(refusal!, { path: '/v2/research/x/', pool: 'main', ...asked }, { json })
    expect(error.fault).toEqual(fault)
    expect(error.message).toContain(code === null ? '504' : 'log_id 2026A')
  })

  test.each([
    [500, '{"data":{"videos":[]},"error":{"code":"ok","message":""}}'],
    [500, '{"data":{"videos":[]}}'],
    [500, '{"data":{"videos":[]},"error":{"code":"internal_error"}}'],
    [200, '{"error":{"message":"","code":"ok"},"data":{"has_more":false}}'],
  ])('%i %s is a success', (status, body) => {
    expect(readRefusal({ status, json: decode(body) })).toBeNull()
  })

  test('data that holds nothing at all says nothing, unless nothing is what there may be', () => {
    const bare = { status: 200, json: decode('{"data":{},"error":{"code":"ok","message":""}}') }
    const refusal = readRefusal(bare)
    expect(readRefusal(bare, { mayBeBare: true })).toBeNull()
    expect(faultOf(refusal!, { path: '/v2/research/x/', pool: 'main' }, bare).fault).toEqual({
      kind: 'transient',
      code: 'empty',
      tries: 3,
      waitMs: 10_000,
      then: { kind: 'not-found', code: 'empty', reason: 'unavailable' },
    })
  })

  test('the words are cut at a word, and a page is told by its title', () => {
    const said = (message: string) =>
      faultOf(
        { sense: 'request', code: 'x', status: 400, message },
        { path: '/v2/x/', pool: 'main' },
        { json: {} },
      ).message
    expect(said('<b>no</b> such <empty> thing')).toBe(
      'TikTok answered /v2/x/ with 400 x: no such <empty> thing',
    )
    expect(said('word '.repeat(100))).toMatch(/ word…$/)
    const text = '<html><head><title>403 Forbidden</title></head><body>go away</body></html>'
    const page = { status: 403, json: null, text }
    const { fault, message } = faultOf(readRefusal(page)!, { path: '/v2/x/', pool: 'main' }, page)
    expect(message).toBe('TikTok answered /v2/x/ with 403 http-403: an HTML page: 403 Forbidden')
    expect(fault).toEqual({ kind: 'unauthorised', code: 'http-403' })
  })

  test('an error beside empty data, or data that is missing, is none', () => {
    const refused = '{"data":{},"error":{"code":"access_token_invalid","message":""}}'
    expect(readRefusal({ status: 401, json: decode(refused) })?.sense).toBe('token')
    expect(readRefusal({ status: 200, json: decode('{"error":{"code":"ok"}}') })?.sense).toBe('outage')
  })

  test('good data saves a 500 and nothing else', () => {
    const body = decode('{"data":{"videos":[]},"error":{"code":"rate_limit_exceeded","message":""}}')
    expect(readRefusal({ status: 429, json: body })?.sense).toBe('too-fast')
    expect(readRefusal({ status: 200, json: body })?.sense).toBe('too-fast')
    expect(readRefusal({ status: 429, json: decode('{"data":{"videos":[]}}') })?.sense).toBe('too-fast')
  })
})
