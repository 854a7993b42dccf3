import { beforeEach, describe, expect, test } from 'vitest'
import { type Fault, FaultError } from '../../../src/core/fault.ts'
import type { Walk } from '../../../src/core/ports.ts'
import { exactly, page, type Source, type Stream } from '../../../src/core/stream.ts'
import { NO_STREAK } from '../../../src/core/verdict.ts'
import { type Doubtful, Doubts } from '../../../src/engine/doubt.ts'
import type { Lane } from '../../../src/engine/lane.ts'
import { freeLane } from '../../support/free-lane.ts'
import { EVERYTHING } from '../../support/params.ts'
import { taskRef } from '../../support/task-ref.ts'

/** What the network does, and what was made of it. */
let answers: { proof: boolean; alive: boolean }
let asked: string[]
let booked: string[]
let givenBack: string[]
let lane: Lane
let doubts: Doubts

const FAILS = new FaultError({ kind: 'transient', code: '500' }, 'it fails')
const reply = (isAnswered: boolean): void => {
  if (!isAnswered) throw FAILS
}

const stream = (name: string): Stream => ({
  name,
  kind: 'comments',
  batch: 1,
  newestFirst: false,
  fetch: async () => {
    asked.push(name)
    reply(answers.proof)
    return { parts: [] }
  },
  normalise: () => page({}),
})

const source = {
  network: 'tiny',
  credential: 'key',
  owner: 'me',
  limits: {
    concurrency: exactly(4),
    perSecond: null,
    order: 'by-entity',
    pools: [{ name: 'calls', allowance: null, window: { kind: 'rolling', ms: 1 } }],
  },
  streams: [stream('lists'), stream('other')],
  alive: async () => {
    asked.push('alive')
    reply(answers.alive)
  },
} as unknown as Source

beforeEach(() => {
  answers = { proof: true, alive: true }
  asked = []
  booked = []
  givenBack = []
  lane = freeLane(source, exactly(4))
  lane.narrow()
  doubts = new Doubts({
    lanes: [lane],
    stored: () => ({
      known: async () => new Set(),
      there: async () => new Set(),
      counters: async () => new Map(),
      observed: async () => [],
    }),
    kill: new AbortController().signal,
    now: () => 0,
    book: async ({ walk, error }) => void booked.push(`${nameOf(walk)} ${error.fault.kind}`),
    giveBack: async doubtful => void givenBack.push(...doubtful.map(({ walk }) => nameOf(walk))),
  })
})

const nameOf = ({ tasks }: Walk): string => tasks[0]?.externalId ?? ''
const walk = (name: string, of = 'lists', failing = false): Walk => ({
  ...{
    id: 1,
    runId: 1,
    network: 'tiny',
    jobId: 1,
    stream: of,
    kind: 'comments',
    cursor: null,
    seq: 0,
    rootId: 1,
  },
  ...{
    restarts: 0,
    streak: NO_STREAK,
    whole: true,
    credential: null,
    startedAt: '',
    params: EVERYTHING,
    failing,
  },
  tasks: [{ ...taskRef({ name: of, kind: 'comments' }, name), id: 1, jobId: 1, items: 0, part: '' }],
})
const doubtful = (name: string, fault: Fault, cause?: FaultError): Doubtful => ({
  lane,
  walk: walk(name),
  error: new FaultError(fault, 'no', { cause }),
  isPart: false,
})
/** So many lists that fail, one after the other. */
const fail = async (count: number, fault: Fault = FAILS.fault, cause?: FaultError): Promise<void> => {
  for (let n = 0; n < count; n++) await doubts.take(doubtful(`dead ${booked.length + n}`, fault, cause))
}

