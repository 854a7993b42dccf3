import { describe, expect, it } from 'vitest'
import {
  askedOf,
  optionalPaths,
  parseFields,
  printFields,
} from '../../../../src/networks/instagram/fields.ts'

const TEXT = 'id,name?,media.limit(50).after(QVF_-=){id,caption?,children?{id,alt_text?}},from?{id}'

describe('the fields grammar (docs/networks/instagram.md §3)', () => {
  it('is printed as the API takes it, and read back', () => {
    const printed = 'id,name,media.limit(50).after(QVF_-=){id,caption,children{id,alt_text}},from{id}'
    expect(printFields(parseFields(TEXT))).toBe(printed)
    expect(printFields(parseFields(printed))).toBe(printed)
  })

  it('names what may be refused, and leaves it out with all below', () => {
    const fields = parseFields(TEXT)
    expect(optionalPaths(fields)).toEqual([
      'name',
      'media.caption',
      'media.children',
      'media.children.alt_text',
      'from',
    ])
    expect(printFields(fields, new Set(['name', 'media.children']))).toBe(
      'id,media.limit(50).after(QVF_-=){id,caption},from{id}',
    )
  })

  it('tells what was asked from what was not', () => {
    const asked = askedOf(parseFields(TEXT))
    expect([asked.has('name'), asked.has('caption'), asked.has('bio')]).toEqual([true, false, false])
    expect(asked.at('media').at('children').has('alt_text')).toBe(true)
    expect(asked.at('comments').has('text')).toBe(false)
  })

  it.each(['', 'id,', 'media{}', '{id}'])('%j is no field list', text => {
    expect(() => parseFields(text)).toThrow('not a field')
  })
})
