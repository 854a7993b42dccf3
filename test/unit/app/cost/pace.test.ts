import { expect, it } from 'vitest'
import { type EstimateOptions, estimate } from '../../../../src/app/cost/estimate.ts'
import type { OpenNetwork } from '../../../../src/app/open-networks.ts'
import { NONE } from '../../../../src/core/price.ts'
import { exactly } from '../../../../src/core/stream.ts'
import { gapOf } from '../../../../src/engine/admission.ts'

/** A network whose calls take 4 ms, four at a time, of these owners. */
const networkOf = (perSecond: number | null, owners: readonly string[]): OpenNetwork => {
  const assumed = {
    postsPerProfile: NONE,
    commentsPerPost: NONE,
    threadsPerComment: NONE,
    replyCallsPerComment: NONE,
  }
  const limits = { concurrency: exactly(4), perSecond, pools: [] }
  const sources = owners.map(owner => ({ owner, limits, pricing: { secondsPerCall: 0.004, assumed } }))
  return { network: { name: 'tiny' }, sources } as unknown as OpenNetwork
}

const secondsPerCall = async (perSecond: number | null, owners: readonly string[]) => {
  const open = new Map([['tiny', networkOf(perSecond, owners)]])
  const options = { concurrency: null, now: 0 } as EstimateOptions
  const [found] = await estimate((async function* () {})(), open, null, options)
  return found?.secondsPerCall
}

it.each([
  { perSecond: null, owners: ['a'], expected: 0.001 },
  // The turns of ten calls a second lie 110 ms apart, not 100.
  { perSecond: 10, owners: ['a'], expected: 0.11 },
  { perSecond: 10, owners: ['a', 'a'], expected: 0.11 },
  { perSecond: 10, owners: ['a', 'b'], expected: 0.055 },
  { perSecond: 0.5, owners: ['a'], expected: 2.1 },
])('$perSecond calls a second of $owners take $expected s each', async ({ perSecond, owners, expected }) => {
  expect(await secondsPerCall(perSecond, owners)).toBeCloseTo(expected, 6)
  if (perSecond !== null) expect(expected * new Set(owners).size).toBe(gapOf(perSecond) / 1000)
})
