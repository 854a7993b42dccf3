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
    const error = faultOf(refusal!, { path: '/v2/x/', pool: 'main', ...asked }, json)
    expect(error.fault).toEqual(fault)
    expect(error.message).toContain(code === null ? '504' : 'log_id 2026A')
  })

  test.each([
    [500, '{"data":{"videos":[]},"error":{"code":"ok","message":""}}'],
    [500, '{"data":{"videos":[]}}'],
    [500, '{"data":{"videos":[]},"error":{"code":"internal_error"}}'],
    [200, '{"error":{"message":"","code":"ok"},"data":{}}'],
  ])('%i %s is a success', (status, body) => {
    expect(readRefusal({ status, json: decode(body) })).toBeNull()
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
