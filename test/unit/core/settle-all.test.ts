import { expect, test } from 'vitest'
import { settleAll } from '../../../src/core/settle-all.ts'

test('all are waited for before the first failure is thrown', async () => {
  const ends: string[] = []
  const slow = Promise.withResolvers<void>()
  const whole = settleAll([
    slow.promise.then(() => {
      ends.push('slow')
      throw new Error('first in order')
    }),
    Promise.reject(new Error('first in time')),
    Promise.resolve(),
  ]).catch((error: unknown) => ends.push(String(error)))
  await new Promise(resume => setImmediate(resume))
  expect(ends).toEqual([])
  slow.resolve()
  await whole
  expect(ends).toEqual(['slow', 'Error: first in order'])
})

test('what all gave is given in their order', async () => {
  expect(await settleAll([Promise.resolve(1), Promise.resolve(2)])).toEqual([1, 2])
  expect(await settleAll([])).toEqual([])
})
