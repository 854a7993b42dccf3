import { describe, expect, it } from 'vitest'
import { halve, markedIn, namedIn } from '../../../../src/networks/instagram/culprits.ts'

const METRICS = ['reach', 'views', 'shares', 'saved', 'ig_reels_avg_watch_time']

describe('namedIn', () => {
  it.each([
    [
      '(#100) The Media Insights API does not support the shares metric for this media product type.',
      ['shares'],
    ],
    ['(#100) Starting from version v22.0 and above, the shares metric is no longer supported', ['shares']],
    ['(#100) The metric shares is not supported for the queried media', ['shares']],
    ['(#100) The following metrics (views, shares) are incompatible with the period', ['views', 'shares']],
    ['(#100) "saved" is not a metric of reels', ['saved']],
    ['(#100) ig_reels_avg_watch_time cannot be asked for here', ['ig_reels_avg_watch_time']],
    ['(#100) saved was never there', ['saved']],
    ['(#100) metric[2] must be one of the following values: reach, views', []],
    ['(#100) Reviews of the outreach are shared', []],
    ['Invalid parameter', []],
  ])('%s', (text, named) => {
    expect(namedIn(text, METRICS)).toEqual(named)
  })

  it('takes no word of a sentence for a field, unless it is set apart', () => {
    const fields = ['name', 'from', 'alt_text']
    expect(namedIn('(#100) cannot be loaded from here under that name', fields)).toEqual([])
    expect(namedIn('(#100) Tried accessing nonexisting field (name) on node type (IGUser)', fields)).toEqual([
      'name',
    ])
  })

  it('takes what is set apart rather than what is only said', () => {
    const text = '(#100) The shares metric is not supported, reach is'
    expect(namedIn(text, METRICS)).toEqual(['shares'])
    expect(markedIn('reach is not supported', METRICS)).toEqual([])
  })
})

describe('halve', () => {
  it.each([...'abcdefghijk'])('finds %s', async culprit => {
    let calls = 0
    const found = await halve([...'abcdefghijk'], async first => {
      calls++
      return !first.includes(culprit)
    })
    expect(found).toBe(culprit)
    expect(calls).toBeLessThanOrEqual(4)
  })
})
