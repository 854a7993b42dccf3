import { describe, expect, it } from 'vitest'
import { hashtagsOf, marksOf, mentionsOf } from '../../../src/core/marks.ts'

describe('mentions', () => {
  it.each([
    ['hello @ada', ['ada']],
    ['@ada.bakes, and @Ada.Bakes again', ['ada.bakes']],
    ['(@one) “@two” @three! @four. @five… @six-', ['one', 'two', 'three', 'four', 'five', 'six']],
    ['ask.me@example.org', []],
    ['https://www.example.org/@channel', []],
    ['@ตลาดเช้า @ñandú @日本語', ['ตลาดเช้า', 'ñandú', '日本語']],
    ['@under_score @_x_ @a·b @a-b', ['under_score', '_x_', 'a·b', 'a-b']],
    ['@ nobody @@two @. @', []],
    ['', []],
  ])('%s', (text, handles) => {
    expect(mentionsOf(text)).toEqual(handles)
  })
})

describe('hashtags', () => {
  it.each([
    ['rye day #bread ', ['bread']],
    ['#Bread, #rye. (#oven) #BREAD', ['Bread', 'rye', 'oven']],
    ['#one#two #three', ['one', 'two', 'three']],
    ['#night_train #2026 ##twice', ['night_train', '2026', 'twice']],
    ['#パン #قهوة #กาแฟ #नमस्ते #straße', ['パン', 'قهوة', 'กาแฟ', 'नमस्ते', 'straße']],
    ['#jam-packed #it’s #end\n#line', ['jam', 'it', 'end', 'line']],
    ['C#major a#b _#c 7#d', []],
    ['https://example.org/page#part http://x.example/?a=#b www.example.org/#c', []],
    ['HTTPS://EXAMPLE.ORG/#a #b https://x.example #c', ['b', 'c']],
    ['&#39; # alone #! #', []],
    ['', []],
  ])('%s', (text, tags) => {
    expect(hashtagsOf(text)).toEqual(tags)
  })
})

it('of several texts are those of each, once; null where there are none', () => {
  expect(marksOf('#a by @x', null, 'b #A #c by @X and @y')).toEqual({
    hashtags: ['a', 'c'],
    mentions: ['x', 'y'],
  })
  expect(marksOf('plain', null)).toEqual({ hashtags: null, mentions: null })
  expect(marksOf(null)).toEqual({ hashtags: null, mentions: null })
})
