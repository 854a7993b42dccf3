import { Chalk } from 'chalk'
import { describe, expect, it } from 'vitest'
import { exitCodeOfAuth, inspectCredentials } from '../../../src/app/auth.ts'
import type { Toolbox } from '../../../src/app/toolbox.ts'
import { credentialsJson, showCredentials } from '../../../src/cli/show/auth.ts'
import { type Fault, FaultError } from '../../../src/core/fault.ts'
import type { CredentialCheck, TokenReport } from '../../../src/networks/contract.ts'
import { youtube } from '../../../src/networks/youtube/index.ts'
import { stillClock } from '../../support/still-clock.ts'

const clock = stillClock()
const TOOLBOX = {
  clock,
  http: { send: () => Promise.reject(new Error('nothing is sent')) },
  baseUrl: () => null,
  insights: () => ({}),
  renew: () => () => Promise.reject(new Error('nothing is renewed')),
  credentials: () => [{ kind: 'API key', name: 'youtube-1', values: { api_key: 'key' } }],
} as unknown as Toolbox

/** What is told where a network answers so to the question about a credential. */
const inspect = async (answer: TokenReport | Fault) => {
  const tokens: CredentialCheck = {
    inspect: async () => {
      if ('works' in answer) return answer
      throw new FaultError(answer, 'Requests from referer <empty> are blocked.')
    },
    refresh: async () => null,
  }
  const request = { network: null, networks: [{ ...youtube, tokens }], db: '/nowhere/a.db', maxWaitMs: 0 }
  const reports = await inspectCredentials(request, TOOLBOX)
  const [first] = reports
  return {
    code: exitCodeOfAuth(reports),
    json: first && credentialsJson(first),
    text: showCredentials(reports, clock.now(), new Chalk({ level: 0 })),
  }
}

const ADVICE = 'the key is restricted to websites: make one without'
const WORKS: TokenReport = { works: true, who: '@me', permissions: null, expiresAt: null, problem: null }

describe('auth status', () => {
  it.each([
    ['a set-up that is wrong', { kind: 'misconfigured', code: 'x', advice: ADVICE }],
    [
      'a refusal that is about whoever asks',
      { kind: 'forbidden', code: 'x', reason: 'refused', askerAdvice: ADVICE },
    ],
    ['an id that is not there', { kind: 'not-found', code: 'x', reason: 'not-found', askerAdvice: ADVICE }],
  ] as const satisfies [string, Fault][])('tells %s as one, with what to set', async (_, fault) => {
    const { code, json, text } = await inspect(fault)
    expect(code).toBe(5)
    expect(json).toMatchObject({
      works: false,
      error_type: 'misconfigured',
      problem: 'Requests from referer <empty> are blocked.',
      advice: ADVICE,
    })
    expect(text).toBe(
      `youtube-1 (API key) is set up wrong\n  problem  Requests from referer <empty> are blocked.\n  set      ${ADVICE}\n`,
    )
  })

  it('tells a dead secret as that', async () => {
    const { code, json, text } = await inspect({ kind: 'unauthorised', code: 'x' })
    expect({ code, ...json }).toMatchObject({
      code: 5,
      works: false,
      error_type: 'unauthorised',
      advice: null,
    })
    expect(text).toContain('does not work')
  })

  it('prints what to put into a list for the own account, where it has one', async () => {
    const own = await inspect({ ...WORKS, ownId: '17841400000000001' })
    expect(own.code).toBe(0)
    expect(own.json).toMatchObject({ own_id: '17841400000000001' })
    expect(own.text).toMatch(/works\n {2}who {6}@me\n {2}list as {2}17841400000000001\n/)
    const none = await inspect(WORKS)
    expect(none.json).toMatchObject({ own_id: null })
    expect(none.text).not.toContain('list as')
  })
})
