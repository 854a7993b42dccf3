import { expect, it } from 'vitest'
import { exactly } from '../../../src/core/stream.ts'
import { Width } from '../../../src/engine/width.ts'

const answer = (width: Width, count: number, waiting = true): void => {
  for (let n = 0; n < count; n++) width.answered(waiting)
}

it('widens by one for two answers to each call in flight, up to its most', () => {
  const width = new Width({ start: 2, most: 4 })
  answer(width, 3)
  expect(width.now).toBe(2)
  answer(width, 1)
  expect(width.now).toBe(3)
  answer(width, 6)
  expect(width.now).toBe(4)
  answer(width, 1_000)
  expect(width.now).toBe(4)
})

it('stays as it is where nothing waits for its turn', () => {
  const width = new Width({ start: 2, most: 4 })
  answer(width, 1_000, false)
  expect(width.now).toBe(2)
})

it('is halved by a refusal, once for all that were in flight, and never comes to as many again', () => {
  const width = new Width({ start: 4, most: 16 })
  answer(width, 1_000)
  expect(width.now).toBe(16)
  const sent = width.narrowed
  for (let n = 0; n < 16; n++) width.refused(sent)
  expect(width.now).toBe(8)
  answer(width, 10_000)
  expect(width.now).toBe(15)
  width.refused(width.narrowed)
  expect(width.now).toBe(7)
  answer(width, 10_000)
  expect(width.now).toBe(14)
})

it('comes down to one call in flight, and stays there where one is refused too', () => {
  const width = new Width({ start: 2, most: 16 })
  width.refused(width.narrowed)
  expect(width.now).toBe(1)
  width.refused(width.narrowed)
  answer(width, 1_000)
  expect(width.now).toBe(1)
})

it('is what a user gave, whatever comes', () => {
  const width = new Width(exactly(3))
  answer(width, 1_000)
  width.refused(width.narrowed)
  expect(width.now).toBe(3)
})
