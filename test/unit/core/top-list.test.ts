import { expect, it } from 'vitest'
import { topList } from '../../../src/core/top-list.ts'

const ITEMS = ['bb', 'dddd', 'aa', 'c', 'ee', 'ffff']
const length = (text: string): number => text.length
const kept = (tie?: (a: string, b: string) => number): readonly string[] => {
  const list = topList(4, length, tie)
  for (const item of ITEMS) list.add(item)
  return list.items()
}

it('keeps the largest, of equals those that came first', () => {
  expect(kept()).toEqual(['dddd', 'ffff', 'bb', 'aa'])
})

it('keeps of equals what comes before the others, whenever it came', () => {
  expect(kept((a, b) => (a < b ? -1 : 1))).toEqual(['dddd', 'ffff', 'aa', 'bb'])
  expect(kept((a, b) => (a < b ? 1 : -1))).toEqual(['ffff', 'dddd', 'ee', 'bb'])
})
