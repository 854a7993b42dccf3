import { stripVTControlCharacters } from 'node:util'
import { Chalk } from 'chalk'
import { describe, expect, it } from 'vitest'
import { fitted, table } from '../../../src/cli/show/text.ts'
import { fc } from '../../support/fc.ts'

const TERMINAL = { isTTY: true, columns: 40 }

describe('a screen on a terminal', () => {
  it('breaks what is too wide at words, and stands it under its column', () => {
    const screen = [
      'next      socsync resume 7',
      'error     network_error: calls failed again and again',
      '          3  posts  unavailable: later runs ask again',
      '          31  insights  not to be had now',
      'of a post: V1 V2 V3 V4 V5 V6 V7 V8 V9 V10',
    ].join('\n')
    expect(fitted(screen, TERMINAL, 10).split('\n')).toEqual([
      'next      socsync resume 7',
      'error     network_error: calls failed',
      '          again and again',
      '          3  posts  unavailable: later',
      '                    runs ask again',
      '          31  insights',
      '              not to be had now',
      'of a post: V1 V2 V3 V4 V5 V6 V7 V8 V9',
      '          V10',
    ])
  })

  it('leaves a word that is wider than it whole, and what is no terminal as it is', () => {
    const wide = `ids  ${'x'.repeat(60)} and more`
    expect(fitted(wide, TERMINAL, 2).split('\n')).toEqual(['ids', `     ${'x'.repeat(60)}`, '     and more'])
    expect(fitted(wide, { columns: 40 }, 2)).toBe(wide)
    expect(fitted(wide, { isTTY: true }, 2)).toBe(wide)
  })

  it('loses no word, whatever is written, and colours take no room', () => {
    const { red } = new Chalk({ level: 1 })
    const word = fc.stringMatching(/^[a-z:·]{1,30}$/)
    const cells = fc.array(fc.array(word, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(cells, fc.integer({ min: 40, max: 120 }), (row, columns) => {
        const text = table([row.map(words => red(words.join(' ')))])
        const lines = stripVTControlCharacters(fitted(text, { isTTY: true, columns }, 4)).split('\n')
        const words = (of: string): string[] => of.split(/\s+/).filter(Boolean)
        expect(words(lines.join('\n'))).toEqual(words(stripVTControlCharacters(text)))
        for (const line of lines) expect(line.length <= columns || words(line).length === 1, line).toBe(true)
      }),
    )
  })
})
