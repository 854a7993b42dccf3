import { expect, it } from 'vitest'
import { FaultError } from '../../../src/core/fault.ts'
import type { Caller } from '../../../src/core/stream.ts'
import { LEDGER } from '../../../src/engine/admission.ts'
import type { Lane } from '../../../src/engine/lane.ts'
import { freeLane } from '../../support/free-lane.ts'

const { signal } = new AbortController()
const PRICE = { pool: 'calls', units: 1 }

const source: Caller = {
  network: 'any',
  credential: 'any-1',
  owner: 'project',
  limits: {
    concurrency: { start: 4, most: 16 },
    perSecond: null,
    order: 'by-entity',
    pools: [{ name: 'calls', allowance: null, window: { kind: 'rolling', ms: 1 } }],
  },
}

const openLane = (): Lane<Caller> => freeLane(source, source.limits.concurrency)

const refusal = (code: string) =>
  new FaultError({ kind: 'rate-limited', code, pool: 'calls', until: null }, 'too many')

/** So many calls, all of them begun before the first is answered; each walk makes one. */
const calls = async (lane: Lane<Caller>, count: number, answer: () => void): Promise<void> => {
  const { call } = lane.context(signal)
  const made = Array.from({ length: count }, () =>
    lane.queue.add(() => call(PRICE, async () => answer()).catch(() => {})),
  )
  await Promise.all(made)
}

it('widens while others wait, as soon as the network has answered', async () => {
  const lane = openLane()
  lane.narrow()
  await calls(lane, 400, () => {})
  expect(lane.queue.concurrency).toBe(1)
  lane.open()
  expect(lane.queue.concurrency).toBe(16)
})

it('is halved by what the network refuses, once for all that it refuses at the same time', async () => {
  const lane = openLane()
  await calls(lane, 4, () => {
    throw refusal('429')
  })
  expect([lane.queue.concurrency, lane.concurrency]).toEqual([2, 2])
})

it('stays as it is where it is our own ledger that refuses, or a call fails', async () => {
  const lane = openLane()
  await calls(lane, 4, () => {
    throw refusal(LEDGER)
  })
  await calls(lane, 4, () => {
    throw new FaultError({ kind: 'unreadable', code: 'html' }, 'no JSON')
  })
  expect(lane.queue.concurrency).toBe(4)
})
