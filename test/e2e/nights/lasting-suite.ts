import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WAYS } from '../../../src/sandbox/break.ts'
import { play } from './lasting.ts'
import { HARMLESS, LASTING } from './lasting-faults.ts'
import { makeReference, type Reference } from './lasting-reference.ts'
import type { World } from './lasting-world.ts'

/**
 * The nights of a lasting fault on one network: every kind of its calls fails in every way, from cron to cron, while the
 * world moves. Most runs are made in this process, by a toolbox of their own, and of one way also by the real binary, which
 * is slower to start. Every other fault is lifted by `--fresh`, the others are waited out.
 */
export const lastingNights = (world: World): void => {
  let reference: Reference
  beforeAll(async () => {
    reference = await makeReference(world)
  })
  afterAll(() => reference[Symbol.dispose]())

  it(`${world.network}: where nothing fails nothing is found`, async () => {
    const wrong = await play(HARMLESS, '5xx', reference, { how: 'by the binary', lifting: 'due' })
    expect(wrong.join('\n')).toBe('')
  })

  describe.each(LASTING[world.network])(`${world.network}: $kind fails for ever`, fault => {
    it.each(WAYS)('%s', async way => {
      const isByBinary = way === 'cut'
      const lifting = WAYS.indexOf(way) % 2 === 0 ? 'due' : 'fresh'
      const how = isByBinary ? 'by the binary' : 'in process'
      expect((await play(fault, way, reference, { how, lifting })).join('\n')).toBe('')
    })
  })
}
