import { expect, it } from 'vitest'
import { mentionsOf } from '../../../src/export/mentions.ts'

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
