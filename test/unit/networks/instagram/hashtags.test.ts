import { describe, expect, it } from 'vitest'
import { FaultError } from '../../../../src/core/fault.ts'
import type { CallContext, Price } from '../../../../src/core/stream.ts'
import { openHashtags } from '../../../../src/networks/instagram/hashtags.ts'
import { openMemory } from './harness.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const open = ({ fails = false } = {}) => {
  let now = Date.UTC(2026, 2, 1)
  const memory = openMemory()
  const charged: Price[] = []
  const ctx = {
    now: () => now,
    call: async (price: Price, send: (signal: AbortSignal) => Promise<unknown>) => {
      if (fails) throw new Error('the budget is spent')
      charged.push(price)
      return send(new AbortController().signal)
    },
  } as unknown as CallContext
  return {
    memory,
    charged,
    ctx,
    hashtags: openHashtags('178', memory, () => now),
    other: openHashtags('179', memory, () => now),
    now: () => now,
    advance: (ms: number) => {
      now += ms
    },
  }
}
const faultOf = (error: unknown) => (error instanceof FaultError ? error.fault : null)

describe('hashtags that count', () => {
  it('are charged once in seven days, whoever else asks', async () => {
    const { hashtags, other, ctx, charged, advance } = open()
    await hashtags.name('bread', ctx)
    await hashtags.name('bread', ctx)
    await other.name('bread', ctx)
    expect(charged).toEqual([
      { pool: 'hashtags:178', units: 1 },
      { pool: 'hashtags:179', units: 1 },
    ])
    advance(7 * DAY - 1)
    expect(hashtags.isNamed('bread')).toBe(true)
    advance(1)
    expect(hashtags.isNamed('bread')).toBe(false)
  })

  it('are thirty; one more is refused before anything is charged, until the first counts no more', async () => {
    const { hashtags, ctx, charged, advance, now } = open()
    const first = now()
    for (let n = 0; n < 30; n++) {
      await hashtags.name(`tag${n}`, ctx)
      advance(HOUR)
    }
    const refused = await hashtags.name('bread', ctx).catch(faultOf)
    expect(refused).toEqual({
      kind: 'quota-exhausted',
      code: 'hashtags',
      pool: 'hashtags:178',
      until: first + 7 * DAY,
    })
    expect(charged).toHaveLength(30)
    advance(first + 7 * DAY - now())
    await hashtags.name('bread', ctx)
    expect(charged).toHaveLength(31)
  })

  it('do not where the charge was refused', async () => {
    const { hashtags, ctx } = open({ fails: true })
    await expect(hashtags.name('bread', ctx)).rejects.toThrow('budget')
    expect(hashtags.isNamed('bread')).toBe(false)
  })

  it.each([
    ['(#18) The limit of 30 unique hashtags within 7 days was reached', 'quota-exhausted'],
    ['You exceeded the number of hashtags', 'quota-exhausted'],
    ['(#100) Invalid parameter', 'rejected'],
    ['Instagram knows no hashtag bread', 'rejected'],
  ])('%s is %s', async (message, kind) => {
    const { hashtags, ctx, now } = open()
    await hashtags.name('bread', ctx)
    const fault = faultOf(
      hashtags.limitIn('bread', new FaultError({ kind: 'rejected', code: '18' }, message), now()),
    )
    expect(fault?.kind).toBe(kind)
    expect(hashtags.isNamed('bread')).toBe(kind === 'rejected')
  })
})

describe('recent hits', () => {
  it('are caught up with by a page of which the walk before had all, and not by the walk’s own', () => {
    const { hashtags } = open()
    hashtags.saw('bread', 'one', ['a', 'b'])
    hashtags.saw('bread', 'one', ['a', 'b'])
    expect(hashtags.isCaughtUp('bread', 'one')).toBe(false)
    hashtags.saw('bread', 'two', ['c', 'a'])
    expect(hashtags.isCaughtUp('bread', 'two')).toBe(false)
    hashtags.saw('bread', 'two', ['a', 'b'])
    expect(hashtags.isCaughtUp('bread', 'two')).toBe(true)
    expect(hashtags.isCaughtUp('bread', 'three')).toBe(false)
    expect(hashtags.pagesOf('bread')).toBe(2)
    expect(hashtags.pagesOf('never')).toBe(1)
  })
})
