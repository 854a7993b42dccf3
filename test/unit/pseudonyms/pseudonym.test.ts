import { describe, expect, it } from 'vitest'
import { openPseudonyms } from '../../../src/pseudonyms/pseudonym.ts'

const pseudonyms = openPseudonyms(Buffer.alloc(32, 1))
const others = openPseudonyms(Buffer.alloc(32, 2))

describe('a pseudonym', () => {
  it('stays what it is: what was exported once is told apart by it for ever', () => {
    expect(pseudonyms('tiktok', 'ada.bakes')).toBe('p_qydly5db6gjvaraghcm3')
  })

  it.each([
    ['instagram', 'north.pier', 'North.Pier'],
    ['instagram', 'north.pier', '@NORTH.PIER'],
    ['youtube', '@Café', '@cafe\u0301'],
    ['youtube', 'ÄTNA', 'ätna'],
  ])('of %s is one for %s and %s', (network, one, other) => {
    const bare = (word: string) => pseudonyms(network, word).replace('@', '')
    expect(bare(one)).toBe(bare(other))
  })

  it('of a pseudonym is itself', () => {
    for (const word of ['ada', '@ada']) {
      const pseudonym = pseudonyms('youtube', word)
      expect(others('tiktok', pseudonym)).toBe(pseudonym)
    }
    expect(pseudonyms('youtube', 'p_ada')).not.toBe('p_ada')
  })

  it('keeps the @ of a handle, and is a handle that every network would take', () => {
    expect(pseudonyms('youtube', '@ada')).toMatch(/^@p_[a-z2-7]{20}$/)
    expect(pseudonyms('youtube', 'UC4PxMN_1ESeaVOhEKlToRCg')).toMatch(/^p_[a-z2-7]{20}$/)
    expect(pseudonyms('youtube', 'ada').length).toBeLessThanOrEqual(24)
  })

  it('is another one on another network, of another name, and under another key', () => {
    const all = [
      pseudonyms('youtube', 'ada'),
      pseudonyms('tiktok', 'ada'),
      pseudonyms('youtube', 'adb'),
      others('youtube', 'ada'),
    ]
    expect(new Set(all).size).toBe(4)
  })

  it('is nobody else’s among very many', () => {
    const found = new Set(Array.from({ length: 20_000 }, (_, at) => pseudonyms('instagram', `name.${at}`)))
    expect(found.size).toBe(20_000)
  })
})