describe('docs/design.md §5.13 outage or sick part', () => {
  test('eight dead neighbours of a living stream are booked on them, and nobody is asked for more', async () => {
    await doubts.answered(lane, walk('a', 'other'))
    await fail(8)
    expect([booked, asked]).toEqual([[], []])
    await doubts.answered(lane, walk('b'))
    expect(booked).toHaveLength(8)
    expect(asked).toEqual([])
  })

  test('twelve failures of a stream that answered nothing close it, while the network lives', async () => {
    await doubts.answered(lane, walk('a', 'other'))
    await fail(12)
    expect(asked).toEqual(['alive'])
    expect([booked.length, givenBack.length, doubts.isClosed('lists'), lane.stopped]).toEqual([
      0,
      12,
      true,
      null,
    ])
  })

  test('five failures of a stream that has answered ask it for a sign of life; each doubles their number', async () => {
    await doubts.answered(lane, walk('a'))
    await fail(4)
    expect(asked).toEqual([])
    await fail(1)
    expect([booked.length, asked]).toEqual([5, ['lists']])
    await fail(9)
    expect(asked).toHaveLength(1)
    await fail(1)
    expect([booked.length, asked.length]).toEqual([15, 2])
  })

  test('without any sign the network is unreachable, and nothing is booked', async () => {
    await doubts.answered(lane, walk('a'))
    answers = { proof: false, alive: false }
    await fail(5)
    expect([asked, booked, givenBack.length]).toEqual([['lists', 'alive'], [], 5])
    expect(lane.stopped?.errorType).toBe('unreachable')
  })

  test('before anything was answered it takes five, one at a time unless the network gives a sign of life', async () => {
    answers.alive = false
    await fail(4)
    expect([asked, lane.stopped, lane.queue.concurrency]).toEqual([['alive'], null, 1])
    await fail(1)
    expect([booked, lane.stopped?.errorType]).toEqual([[], 'unreachable'])
  })

  test('what failed before is tried three times, and once where it looks like an outage', async () => {
    expect(doubts.mostTries(walk('a'))).toBe(Number.POSITIVE_INFINITY)
    expect(doubts.mostTries(walk('a', 'lists', true))).toBe(3)
    await fail(5)
    expect(doubts.mostTries(walk('a'))).toBe(1)
  })

  test('what a passing fault was taken for is believed of one, and not of many in a row', async () => {
    const gone = { kind: 'not-found', code: '100', reason: 'not-found' } as const
    await fail(1, gone, FAILS)
    await doubts.settle()
    expect(booked).toEqual(['dead 0 not-found'])
    booked = []
    await fail(6, gone, FAILS)
    await doubts.settle()
    expect(new Set(booked.map(line => line.split(' ').at(-1)))).toEqual(new Set(['transient']))
  })
})

describe('docs/design.md §5.15 whose fault', () => {
  const refused = { kind: 'forbidden', code: '10', reason: 'refused', askerAdvice: 'set it' } as const

  test('the same refusal of the first three targets stops the credential, and is booked on none of them', async () => {
    await fail(2, refused)
    expect(lane.stopped).toBeNull()
    await fail(1, refused)
    await doubts.take(doubtful('third', refused))
    expect(lane.stopped).toMatchObject({ errorType: 'misconfigured', message: 'no; set it' })
    expect(booked).toEqual([])
  })

  test('a token that cannot be had stops its credential for now, and is booked on nobody', async () => {
    await doubts.answered(lane, walk('a'))
    await doubts.take(doubtful('b', { kind: 'transient', code: '500', isAsker: true }))
    expect(lane.stopped).toMatchObject({ errorType: 'unreachable', message: 'no' })
    expect([booked, givenBack, asked]).toEqual([[], ['b'], []])
  })

  test('parts of a call that is refused wait for one that is let through', async () => {
    const part = (name: string): Doubtful => ({
      ...doubtful(name, { kind: 'rejected', code: '400' }),
      isPart: true,
    })
    expect(await doubts.take(part('one half'))).toBe(true)
    expect([booked, doubts.hasAnswered('lists')]).toEqual([[], false])
    await doubts.answered(lane, walk('the other'))
    expect([booked, doubts.hasAnswered('lists')]).toEqual([['one half rejected'], true])
    expect(await doubts.take(part('a half of the half'))).toBe(false)
  })

  test('where one was let through it is about those that were refused', async () => {
    await fail(2, refused)
    await doubts.answered(lane, walk('a'))
    expect(booked).toHaveLength(2)
    expect(await doubts.take(doubtful('b', refused))).toBe(false)
  })

  test('two profiles are enough where nobody else was asked for', async () => {
    for (const name of ['a', 'b']) {
      const { walk: of, ...rest } = doubtful(name, refused)
      await doubts.take({ ...rest, walk: { ...of, kind: 'profile' } })
    }
    await doubts.settle()
    expect([booked, givenBack]).toEqual([[], ['a', 'b']])
    expect(lane.stopped?.errorType).toBe('misconfigured')
  })

  test('of what hangs on a profile two alone are believed', async () => {
    await fail(2, refused)
    await doubts.settle()
    expect([booked.length, lane.stopped]).toEqual([2, null])
  })

  test('one call is in flight until something was answered', async () => {
    expect(lane.queue.concurrency).toBe(1)
    await doubts.answered(lane, walk('a'))
    expect(lane.queue.concurrency).toBe(4)
  })
})
