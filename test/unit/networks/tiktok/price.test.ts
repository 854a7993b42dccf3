import { describe, expect, test } from 'vitest'
import type { ProfileFacts, Remaining } from '../../../../src/core/price.ts'
import { researchPricing } from '../../../../src/networks/tiktok/price.ts'
import { EVERYTHING } from '../../../support/params.ts'

const left = (entityId: string, remaining: readonly Remaining[]): ProfileFacts => ({
  entityId,
  stored: true,
  postsCount: 100,
  whole: false,
  gone: false,
  from: null,
  widens: false,
  posts: { count: 90, recent: 0, young: 0, missing: 0, stories: 0, storiesLately: 0, byAge: [90] },
  comments: [],
  remaining,
})
const windows = (tasks: number): Remaining => ({
  stream: 'window',
  tasks,
  incremental: false,
  fails: false,
  declared: null,
  items: 0,
})

describe('periods that were left', () => {
  test('are a search each; profiles that lack the same ones share them', () => {
    const price = researchPricing.open(EVERYTHING, researchPricing.assumed, '2026-03-01T12:00:00.000Z')
    price.add(left('ada', [windows(2)]))
    price.add(left('bea', [windows(1)]))
    expect(price.costs()).toEqual([{ kind: 'posts', pool: 'main', calls: { low: 2, likely: 2, high: 3 } }])
  })
})
