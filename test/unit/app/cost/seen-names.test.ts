import { expect, it } from 'vitest'
import { SeenNames } from '../../../../src/app/cost/seen-names.ts'

it('knows each name that it has met, however many, and no other', () => {
  const seen = new SeenNames()
  const names = Array.from({ length: 200_000 }, (_, n) =>
    n % 2 === 0 ? `UC${n.toString(36)}A` : `@${n}.名前`,
  )
  expect(names.filter(name => seen.add(name)).length).toBe(names.length)
  expect(names.filter(name => seen.add(name))).toEqual([])
  expect(seen.add('')).toBe(true)
  expect(seen.add('')).toBe(false)
})
