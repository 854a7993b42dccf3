import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../../src/core/json.ts'
import {
  explain,
  explainStatus,
  readError,
  type Situation,
} from '../../../../src/networks/instagram/errors.ts'
import { accountPool, readUsage } from '../../../../src/networks/instagram/usage.ts'

interface Case {
  readonly name: string
  readonly status: number
  readonly error: Json
  readonly situation?: Partial<Situation>
  readonly fault: Json
  readonly mend?: Json
  readonly says?: string
}

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL('../../../fixtures/instagram/errors.json', import.meta.url), 'utf8'),
)
const NOW = 1_000_000_000

/** A part of the advice is enough. */
const advised = (fault: Json): Json =>
  JSON.parse(JSON.stringify(fault), (key, value) =>
    key === 'advice' || key === 'askerAdvice' ? expect.stringContaining(value) : value,
  )
const situation: Situation = { target: 'discovery', pool: 'app', paged: false, now: NOW, regainAt: null }

describe('the error table of docs/networks/instagram.md §10', () => {
  it.each(cases)('$name', ({ status, error, situation: given, fault, mend = null, says }) => {
    const read = readError({ error })
    if (read === null) throw new Error('no envelope')
    const refusal = explain(read, status, { ...situation, ...given })
    expect(refusal.fault).toEqual(advised(fault))
    expect(refusal.mend).toEqual(mend === null ? null : expect.objectContaining(Object(mend)))
    expect(refusal.message).toContain(says ?? (read.message.slice(0, 20) || '('))
  })

  it('reads an answer without an envelope by its status', () => {
    const faultOf = (status: number, more: Partial<Situation> = {}) =>
      explainStatus(status, '', { ...situation, ...more }).fault
    expect(faultOf(502)).toEqual({ kind: 'transient', code: '502' })
    expect(faultOf(429, { regainAt: NOW + 7_000 })).toEqual({
      kind: 'rate-limited',
      code: '429',
      pool: 'app',
      until: NOW + 7_000,
    })
    expect(faultOf(401)).toEqual({ kind: 'unauthorised', code: '401' })
    expect(faultOf(403, { target: 'object' })).toEqual({ kind: 'forbidden', code: '403', reason: 'refused' })
    expect(faultOf(403)).toEqual({ kind: 'unauthorised', code: '403' })
    expect(faultOf(400)).toEqual({ kind: 'rejected', code: '400' })
    const page = '<!DOCTYPE html><html><head><title>Sign in</title></head><body>…</body></html>'
    expect(explainStatus(403, page, situation).message).toBe(
      'Instagram answered HTTP 403: an HTML page: Sign in',
    )
  })

  it('takes no envelope from what is none', () => {
    for (const body of [
      null,
      'error',
      [],
      {},
      { error: 'x' },
      { error: { message: 'x' } },
      { error: { code: '1' } },
    ])
      expect(readError(body)).toBeNull()
  })
})

describe('usage headers (docs/networks/instagram.md §9)', () => {
  const id = '17841400000000001'
  /** As of a call about another account. */
  const OTHERS = { account: null, asker: id }
  const entry = (calls: number, minutes: number) => ({
    type: 'instagram',
    call_count: calls,
    total_cputime: 1,
    total_time: 2,
    estimated_time_to_regain_access: minutes,
  })
  const business = (value: Json) => ({ 'x-business-use-case-usage': JSON.stringify(value) })

  it('takes the highest percentage of the app', () => {
    const headers = { 'x-app-usage': '{"call_count":28,"total_cputime":3,"total_time":91}' }
    expect(readUsage(headers, OTHERS, NOW)).toEqual([{ pool: 'app', share: 0.91, regainAt: null }])
  })

  it("takes the account's own entry, and minutes until it may go on", () => {
    const headers = business({ '645600000000001': [entry(99, 0)], [id]: [entry(4, 0), entry(130, 7)] })
    expect(readUsage(headers, { account: id, asker: id }, NOW)).toEqual([
      { pool: accountPool(id), share: 1.3, regainAt: NOW + 7 * 60_000 },
    ])
  })

  it('takes the fullest entry where the account goes by another id', () => {
    const headers = business({ '645600000000001': [entry(60, 0)], '17841400000000009': [entry(80, 0)] })
    expect(readUsage(headers, { account: id, asker: id }, NOW)).toEqual([
      { pool: accountPool(id), share: 0.8, regainAt: null },
    ])
  })

  it("slows what the app's pool pays by the asking account's entry, and rests for its minutes", () => {
    const headers = {
      ...business({ '645600000000001': [entry(3, 0)], [id]: [entry(100, 12)] }),
      'x-app-usage': '{"call_count":80,"total_cputime":1,"total_time":1}',
    }
    const regainAt = NOW + 12 * 60_000
    expect(readUsage(headers, OTHERS, NOW)).toEqual([
      { pool: accountPool(id), share: 1, regainAt },
      { pool: 'app', share: 1, regainAt },
    ])
  })

  it('tells nothing from no header or a broken one', () => {
    expect(readUsage({}, OTHERS, NOW)).toEqual([])
    expect(readUsage({ 'x-app-usage': '{"call_count":' }, OTHERS, NOW)).toEqual([])
  })
})
