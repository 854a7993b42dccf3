import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/core/json.ts'
import { noteOf, refusedIn } from '../../../src/core/refused-credential.ts'

const AT = '2026-10-01T03:00:00.000Z'
const LATER = '2026-10-02T03:00:00.000Z'
const refused = { stopped: { errorType: 'unauthorised', message: 'API key not valid' }, answered: false }
const answered = { stopped: null, answered: true }

/** The memory after some runs, each with how a credential ended. */
const knownAfter = (...runs: readonly (readonly [string, Parameters<typeof noteOf>[1], string])[]) => {
  const memory = new Map<string, Json>([['learned/somebody/something', { subjects: ['1'], at: 1 }]])
  for (const [credential, ending, at] of runs) {
    const note = noteOf(credential, ending, memory, at)
    if (note !== null) memory.set(...note)
  }
  return refusedIn(memory)
}

const KEY = { credential: 'key-2', errorType: 'unauthorised', message: 'API key not valid' }

describe('a credential that is refused', () => {
  it('is known by its name, since the first run that met it', () => {
    expect(knownAfter(['key-2', refused, AT], ['key-1', answered, AT], ['key-2', refused, LATER])).toEqual([
      { ...KEY, since: AT },
    ])
  })

  it('is one no more as soon as a call with it was answered, and again from then on', () => {
    expect(knownAfter(['key-2', refused, AT], ['key-2', answered, LATER])).toEqual([])
    expect(knownAfter(['key-2', refused, AT], ['key-2', answered, AT], ['key-2', refused, LATER])).toEqual([
      { ...KEY, since: LATER },
    ])
  })

  it('stays one while nothing was asked with it, and where it was stopped by what passes', () => {
    const idle = { stopped: null, answered: false }
    const away = { stopped: { errorType: 'unreachable', message: 'no route' }, answered: true }
    expect(knownAfter(['key-2', refused, AT], ['key-2', idle, LATER], ['key-2', away, LATER])).toEqual([
      { ...KEY, since: AT },
    ])
    expect(knownAfter(['key-2', away, AT])).toEqual([])
  })

  it('is told anew where it is another error', () => {
    const wrong = { stopped: { errorType: 'misconfigured', message: 'no permission' }, answered: true }
    expect(knownAfter(['key-2', refused, AT], ['key-2', wrong, LATER])).toEqual([
      { credential: 'key-2', errorType: 'misconfigured', message: 'no permission', since: LATER },
    ])
  })
})
