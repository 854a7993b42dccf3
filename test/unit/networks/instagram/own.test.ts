import { describe, expect, it } from 'vitest'
import { FaultError } from '../../../../src/core/fault.ts'
import type { CallContext, Source } from '../../../../src/core/stream.ts'
import { eachSandbox } from './each-sandbox.ts'
import { COMMENTS, openInstagram, requestFor, streamOf, walk } from './harness.ts'

const DAY = 86_400_000

const at = eachSandbox()

const userId = (): string => at().sandbox.environment.SOCSYNC_INSTAGRAM_USER_ID ?? ''
const token = (): string => at().sandbox.environment.SOCSYNC_INSTAGRAM_ACCESS_TOKEN ?? ''

const open = (values: Readonly<Record<string, string>> = { user_id: userId() }): Source =>
  openInstagram({ access_token: token(), ...values }, at().openWith)

/** One attempt per call, and then what it is once the tries are used up. Gives the pools that paid. */
const ctx = (): CallContext & { readonly charged: string[] } => {
  const charged: string[] = []
  const { signal } = new AbortController()
  const call: CallContext['call'] = ({ pool, units }, send) => {
    if (units > 0) charged.push(pool)
    return send(signal).catch((error: unknown) => {
      const then = error instanceof FaultError && error.fault.kind === 'transient' && error.fault.then
      throw then ? new FaultError(then, 'three times') : error
    })
  }
  return { signal, call, usage: () => {}, now: () => at().sandbox.clock.now(), charged }
}

const openingOf = (source: Source, key: string): unknown => source.opening(key, COMMENTS)?.tasks[0]

describe('introduce', () => {
  const login = () => open({ access_token: 'IGAAJsandboxInstagram' })

  it('learns the account of an Instagram Login token, for one call in 30 days', async () => {
    const asked = ctx()
    await login().introduce?.(asked)
    for (const key of ['north.pier', 'me'])
      expect(openingOf(login(), key)).toEqual({ stream: 'account', externalId: userId() })
    expect(openingOf(login(), 'one.post')).toBeUndefined()
    await login().introduce?.(asked)
    expect(asked.charged).toEqual(['account:own'])
    at().sandbox.advance(30 * DAY)
    await login().introduce?.(asked)
    expect(asked.charged).toHaveLength(2)
  })

  it('learns the name of the account that asks on the Facebook side, and asks nothing where none is named', async () => {
    const asked = ctx()
    await open().introduce?.(asked)
    for (const key of ['north.pier', 'me', userId()])
      expect(openingOf(open(), key)).toEqual({ stream: 'account', externalId: userId() })
    await open().introduce?.(asked)
    expect(asked.charged).toEqual([`account:${userId()}`])
    expect(open({}).introduce).toBeUndefined()
  })

  it('that is not answered is no reason not to go on, and is asked for again ever more seldom', async () => {
    at().sandbox.setSwitch('fault', { value: 'unavailable', match: 'user_id' })
    const asked = ctx()
    const days: number[] = []
    for (let day = 0; day < 16; day++) {
      const before = asked.charged.length
      await login().introduce?.(asked)
      if (asked.charged.length > before) days.push(day)
      at().sandbox.advance(DAY)
    }
    expect(days).toEqual([0, 1, 3, 7, 15])
    expect(openingOf(login(), 'north.pier')).toBeUndefined()
  })

  it('that finds the token dead says so', async () => {
    const dead = open({ access_token: 'IGAAnobodyKnowsThisOne' }).introduce?.(ctx())
    await expect(dead).rejects.toMatchObject({ fault: { kind: 'unauthorised' } })
  })
})

describe('an own account', () => {
  const without = ['insights', 'comments', 'replies']
  const sync = (key: string) => walk(open(), key, COMMENTS, { clock: at().sandbox.clock, without })

  it('listed by its name is found out by the answer about it, and read as such from there on', async () => {
    const first = await sync('north.pier')
    expect(first.faults).toEqual([])
    expect(first.charged).toMatchObject({ app: 1 })
    expect([...first.records.values()].some(({ type }) => type === 'comment')).toBe(true)
    expect(first.children.map(({ stream }) => stream)).not.toContain('discovery-media')
    // From then on it is known by its name, and costs what it costs by its id.
    expect(openingOf(open(), 'north.pier')).toEqual({ stream: 'account', externalId: userId() })
    expect(openingOf(open(), 'north.pier.roasters')).toMatchObject({ stream: 'discovery' })
    expect(Object.keys((await sync('north.pier')).charged)).toEqual([`account:${userId()}`])
  })

  it('listed as `me` is read as such', async () => {
    const walked = await sync('me')
    expect(walked.faults).toEqual([])
    expect(Object.keys(walked.charged)).toEqual([`account:${userId()}`])
  })

  it.each(['north.pier', 'me'])('listed as %s is the one of its id', async key => {
    const source = open()
    const [task] = source.opening(key, COMMENTS)?.tasks ?? []
    const stream = streamOf(source, task?.stream ?? '')
    const [raw] = (
      await walk(source, key, COMMENTS, { clock: at().sandbox.clock, without: [...without, 'media'] })
    ).raw
    const request = requestFor(stream, { externalId: task?.externalId ?? '', entityId: key })
    const { identities } = stream.normalise(raw ?? { parts: [] }, request)
    expect(identities).toMatchObject([{ entityId: userId(), profileId: userId() }])
  })
})

describe('alive', () => {
  it('resolves where the network answers, be it with a refusal, and throws where it does not', async () => {
    const asked = ctx()
    await open().alive?.(asked)
    await open({ access_token: 'EAAJsandboxExpired' }).alive?.(asked)
    await open({ access_token: 'IGAAJsandboxInstagram' }).alive?.(asked)
    expect(asked.charged).toEqual(['app', 'app', 'account:own'])
    at().sandbox.setSwitch('fault', { value: 'unavailable' })
    await expect(open().alive?.(asked)).rejects.toMatchObject({ fault: { kind: 'transient', tries: 1 } })
  })
})

describe('onward', () => {
  const task = { externalId: 'someone', entityId: 'someone' }

  it('reads on of a profile whose own page cannot be had', () => {
    const onward = (name: string, params = COMMENTS) =>
      open()
        .streams.find(stream => stream.name === name)
        ?.onward?.({ profileId: '1', declared: 12 }, task, params)
    expect(onward('discovery')).toEqual([
      { stream: 'discovery-media', externalId: 'someone', next: 'start', declared: 12 },
    ])
    expect(onward('account')?.map(({ stream }) => stream)).toEqual([
      'account-insights',
      'demographics',
      'media',
      'stories',
    ])
    const told = onward('account', { ...COMMENTS, kinds: ['profile'], lists: ['tagged'] })
    expect(told?.at(-1)).toMatchObject({ stream: 'tagged', next: 'start' })
    expect(onward('discovery', { ...COMMENTS, kinds: ['profile'] })).toEqual([])
  })
})
