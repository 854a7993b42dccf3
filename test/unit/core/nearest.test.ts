import { expect, test } from 'vitest'
import { nearest } from '../../../src/core/nearest.ts'

const WORDS = ['instagram', 'youtube', 'tiktok', 'limit_posts', 'limit_comments', 'db']

test.each([
  ['yotube', 'youtube'],
  ['YouTube', 'youtube'],
  ['yuotube', 'youtube'],
  ['instagrams', 'instagram'],
  ['tik-tok', 'tiktok'],
  ['limit_post', 'limit_posts'],
  ['limits_comments', 'limit_comments'],
  ['bd', 'db'],
  ['facebook', null],
  ['', null],
  ['x', null],
])('%j is near to %j', (word, meant) => {
  expect(nearest(word, WORDS)).toBe(meant)
})

test('the nearest of several wins, the first where they are equally near', () => {
  expect(nearest('postt', ['poster', 'posts', 'post'])).toBe('posts')
  expect(nearest('constructor', new Set(['__proto__', 'constructor']))).toBe('constructor')
})
