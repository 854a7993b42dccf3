import { describe, expect, it } from 'vitest'
import { drawn } from '../../../src/cli/show/bars.ts'
import { type Look, Tally } from '../../../src/cli/tally.ts'
import type { EngineEvent } from '../../../src/core/events.ts'

const PROFILES = { many: 'profiles', records: true }
const MINUTE = 60_000
const NOW = Date.parse('2026-11-30T12:00:00.000Z')
const exactly = (likely: number) => ({ low: likely, likely, high: likely })

const call = (units = 1): EngineEvent => ({
  event: 'call.sent',
  network: 'youtube',
  pool: 'default',
  units,
  attempt: 1,
})
const jobEnded = (status: 'succeeded' | 'failed'): EngineEvent => ({
  event: 'job.ended',
  network: 'youtube',
  jobId: 1,
  entityId: 'UC1',
  status,
  errorType: null,
})
const look = (minutes: number, end: Look['end'] = null): Look => ({
  now: NOW + minutes * MINUTE,
  elapsed: minutes * MINUTE,
  end,
})
const pool = (left: number, units: number | null) => ({
  pool: 'default',
  allowance: 10_000,
  left,
  units,
  resetsAt: NOW + 300 * MINUTE,
})

describe('what is told while it goes on', () => {
  it('that the day ends first, when, and with how many profiles, by the planned calls', () => {
    const expected = { calls: exactly(3400), pools: [pool(1200, 3400)] }
    const tally = new Tally('youtube', 340, PROFILES, expected)
    for (let sent = 0; sent < 600; sent++) tally.take(call())
    for (let ended = 0; ended < 60; ended++) tally.take(jobEnded('succeeded'))
    // 600 units are left of the day, at 600 in 14 minutes; 2,800 are to come for 280 profiles.
    expect(tally.parts(look(14))).toEqual([
      'youtube 60/340 profiles',
      '0 records',
      '600 calls, 0.7/s',
      '600 of 10,000 units left',
      '1 h 5 min left',
      "today's units end in 14 min 0 s, about 120 of 340 profiles",
    ])
  })

  it('the same by what profiles took where no calls were planned', () => {
    const tally = new Tally('youtube', 10, PROFILES, { calls: null, pools: [pool(300, null)] })
    for (let sent = 0; sent < 100; sent++) tally.take(call())
    for (let ended = 0; ended < 2; ended++) tally.take(jobEnded('succeeded'))
    expect(tally.parts(look(2)).slice(-2)).toEqual([
      '8 min 0 s left',
      "today's units end in 4 min 0 s, about 6 of 10 profiles",
    ])
  })

  it('nothing of the day where it has enough, and that its units are used up', () => {
    const enough = new Tally('youtube', 10, PROFILES, { calls: exactly(50), pools: [pool(300, 50)] })
    enough.take(call())
    expect(enough.parts(look(1)).join()).not.toContain('today')
    const none = new Tally('youtube', 10, PROFILES, { calls: exactly(50), pools: [pool(1, 50)] })
    none.take(call())
    expect(none.parts(look(1))).toContain("today's units are used up")
  })

  it('no units of a day that is over', () => {
    const tally = new Tally('youtube', 10, PROFILES, { calls: null, pools: [pool(300, null)] })
    expect(tally.parts(look(299)).join()).toContain('units left')
    expect(tally.parts(look(300)).join()).not.toContain('units')
  })

  it('a wait that counts down and is over with the next call', () => {
    const tally = new Tally('youtube', 2, PROFILES, null)
    const until = NOW + 2 * MINUTE
    tally.take({
      event: 'lane.waiting',
      network: 'youtube',
      credential: 'a',
      pool: 'default',
      until,
      why: '',
    })
    expect(tally.parts(look(0)).at(-1)).toBe('waiting for default: 2 min 0 s')
    expect(tally.parts(look(1.5)).at(-1)).toBe('waiting for default: 30 s')
    expect(tally.parts(look(2)).join()).not.toContain('waiting')
    tally.take(call())
    expect(tally.parts(look(0)).join()).not.toContain('waiting')
  })

  it('done, stopped, and what stopped it', () => {
    const tally = new Tally('youtube', 2, PROFILES, null)
    tally.take(jobEnded('succeeded'))
    expect(tally.parts(look(1, 'interrupted')).at(-1)).toBe('stopped')
    expect(tally.parts(look(1, 'done')).at(-1)).toBe('stopped')
    tally.take(jobEnded('failed'))
    expect(tally.parts(look(1, 'done'))).toEqual([
      'youtube 2/2 profiles',
      '1 failed',
      '0 records',
      '0 calls, 0.0/s',
      'done in 1 min 0 s',
    ])
    tally.take({
      event: 'lane.stopped',
      network: 'youtube',
      credential: 'a',
      errorType: 'unauthorised',
      message: '',
      until: null,
    })
    expect(tally.parts(look(1, 'done')).at(-1)).toBe('stopped: unauthorised')
  })

  it.each([10, 20, 40, 59, 79, 119, 199])('on %i columns, each part whole where there is room', columns => {
    const expected = { calls: exactly(3400), pools: [pool(1200, 3400)] }
    const tally = new Tally('youtube', 340, PROFILES, expected)
    for (let sent = 0; sent < 600; sent++) tally.take(call())
    for (let ended = 0; ended < 60; ended++) tally.take(jobEnded('succeeded'))
    const lines = drawn(tally, look(14), columns, false)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
    if (columns < 40) return
    const parts = tally.parts(look(14)).filter(part => part.length <= columns - 20)
    for (const part of parts) expect(lines.filter(line => line.includes(part))).toHaveLength(1)
  })
})
